//===- floats.h - Registers of floats, of 32 or 16 bits -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_FLOATS_H
#define LACUNA_NEON_FLOATS_H

#include "half.h"
#include "simd.h"
#include <cstddef>
#include <limits>

/// What the kernels do with a register of elements E.
template <class E>
struct Floats;

template <>
struct Floats<float> {
  using Vector = float32x4_t;
  static constexpr std::ptrdiff_t lanes = 4;
  /// How many products one sum may take.
  static constexpr std::ptrdiff_t products = PTRDIFF_MAX;

  static LACUNA_INLINE Vector splat(float v) { return vdupq_n_f32(v); }
  /// The first `count` elements, and nothing behind them.
  template <std::ptrdiff_t count>
  static LACUNA_INLINE Vector load(const float *p) {
    return load_f32<count>(p);
  }
  template <std::ptrdiff_t count>
  static LACUNA_INLINE void store(float *p, Vector v) {
    store_f32<count>(p, v);
  }
  static LACUNA_INLINE void load_four(const float *p, Vector (&to)[4]) {
    const float32x4x4_t four = vld1q_f32_x4(p);
    unroll<4>([&](auto i) LACUNA_BODY { to[i] = four.val[i]; });
  }
  static LACUNA_INLINE Vector add(Vector a, Vector b) {
    return vaddq_f32(a, b);
  }
  static LACUNA_INLINE Vector largest(Vector a, Vector b) {
    return vmaxq_f32(a, b);
  }
  static LACUNA_INLINE Vector least(Vector a, Vector b) {
    return vminq_f32(a, b);
  }
  static LACUNA_INLINE Vector times(Vector a, float b) {
    return vmulq_n_f32(a, b);
  }
  /// sum + a * b, rounded once.
  static LACUNA_INLINE Vector multiply_add(Vector sum, Vector a, Vector b) {
    return vfmaq_f32(sum, a, b);
  }
  template <std::ptrdiff_t lane>
  static LACUNA_INLINE Vector multiply_add(Vector sum, Vector a, Vector b) {
    return vfmaq_laneq_f32(sum, a, b, lane);
  }
};

// Without arithmetic on halves no kernel is asked for them.
#if defined(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC)
template <>
struct Floats<half> {
  using Vector = float16x8_t;
  static constexpr std::ptrdiff_t lanes = 8, products = 128;

  static LACUNA_INLINE Vector splat(float v) {
    return vdupq_n_f16(static_cast<half>(v));
  }
  template <std::ptrdiff_t count>
  static LACUNA_INLINE Vector load(const half *p) {
    if constexpr (count == 8) {
      return vld1q_f16(p);
    } else if constexpr (count >= 4) {
      Vector v = vcombine_f16(vld1_f16(p), vdup_n_f16(0));
      unroll<count - 4>(
          [&](auto i) LACUNA_BODY { v = vld1q_lane_f16(p + 4 + i, v, 4 + i); });
      return v;
    } else {
      Vector v = vld1q_dup_f16(p);
      unroll<count - 1>(
          [&](auto i) LACUNA_BODY { v = vld1q_lane_f16(p + 1 + i, v, 1 + i); });
      return v;
    }
  }
  template <std::ptrdiff_t count>
  static LACUNA_INLINE void store(half *p, Vector v) {
    if constexpr (count == 8) {
      vst1q_f16(p, v);
    } else {
      constexpr std::ptrdiff_t first = count / 4 * 4;
      if constexpr (first != 0)
        vst1_f16(p, vget_low_f16(v));
      unroll<count - first>([&](auto i) LACUNA_BODY {
        vst1q_lane_f16(p + first + i, v, first + i);
      });
    }
  }
  static LACUNA_INLINE void load_four(const half *p, Vector (&to)[4]) {
    const float16x8x4_t four = vld1q_f16_x4(p);
    unroll<4>([&](auto i) LACUNA_BODY { to[i] = four.val[i]; });
  }
  static LACUNA_INLINE Vector add(Vector a, Vector b) {
    return vaddq_f16(a, b);
  }
  static LACUNA_INLINE Vector largest(Vector a, Vector b) {
    return vmaxq_f16(a, b);
  }
  static LACUNA_INLINE Vector least(Vector a, Vector b) {
    return vminq_f16(a, b);
  }
  static LACUNA_INLINE Vector times(Vector a, float b) {
    return vmulq_n_f16(a, static_cast<half>(b));
  }
  static LACUNA_INLINE Vector multiply_add(Vector sum, Vector a, Vector b) {
    return vfmaq_f16(sum, a, b);
  }
  template <std::ptrdiff_t lane>
  static LACUNA_INLINE Vector multiply_add(Vector sum, Vector a, Vector b) {
    return vfmaq_laneq_f16(sum, a, b, lane);
  }
  /// Adds the elements to eight floats.
  static LACUNA_INLINE void add_to(float *p, Vector v) {
    vst1q_f32(p, vaddq_f32(vld1q_f32(p), vcvt_f32_f16(vget_low_f16(v))));
    vst1q_f32(p + 4, vaddq_f32(vld1q_f32(p + 4), vcvt_high_f32_f16(v)));
  }
  static LACUNA_INLINE Vector round(const float *p) {
    return vcvt_high_f16_f32(vcvt_f16_f32(vld1q_f32(p)), vld1q_f32(p + 4));
  }
};
#elif !defined(__ARM_NEON)
template <>
struct Floats<half> {
  struct Vector {
    half lane[8];
  };
  static constexpr std::ptrdiff_t lanes = 8, products = 128;

