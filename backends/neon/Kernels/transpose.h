//===- transpose.h - Transposition of matrices of bytes and words -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_TRANSPOSE_H
#define LACUNA_NEON_TRANSPOSE_H

#include "simd.h"
#include <cstddef>
#include <cstdint>

LACUNA_INLINE uint32x4_t load_words(const float *p) {
  return vreinterpretq_u32_f32(vld1q_f32(p));
}
LACUNA_INLINE uint32x4_t load_words(const std::int32_t *p) {
  return vreinterpretq_u32_s32(vld1q_s32(p));
}
LACUNA_INLINE uint32x4_t load_words(const std::uint32_t *p) {
  return vld1q_u32(p);
}
LACUNA_INLINE void store_words(float *p, uint32x4_t v) {
  vst1q_f32(p, vreinterpretq_f32_u32(v));
}
LACUNA_INLINE void store_words(std::int32_t *p, uint32x4_t v) {
  vst1q_s32(p, vreinterpretq_s32_u32(v));
}
LACUNA_INLINE void store_words(std::uint32_t *p, uint32x4_t v) {
  vst1q_u32(p, v);
}

/// A 4 x 4 block of words.
template <class E>
LACUNA_INLINE void transpose_block(Index<4>, const E *in,
                                   std::ptrdiff_t in_pitch, E *out,
                                   std::ptrdiff_t out_pitch) {
  const uint32x4_t a = load_words(in), b = load_words(in + in_pitch),
                   c = load_words(in + 2 * in_pitch),
                   d = load_words(in + 3 * in_pitch);
  const uint32x4_t ac = vzip1q_u32(a, c), ac_high = vzip2q_u32(a, c),
                   bd = vzip1q_u32(b, d), bd_high = vzip2q_u32(b, d);
  store_words(out, vzip1q_u32(ac, bd));
  store_words(out + out_pitch, vzip2q_u32(ac, bd));
  store_words(out + 2 * out_pitch, vzip1q_u32(ac_high, bd_high));
  store_words(out + 3 * out_pitch, vzip2q_u32(ac_high, bd_high));
}

/// An 8 x 8 block of bytes.
template <class E>
LACUNA_INLINE void transpose_block(Index<8>, const E *in,
                                   std::ptrdiff_t in_pitch, E *out,
                                   std::ptrdiff_t out_pitch) {
  const std::uint8_t *from = reinterpret_cast<const std::uint8_t *>(in);
  std::uint8_t *to = reinterpret_cast<std::uint8_t *>(out);
  // Rows i and i + 4 side by side, then interleaved three times.
  uint8x16_t rows[4], even[4];
  unroll<4>([&](auto i) LACUNA_BODY {
    rows[i] = vcombine_u8(vld1_u8(from + i * in_pitch),
                          vld1_u8(from + (i + 4) * in_pitch));
  });
  unroll<2>([&](auto i) LACUNA_BODY {
    even[2 * i] = vzip1q_u8(rows[i], rows[i + 2]);
    even[2 * i + 1] = vzip2q_u8(rows[i], rows[i + 2]);
  });
  // even[0] is rows 0 and 2, even[1] 4 and 6, even[2] 1 and 3, even[3] 5 and 7.
  const uint8x16_t upper[2] = {vzip1q_u8(even[0], even[2]),
                               vzip2q_u8(even[0], even[2])};
  const uint8x16_t lower[2] = {vzip1q_u8(even[1], even[3]),
                               vzip2q_u8(even[1], even[3])};
  unroll<2>([&](auto i) LACUNA_BODY {
    const uint32x4_t top = vreinterpretq_u32_u8(upper[i]);
    const uint32x4_t bottom = vreinterpretq_u32_u8(lower[i]);
    const uint8x16_t first = vreinterpretq_u8_u32(vzip1q_u32(top, bottom));
    const uint8x16_t second = vreinterpretq_u8_u32(vzip2q_u32(top, bottom));
    vst1_u8(to + (4 * i) * out_pitch, vget_low_u8(first));
    vst1_u8(to + (4 * i + 1) * out_pitch, vget_high_u8(first));
    vst1_u8(to + (4 * i + 2) * out_pitch, vget_low_u8(second));
    vst1_u8(to + (4 * i + 3) * out_pitch, vget_high_u8(second));
  });
}

/// out[column][row] = in[row][column], for elements of 1 or 4 bytes; the rows
/// of `in` and `out` begin in_pitch and out_pitch elements apart.
template <class E, std::ptrdiff_t rows, std::ptrdiff_t columns>
void transpose(const E *in, std::ptrdiff_t in_pitch, E *out,
               std::ptrdiff_t out_pitch) {
  static_assert(sizeof(E) == 1 || sizeof(E) == 4, "bytes or words");
  constexpr std::ptrdiff_t side = sizeof(E) == 1 ? 8 : 4;
  if constexpr (rows < side || columns < side) {
    for (std::ptrdiff_t row = 0; row != rows; ++row)
      for (std::ptrdiff_t column = 0; column != columns; ++column)
        out[column * out_pitch + row] = in[row * in_pitch + column];
  } else {
    // The last block of a line or column may overlap the one before it.
    for (std::ptrdiff_t i = 0; i < rows; i += side) {
      const std::ptrdiff_t row = i + side <= rows ? i : rows - side;
      for (std::ptrdiff_t j = 0; j < columns; j += side) {
        const std::ptrdiff_t column = j + side <= columns ? j : columns - side;
        transpose_block(Index<side>(), in + row * in_pitch + column, in_pitch,
                        out + column * out_pitch + row, out_pitch);
      }
    }
  }
}

#endif // LACUNA_NEON_TRANSPOSE_H
