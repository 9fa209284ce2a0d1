//===- SmallFloats.cpp - Floats of 16 bits -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Values.h"

#include <cmath>
#include <limits>

namespace lacuna::npu {

template <int kExponentBits, int kMantissaBits>
static double decodeFloat(uint16_t bits) {
  constexpr int kBias = (1 << (kExponentBits - 1)) - 1;
  constexpr int kSpecial = (1 << kExponentBits) - 1;
  int exponent = bits >> kMantissaBits & kSpecial;
  int mantissa = bits & ((1 << kMantissaBits) - 1);
  double value;
  if (exponent == kSpecial)
    value = mantissa ? std::numeric_limits<double>::quiet_NaN()
                     : std::numeric_limits<double>::infinity();
  else if (exponent == 0)
    value = std::ldexp(mantissa, 1 - kBias - kMantissaBits);
  else
    value = std::ldexp(mantissa | 1 << kMantissaBits,
                       exponent - kBias - kMantissaBits);
  return bits >> 15 ? -value : value;
}

template <int kExponentBits, int kMantissaBits>
static uint16_t encodeFloat(double value) {
  constexpr int kBias = (1 << (kExponentBits - 1)) - 1;
  constexpr int kInfinity = ((1 << kExponentBits) - 1) << kMantissaBits;
  int sign = std::signbit(value) ? 1 << 15 : 0;
  if (std::isnan(value))
    return uint16_t(sign | kInfinity | 1 << (kMantissaBits - 1));
  double size = std::fabs(value);
  if (size == 0)
    return uint16_t(sign);
  if (std::isinf(size))
    return uint16_t(sign | kInfinity);
  int exponent = std::max(std::ilogb(size), 1 - kBias);
  if (exponent > kBias)
    return uint16_t(sign | kInfinity);
  // A carry out of the mantissa lands in the exponent, where it belongs.
  auto mantissa =
      int(std::nearbyint(std::ldexp(size, kMantissaBits - exponent)));
  int bits = ((exponent + kBias - 1) << kMantissaBits) + mantissa;
  return uint16_t(sign | std::min(bits, kInfinity));
}

double decodeF16(uint16_t bits) { return decodeFloat<5, 10>(bits); }
double decodeBF16(uint16_t bits) { return decodeFloat<8, 7>(bits); }
uint16_t encodeF16(double value) { return encodeFloat<5, 10>(value); }
uint16_t encodeBF16(double value) { return encodeFloat<8, 7>(value); }

} // namespace lacuna::npu