  /// The vector whose lane i is element(i).
  template <class F>
  static Vector make(F &&element) {
    Vector v;
    for (std::ptrdiff_t i = 0; i != lanes; ++i)
      v.lane[i] = static_cast<half>(element(i));
    return v;
  }
  static Vector splat(float v) {
    return make([&](std::ptrdiff_t) { return v; });
  }
  template <std::ptrdiff_t count>
  static Vector load(const half *p) {
    return make(
        [&](std::ptrdiff_t i) { return i < count ? p[i] : half(0.0f); });
  }
  template <std::ptrdiff_t count>
  static void store(half *p, Vector v) {
    for (std::ptrdiff_t i = 0; i != count; ++i)
      p[i] = v.lane[i];
  }
  static void load_four(const half *p, Vector (&to)[4]) {
    for (Vector &v : to) {
      v = load<8>(p);
      p += 8;
    }
  }
  static Vector add(Vector a, Vector b) {
    return make([&](std::ptrdiff_t i) { return a.lane[i] + b.lane[i]; });
  }
  static Vector largest(Vector a, Vector b) {
    return make([&](std::ptrdiff_t i) {
      const float x = a.lane[i], y = b.lane[i];
      return x != x || x > y ? x : y;
    });
  }
  static Vector least(Vector a, Vector b) {
    return make([&](std::ptrdiff_t i) {
      const float x = a.lane[i], y = b.lane[i];
      return x != x || x < y ? x : y;
    });
  }
  static Vector times(Vector a, float b) {
    return make([&](std::ptrdiff_t i) { return a.lane[i] * float(half(b)); });
  }
  static Vector multiply_add(Vector sum, Vector a, Vector b) {
    return make([&](std::ptrdiff_t i) {
      return double(a.lane[i]) * double(b.lane[i]) + double(sum.lane[i]);
    });
  }
  template <std::ptrdiff_t lane>
  static Vector multiply_add(Vector sum, Vector a, Vector b) {
    return multiply_add(sum, a, splat(b.lane[lane]));
  }
  static void add_to(float *p, Vector v) {
    for (std::ptrdiff_t i = 0; i != lanes; ++i)
      p[i] += v.lane[i];
  }
  static Vector round(const float *p) {
    return make([&](std::ptrdiff_t i) { return p[i]; });
  }
};
#endif

/// The results of layer L within its bounds.
template <class L, class V>
LACUNA_INLINE V clamp(V v) {
  using F = Floats<typename L::Element>;
  if constexpr (L::lo > -std::numeric_limits<float>::infinity())
    v = F::largest(v, F::splat(L::lo));
  if constexpr (L::hi < std::numeric_limits<float>::infinity())
    v = F::least(v, F::splat(L::hi));
  return v;
}

#endif // LACUNA_NEON_FLOATS_H
