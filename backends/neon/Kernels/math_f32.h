//===- math_f32.h - Exponentials of 32-bit floats -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_MATH_F32_H
#define LACUNA_NEON_MATH_F32_H

#include "simd.h"
#include <cstddef>

/// e^x within 2 units in the last place: 0 from about -104 on, infinity from
/// 88.73 on, NaN for NaN.
LACUNA_INLINE float32x4_t exp_f32(float32x4_t x) {
  x = vminq_f32(vmaxq_f32(x, vdupq_n_f32(-110)), vdupq_n_f32(89));
  // x = n ln 2 + r; ln 2 in two parts, the first with few digits: n times it is
  // exact.
  const float32x4_t n = vrndnq_f32(vmulq_n_f32(x, 1.44269502f));
  float32x4_t r = vfmaq_f32(x, n, vdupq_n_f32(-0.693359375f));
  r = vfmaq_f32(r, n, vdupq_n_f32(2.12194442e-4f));
  // e^r = 1 + r + r^2 q(r), q of degree 4.
  float32x4_t q =
      vfmaq_f32(vdupq_n_f32(8.36323295e-3f), r, vdupq_n_f32(1.39262504e-3f));
  q = vfmaq_f32(vdupq_n_f32(4.16665524e-2f), r, q);
  q = vfmaq_f32(vdupq_n_f32(0.166665763f), r, q);
  q = vfmaq_f32(vdupq_n_f32(0.5f), r, q);
  q = vfmaq_f32(r, vmulq_f32(r, r), q);
  q = vaddq_f32(q, vdupq_n_f32(1));
  // 2^n in two factors: one alone cannot be less than 2^-126.
  const int32x4_t whole = vcvtq_s32_f32(n);
  const int32x4_t half = vshrq_n_s32(whole, 1);
  const int32x4_t bias = vdupq_n_s32(127);
  q = vmulq_f32(q,
                vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(half, bias), 23)));
  return vmulq_f32(q, vreinterpretq_f32_s32(vshlq_n_s32(
                          vaddq_s32(vsubq_s32(whole, half), bias), 23)));
}

// SIMDe has no vdivq_f32; both compilers divide vectors by the operator.
LACUNA_INLINE float32x4_t sigmoid_f32(float32x4_t x) {
  const float32x4_t one = vdupq_n_f32(1);
  return one / vaddq_f32(one, exp_f32(vnegq_f32(x)));
}

LACUNA_INLINE float32x4_t tanh_f32(float32x4_t x) {
  const float32x4_t one = vdupq_n_f32(1);
  return vsubq_f32(one,
                   vdupq_n_f32(2) / vaddq_f32(one, exp_f32(vaddq_f32(x, x))));
}

/// out[i] = function(in[i]), four at a time; in and out may be the same.
template <class F>
LACUNA_INLINE void map_f32(const float *in, float *out, std::ptrdiff_t n,
                           F function) {
  std::ptrdiff_t i = 0;
  for (; i + 4 <= n; i += 4)
    vst1q_f32(out + i, function(vld1q_f32(in + i)));
  switch (n - i) {
  case 3:
    store_f32<3>(out + i, function(load_f32<3>(in + i)));
    break;
  case 2:
    store_f32<2>(out + i, function(load_f32<2>(in + i)));
    break;
  case 1:
    store_f32<1>(out + i, function(load_f32<1>(in + i)));
    break;
  default:
    break;
  }
}

inline void exp_f32(const float *in, float *out, std::ptrdiff_t n) {
  map_f32(in, out, n, [](float32x4_t x) LACUNA_BODY { return exp_f32(x); });
}

inline void sigmoid_f32(const float *in, float *out, std::ptrdiff_t n) {
  map_f32(in, out, n, [](float32x4_t x) LACUNA_BODY { return sigmoid_f32(x); });
}

inline void tanh_f32(const float *in, float *out, std::ptrdiff_t n) {
  map_f32(in, out, n, [](float32x4_t x) LACUNA_BODY { return tanh_f32(x); });
}

#endif // LACUNA_NEON_MATH_F32_H
