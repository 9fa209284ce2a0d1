//===- requantize.h - From int32 sums to bytes, for all int8 kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_REQUANTIZE_H
#define LACUNA_NEON_REQUANTIZE_H

#include "geometry.h"
#include "simd.h"

#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

/// What a layer on bytes says besides its shape; it hides what differs.
struct ByteGeometry : ConvGeometry {
  /// Signs of the bytes; uint8 inputs are taken as x - 128.
  static constexpr bool in_unsigned = false, out_unsigned = false;
  /// Scaled sums fit int16, whatever the input; the compiler has proved it.
  static constexpr bool fits_int16 = false;
  /// The result is the int32 sum itself.
  static constexpr bool out_int32 = false;
  static constexpr int zero_point = 0, lo = -128, hi = 127;
};

/// Calls f(0), ..., f(N - 1) with numbers that are constants.
template <int... I, class F>
LACUNA_INLINE void each_of(std::integer_sequence<int, I...>, F &&f) {
  (f(std::integral_constant<int, I>{}), ...);
}
template <int N, class F>
LACUNA_INLINE void each(F &&f) {
  each_of(std::make_integer_sequence<int, N>{}, f);
}

/// The same pointer, but the compiler no longer knows how it was computed: so
/// that it post-increments one pointer and keeps nothing loaded in registers
/// that are needed elsewhere.
template <class P>
LACUNA_INLINE P *forget(P *p) {
  __asm__("" : "+r"(p));
  return p;
}

/// What follows is loaded here, not before: registers are needed elsewhere.
LACUNA_INLINE void load_no_earlier() { __asm__ volatile("" ::: "memory"); }

/// Calls f(p + i * Step) for i < N in a loop that stays one.
template <std::ptrdiff_t N, std::ptrdiff_t Step, class F>
LACUNA_INLINE void repeat(const int8_t *p, F &&f) {
  int i = int(N);
  __asm__("" : "+r"(i));
  do {
    f(p);
    p = forget(p + Step);
  } while (--i != 0);
}

struct Vectors {
  int8x16_t at[4];
};

/// The next N (up to 4) vectors, Together by one instruction; then, however,
/// they need neighbouring registers.
template <int N, bool Together>
LACUNA_INLINE Vectors next_vectors(const int8_t *&p) {
  Vectors v = {};
  if constexpr (!Together) {
    each<N>([&](auto i) __attribute__((always_inline)) {
      v.at[i] = vld1q_s8(p + 16 * i);
    });
    p += 16 * N;
    return v;
  } else if constexpr (N == 4) {
    const int8x16x4_t q = vld1q_s8_x4(p);
    v = {{q.val[0], q.val[1], q.val[2], q.val[3]}};
  } else if constexpr (N == 3) {
    const int8x16x3_t q = vld1q_s8_x3(p);
    v = {{q.val[0], q.val[1], q.val[2], q.val[2]}};
  } else if constexpr (N == 2) {
    const int8x16x2_t q = vld1q_s8_x2(p);
    v = {{q.val[0], q.val[1], q.val[1], q.val[1]}};
  } else {
    v.at[0] = vld1q_s8(p);
  }
  p = forget(p + 16 * N);
  return v;
}

/// Calls use(i, vector i) for N vectors that lie side by side at p.
template <int N, bool Together = true, class F>
LACUNA_INLINE void each_vector(const int8_t *&p, F &&use) {
  each<(N + 3) / 4>([&](auto i) __attribute__((always_inline)) {
    constexpr int first = 4 * i;
    constexpr int count = N - first < 4 ? N - first : 4;
    const Vectors v = next_vectors<count, Together>(p);
    each<count>([&](auto j) __attribute__((always_inline)) {
      use(std::integral_constant<int, first + j>{}, v.at[j]);
    });
  });
}

/// The eight bytes at p, twice.
LACUNA_INLINE int8x16_t doubled(const int8_t *p) {
  int64_t half;
  std::memcpy(&half, p, 8);
  return vreinterpretq_s8_s64(vdupq_n_s64(half));
}

LACUNA_INLINE const int8_t *bytes_of(const void *p) {
  return static_cast<const int8_t *>(p);
}

/// The output pixels of a tile: Pixels of a line, or Lines whole lines of them.
template <class L, int Lines, int Pixels>
struct Block {
  static constexpr int rows = Lines * Pixels;
  static constexpr std::ptrdiff_t in_offset(int row) {
    return row / Pixels * L::in_step[1] + row % Pixels * L::in_step[2];
  }
  static constexpr std::ptrdiff_t out_offset(int row) {
    return row / Pixels * L::out_step[1] + row % Pixels * L::out_step[2];
  }
};

/// Calls f(block, its input, its output) for blocks of about Rows pixels.
template <class L, int Rows, class Out, class F>
LACUNA_INLINE void each_block(const int8_t *in, Out *out, F &&f) {
  constexpr int width = int(L::out[2]), height = int(L::out[1]);
  constexpr int pixels = width < Rows ? width : Rows;
  constexpr int fitting = pixels < width ? 1 : Rows / width;
  constexpr int lines = fitting < height ? fitting : height;
  for (std::ptrdiff_t image = 0; image < L::images; ++image)
    for (std::ptrdiff_t plane = 0; plane < L::out[0]; ++plane) {
      const int8_t *from = in + image * L::in_image + plane * L::in_step[0];
      Out *to = out + image * L::out_image + plane * L::out_step[0];
      for (int line = 0; line < height / lines; ++line) {
        const int8_t *x = from;
        Out *y = to;
        for (int block = width / pixels; block != 0; --block) {
          f(Block<L, lines, pixels>(), x, y);
          x += L::in_step[2] * pixels;
          y += L::out_step[2] * pixels;
        }
        if constexpr (width % pixels != 0)
          f(Block<L, 1, width % pixels>(), x, y);
        from += L::in_step[1] * lines;
        to += L::out_step[1] * lines;
      }
      if constexpr (height % lines != 0)
        f(Block<L, height % lines, pixels>(), from, to);
    }
}

