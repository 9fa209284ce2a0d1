//===- low_bits_s8.h - Weights of few bits become bytes again -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No instruction multiplies by less than a byte, so a kernel widens the weights
// of one column tile at a time and uses them for all pixels. StoredBits and
// FactorLayout of PackedLayout.h say how they are stored.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_LOW_BITS_S8_H
#define LACUNA_NEON_LOW_BITS_S8_H

#include "requantize.h"
#include "simd.h"

#include <cstring>

/// Field Index of each of sixteen bytes, of Bits bits each.
template <int Bits, int Index>
LACUNA_INLINE int8x16_t field(int8x16_t packed) {
  if constexpr (Bits == 1) {
    // A bit that is set means -1, else 1.
    const uint8x16_t is_set = vtstq_s8(packed, vdupq_n_s8(int8_t(1 << Index)));
    return vorrq_s8(vreinterpretq_s8_u8(is_set), vdupq_n_s8(1));
  } else {
    return vshrq_n_s8(vshlq_n_s8(packed, 8 - Bits * (Index + 1)), 8 - Bits);
  }
}

/// Weights that keep 8 bits, where they belong. Returns what lies behind them.
LACUNA_INLINE const int8_t *put_outliers(const int8_t *from, int8_t *to) {
  uint16_t count;
  std::memcpy(&count, from, sizeof(count));
  from += sizeof(count);
  for (; count != 0; --count) {
    to += uint8_t(from[0]);
    *to = from[1];
    from += 2;
  }
  return from;
}

/// Bytes that a tile of Size weights takes when widened.
template <int Bits, std::ptrdiff_t Size>
constexpr std::ptrdiff_t widened_size =
    (Size + 128 / Bits - 1) / (128 / Bits) * (128 / Bits);

/// Weights as `size` bytes, a widened_size. Returns where those of the next
/// tile begin. All layers share this code: they call it once a tile.
template <int Bits, bool Outliers>
__attribute__((noinline)) inline const int8_t *
widen_weights(const int8_t *from, int8_t *to, std::ptrdiff_t size) {
  constexpr int fields = 8 / Bits;
  for (std::ptrdiff_t i = 0; i < size; i += 16 * fields) {
    const int8x16_t packed = vld1q_s8(from);
    each<fields>([&](auto f) __attribute__((always_inline)) {
      const int8x16_t weights = field<Bits, f>(packed);
      vst1q_s8(to + i + 16 * f, weights);
    });
    from += 16;
  }
  if constexpr (Outliers)
    return put_outliers(from, to);
  return from;
}

/// The factors of 16 / Size columns, each for Size weights.
template <int Size>
LACUNA_INLINE int8x16_t load_factors(const int8_t *factors) {
  if constexpr (Size == 16) {
    return vld1q_dup_s8(factors);
  } else if constexpr (Size == 8) {
    return vcombine_s8(vld1_dup_s8(factors), vld1_dup_s8(factors + 1));
  } else {
    int32_t four;
    std::memcpy(&four, factors, sizeof(four));
    const int8x16_t each = vreinterpretq_s8_s32(vdupq_n_s32(four));
    const int8x16_t pairs = vzip1q_s8(each, each);
    return vzip1q_s8(pairs, pairs);
  }
}

/// Multiplies `chunks` times `width` columns of Size weights by the factors of
/// their columns. Returns what lies behind them.
template <int Size>
LACUNA_INLINE int8_t *multiply_chunks(int8_t *weights, const int8_t *factors,
                                      std::ptrdiff_t width,
                                      std::ptrdiff_t chunks) {
  const std::ptrdiff_t chunk = Size * width;
  for (std::ptrdiff_t i = 0; i < chunk; i += 16) {
    const int8x16_t factor = load_factors<Size>(factors + i / Size);
    for (int8_t *at = weights + i, *end = weights + chunks * chunk; at < end;
         at += chunk)
      vst1q_s8(at, vmulq_s8(vld1q_s8(at), factor));
  }
  return weights + chunks * chunk;
}

/// Multiplies widened weights by their factors: `width` columns of `taps` taps
/// of `padded` values, of which Group lie together, and `depth` share a factor.
/// Returns where the next tile begins.
template <int Group>
__attribute__((noinline)) inline const int8_t *
multiply_factors(const int8_t *factors, int8_t *weights, std::ptrdiff_t taps,
                 std::ptrdiff_t padded, std::ptrdiff_t width,
                 std::ptrdiff_t depth) {
  for (; taps != 0; --taps)
    for (std::ptrdiff_t left = padded; left > 0; left -= depth) {
      const std::ptrdiff_t here = left < depth ? left : depth;
      weights = multiply_chunks<Group>(weights, factors, width, here / Group);
      if (Group == 16 && here % 16 != 0)
        weights = multiply_chunks<8>(weights, factors, width, 1);
      factors += width;
    }
  return factors;
}

#endif // LACUNA_NEON_LOW_BITS_S8_H
