//===- softmax_f32.h - Softmax over the rows of a matrix of floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_SOFTMAX_F32_H
#define LACUNA_NEON_SOFTMAX_F32_H

#include "math_f32.h"
#include "simd.h"
#include <cstddef>
#include <limits>

/// The first `count` (1..3) elements, the others -infinity: they change neither
/// the maximum nor the sum of exponentials.
template <std::ptrdiff_t count>
LACUNA_INLINE float32x4_t load_ending_f32(const float *p) {
  float32x4_t v = vdupq_n_f32(-std::numeric_limits<float>::infinity());
  unroll<count>([&](auto i) LACUNA_BODY { v = vld1q_lane_f32(p + i, v, i); });
  return v;
}

/// out[row][column] = e^in / the row's sum of e^in; the row's maximum is
/// subtracted first. `in` and `out` may be the same.
template <std::ptrdiff_t rows, std::ptrdiff_t columns>
void softmax_f32(const float *in, float *out) {
  constexpr std::ptrdiff_t rest = columns % 4, whole = columns - rest;
  for (std::ptrdiff_t row = 0; row != rows; ++row) {
    float32x4_t best = vdupq_n_f32(-std::numeric_limits<float>::infinity());
    for (std::ptrdiff_t i = 0; i < whole; i += 4)
      best = vmaxq_f32(best, vld1q_f32(in + i));
    if constexpr (rest != 0)
      best = vmaxq_f32(best, load_ending_f32<rest>(in + whole));
    best = vdupq_n_f32(vmaxvq_f32(best));

    float32x4_t sums = vdupq_n_f32(0);
    for (std::ptrdiff_t i = 0; i < whole; i += 4) {
      const float32x4_t power = exp_f32(vsubq_f32(vld1q_f32(in + i), best));
      vst1q_f32(out + i, power);
      sums = vaddq_f32(sums, power);
    }
    if constexpr (rest != 0) {
      const float32x4_t power =
          exp_f32(vsubq_f32(load_ending_f32<rest>(in + whole), best));
      store_f32<rest>(out + whole, power);
      sums = vaddq_f32(sums, power);
    }
    const float scale = 1 / vaddvq_f32(sums);
    for (std::ptrdiff_t i = 0; i < whole; i += 4)
      vst1q_f32(out + i, vmulq_n_f32(vld1q_f32(out + i), scale));
    if constexpr (rest != 0)
      store_f32<rest>(out + whole,
                      vmulq_n_f32(load_f32<rest>(out + whole), scale));
    in += columns;
    out += columns;
  }
}

#endif // LACUNA_NEON_SOFTMAX_F32_H
