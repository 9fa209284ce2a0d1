//===- simd.h - NEON, or SIMDe where there is none -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_SIMD_H
#define LACUNA_NEON_SIMD_H

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#if defined(__ARM_NEON)
#include <arm_neon.h>
#else
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>
#endif

#define LACUNA_INLINE inline __attribute__((always_inline))

/// Makes the optimiser forget how a pointer was made, and believe that it takes
/// the vector to know it: so chains of pointers become post-indexed loads, not
/// sums from one base, and loads are not moved so far ahead of the arithmetic
/// that the registers run out. Costs no instruction.
template <class E>
LACUNA_INLINE void opaque(const E *&pointer) {
#if defined(__aarch64__)
  __asm__("" : "+r"(pointer));
#else
  (void)pointer;
#endif
}

template <class E, class V>
LACUNA_INLINE void opaque_after(const E *&pointer, V &vector) {
#if defined(__aarch64__)
  __asm__("" : "+r"(pointer), "+w"(vector));
#else
  (void)pointer, (void)vector;
#endif
}

template <std::ptrdiff_t I>
using Index = std::integral_constant<std::ptrdiff_t, I>;

template <class F, std::ptrdiff_t... I>
LACUNA_INLINE void unroll_each(F &&body,
                               std::integer_sequence<std::ptrdiff_t, I...>) {
  (body(Index<I>()), ...);
}

/// Calls body(Index<0>()), ..., body(Index<count - 1>()). Loops over arrays of
/// vectors must vanish before the arrays can become registers, and both
/// compilers promise that only for templates.
template <std::ptrdiff_t count, class F>
LACUNA_INLINE void unroll(F &&body) {
  unroll_each(body, std::make_integer_sequence<std::ptrdiff_t, count>());
}

/// Marks a lambda handed to unroll().
#define LACUNA_BODY __attribute__((always_inline))

/// A range cut into the fewest pieces of at most `most`, as even as can be: the
/// first `longer` pieces have one element more than `length`.
struct EvenSplit {
  std::ptrdiff_t pieces, length, longer;
  constexpr EvenSplit(std::ptrdiff_t total, std::ptrdiff_t most)
      : pieces((total + most - 1) / most), length(total / pieces),
        longer(total % pieces) {}
};

/// Calls piece(Index<length>(), start) for each piece of 0 .. total - 1.
template <std::ptrdiff_t total, std::ptrdiff_t most, class F>
LACUNA_INLINE void for_even_pieces(F &&piece) {
  constexpr EvenSplit split(total, most);
  constexpr std::ptrdiff_t longer_end = split.longer * (split.length + 1);
  if constexpr (split.longer != 0)
    for (std::ptrdiff_t i = 0; i != longer_end; i += split.length + 1)
      piece(Index<split.length + 1>(), i);
  for (std::ptrdiff_t i = longer_end; i != total; i += split.length)
    piece(Index<split.length>(), i);
}

/// The first `count` (1..4) elements of a vector, and nothing behind them.
template <std::ptrdiff_t count>
LACUNA_INLINE float32x4_t load_f32(const float *p) {
  if constexpr (count == 4)
    return vld1q_f32(p);
  else if constexpr (count == 3)
    return vld1q_lane_f32(p + 2, vcombine_f32(vld1_f32(p), vdup_n_f32(0)), 2);
  else if constexpr (count == 2)
    return vcombine_f32(vld1_f32(p), vdup_n_f32(0));
  else
    return vld1q_dup_f32(p);
}

template <std::ptrdiff_t count>
LACUNA_INLINE void store_f32(float *p, float32x4_t v) {
  if constexpr (count == 4) {
    vst1q_f32(p, v);
  } else {
    if constexpr (count >= 2)
      vst1_f32(p, vget_low_f32(v));
    if constexpr (count != 2)
      vst1q_lane_f32(p + count - 1, v, count - 1);
  }
}

#endif // LACUNA_NEON_SIMD_H
