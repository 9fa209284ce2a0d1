//===- window_float.h - Every channel alone, over a window of floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_WINDOW_FLOAT_H
#define LACUNA_NEON_WINDOW_FLOAT_H

#include "floats.h"
#include "geometry.h"
#include "simd.h"
#include <cstddef>

/// `pixels` neighbours of one output row, `channels` channels side by side. Op
/// says how a sum starts, takes an input and ends; its weights, if it has any,
/// are [block of lanes channels][tap][lane].
template <class L, class Op, std::ptrdiff_t pixels, std::ptrdiff_t channels>
struct WindowTileFloat {
  using Element = typename L::Element;
  using F = Floats<Element>;
  using Vector = typename F::Vector;
  static constexpr std::ptrdiff_t lanes = F::lanes;
  static constexpr std::ptrdiff_t vectors = (channels + lanes - 1) / lanes;
  static constexpr std::ptrdiff_t all_taps =
      L::taps[0] * L::taps[1] * L::taps[2];

  template <std::ptrdiff_t vector>
  static constexpr std::ptrdiff_t stored =
      vector + 1 == vectors ? channels - vector * lanes : lanes;

  /// Whether two taps of a row can meet at one input: then the inputs of as
  /// many taps as the registers hold weights of are read once.
  static constexpr bool meeting = L::taps[2] > 1 && L::tap_step[2] != 0 &&
                                  L::in_step[2] != 0 &&
                                  L::in_step[2] % L::tap_step[2] == 0;
  static constexpr std::ptrdiff_t fitting =
      Op::weighted ? 30 / vectors - pixels - 1 : L::taps[2];
  static constexpr std::ptrdiff_t together = !meeting || fitting < 1 ? 1
                                             : fitting < L::taps[2]
                                                 ? fitting
                                                 : L::taps[2];

  Vector sums[pixels][vectors];

  /// Taps first .. first + count - 1 of one row of taps.
  template <std::ptrdiff_t first, std::ptrdiff_t count>
  LACUNA_INLINE void take(const Element *in, const Element *weights) {
    constexpr std::ptrdiff_t distance =
        count == 1 ? L::in_step[2] : L::tap_step[2];
    constexpr std::ptrdiff_t step = count == 1 ? 1 : L::in_step[2] / distance;
    Vector weight[count][vectors];
    unroll<count * vectors>([&](auto i) LACUNA_BODY {
      constexpr std::ptrdiff_t tap = i / vectors, v = i % vectors;
      if constexpr (Op::weighted)
        weight[tap][v] = F::template load<lanes>(
            weights + (v * all_taps + first + tap) * lanes);
    });
    // A load of two vectors reaches 63 vectors far.
    constexpr std::ptrdiff_t reach =
        distance > 0 && distance < 63 * lanes / 2 ? 63 * lanes / distance : 1;
    const Element *near = in + first * L::tap_step[2];
    unroll<(pixels - 1) * step + count>([&](auto position) LACUNA_BODY {
      if constexpr (vectors > 1 && position != 0 && position % reach == 0) {
        near += reach * distance;
        opaque(near);
      }
      constexpr std::ptrdiff_t from =
          (vectors > 1 ? position % reach : std::ptrdiff_t(position)) *
          distance;
      // Pixel p meets tap t at p * step + t.
      constexpr std::ptrdiff_t nearest = position / step;
      constexpr std::ptrdiff_t last = nearest < pixels ? nearest : pixels - 1;
      if constexpr (position - last * step < count) {
        Vector input[vectors];
        unroll<vectors>([&](auto v) LACUNA_BODY {
          input[v] = F::template load<stored<v>>(near + from + v * lanes);
        });
        unroll<count * vectors>([&](auto i) LACUNA_BODY {
          constexpr std::ptrdiff_t tap = i / vectors, v = i % vectors;
          constexpr std::ptrdiff_t start = position - tap;
          if constexpr (start >= 0 && start % step == 0 &&
                        start / step < pixels) {
            Vector &sum = sums[start / step][v];
            sum = Op::take(sum, input[v], weight[tap][v]);
            opaque_after(near, sum);
          }
        });
      }
    });
    if constexpr (first + count != L::taps[2]) {
      constexpr std::ptrdiff_t rest = L::taps[2] - first - count;
      take<first + count, (rest < together ? rest : together)>(in, weights);
    }
  }

