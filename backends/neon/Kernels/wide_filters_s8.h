//===- wide_filters_s8.h - Filters of bytes with weights of 16 bits -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_WIDE_FILTERS_S8_H
#define LACUNA_NEON_WIDE_FILTERS_S8_H

#include "requantize.h"

/// The sum of `Depth` products, in a loop that compilers vectorise.
template <int Depth, bool Unsigned>
LACUNA_INLINE std::int32_t wide_dot(const std::int8_t *in,
                                    const std::int16_t *weights) {
  std::uint32_t sum = 0;
  for (int k = 0; k < Depth; ++k) {
    const int x = Unsigned ? static_cast<std::uint8_t>(in[k]) - 128 : in[k];
    sum += static_cast<std::uint32_t>(x * weights[k]);
  }
  return static_cast<std::int32_t>(sum);
}

/// What a sum is as a byte: as the vectors of the other kernels round it.
template <class L>
LACUNA_INLINE std::int8_t wide_requantize(std::int32_t sum, float scale) {
  constexpr float lo = L::out_unsigned ? 0 : -128;
  constexpr float hi = L::out_unsigned ? 255 : 127;
  float value = std::nearbyint(static_cast<float>(sum) * scale) +
                static_cast<float>(L::zero_point);
  value = value < lo ? lo : value > hi ? hi : value;
  return static_cast<std::int8_t>(static_cast<int>(value));
}

/// Computes the output channels L::filters, of which filter i reads the input
/// channels from L::from[i] on, and leaves the others alone. Weights are
/// [filter][tap][channel].
template <class L>
inline void wide_filters_s8(const void *input, const std::int16_t *weights,
                            const std::int32_t *bias, const float *scale,
                            void *output) {
  const std::int8_t *in = static_cast<const std::int8_t *>(input);
  std::int8_t *out = static_cast<std::int8_t *>(output);
  constexpr std::ptrdiff_t taps = L::taps[0] * L::taps[1] * L::taps[2];
  constexpr std::ptrdiff_t pixels =
      L::images * L::out[0] * L::out[1] * L::out[2];
  for (int i = 0; i < L::count; ++i) {
    const std::int16_t *filter = weights + i * taps * L::depth;
    for (std::ptrdiff_t pixel = 0; pixel < pixels; ++pixel) {
      const std::ptrdiff_t column = pixel % L::out[2],
                           row = pixel / L::out[2] % L::out[1],
                           plane = pixel / (L::out[2] * L::out[1]) % L::out[0],
                           image = pixel / (L::out[2] * L::out[1] * L::out[0]);
      const std::int8_t *from = in + L::from[i] + image * L::in_image +
                                plane * L::in_step[0] + row * L::in_step[1] +
                                column * L::in_step[2];
      std::int32_t sum = bias[i];
      for (std::ptrdiff_t tap = 0; tap < taps; ++tap)
        sum += wide_dot<int(L::depth), L::in_unsigned>(
            from + tap / (L::taps[1] * L::taps[2]) * L::tap_step[0] +
                tap / L::taps[2] % L::taps[1] * L::tap_step[1] +
                tap % L::taps[2] * L::tap_step[2],
            filter + tap * L::depth);
      out[image * L::out_image + plane * L::out_step[0] + row * L::out_step[1] +
          column * L::out_step[2] + L::filters[i]] =
          wide_requantize<L>(sum, scale[i]);
    }
  }
}

#endif // LACUNA_NEON_WIDE_FILTERS_S8_H
