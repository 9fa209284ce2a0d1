//===- window_f32.h - Every channel alone, over a window of 32-bit floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_WINDOW_F32_H
#define LACUNA_NEON_WINDOW_F32_H

#include "geometry.h"
#include "simd.h"
#include <cstddef>

/// `pixels` neighbours of one output row, `channels` channels side by side. Op
/// says how a sum starts, takes an input and ends; its weights, if it has any,
/// are [block of 4 channels][tap][4].
template <class L, class Op, std::ptrdiff_t pixels, std::ptrdiff_t channels>
struct WindowTileF32 {
  static constexpr std::ptrdiff_t vectors = (channels + 3) / 4;
  static constexpr std::ptrdiff_t all_taps =
      L::taps[0] * L::taps[1] * L::taps[2];

  template <std::ptrdiff_t vector>
  static constexpr std::ptrdiff_t stored =
      vector + 1 == vectors ? channels - vector * 4 : 4;

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

  float32x4_t sums[pixels][vectors];

  /// Taps first .. first + count - 1 of one row of taps.
  template <std::ptrdiff_t first, std::ptrdiff_t count>
  LACUNA_INLINE void take(const float *in, const float *weights) {
    constexpr std::ptrdiff_t distance =
        count == 1 ? L::in_step[2] : L::tap_step[2];
    constexpr std::ptrdiff_t step = count == 1 ? 1 : L::in_step[2] / distance;
    float32x4_t weight[count][vectors];
    unroll<count * vectors>([&](auto i) LACUNA_BODY {
      constexpr std::ptrdiff_t tap = i / vectors, v = i % vectors;
      if constexpr (Op::weighted)
        weight[tap][v] = vld1q_f32(weights + (v * all_taps + first + tap) * 4);
    });
    // A load of two vectors reaches 63 vectors far.
    constexpr std::ptrdiff_t reach =
        distance > 0 && distance < 126 ? 252 / distance : 1;
    const float *near = in + first * L::tap_step[2];
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
        float32x4_t input[vectors];
        unroll<vectors>([&](auto v) LACUNA_BODY {
          input[v] = load_f32<stored<v>>(near + from + v * 4);
        });
        unroll<count * vectors>([&](auto i) LACUNA_BODY {
          constexpr std::ptrdiff_t tap = i / vectors, v = i % vectors;
          constexpr std::ptrdiff_t start = position - tap;
          if constexpr (start >= 0 && start % step == 0 &&
                        start / step < pixels) {
            float32x4_t &sum = sums[start / step][v];
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

  static LACUNA_INLINE void run(const Op &op, const float *in,
                                std::ptrdiff_t channel, std::ptrdiff_t pixel,
                                std::ptrdiff_t result, float *out) {
    WindowTileF32 tile;
    unroll<pixels * vectors>([&](auto i) LACUNA_BODY {
      constexpr std::ptrdiff_t v = i % vectors;
      tile.sums[i / vectors][v] = op.template start<stored<v>>(channel + v * 4);
    });
    const float *weights = op.weights + channel * all_taps;
    const auto row = [&](std::ptrdiff_t i, std::ptrdiff_t j) LACUNA_BODY {
      tile.template take<0, together>(
          in + i * L::tap_step[0] + j * L::tap_step[1], weights);
      weights += Op::weighted ? L::taps[2] * 4 : 0;
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
      store_f32<stored<v>>(out + p * L::out_step[2] + v * 4,
                           op.template finish<stored<v>>(
                               tile.sums[p][v], pixel + p,
                               result + p * L::res_step[2] + channel + v * 4));
    });
  }
};

/// All windows: T::rows output pixels of a row and T::columns channels at once.
template <class L, class T, class Op>
LACUNA_INLINE void window_f32(const Op &op, const float *in, float *out) {
  constexpr std::ptrdiff_t whole = L::channels / T::columns * T::columns;
  constexpr std::ptrdiff_t rest = L::channels - whole;
  for (std::ptrdiff_t image = 0; image != L::images; ++image)
    for (std::ptrdiff_t i = 0; i != L::out[0]; ++i)
      for (std::ptrdiff_t j = 0; j != L::out[1]; ++j) {
        const float *from =
            in + image * L::in_image + i * L::in_step[0] + j * L::in_step[1];
        float *to = out + image * L::out_image + i * L::out_step[0] +
                    j * L::out_step[1];
        const std::ptrdiff_t pixel = (i * L::out[1] + j) * L::out[2];
        const std::ptrdiff_t result =
            image * L::res_image + i * L::res_step[0] + j * L::res_step[1];
        const auto row = [&](auto count, std::ptrdiff_t channel) LACUNA_BODY {
          for_even_pieces<L::out[2], T::rows>(
              [&](auto pixels, std::ptrdiff_t k) LACUNA_BODY {
                WindowTileF32<L, Op, pixels, count>::run(
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

#endif // LACUNA_NEON_WINDOW_F32_H
