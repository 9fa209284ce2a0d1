//===- check_bytes.h - Plain loops over bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TEST_KERNELS_CHECK_BYTES_H
#define LACUNA_TEST_KERNELS_CHECK_BYTES_H

#include "backends/neon/Kernels/requantize.h"
#include "backends/neon/PackedLayout.h"
#include "check.h"
#include <cmath>
#include <cstdint>
#include <vector>

inline int32_t saturated(double v) {
  return v < -2147483648.0  ? INT32_MIN
         : v > 2147483647.0 ? INT32_MAX
                            : int32_t(v);
}
template <class L>
int quantized(int32_t acc, float scale) {
  const double rounded = std::nearbyint(double(float(acc) * scale));
  int64_t y = int64_t(saturated(rounded)) + L::zero_point;
  const int lowest = L::out_unsigned ? 0 : -128, highest = lowest + 255;
  y = y < lowest ? lowest : y > highest ? highest : y;
  return int(y < L::lo ? L::lo : y > L::hi ? L::hi : y);
}

enum Fill { random_values, extremes, huge_scales };

inline int8_t weight_of(Fill fill, int limit) {
  if (fill == extremes)
    return next_random() % 2 ? int8_t(limit) : int8_t(-limit);
  return int8_t(int(next_random() % uint32_t(2 * limit + 1)) - limit);
}
inline uint8_t input_of(Fill fill) {
  // As a signed byte: -128 or 127.
  if (fill == extremes)
    return next_random() % 4 ? 0x80 : 0x7f;
  return uint8_t(next_random());
}
inline float scale_of(Fill fill) {
  const float base = float(next_random() % 1000 + 1) / 100000.0F;
  return fill == huge_scales ? base * 1e9F : base;
}
template <class L>
int signed_input(uint8_t byte) {
  return L::in_unsigned ? int(byte) - 128 : int(int8_t(byte));
}

struct SignedBytes : ByteGeometry {
  static constexpr int zero_point = -7, lo = -100, hi = 120;
};
struct FromUnsigned : ByteGeometry {
  static constexpr bool in_unsigned = true;
};
struct ToUnsigned : ByteGeometry {
  static constexpr bool in_unsigned = true, out_unsigned = true;
  static constexpr int zero_point = 131, lo = 3, hi = 250;
};
struct UnsignedRelu : ByteGeometry {
  static constexpr bool out_unsigned = true;
  static constexpr int lo = 0, hi = 255, zero_point = 0;
};
/// Scaled sums that 16 bits hold: they are narrowed without saturation.
struct Narrow : ByteGeometry {
  static constexpr bool fits_int16 = true;
  static constexpr int zero_point = 5;
};
struct Sums : ByteGeometry {
  static constexpr bool out_int32 = true;
};
struct UnsignedSums : Sums {
  static constexpr bool in_unsigned = true;
};

#endif // LACUNA_TEST_KERNELS_CHECK_BYTES_H
