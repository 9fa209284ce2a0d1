//===- half.h - Floats of 16 bits -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_HALF_H
#define LACUNA_NEON_HALF_H

#include <cmath>
#include <cstdint>
#include <limits>

/// A float of 16 bits, which is stored only: arithmetic is that of float, of
/// which it is made by rounding half to even.
template <int exponent_bits, int fraction_bits>
struct SmallFloat {
  std::uint16_t bits;

  static constexpr int bias = (1 << (exponent_bits - 1)) - 1;
  static constexpr int infinity = ((1 << exponent_bits) - 1) << fraction_bits;

  SmallFloat() = default;
  explicit SmallFloat(double value) {
    const double magnitude = std::fabs(value);
    int result = infinity;
    if (magnitude != magnitude) {
      result += 1 << (fraction_bits - 1);
    } else if (magnitude < std::ldexp(1.0, bias + 1)) {
      // Numbers below the least normal one lie as close as those above it.
      const int own = std::ilogb(magnitude);
      const int exponent = own < 1 - bias ? 1 - bias : own;
      const double fraction =
          std::nearbyint(std::ldexp(magnitude, fraction_bits - exponent));
      // A fraction that rounds up to a power of two carries into the exponent.
      result =
          static_cast<int>(fraction) + ((exponent + bias - 1) << fraction_bits);
    }
    bits =
        static_cast<std::uint16_t>(result | (std::signbit(value) ? 0x8000 : 0));
  }

  operator float() const {
    const int exponent = (bits & infinity) >> fraction_bits;
    const int fraction = bits & ((1 << fraction_bits) - 1);
    float value = 0;
    if (exponent << fraction_bits == infinity)
      value = fraction ? std::numeric_limits<float>::quiet_NaN()
                       : std::numeric_limits<float>::infinity();
    else
      value = std::ldexp(
          static_cast<float>(exponent == 0 ? fraction
                                           : fraction | 1 << fraction_bits),
          (exponent == 0 ? 1 : exponent) - bias - fraction_bits);
    return std::copysign(value, bits & 0x8000 ? -1.0f : 1.0f);
  }
};

#if defined(__aarch64__)
using half = __fp16;
#else
using half = SmallFloat<5, 10>;
#endif
using bfloat16 = SmallFloat<8, 7>;

#endif // LACUNA_NEON_HALF_H
