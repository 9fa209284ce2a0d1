//===- pool_f32.h - Pooling of 32-bit floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_POOL_F32_H
#define LACUNA_NEON_POOL_F32_H

#include "geometry.h"
#include "simd.h"
#include "window_f32.h"
#include <cstddef>
#include <limits>

struct MaximumF32 {
  static constexpr bool weighted = false;
  const float *weights;

  template <std::ptrdiff_t count>
  LACUNA_INLINE float32x4_t start(std::ptrdiff_t) const {
    return vdupq_n_f32(-std::numeric_limits<float>::infinity());
  }

  static LACUNA_INLINE float32x4_t take(float32x4_t best, float32x4_t input,
                                        float32x4_t) {
    return vmaxq_f32(best, input);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE float32x4_t finish(float32x4_t best, std::ptrdiff_t,
                                   std::ptrdiff_t) const {
    return best;
  }
};

template <class L>
struct AverageF32 {
  static constexpr bool weighted = false;
  const float *weights, *reciprocals;

  template <std::ptrdiff_t count>
  LACUNA_INLINE float32x4_t start(std::ptrdiff_t) const {
    return vdupq_n_f32(0);
  }

  static LACUNA_INLINE float32x4_t take(float32x4_t sum, float32x4_t input,
                                        float32x4_t) {
    return vaddq_f32(sum, input);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE float32x4_t finish(float32x4_t sum, std::ptrdiff_t pixel,
                                   std::ptrdiff_t) const {
    if constexpr (L::uniform)
      return vmulq_n_f32(sum, L::scale);
    else
      return vmulq_n_f32(sum, reciprocals[pixel]);
  }
};

/// Padding, if any, must be minus infinity. Geometry and tile as in
/// depthwise_f32.
template <class L, class T>
void maximum_pool_f32(const float *in, float *out) {
  window_f32<L, T>(MaximumF32{in}, in, out);
}

/// Padding, if any, must be zero. The sum is multiplied by L::scale if
/// L::uniform, otherwise by the reciprocal of the output pixel's plane, row and
/// column.
template <class L, class T>
void average_pool_f32(const float *in, const float *reciprocals, float *out) {
  window_f32<L, T>(AverageF32<L>{in, reciprocals}, in, out);
}

/// The sum over `pixels` pixels, `step` elements apart, of `channels` (up to
/// 64) channels, times `scale`.
template <std::ptrdiff_t pixels, std::ptrdiff_t step, std::ptrdiff_t channels>
LACUNA_INLINE void sum_channels_f32(const float *in, float scale, float *out) {
  constexpr std::ptrdiff_t vectors = (channels + 3) / 4;
  constexpr std::ptrdiff_t last = channels - (vectors - 1) * 4;
  // A sum waits for the one before it: few channels take turns on more sums.
  constexpr std::ptrdiff_t wanted = vectors >= 8 ? 1 : 8 / vectors;
  constexpr std::ptrdiff_t turns = wanted < pixels ? wanted : pixels;
  float32x4_t sums[turns][vectors];
  const auto load = [&](auto turn, auto v) LACUNA_BODY {
    return load_f32<(v + 1 == vectors ? last : 4)>(in + turn * step + v * 4);
  };
  unroll<turns * vectors>([&](auto i) LACUNA_BODY {
    sums[i / vectors][i % vectors] =
        load(Index<i / vectors>(), Index<i % vectors>());
  });
  in += turns * step;
  const auto add = [&](auto count) LACUNA_BODY {
    unroll<count * vectors>([&](auto i) LACUNA_BODY {
      float32x4_t &sum = sums[i / vectors][i % vectors];
      sum = vaddq_f32(sum, load(Index<i / vectors>(), Index<i % vectors>()));
    });
    in += count * step;
  };
  for (std::ptrdiff_t i = 1; i < pixels / turns; ++i)
    add(Index<turns>());
  if constexpr (pixels % turns != 0)
    add(Index<pixels % turns>());
  unroll<vectors>([&](auto v) LACUNA_BODY {
    float32x4_t sum = sums[0][v];
    unroll<turns - 1>(
        [&](auto t) LACUNA_BODY { sum = vaddq_f32(sum, sums[t + 1][v]); });
    store_f32<(v + 1 == vectors ? last : 4)>(out + v * 4,
                                             vmulq_n_f32(sum, scale));
  });
}

/// For each image, the sum over all pixels (`step` elements apart) times
/// `scale`, which is 1 / pixels for the average. `image` and `out_image` are
/// the distances between images. Each vector is read once.
template <std::ptrdiff_t images, std::ptrdiff_t pixels, std::ptrdiff_t channels,
          std::ptrdiff_t step, std::ptrdiff_t image, std::ptrdiff_t out_image>
void global_sum_f32(const float *in, float scale, float *out) {
  constexpr std::ptrdiff_t most = 64;
  constexpr std::ptrdiff_t whole = channels / most * most;
  for (std::ptrdiff_t i = 0; i != images; ++i) {
    for (std::ptrdiff_t channel = 0; channel != whole; channel += most)
      sum_channels_f32<pixels, step, most>(in + channel, scale, out + channel);
    if constexpr (channels != whole)
      sum_channels_f32<pixels, step, channels - whole>(in + whole, scale,
                                                       out + whole);
    in += image;
    out += out_image;
  }
}

#endif // LACUNA_NEON_POOL_F32_H
