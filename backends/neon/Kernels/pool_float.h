//===- pool_float.h - Pooling of floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_POOL_FLOAT_H
#define LACUNA_NEON_POOL_FLOAT_H

#include "floats.h"
#include "geometry.h"
#include "window_float.h"
#include <cstddef>
#include <limits>

template <class E>
struct MaximumFloat {
  using F = Floats<E>;
  using Vector = typename F::Vector;
  static constexpr bool weighted = false;
  const E *weights;

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector start(std::ptrdiff_t) const {
    return F::splat(-std::numeric_limits<float>::infinity());
  }

  static LACUNA_INLINE Vector take(Vector best, Vector input, Vector) {
    return F::largest(best, input);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector finish(Vector best, std::ptrdiff_t,
                              std::ptrdiff_t) const {
    return best;
  }
};

template <class L>
struct AverageFloat {
  using E = typename L::Element;
  using F = Floats<E>;
  using Vector = typename F::Vector;
  static constexpr bool weighted = false;
  /// The sum of halves may be too large for one: each is scaled before.
  static constexpr bool scales_first = sizeof(E) == 2 && L::uniform;
  const E *weights;
  const float *reciprocals;

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector start(std::ptrdiff_t) const {
    return F::splat(0);
  }

  static LACUNA_INLINE Vector take(Vector sum, Vector input, Vector) {
    if constexpr (scales_first)
      return F::multiply_add(sum, input, F::splat(L::scale));
    else
      return F::add(sum, input);
  }

  template <std::ptrdiff_t count>
  LACUNA_INLINE Vector finish(Vector sum, std::ptrdiff_t pixel,
                              std::ptrdiff_t) const {
    if constexpr (scales_first)
      return sum;
    else if constexpr (L::uniform)
      return F::times(sum, L::scale);
    else
      return F::times(sum, reciprocals[pixel]);
  }
};

/// Padding, if any, must be minus infinity. Geometry and tile as in
/// depthwise_float.
template <class L, class T>
void maximum_pool_float(const typename L::Element *in,
                        typename L::Element *out) {
  window_float<L, T>(MaximumFloat<typename L::Element>{in}, in, out);
}

/// Padding, if any, must be zero. The sum is multiplied by L::scale if
/// L::uniform, otherwise by the reciprocal of the output pixel's plane, row and
/// column.
template <class L, class T>
void average_pool_float(const typename L::Element *in, const float *reciprocals,
                        typename L::Element *out) {
  window_float<L, T>(AverageFloat<L>{in, reciprocals}, in, out);
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

#endif // LACUNA_NEON_POOL_FLOAT_H
