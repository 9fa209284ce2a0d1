//===- check_window_float.cpp - Depthwise convolutions and pooling against plain
// loops -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/depthwise_float.h"
#include "backends/neon/Kernels/pool_float.h"
#include "check_floats.h"

namespace {
constexpr double tolerance = sizeof(E) == 2 ? 4e-3 : 1e-5;
template <int I, int D, int H, int W, int SD, int SH, int SW, int KD, int KH,
          int KW, int DIL, int C, int F>
struct Case : ConvGeometry {
  using Element = E;
  static constexpr std::ptrdiff_t all = C + (F & SLICE ? 5 : 0);
  static constexpr std::ptrdiff_t in_w = (W - 1) * SW + (KW - 1) * DIL + 1,
                                  in_h = (H - 1) * SH + (KH - 1) * DIL + 1,
                                  in_d = (D - 1) * SD + (KD - 1) * DIL + 1;
  static constexpr std::ptrdiff_t images = I, in_image = in_d * in_h * in_w * C,
                                  out_image = D * H * W * all,
                                  res_image = D * H * W * C;
  static constexpr std::ptrdiff_t out[3] = {D, H, W};
  static constexpr std::ptrdiff_t in_step[3] = {SD * in_h * in_w * C,
                                                SH * in_w * C, SW * C};
  static constexpr std::ptrdiff_t out_step[3] = {H * W * all, W * all, all};
  static constexpr std::ptrdiff_t res_step[3] = {H * W * C, W * C, C};
  static constexpr std::ptrdiff_t taps[3] = {KD, KH, KW};
  static constexpr std::ptrdiff_t tap_step[3] = {DIL * in_h * in_w * C,
                                                 DIL * in_w * C, DIL * C};
  static constexpr std::ptrdiff_t channels = C;
  static constexpr bool has_bias = F & B, has_residual = F & R;
  static constexpr float lo = F & LO ? -0.5f : -INFINITY,
                         hi = F & HI ? 0.75f : INFINITY;
  static constexpr float scale = 1.0f / (KD * KH * KW);
};
template <class L, class T>
void check_one(bool at_end, int kind) {
  using P = std::ptrdiff_t;
  const P K = L::taps[0] * L::taps[1] * L::taps[2],
          blocks = whole(L::channels) / lanes;
  Guarded<E> in(L::images * L::in_image, at_end), w(K * lanes * blocks, at_end),
      bias(L::channels, at_end), res(L::images * L::res_image, at_end),
      out(L::images * L::out_image - (L::all - L::channels), at_end);
  for (P i = 0; i < in.count; ++i)
    in[i] = make_value();
  for (P i = 0; i < bias.count; ++i)
    bias[i] = make_value();
  for (P i = 0; i < res.count; ++i)
    res[i] = make_value();
  for (P i = 0; i < w.count; ++i)
    w[i] = make_value();
  for (P i = 0; i < out.count; ++i)
    out[i] = E(untouched);
  if (kind == 0)
    depthwise_float<L, T>(in.data, w.data, bias.data,
                          L::has_residual ? res.data : nullptr, out.data);
  if (kind == 1)
    maximum_pool_float<L, T>(in.data, out.data);
  if (kind == 2)
    average_pool_float<L, T>(in.data, out.data);
  bool good = true;
  for (P i = 0; i < L::images; ++i)
    for (P d = 0; d < L::out[0]; ++d)
      for (P h = 0; h < L::out[1]; ++h)
        for (P x = 0; x < L::out[2]; ++x) {
          P o = i * L::out_image + d * L::out_step[0] + h * L::out_step[1] +
                x * L::out_step[2];
          P r = i * L::res_image + d * L::res_step[0] + h * L::res_step[1] +
                x * L::res_step[2];
          for (P n = 0; n < L::channels; ++n) {
            double sum = kind == 0 && L::has_bias ? double(bias[n]) : 0,
                   best = -INFINITY;
            P k = 0;
            for (P a = 0; a < L::taps[0]; ++a)
              for (P b = 0; b < L::taps[1]; ++b)
                for (P c = 0; c < L::taps[2]; ++c, ++k) {
                  double v = in[i * L::in_image + d * L::in_step[0] +
                                h * L::in_step[1] + x * L::in_step[2] +
                                a * L::tap_step[0] + b * L::tap_step[1] +
                                c * L::tap_step[2] + n];
                  sum += kind == 0
                             ? v * w[(n / lanes * K + k) * lanes + n % lanes]
                             : v;
                  best = v > best ? v : best;
                }
            if (kind == 0) {
              if (L::has_residual)
                sum += res[r + n];
              if (sum < L::lo)
                sum = L::lo;
              if (sum > L::hi)
                sum = L::hi;
            } else if (kind == 1)
              sum = best;
            else
              sum *= L::scale;
            if (!(std::fabs(double(out[o + n]) - sum) <= tolerance)) {
              if (good)
                std::printf("kind %d got %g want %g channel %td\n", kind,
                            double(out[o + n]), sum, n);
              good = false;
            }
            out[o + n] = E(untouched);
          }
        }
  for (P i = 0; i < out.count; ++i)
    if (out[i] != untouched) {
      good = false;
      std::printf("wrote outside\n");
      break;
    }
  report(__PRETTY_FUNCTION__, good);
}
template <class T>
struct Whole : T {
  static constexpr std::ptrdiff_t columns = whole(T::columns);
};
template <class L, class T>
void check() {
  for (int kind = 0; kind < 3; ++kind) {
    check_one<L, Whole<T>>(true, kind);
    check_one<L, Whole<T>>(false, kind);
  }
}
} // namespace

int main() {
  //         I  D  H  W  SD SH SW KD KH KW DIL C F
  check<Case<1, 1, 6, 9, 1, 1, 1, 1, 3, 3, 1, 16, B | LO>, Tile<4, 8>>();
  check<Case<2, 1, 3, 5, 1, 2, 2, 1, 3, 3, 1, 13, B | R | HI>, Tile<3, 16>>();
  check<Case<1, 2, 2, 7, 1, 1, 1, 2, 2, 3, 2, 6, SLICE>, Tile<4, 4>>();
  check<Case<1, 1, 1, 11, 1, 1, 1, 1, 1, 9, 1, 24, B | SLICE>, Tile<4, 8>>();
  check<Case<1, 1, 4, 5, 1, 1, 3, 1, 5, 5, 2, 3, B | LO | HI>, Tile<8, 4>>();
  check<Case<2, 1, 4, 4, 1, 2, 2, 1, 2, 2, 1, 33, R>, Tile<2, 16>>();
  check<Case<1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, B>, Tile<4, 4>>();
  return finish();
}