  static LACUNA_INLINE void run(const Op &op, const Element *in,
                                std::ptrdiff_t channel, std::ptrdiff_t pixel,
                                std::ptrdiff_t result, Element *out) {
    WindowTileFloat tile;
    unroll<pixels * vectors>([&](auto i) LACUNA_BODY {
      constexpr std::ptrdiff_t v = i % vectors;
      tile.sums[i / vectors][v] =
          op.template start<stored<v>>(channel + v * lanes);
    });
    const Element *weights = op.weights + channel * all_taps;
    const auto row = [&](std::ptrdiff_t i, std::ptrdiff_t j) LACUNA_BODY {
      tile.template take<0, together>(
          in + i * L::tap_step[0] + j * L::tap_step[1], weights);
      weights += Op::weighted ? L::taps[2] * lanes : 0;
    };
    if constexpr (all_taps * pixels * vectors <= 256) {
      unroll<L::taps[0] * L::taps[1]>([&](auto i) LACUNA_BODY {
        row(i / L::taps[1], i % L::taps[1]);
        opaque(in);
      });
    } else {
      for (std::ptrdiff_t i = 0; i != L::taps[0]; ++i)
        for (std::ptrdiff_t j = 0; j != L::taps[1]; ++j)
          row(i, j);
    }
    unroll<pixels * vectors>([&](auto i) LACUNA_BODY {
      constexpr std::ptrdiff_t p = i / vectors, v = i % vectors;
      F::template store<stored<v>>(
          out + p * L::out_step[2] + v * lanes,
          op.template finish<stored<v>>(tile.sums[p][v], pixel + p,
                                        result + p * L::res_step[2] + channel +
                                            v * lanes));
    });
  }
};

/// All windows: T::rows output pixels of a row and T::columns channels at once.
template <class L, class T, class Op>
LACUNA_INLINE void window_float(const Op &op, const typename L::Element *in,
                                typename L::Element *out) {
  constexpr std::ptrdiff_t whole = L::channels / T::columns * T::columns;
  constexpr std::ptrdiff_t rest = L::channels - whole;
  for (std::ptrdiff_t image = 0; image != L::images; ++image)
    for (std::ptrdiff_t i = 0; i != L::out[0]; ++i)
      for (std::ptrdiff_t j = 0; j != L::out[1]; ++j) {
        const typename L::Element *from =
            in + image * L::in_image + i * L::in_step[0] + j * L::in_step[1];
        typename L::Element *to = out + image * L::out_image +
                                  i * L::out_step[0] + j * L::out_step[1];
        const std::ptrdiff_t pixel = (i * L::out[1] + j) * L::out[2];
        const std::ptrdiff_t result =
            image * L::res_image + i * L::res_step[0] + j * L::res_step[1];
        const auto row = [&](auto count, std::ptrdiff_t channel) LACUNA_BODY {
          for_even_pieces<L::out[2], T::rows>(
              [&](auto pixels, std::ptrdiff_t k) LACUNA_BODY {
                WindowTileFloat<L, Op, pixels, count>::run(
                    op, from + channel + k * L::in_step[2], channel, pixel + k,
                    result + k * L::res_step[2],
                    to + channel + k * L::out_step[2]);
              });
        };
        for (std::ptrdiff_t channel = 0; channel != whole;
             channel += T::columns)
          row(Index<T::columns>(), channel);
        if constexpr (rest != 0)
          row(Index<rest>(), whole);
      }
}

#endif // LACUNA_NEON_WINDOW_FLOAT_H