/// Inputs as int8.
template <class L>
LACUNA_INLINE int8x16_t as_signed(int8x16_t x) {
  if constexpr (L::in_unsigned)
    return veorq_s8(x, vdupq_n_s8(INT8_MIN));
  return x;
}
template <class L>
LACUNA_INLINE int8x8_t as_signed(int8x8_t x) {
  if constexpr (L::in_unsigned)
    return veor_s8(x, vdup_n_s8(INT8_MIN));
  return x;
}

/// round_half_even(float(sum) * scale), saturated to int32.
LACUNA_INLINE int32x4_t scaled(int32x4_t sum, float32x4_t scale) {
  const float32x4_t value = vmulq_f32(vcvtq_f32_s32(sum), scale);
#if defined(__ARM_NEON)
  return vcvtnq_s32_f32(value);
#else
  float wide[4];
  int32_t near[4];
  vst1q_f32(wide, value);
  for (int i = 0; i < 4; ++i)
    near[i] = wide[i] >= 2147483648.0F    ? INT32_MAX
              : wide[i] <= -2147483648.0F ? INT32_MIN
                                          : int32_t(std::nearbyint(wide[i]));
  return vld1q_s32(near);
#endif
}

/// Eight rounded values with the zero point added. The narrowing to int16 may
/// come first: what saturates there, a zero point (a byte) does not bring back
/// into the range of a byte.
template <class L>
LACUNA_INLINE int16x8_t shorts(int32x4_t low, int32x4_t high) {
  const int16x8_t y = L::fits_int16 ? vuzp1q_s16(vreinterpretq_s16_s32(low),
                                                 vreinterpretq_s16_s32(high))
                                    : vqmovn_high_s32(vqmovn_s32(low), high);
  if constexpr (L::zero_point == 0)
    return y;
  return vqaddq_s16(y, vdupq_n_s16(int16_t(L::zero_point)));
}

/// Clamped bytes of sixteen values.
template <class L>
LACUNA_INLINE uint8x16_t narrowed(int16x8_t low, int16x8_t high) {
  if constexpr (L::out_unsigned) {
#if defined(__ARM_NEON)
    uint8x16_t y = vqmovun_high_s16(vqmovun_s16(low), high);
#else
    uint8x16_t y = vcombine_u8(vqmovun_s16(low), vqmovun_s16(high));
#endif
    if constexpr (L::lo > 0)
      y = vmaxq_u8(y, vdupq_n_u8(uint8_t(L::lo)));
    if constexpr (L::hi < 255)
      y = vminq_u8(y, vdupq_n_u8(uint8_t(L::hi)));
    return y;
  } else {
    int8x16_t y = vqmovn_high_s16(vqmovn_s16(low), high);
    if constexpr (L::lo > -128)
      y = vmaxq_s8(y, vdupq_n_s8(int8_t(L::lo)));
    if constexpr (L::hi < 127)
      y = vminq_s8(y, vdupq_n_s8(int8_t(L::hi)));
    return vreinterpretq_u8_s8(y);
  }
}

/// Clamped bytes of eight values, in the lower half.
template <class L>
LACUNA_INLINE uint8x8_t narrowed(int16x8_t low) {
  if constexpr (L::out_unsigned) {
    uint8x8_t y = vqmovun_s16(low);
    if constexpr (L::lo > 0)
      y = vmax_u8(y, vdup_n_u8(uint8_t(L::lo)));
    if constexpr (L::hi < 255)
      y = vmin_u8(y, vdup_n_u8(uint8_t(L::hi)));
    return y;
  } else {
    int8x8_t y = vqmovn_s16(low);
    if constexpr (L::lo > -128)
      y = vmax_s8(y, vdup_n_s8(int8_t(L::lo)));
    if constexpr (L::hi < 127)
      y = vmin_s8(y, vdup_n_s8(int8_t(L::hi)));
    return vreinterpret_u8_s8(y);
  }
}

/// Writes N bytes (1 to 16) of v, from lane First of its 4-byte words.
template <int N, int First = 0>
LACUNA_INLINE void store_bytes(uint8_t *out, uint8x16_t v) {
  if constexpr (N == 16) {
    vst1q_u8(out, v);
  } else if constexpr (N >= 8) {
    const uint64_t half = vgetq_lane_u64(vreinterpretq_u64_u8(v), First / 2);
    std::memcpy(out, &half, 8);
    if constexpr (N > 8)
      store_bytes<N - 8, First + 2>(out + 8, v);
  } else {
    const uint32_t word = vgetq_lane_u32(vreinterpretq_u32_u8(v), First);
    if constexpr (N >= 4) {
      std::memcpy(out, &word, 4);
      if constexpr (N > 4)
        store_bytes<N - 4, First + 1>(out + 4, v);
    } else if constexpr (N == 1) {
      *out = uint8_t(word);
    } else {
      std::memcpy(out, &word, 2);
      if constexpr (N == 3)
        out[2] = uint8_t(word >> 16);
    }
  }
}

/// Writes N (1 to 4) of the lanes of v.
template <int N>
LACUNA_INLINE void store_words(int32_t *out, int32x4_t v) {
  if constexpr (N == 4) {
    vst1q_s32(out, v);
  } else {
    if constexpr (N > 1)
      vst1_s32(out, vget_low_s32(v));
    if constexpr (N != 2)
      vst1q_lane_s32(out + N - 1, v, N - 1);
  }
}

#endif // LACUNA_NEON_REQUANTIZE_H
