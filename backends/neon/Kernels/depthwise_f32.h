//===- depthwise_f32.h - Depthwise convolutions of 32-bit floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_DEPTHWISE_F32_H
#define LACUNA_NEON_DEPTHWISE_F32_H

#include "geometry.h"
#include "simd.h"
#include "window_f32.h"
#include <cstddef>

template <class L>
struct DepthwiseF32 {
  static constexpr bool weighted = true;
  const float *weights, *bias, *residual;

  template <std::ptrdiff_t count>
  LACUNA_INLINE float32x4_t start(std::ptrdiff_t channel) const {
    if constexpr (L::has_bias) {
      // Loading the bias for every pixel is cheaper than copying registers.
      const float *again = bias + channel;
      opaque(again);
      return load_f32<count>(again);
    } else {
      return vdupq_n_f32(0);
    }
  }

  static LACUNA_INLINE float32x4_t take(float32x4_t sum, float32x4_t input,
                                        float32x4_t weight) {
    return vfmaq_f32(sum, input, weight);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE float32x4_t finish(float32x4_t sum, std::ptrdiff_t,
                                   std::ptrdiff_t result) const {
    if constexpr (L::has_residual)
      sum = vaddq_f32(sum, load_f32<count>(residual + result));
    return clamp_f32<L>(sum);
  }
};

/// Each channel convolved alone. All filter positions are in L::taps. Weights:
/// [block of 4 channels][tap][4], the last block filled up. T::rows output
/// pixels of a row and T::columns (a multiple of 4) channels are a tile.
template <class L, class T>
void depthwise_f32(const float *in, const float *weights, const float *bias,
                   const float *residual, float *out) {
  window_f32<L, T>(DepthwiseF32<L>{weights, bias, residual}, in, out);
}

#endif // LACUNA_NEON_DEPTHWISE_F32_H
