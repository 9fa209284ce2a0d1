//===- conv_f32.h - Convolutions of 32-bit floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_CONV_F32_H
#define LACUNA_NEON_CONV_F32_H

#include "geometry.h"
#include "simd.h"
#include <cstddef>

/// A tile of tile_rows x tile_columns output pixels and `channels` channels.
template <class L, std::ptrdiff_t tile_rows, std::ptrdiff_t tile_columns,
          std::ptrdiff_t channels, std::ptrdiff_t depth_unroll>
struct ConvTileF32 {
  static constexpr std::ptrdiff_t pixels = tile_rows * tile_columns;
  static constexpr std::ptrdiff_t vectors = (channels + 3) / 4;
  static constexpr std::ptrdiff_t width = vectors * 4;
  static constexpr std::ptrdiff_t last = channels - (vectors - 1) * 4;

  /// How much of the input and of the weights is in registers at once.
  static constexpr std::ptrdiff_t registers = 32;
  static constexpr std::ptrdiff_t input_vectors =
      pixels * (vectors + 2) + 4 <= registers ? 2 : 1;
  static constexpr std::ptrdiff_t weight_vectors =
      pixels * (vectors + input_vectors) + 4 <= registers ? 4 : 2;

  float32x4_t sums[pixels][vectors];

  static constexpr std::ptrdiff_t distance(const std::ptrdiff_t (&step)[3],
                                           std::ptrdiff_t pixel) {
    return pixel / tile_columns * step[1] + pixel % tile_columns * step[2];
  }

  template <std::ptrdiff_t vector>
  static constexpr std::ptrdiff_t stored = vector + 1 == vectors ? last : 4;

  LACUNA_INLINE void start(const float *bias) {
    unroll<pixels>([&](auto p) LACUNA_BODY {
      if constexpr (L::has_bias) {
        // Loading the bias again is cheaper than copying the registers.
        opaque(bias);
        unroll<vectors>([&](auto v) LACUNA_BODY {
          sums[p][v] = load_f32<stored<v>>(bias + v * 4);
        });
      } else {
        unroll<vectors>([&](auto v)
                            LACUNA_BODY { sums[p][v] = vdupq_n_f32(0); });
      }
    });
  }

  /// Adds the products of `count` (at most weight_vectors) vectors of weights,
  /// of which the first is the vector first % vectors of step first / vectors.
  /// Step k multiplies the input element skip + k.
  template <std::ptrdiff_t first, std::ptrdiff_t count, std::ptrdiff_t skip,
            std::ptrdiff_t inputs>
  LACUNA_INLINE void multiply(const float32x4_t (&input)[pixels][inputs],
                              const float *&weights) {
    float32x4_t loaded[4];
    if constexpr (count == 4) {
      const float32x4x4_t four = vld1q_f32_x4(weights);
      unroll<4>([&](auto i) LACUNA_BODY { loaded[i] = four.val[i]; });
    } else {
      unroll<count>(
          [&](auto i) LACUNA_BODY { loaded[i] = vld1q_f32(weights + i * 4); });
    }
    weights += count * 4;
    unroll<count * pixels>([&](auto i) LACUNA_BODY {
      constexpr std::ptrdiff_t at = first + i / pixels, pixel = i % pixels;
      constexpr std::ptrdiff_t element = skip + at / vectors;
      float32x4_t &sum = sums[pixel][at % vectors];
      sum = vfmaq_laneq_f32(sum, loaded[i / pixels], input[pixel][element / 4],
                            element % 4);
      opaque_after(weights, sum);
    });
  }

  template <std::ptrdiff_t steps, std::ptrdiff_t skip, std::ptrdiff_t inputs>
  LACUNA_INLINE void multiply_all(const float32x4_t (&input)[pixels][inputs],
                                  const float *&weights) {
    constexpr std::ptrdiff_t total = steps * vectors;
    constexpr std::ptrdiff_t whole = total / weight_vectors;
    unroll<whole>([&](auto i) LACUNA_BODY {
      multiply<i * weight_vectors, weight_vectors, skip>(input, weights);
    });
    if constexpr (total % weight_vectors != 0)
      multiply<whole * weight_vectors, total % weight_vectors, skip>(input,
                                                                     weights);
  }

  /// Adds the products of `steps` input elements of every pixel, from the
  /// element `start` on. A remainder that is no whole vector is read together
  /// with elements before it where `before` says that the tap has them.
  template <std::ptrdiff_t steps, std::ptrdiff_t start, bool before>
  LACUNA_INLINE void accumulate(const float *in, const float *&weights) {
    constexpr std::ptrdiff_t most = input_vectors * 4;
    constexpr std::ptrdiff_t now = steps >= most ? most
                                   : steps >= 4  ? steps / 4 * 4
                                                 : steps;
    constexpr std::ptrdiff_t skip =
        now % 4 != 0 && (before || start != 0) ? 4 - now : 0;
    constexpr std::ptrdiff_t inputs = (now + 3) / 4;
    float32x4_t input[pixels][inputs];
    unroll<pixels>([&](auto p) LACUNA_BODY {
      unroll<inputs>([&](auto i) LACUNA_BODY {
        constexpr std::ptrdiff_t count = now % 4 == 0 ? 4 : now + skip;
        input[p][i] = load_f32<count>(in + distance(L::in_step, p) + start -
                                      skip + i * 4);
      });
    });
    multiply_all<now, skip>(input, weights);
    unroll<pixels>([&](auto p)
                       LACUNA_BODY { opaque_after(in, sums[p][vectors - 1]); });
    if constexpr (now != steps)
      accumulate<steps - now, start + now, before>(in, weights);
  }

