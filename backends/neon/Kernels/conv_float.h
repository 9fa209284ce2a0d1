//===- conv_float.h - Convolutions of floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_CONV_FLOAT_H
#define LACUNA_NEON_CONV_FLOAT_H

#include "floats.h"
#include "geometry.h"
#include "simd.h"
#include <cstddef>

/// A tile of tile_rows x tile_columns output pixels and `channels` channels.
template <class L, std::ptrdiff_t tile_rows, std::ptrdiff_t tile_columns,
          std::ptrdiff_t channels, std::ptrdiff_t depth_unroll>
struct ConvTileFloat {
  using Element = typename L::Element;
  using F = Floats<Element>;
  using Vector = typename F::Vector;
  static constexpr std::ptrdiff_t lanes = F::lanes;
  static constexpr std::ptrdiff_t pixels = tile_rows * tile_columns;
  static constexpr std::ptrdiff_t vectors = (channels + lanes - 1) / lanes;
  static constexpr std::ptrdiff_t last = channels - (vectors - 1) * lanes;

  /// How much of the input and of the weights is in registers at once.
  static constexpr std::ptrdiff_t registers = 32;
  static constexpr std::ptrdiff_t input_vectors =
      pixels * (vectors + 2) + 4 <= registers ? 2 : 1;
  static constexpr std::ptrdiff_t weight_vectors =
      pixels * (vectors + input_vectors) + 4 <= registers ? 4 : 2;

  /// Whether there are too many products for one sum.
  static constexpr bool in_parts =
      L::taps[0] * L::taps[1] * L::taps[2] * L::depth > F::products;

  Vector sums[pixels][vectors];
  /// If in parts: how many products are in the sums, and the parts before.
  std::ptrdiff_t taken;
  float *parts;

  static constexpr std::ptrdiff_t distance(const std::ptrdiff_t (&step)[3],
                                           std::ptrdiff_t pixel) {
    return pixel / tile_columns * step[1] + pixel % tile_columns * step[2];
  }

  template <std::ptrdiff_t vector>
  static constexpr std::ptrdiff_t stored = vector + 1 == vectors ? last : lanes;

  LACUNA_INLINE void start(const Element *bias) {
    unroll<pixels>([&](auto p) LACUNA_BODY {
      if constexpr (L::has_bias) {
        // Loading the bias again is cheaper than copying the registers.
        opaque(bias);
        unroll<vectors>([&](auto v) LACUNA_BODY {
          sums[p][v] = F::template load<stored<v>>(bias + v * lanes);
        });
      } else {
        unroll<vectors>([&](auto v) LACUNA_BODY { sums[p][v] = F::splat(0); });
      }
    });
  }

  /// Adds the products of `count` (at most weight_vectors) vectors of weights,
  /// of which the first is the vector first % vectors of step first / vectors.
  /// Step k multiplies the input element skip + k.
  template <std::ptrdiff_t first, std::ptrdiff_t count, std::ptrdiff_t skip,
            std::ptrdiff_t inputs>
  LACUNA_INLINE void multiply(const Vector (&input)[pixels][inputs],
                              const Element *&weights) {
    Vector loaded[4];
    if constexpr (count == 4)
      F::load_four(weights, loaded);
    else
      unroll<count>([&](auto i) LACUNA_BODY {
        loaded[i] = F::template load<lanes>(weights + i * lanes);
      });
    weights += count * lanes;
    unroll<count * pixels>([&](auto i) LACUNA_BODY {
      constexpr std::ptrdiff_t at = first + i / pixels, pixel = i % pixels;
      constexpr std::ptrdiff_t element = skip + at / vectors;
      Vector &sum = sums[pixel][at % vectors];
      sum = F::template multiply_add<element % lanes>(
          sum, loaded[i / pixels], input[pixel][element / lanes]);
      opaque_after(weights, sum);
    });
  }

