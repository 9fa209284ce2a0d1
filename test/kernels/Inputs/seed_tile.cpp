//===- seed_tile.cpp - One tile of a 1x1 convolution, four ways -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Eight input channels of sixteen pixels into one output channel; each channel
// is a plane (for SDOT, four channels of a pixel lie side by side). Sums are
// loaded and stored, weights come in registers. count_tile.py counts the loads,
// stores and multiply-adds of the object code.
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/simd.h"

/// Weights of eight channels, each in all lanes.
#define EIGHT_WEIGHTS                                                          \
  int8x16_t w0, int8x16_t w1, int8x16_t w2, int8x16_t w3, int8x16_t w4,        \
      int8x16_t w5, int8x16_t w6, int8x16_t w7

namespace {

template <int Channel>
LACUNA_INLINE void add_f32(float32x4_t (&s)[4], const float *x, float32x4_t w) {
  s[0] = vfmaq_laneq_f32(s[0], vld1q_f32(x), w, Channel % 4);
  s[1] = vfmaq_laneq_f32(s[1], vld1q_f32(x + 4), w, Channel % 4);
  s[2] = vfmaq_laneq_f32(s[2], vld1q_f32(x + 8), w, Channel % 4);
  s[3] = vfmaq_laneq_f32(s[3], vld1q_f32(x + 12), w, Channel % 4);
}

/// Two channels: their products fit into int16 together.
LACUNA_INLINE void add_pair(int32x4_t (&s)[4], const int8_t *x,
                            std::ptrdiff_t plane, int8x16_t v, int8x16_t w) {
  const int8x16_t a = vld1q_s8(x), b = vld1q_s8(x + plane);
  int16x8_t low = vmull_s8(vget_low_s8(a), vget_low_s8(v));
  int16x8_t high = vmull_high_s8(a, v);
  low = vmlal_s8(low, vget_low_s8(b), vget_low_s8(w));
  high = vmlal_high_s8(high, b, w);
  s[0] = vaddw_s16(s[0], vget_low_s16(low));
  s[1] = vaddw_high_s16(s[1], low);
  s[2] = vaddw_s16(s[2], vget_low_s16(high));
  s[3] = vaddw_high_s16(s[3], high);
}

#if defined(__ARM_FEATURE_DOTPROD) || !defined(__ARM_NEON)
/// Four channels that lie side by side.
template <int Four>
LACUNA_INLINE void add_four(int32x4_t (&s)[4], const int8_t *x, int8x16_t w) {
  s[0] = vdotq_laneq_s32(s[0], vld1q_s8(x), w, Four);
  s[1] = vdotq_laneq_s32(s[1], vld1q_s8(x + 16), w, Four);
  s[2] = vdotq_laneq_s32(s[2], vld1q_s8(x + 32), w, Four);
  s[3] = vdotq_laneq_s32(s[3], vld1q_s8(x + 48), w, Four);
}
#endif

LACUNA_INLINE void add_int16(int16x8_t (&s)[2], const int8_t *x, int8x16_t w) {
  const int8x16_t a = vld1q_s8(x);
  s[0] = vmlal_s8(s[0], vget_low_s8(a), vget_low_s8(w));
  s[1] = vmlal_high_s8(s[1], a, w);
}

} // namespace

extern "C" {

/// 4 + 8 * (4 + 4) + 4 = 72.
void tile_f32(const float *in, std::ptrdiff_t plane, float *sum,
              float32x4_t w_low, float32x4_t w_high) {
  float32x4_t s[4] = {vld1q_f32(sum), vld1q_f32(sum + 4), vld1q_f32(sum + 8),
                      vld1q_f32(sum + 12)};
  add_f32<0>(s, in, w_low);
  add_f32<1>(s, in + plane, w_low);
  add_f32<2>(s, in + 2 * plane, w_low);
  add_f32<3>(s, in + 3 * plane, w_low);
  add_f32<4>(s, in + 4 * plane, w_high);
  add_f32<5>(s, in + 5 * plane, w_high);
  add_f32<6>(s, in + 6 * plane, w_high);
  add_f32<7>(s, in + 7 * plane, w_high);
  vst1q_f32(sum, s[0]);
  vst1q_f32(sum + 4, s[1]);
  vst1q_f32(sum + 8, s[2]);
  vst1q_f32(sum + 12, s[3]);
}

/// Exact: 4 + 4 * (2 loads + 4 multiplications + 4 additions) + 4 = 48.
void tile_s8(const int8_t *in, std::ptrdiff_t plane, int32_t *sum,
             EIGHT_WEIGHTS) {
  int32x4_t s[4] = {vld1q_s32(sum), vld1q_s32(sum + 4), vld1q_s32(sum + 8),
                    vld1q_s32(sum + 12)};
  add_pair(s, in, plane, w0, w1);
  add_pair(s, in + 2 * plane, plane, w2, w3);
  add_pair(s, in + 4 * plane, plane, w4, w5);
  add_pair(s, in + 6 * plane, plane, w6, w7);
  vst1q_s32(sum, s[0]);
  vst1q_s32(sum + 4, s[1]);
  vst1q_s32(sum + 8, s[2]);
  vst1q_s32(sum + 12, s[3]);
}

/// Sums in int16: 2 + 8 * (1 + 2) + 2 = 28.
void tile_s8_int16(const int8_t *in, std::ptrdiff_t plane, int16_t *sum,
                   EIGHT_WEIGHTS) {
  int16x8_t s[2] = {vld1q_s16(sum), vld1q_s16(sum + 8)};
  add_int16(s, in, w0);
  add_int16(s, in + plane, w1);
  add_int16(s, in + 2 * plane, w2);
  add_int16(s, in + 3 * plane, w3);
  add_int16(s, in + 4 * plane, w4);
  add_int16(s, in + 5 * plane, w5);
  add_int16(s, in + 6 * plane, w6);
  add_int16(s, in + 7 * plane, w7);
  vst1q_s16(sum, s[0]);
  vst1q_s16(sum + 8, s[1]);
}

#if defined(__ARM_FEATURE_DOTPROD) || !defined(__ARM_NEON)
/// Exact: 4 + 2 * (4 + 4) + 4 = 24; w has the eight weights of one pixel. A
/// plane holds four channels.
void tile_sdot(const int8_t *in, std::ptrdiff_t plane, int32_t *sum,
               int8x16_t w) {
  int32x4_t s[4] = {vld1q_s32(sum), vld1q_s32(sum + 4), vld1q_s32(sum + 8),
                    vld1q_s32(sum + 12)};
  add_four<0>(s, in, w);
  add_four<1>(s, in + plane, w);
  vst1q_s32(sum, s[0]);
  vst1q_s32(sum + 4, s[1]);
  vst1q_s32(sum + 8, s[2]);
  vst1q_s32(sum + 12, s[3]);
}
#endif
}
