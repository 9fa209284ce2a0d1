//===- lookup_s8.h - Bytes replaced by those of a table -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_LOOKUP_S8_H
#define LACUNA_NEON_LOOKUP_S8_H

#include "simd.h"

#include <cstddef>
#include <cstdint>

/// What is looked up: `size[i]` bytes in each of `rank` dimensions, at steps of
/// `in_step`, go to steps of `out_step`. The last steps are 1. The bytes may go
/// to where they are.
struct LookupGeometry {};

/// A table of 256 bytes in half of the registers.
struct ByteTable {
  const std::uint8_t *bytes;
  uint8x16x4_t parts[4];

  LACUNA_INLINE explicit ByteTable(const std::uint8_t *from) : bytes(from) {
    unroll<4>([&](auto part) LACUNA_BODY {
      unroll<4>([&](auto i) LACUNA_BODY {
        parts[part].val[i] = vld1q_u8(from + 64 * part + 16 * i);
      });
    });
  }
  LACUNA_INLINE uint8x16_t look_up(uint8x16_t at) const {
    uint8x16_t found = vqtbl4q_u8(parts[0], at);
    // What another part has is too large here, or was before it wrapped.
    unroll<3>([&](auto i) LACUNA_BODY {
      const uint8x16_t rest = vsubq_u8(at, vdupq_n_u8(64 * (i + 1)));
      found = vqtbx4q_u8(found, parts[i + 1], rest);
    });
    return found;
  }
};

template <class L, int dim>
LACUNA_INLINE void look_up_dims(const std::uint8_t *in, const ByteTable &table,
                                std::uint8_t *out) {
  constexpr std::ptrdiff_t size = L::size[dim];
  if constexpr (dim + 1 < L::rank) {
    for (std::ptrdiff_t i = 0; i != size; ++i)
      look_up_dims<L, dim + 1>(in + i * L::in_step[dim], table,
                               out + i * L::out_step[dim]);
  } else {
    std::ptrdiff_t i = 0;
    for (; i + 16 <= size; i += 16)
      vst1q_u8(out + i, table.look_up(vld1q_u8(in + i)));
    // No byte is looked up twice, which may have been replaced where it is.
    for (; i != size; ++i)
      out[i] = table.bytes[in[i]];
  }
}

template <class L, class E>
inline void lookup_s8(const E *in, const E *table, E *out) {
  look_up_dims<L, 0>(reinterpret_cast<const std::uint8_t *>(in),
                     ByteTable(reinterpret_cast<const std::uint8_t *>(table)),
                     reinterpret_cast<std::uint8_t *>(out));
}

#endif // LACUNA_NEON_LOOKUP_S8_H
