//===- copy.h - Moves elements, and turns matrices -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_COPY_H
#define LACUNA_NEON_COPY_H

#include "simd.h"
#include <cstddef>
#include <cstdint>
#include <cstring>

/// What moves: `size[i]` elements in each of `rank` dimensions, at least two,
/// from steps of `in_step` to steps of `out_step`. Neighbours in the
/// destination are in the last dimension, or, if that holds the neighbours of
/// the source, in the one before.
struct CopyGeometry {};

/// The lower, or upper, halves of `a` and `b` with their elements in turn.
template <int bytes>
LACUNA_INLINE uint8x16_t zip_low(uint8x16_t a, uint8x16_t b) {
  if constexpr (bytes == 1)
    return vzip1q_u8(a, b);
  else if constexpr (bytes == 2)
    return vreinterpretq_u8_u16(
        vzip1q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)));
  else
    return vreinterpretq_u8_u32(
        vzip1q_u32(vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)));
}
template <int bytes>
LACUNA_INLINE uint8x16_t zip_high(uint8x16_t a, uint8x16_t b) {
  if constexpr (bytes == 1)
    return vzip2q_u8(a, b);
  else if constexpr (bytes == 2)
    return vreinterpretq_u8_u16(
        vzip2q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)));
  else
    return vreinterpretq_u8_u32(
        vzip2q_u32(vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)));
}

/// Interleaves the upper half of `rows` with the lower one; as often as the
/// number of rows halves, and rows have become columns.
template <int bytes, std::ptrdiff_t count>
LACUNA_INLINE void shuffle(uint8x16_t (&rows)[count]) {
  uint8x16_t next[count];
  unroll<count / 2>([&](auto i) LACUNA_BODY {
    next[2 * i] = zip_low<bytes>(rows[i], rows[i + count / 2]);
    next[2 * i + 1] = zip_high<bytes>(rows[i], rows[i + count / 2]);
  });
  unroll<count>([&](auto i) LACUNA_BODY { rows[i] = next[i]; });
}

/// A square block whose rows fill a vector.
template <class E, std::ptrdiff_t in_pitch, std::ptrdiff_t out_pitch>
LACUNA_INLINE void transpose_block(Index<16 / sizeof(E)>, const E *in, E *out) {
  constexpr std::ptrdiff_t side = 16 / sizeof(E);
  uint8x16_t rows[side];
  unroll<side>([&](auto i) LACUNA_BODY {
    rows[i] =
        vld1q_u8(reinterpret_cast<const std::uint8_t *>(in + i * in_pitch));
  });
  shuffle<sizeof(E)>(rows);
  shuffle<sizeof(E)>(rows);
  if constexpr (side >= 8)
    shuffle<sizeof(E)>(rows);
  if constexpr (side >= 16)
    shuffle<sizeof(E)>(rows);
  unroll<side>([&](auto i) LACUNA_BODY {
    vst1q_u8(reinterpret_cast<std::uint8_t *>(out) + i * out_pitch * sizeof(E),
             rows[i]);
  });
}

/// An 8 x 8 block of bytes.
template <class E, std::ptrdiff_t in_pitch, std::ptrdiff_t out_pitch,
          std::enable_if_t<sizeof(E) == 1, int> = 0>
LACUNA_INLINE void transpose_block(Index<8>, const E *in, E *out) {
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

/// The side of the blocks that a matrix is turned in; 1 if there are none.
template <class E, std::ptrdiff_t rows, std::ptrdiff_t columns>
constexpr std::ptrdiff_t get_block_side() {
  constexpr std::ptrdiff_t least = rows < columns ? rows : columns;
  if (sizeof(E) > 4 || least < 4)
    return 1;
  if (least >= std::ptrdiff_t(16 / sizeof(E)))
    return 16 / sizeof(E);
  return sizeof(E) == 1 && least >= 8 ? 8 : 1;
}

/// out[column][row] = in[row][column]; the rows of `in` and the columns of
/// `out` begin in_pitch and out_pitch elements apart.
template <class E, std::ptrdiff_t rows, std::ptrdiff_t columns,
          std::ptrdiff_t in_pitch, std::ptrdiff_t out_pitch>
inline void transpose(const E *__restrict in, E *__restrict out) {
  constexpr std::ptrdiff_t side = get_block_side<E, rows, columns>();
  if constexpr (side == 1) {
    // The shorter loop inside: the compiler makes it one interleaving access.
    if constexpr (rows <= columns)
      for (std::ptrdiff_t column = 0; column != columns; ++column)
        for (std::ptrdiff_t row = 0; row != rows; ++row)
          out[column * out_pitch + row] = in[row * in_pitch + column];
    else
      for (std::ptrdiff_t row = 0; row != rows; ++row)
        for (std::ptrdiff_t column = 0; column != columns; ++column)
          out[column * out_pitch + row] = in[row * in_pitch + column];
  } else {
    constexpr std::ptrdiff_t together = 16 / side;
    const auto turn = [=](std::ptrdiff_t row,
                          std::ptrdiff_t column) LACUNA_BODY {
      transpose_block<E, in_pitch, out_pitch>(Index<side>(),
                                              in + row * in_pitch + column,
                                              out + column * out_pitch + row);
    };
    // The last block of a line or column may overlap the one before it. A strip
    // of columns at a time: its lines in the destination are filled while they
    // are near.
    const auto each_row = [](auto body) LACUNA_BODY {
      for (std::ptrdiff_t i = 0; i < rows; i += side)
        body(i + side <= rows ? i : rows - side);
    };
    std::ptrdiff_t j = 0;
    if constexpr (columns >= 16)
      for (; j <= columns - 16; j += 16)
        each_row([=](std::ptrdiff_t row) LACUNA_BODY {
          unroll<together>([=](auto block)
                               LACUNA_BODY { turn(row, j + block * side); });
        });
    if constexpr (columns % 16 != 0)
      for (; j < columns; j += side) {
        const std::ptrdiff_t column = j + side <= columns ? j : columns - side;
        each_row([=](std::ptrdiff_t row) LACUNA_BODY { turn(row, column); });
      }
  }
}

template <class Shape, int dim, class E>
inline void copy_dims(const E *__restrict in, E *__restrict out) {
  constexpr std::ptrdiff_t size = Shape::size[dim];
  constexpr std::ptrdiff_t in_step = Shape::in_step[dim];
  constexpr std::ptrdiff_t out_step = Shape::out_step[dim];
  if constexpr (dim + 2 < Shape::rank) {
    for (std::ptrdiff_t i = 0; i != size; ++i)
      copy_dims<Shape, dim + 1>(in + i * in_step, out + i * out_step);
  } else {
    constexpr std::ptrdiff_t inner = Shape::size[dim + 1];
    constexpr std::ptrdiff_t from = Shape::in_step[dim + 1];
    constexpr std::ptrdiff_t to = Shape::out_step[dim + 1];
    if constexpr (from == 1 && to == 1) {
      for (std::ptrdiff_t i = 0; i != size; ++i)
        std::memcpy(out + i * out_step, in + i * in_step, inner * sizeof(E));
    } else if constexpr (from == 1 && out_step == 1) {
      transpose<E, size, inner, in_step, to>(in, out);
    } else {
      for (std::ptrdiff_t i = 0; i != size; ++i)
        for (std::ptrdiff_t j = 0; j != inner; ++j)
          out[i * out_step + j * to] = in[i * in_step + j * from];
    }
  }
}

/// Moves elements between places that do not overlap.
template <class Shape, class E>
inline void copy(const E *in, E *out) {
  copy_dims<Shape, 0>(in, out);
}

#endif // LACUNA_NEON_COPY_H