  LACUNA_INLINE void accumulate_tap(const float *in, const float *&weights) {
    constexpr std::ptrdiff_t turns = L::depth / depth_unroll;
    constexpr std::ptrdiff_t rest = L::depth % depth_unroll;
    if constexpr (turns == 1) {
      accumulate<L::depth, 0, false>(in, weights);
    } else {
      if constexpr (turns > 1) {
        const float *end = in + turns * depth_unroll;
        do {
          accumulate<depth_unroll, 0, false>(in, weights);
          in += depth_unroll;
        } while (in != end);
      }
      if constexpr (rest != 0)
        accumulate<rest, 0, turns != 0>(in, weights);
    }
  }

  LACUNA_INLINE void finish(const float *residual, float *out) {
    unroll<pixels>([&](auto p) LACUNA_BODY {
      unroll<vectors>([&](auto v) LACUNA_BODY {
        float32x4_t sum = sums[p][v];
        if constexpr (L::has_residual)
          sum = vaddq_f32(
              sum,
              load_f32<stored<v>>(residual + distance(L::res_step, p) + v * 4));
        store_f32<stored<v>>(out + distance(L::out_step, p) + v * 4,
                             clamp_f32<L>(sum));
      });
    });
  }

  static LACUNA_INLINE void run(const float *in, const float *weights,
                                const float *bias, const float *residual,
                                float *out) {
    ConvTileF32 tile;
    tile.start(bias);
    for (std::ptrdiff_t i = 0; i != L::taps[0]; ++i)
      for (std::ptrdiff_t j = 0; j != L::taps[1]; ++j)
        for (std::ptrdiff_t k = 0; k != L::taps[2]; ++k)
          tile.accumulate_tap(in + i * L::tap_step[0] + j * L::tap_step[1] +
                                  k * L::tap_step[2],
                              weights);
    tile.finish(residual, out);
  }
};

/// Output pixels of a tile of `columns` channels: the number asked for, or what
/// the registers hold where the last column tile is narrower than T::columns.
template <class T>
constexpr std::ptrdiff_t conv_rows_f32(std::ptrdiff_t columns) {
  const std::ptrdiff_t fitting = 28 / (columns / 4 + 2);
  return columns < T::columns && fitting > T::rows ? fitting : T::rows;
}

/// All pixels of one image, `channels` channels.
template <class L, class T, std::ptrdiff_t channels>
void conv_columns_f32(const float *in, const float *weights, const float *bias,
                      const float *residual, float *out) {
  // A tile has pixels of several output rows only if the rows are short, and
  // then all pixels of each: all distances stay constant.
  constexpr std::ptrdiff_t pixels = conv_rows_f32<T>((channels + 3) / 4 * 4);
  constexpr std::ptrdiff_t columns =
      L::out[2] < pixels ? L::out[2] : std::ptrdiff_t(pixels);
  constexpr std::ptrdiff_t depth_unroll = T::unroll;
  for (std::ptrdiff_t i = 0; i != L::out[0]; ++i)
    for_even_pieces<L::out[1], pixels / columns>([&](auto tile_rows,
                                                     std::ptrdiff_t
                                                         j) LACUNA_BODY {
      for_even_pieces<L::out[2], columns>([&](auto tile_columns,
                                              std::ptrdiff_t k) LACUNA_BODY {
        ConvTileF32<L, tile_rows, tile_columns, channels, depth_unroll>::run(
            in + i * L::in_step[0] + j * L::in_step[1] + k * L::in_step[2],
            weights, bias,
            L::has_residual ? residual + i * L::res_step[0] +
                                  j * L::res_step[1] + k * L::res_step[2]
                            : nullptr,
            out + i * L::out_step[0] + j * L::out_step[1] + k * L::out_step[2]);
      });
    });
}

/// A convolution as a matrix product, the sums of a tile in registers. Weights:
/// for each group, for each T::columns channels (of the last, as many as there
/// are, rounded up to 4), [tap][depth][channel]. T::rows x T::columns is the
/// tile, T::unroll (a multiple of 4) the input elements a turn of the loop.
template <class L, class T>
void conv_f32(const float *in, const float *weights, const float *bias,
              const float *residual, float *out) {
  static_assert(T::columns % 4 == 0 && T::unroll % 4 == 0, "whole vectors");
  constexpr std::ptrdiff_t tiles = L::channels / T::columns;
  constexpr std::ptrdiff_t rest = L::channels % T::columns;
  constexpr std::ptrdiff_t length =
      L::taps[0] * L::taps[1] * L::taps[2] * L::depth;
  for (std::ptrdiff_t image = 0; image != L::images; ++image) {
    const float *packed = weights;
    for (std::ptrdiff_t group = 0; group != L::groups; ++group) {
      const float *from = in + image * L::in_image + group * L::in_group;
      float *to = out + image * L::out_image + group * L::out_group;
      const float *start = L::has_bias ? bias + group * L::channels : nullptr;
      const float *add = L::has_residual ? residual + image * L::res_image +
                                               group * L::out_group
                                         : nullptr;
      for (std::ptrdiff_t tile = 0; tile != tiles; ++tile) {
        const std::ptrdiff_t channel = tile * T::columns;
        conv_columns_f32<L, T, T::columns>(
            from, packed, L::has_bias ? start + channel : nullptr,
            L::has_residual ? add + channel : nullptr, to + channel);
        packed += T::columns * length;
      }
      if constexpr (rest != 0) {
        conv_columns_f32<L, T, rest>(
            from, packed, L::has_bias ? start + tiles * T::columns : nullptr,
            L::has_residual ? add + tiles * T::columns : nullptr,
            to + tiles * T::columns);
        packed += (rest + 3) / 4 * 4 * length;
      }
    }
  }
}

#endif // LACUNA_NEON_CONV_F32_H
