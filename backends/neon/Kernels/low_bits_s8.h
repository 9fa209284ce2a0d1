//===- low_bits_s8.h - Weights of few bits become bytes again -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No instruction multiplies by less than a byte, so a kernel widens the weights
// of one column tile at a time and uses them for all pixels. StoredBits of
// PackedLayout.h says how they are stored.
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

#endif // LACUNA_NEON_LOW_BITS_S8_H