  template <std::ptrdiff_t steps, std::ptrdiff_t skip, std::ptrdiff_t inputs>
  LACUNA_INLINE void multiply_all(const Vector (&input)[pixels][inputs],
                                  const Element *&weights) {
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
  LACUNA_INLINE void accumulate(const Element *in, const Element *&weights) {
    constexpr std::ptrdiff_t most = input_vectors * lanes;
    constexpr std::ptrdiff_t now = steps >= most    ? most
                                   : steps >= lanes ? steps / lanes * lanes
                                                    : steps;
    constexpr std::ptrdiff_t skip =
        now % lanes != 0 && (before || start != 0) ? lanes - now : 0;
    constexpr std::ptrdiff_t inputs = (now + lanes - 1) / lanes;
    Vector input[pixels][inputs];
    unroll<pixels>([&](auto p) LACUNA_BODY {
      unroll<inputs>([&](auto i) LACUNA_BODY {
        constexpr std::ptrdiff_t count = now % lanes == 0 ? lanes : now + skip;
        input[p][i] = F::template load<count>(in + distance(L::in_step, p) +
                                              start - skip + i * lanes);
      });
    });
    multiply_all<now, skip>(input, weights);
    unroll<pixels>([&](auto p)
                       LACUNA_BODY { opaque_after(in, sums[p][vectors - 1]); });
    if constexpr (now != steps)
      accumulate<steps - now, start + now, before>(in, weights);
  }

  /// Moves the sums to the parts if they cannot take `steps` products more.
  template <std::ptrdiff_t steps>
  LACUNA_INLINE void make_room() {
    if constexpr (in_parts) {
      if (taken + steps > F::products)
        add_to_parts();
      taken += steps;
    }
  }

  LACUNA_INLINE void add_to_parts() {
    unroll<pixels * vectors>([&](auto i) LACUNA_BODY {
      Vector &sum = sums[i / vectors][i % vectors];
      F::add_to(parts + i * lanes, sum);
      sum = F::splat(0);
    });
    taken = 0;
  }

  LACUNA_INLINE void accumulate_tap(const Element *in,
                                    const Element *&weights) {
    constexpr std::ptrdiff_t turns = L::depth / depth_unroll;
    constexpr std::ptrdiff_t rest = L::depth % depth_unroll;
    if constexpr (turns == 1) {
      make_room<L::depth>();
      accumulate<L::depth, 0, false>(in, weights);
    } else {
      if constexpr (turns > 1) {
        const Element *end = in + turns * depth_unroll;
        do {
          make_room<depth_unroll>();
          accumulate<depth_unroll, 0, false>(in, weights);
          in += depth_unroll;
        } while (in != end);
      }
      if constexpr (rest != 0) {
        make_room<rest>();
        accumulate<rest, 0, turns != 0>(in, weights);
      }
    }
  }

  LACUNA_INLINE void finish(const Element *residual, Element *out) {
    if constexpr (in_parts)
      add_to_parts();
    unroll<pixels>([&](auto p) LACUNA_BODY {
      unroll<vectors>([&](auto v) LACUNA_BODY {
        Vector sum = sums[p][v];
        if constexpr (in_parts)
          sum = F::round(parts + (p * vectors + v) * lanes);
        if constexpr (L::has_residual)
          sum =
              F::add(sum, F::template load<stored<v>>(
                              residual + distance(L::res_step, p) + v * lanes));
        F::template store<stored<v>>(out + distance(L::out_step, p) + v * lanes,
                                     clamp<L>(sum));
      });
    });
  }

  static LACUNA_INLINE void run(const Element *in, const Element *weights,
                                const Element *bias, const Element *residual,
                                Element *out) {
    ConvTileFloat tile;
    tile.start(bias);
    float memory[in_parts ? pixels * vectors * lanes : 1];
    if constexpr (in_parts) {
      // Hidden, or the parts would be kept in registers, which are too few.
      const float *hidden = memory;
      opaque(hidden);
      tile.parts = const_cast<float *>(hidden);
      tile.taken = 0;
      for (float &part : memory)
        part = 0;
    }
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
constexpr std::ptrdiff_t conv_rows_float(std::ptrdiff_t columns,
                                         std::ptrdiff_t lanes) {
  const std::ptrdiff_t vectors = (columns + lanes - 1) / lanes;
  const std::ptrdiff_t fitting = 28 / (vectors + 2);
  return vectors * lanes < T::columns && fitting > T::rows ? fitting : T::rows;
}

/// All pixels of one image, `channels` channels.
template <class L, class T, std::ptrdiff_t channels>
void conv_columns_float(const typename L::Element *in,
                        const typename L::Element *weights,
                        const typename L::Element *bias,
                        const typename L::Element *residual,
                        typename L::Element *out) {
  // A tile has pixels of several output rows only if the rows are short, and
  // then all pixels of each: all distances stay constant.
  constexpr std::ptrdiff_t pixels =
      conv_rows_float<T>(channels, Floats<typename L::Element>::lanes);
  constexpr std::ptrdiff_t columns =
      L::out[2] < pixels ? L::out[2] : std::ptrdiff_t(pixels);
  constexpr std::ptrdiff_t depth_unroll = T::unroll;
  for (std::ptrdiff_t i = 0; i != L::out[0]; ++i)
    for_even_pieces<L::out[1], pixels / columns>([&](auto tile_rows,
                                                     std::ptrdiff_t
                                                         j) LACUNA_BODY {
      for_even_pieces<L::out[2], columns>([&](auto tile_columns,
                                              std::ptrdiff_t k) LACUNA_BODY {
        ConvTileFloat<L, tile_rows, tile_columns, channels, depth_unroll>::run(
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
/// are, rounded up to whole vectors), [tap][depth][channel]. T::rows x
/// T::columns is the tile, T::unroll (whole vectors too) the input elements a
/// turn of the loop.
template <class L, class T>
void conv_float(const typename L::Element *in,
                const typename L::Element *weights,
                const typename L::Element *bias,
                const typename L::Element *residual, typename L::Element *out) {
  using Element = typename L::Element;
  constexpr std::ptrdiff_t lanes = Floats<Element>::lanes;
  static_assert(T::columns % lanes == 0 && T::unroll % lanes == 0,
                "whole vectors");
  constexpr std::ptrdiff_t tiles = L::channels / T::columns;
  constexpr std::ptrdiff_t rest = L::channels % T::columns;
  constexpr std::ptrdiff_t length =
      L::taps[0] * L::taps[1] * L::taps[2] * L::depth;
  for (std::ptrdiff_t image = 0; image != L::images; ++image) {
    const Element *packed = weights;
    for (std::ptrdiff_t group = 0; group != L::groups; ++group) {
      const Element *from = in + image * L::in_image + group * L::in_group;
      Element *to = out + image * L::out_image + group * L::out_group;
      const Element *start = L::has_bias ? bias + group * L::channels : nullptr;
      const Element *add = L::has_residual ? residual + image * L::res_image +
                                                 group * L::out_group
                                           : nullptr;
      for (std::ptrdiff_t tile = 0; tile != tiles; ++tile) {
        const std::ptrdiff_t channel = tile * T::columns;
        conv_columns_float<L, T, T::columns>(
            from, packed, L::has_bias ? start + channel : nullptr,
            L::has_residual ? add + channel : nullptr, to + channel);
        packed += T::columns * length;
      }
      if constexpr (rest != 0) {
        conv_columns_float<L, T, rest>(
            from, packed, L::has_bias ? start + tiles * T::columns : nullptr,
            L::has_residual ? add + tiles * T::columns : nullptr,
            to + tiles * T::columns);
        packed += (rest + lanes - 1) / lanes * lanes * length;
      }
    }
  }
}

#endif // LACUNA_NEON_CONV_FLOAT_H
