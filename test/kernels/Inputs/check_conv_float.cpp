//===- check_conv_float.cpp - conv_float against plain loops -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/conv_float.h"
#include "check_floats.h"
#include <vector>

namespace {
/// Rounding of one result, as part of the sum of the magnitudes of its
/// products.
constexpr double tolerance = sizeof(E) == 2 ? 1e-3 : 2e-6;
/// A layer: images, groups, output and strides, filter, dilation, channels.
template <int I, int G, int D, int H, int W, int SD, int SH, int SW, int KD,
          int KH, int KW, int DIL, int C, int N, int F>
struct Case : ConvGeometry {
  using Element = E;
  static constexpr std::ptrdiff_t total = C * G,
                                  all = N * G + (F & SLICE ? 5 : 0);
  static constexpr std::ptrdiff_t in_w = (W - 1) * SW + (KW - 1) * DIL + 1,
                                  in_h = (H - 1) * SH + (KH - 1) * DIL + 1,
                                  in_d = (D - 1) * SD + (KD - 1) * DIL + 1;
  static constexpr std::ptrdiff_t images = I,
                                  in_image = in_d * in_h * in_w * total,
                                  out_image = D * H * W * all,
                                  res_image = D * H * W * N * G;
  static constexpr std::ptrdiff_t out[3] = {D, H, W};
  static constexpr std::ptrdiff_t in_step[3] = {SD * in_h * in_w * total,
                                                SH * in_w * total, SW * total};
  static constexpr std::ptrdiff_t out_step[3] = {H * W * all, W * all, all};
  static constexpr std::ptrdiff_t res_step[3] = {H * W * N * G, W * N * G,
                                                 N * G};
  static constexpr bool beside = G == 1 && DIL == 1;
  static constexpr std::ptrdiff_t taps[3] = {KD, KH, beside ? 1 : KW};
  static constexpr std::ptrdiff_t tap_step[3] = {
      DIL * in_h * in_w * total, DIL * in_w * total, DIL * total};
  static constexpr std::ptrdiff_t depth = beside ? KW * C : C, channels = N;
  static constexpr std::ptrdiff_t groups = G, in_group = C, out_group = N;
  static constexpr bool has_bias = F & B, has_residual = F & R;
  static constexpr float lo = F & LO ? -0.5f : -INFINITY,
                         hi = F & HI ? 0.75f : INFINITY;
};
template <class L, class T>
void check_one(bool at_end) {
  using P = std::ptrdiff_t;
  const P K = L::taps[0] * L::taps[1] * L::taps[2] * L::depth;
  const P width = whole(L::channels);
  Guarded<E> in(L::images * L::in_image, at_end),
      w(K * width * L::groups, at_end), bias(L::channels * L::groups, at_end),
      res(L::images * L::res_image, at_end),
      out(L::images * L::out_image - (L::all - L::channels * L::groups),
          at_end);
  for (P i = 0; i < in.count; ++i)
    in[i] = make_value();
  for (P i = 0; i < bias.count; ++i)
    bias[i] = make_value();
  for (P i = 0; i < res.count; ++i)
    res[i] = make_value();
  for (P i = 0; i < out.count; ++i)
    out[i] = E(untouched);
  for (P i = 0; i < w.count; ++i)
    w[i] = E(NAN);
  std::vector<float> values(std::size_t(K * L::channels * L::groups));
  float *plain = values.data(); // [group][k][channel]
  P at = 0;
  for (P g = 0; g < L::groups; ++g)
    for (P n0 = 0; n0 < L::channels; n0 += T::columns) {
      P here = L::channels - n0 < T::columns ? L::channels - n0 : T::columns;
      for (P k = 0; k < K; ++k) {
        for (P n = 0; n < here; ++n)
          w[at + n] =
              E(plain[(g * K + k) * L::channels + n0 + n] = make_value());
        at += whole(here);
      }
    }
  if (at != w.count)
    std::abort();
  in.read_only();
  w.read_only();
  bias.read_only();
  res.read_only();
  conv_float<L, T>(in.data, w.data, L::has_bias ? bias.data : nullptr,
                   L::has_residual ? res.data : nullptr, out.data);
  bool good = true;
  P pos = 0;
  for (P i = 0; i < L::images; ++i)
    for (P d = 0; d < L::out[0]; ++d)
      for (P h = 0; h < L::out[1]; ++h)
        for (P x = 0; x < L::out[2]; ++x) {
          P o = i * L::out_image + d * L::out_step[0] + h * L::out_step[1] +
                x * L::out_step[2];
          P r = i * L::res_image + d * L::res_step[0] + h * L::res_step[1] +
                x * L::res_step[2];
          for (P g = 0; g < L::groups; ++g)
            for (P n = 0; n < L::channels; ++n) {
              double sum = L::has_bias ? double(bias[g * L::channels + n]) : 0,
                     mag = 1;
              P k = 0;
              for (P a = 0; a < L::taps[0]; ++a)
                for (P b = 0; b < L::taps[1]; ++b)
                  for (P c = 0; c < L::taps[2]; ++c)
                    for (P e = 0; e < L::depth; ++e, ++k) {
                      double v = in[i * L::in_image + d * L::in_step[0] +
                                    h * L::in_step[1] + x * L::in_step[2] +
                                    a * L::tap_step[0] + b * L::tap_step[1] +
                                    c * L::tap_step[2] + g * L::in_group + e];
                      v *= plain[(g * K + k) * L::channels + n];
                      sum += v;
                      mag += std::fabs(v);
                    }
              if (L::has_residual)
                sum += double(res[r + g * L::out_group + n]);
              if (sum < L::lo)
                sum = L::lo;
              if (sum > L::hi)
                sum = L::hi;
              float got = out[o + g * L::out_group + n];
              if (!(std::fabs(got - sum) <= tolerance * mag)) {
                if (good)
                  std::printf("got %g want %g at pixel %td channel %td\n", got,
                              sum, pos, n);
                good = false;
              }
              out[o + g * L::out_group + n] = E(untouched);
            }
          ++pos;
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
  static constexpr std::ptrdiff_t columns = whole(T::columns),
                                  unroll = whole(T::unroll);
};
template <class L, class T>
void check() {
  check_one<L, Whole<T>>(true);
  check_one<L, Whole<T>>(false);
}
} // namespace

int main() {
  //         I  G  D  H  W  SD SH SW KD KH KW DIL C N
  // Temporal layers.
#if !defined(PART) || PART == 0
  check<Case<1, 1, 1, 1, 49, 1, 1, 2, 1, 1, 9, 1, 16, 24, B | LO>,
        Tile<5, 12, 16>>();
  check<Case<1, 1, 1, 1, 49, 1, 1, 1, 1, 1, 9, 1, 24, 24, B | R | LO>,
        Tile<4, 24, 16>>();
  check<Case<1, 1, 1, 1, 25, 1, 1, 2, 1, 1, 1, 1, 16, 32, B>,
        Tile<4, 16, 16>>();
  check<Case<1, 1, 1, 1, 13, 1, 1, 1, 1, 1, 9, 1, 48, 48, B | R | LO | HI>,
        Tile<5, 12, 16>>();
  check<Case<1, 1, 1, 1, 98, 1, 1, 1, 1, 1, 3, 1, 40, 16, 0>,
        Tile<4, 16, 16>>();
  check<Case<1, 1, 1, 1, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1, B>, Tile<4, 16, 8>>();
  check<Case<1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 37, 30, B | SLICE>,
        Tile<1, 32, 8>>();
  check<Case<1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 64, 64, B>, Tile<1, 64, 8>>();
#endif
  // Images, volumes, groups.
#if !defined(PART) || PART == 1
  check<Case<2, 1, 2, 5, 7, 1, 2, 2, 2, 3, 3, 1, 3, 30, B | R | HI | SLICE>,
        Tile<4, 16, 16>>();
  check<Case<2, 1, 1, 3, 3, 1, 1, 1, 1, 3, 3, 2, 5, 12, LO | SLICE>,
        Tile<4, 16, 8>>();
  check<Case<1, 1, 2, 4, 2, 1, 1, 1, 1, 3, 3, 1, 8, 3, B>, Tile<6, 16, 8>>();
  check<Case<1, 1, 3, 2, 1, 2, 1, 1, 3, 1, 1, 1, 11, 64, B>, Tile<8, 8, 8>>();
  check<Case<2, 3, 1, 4, 5, 1, 1, 2, 1, 3, 3, 1, 7, 9, B | R>,
        Tile<3, 20, 8>>();
  check<Case<2, 2, 2, 1, 6, 1, 1, 1, 2, 1, 2, 1, 13, 24, B | R | LO | SLICE>,
        Tile<7, 8, 4>>();
#endif
  // Odd depths, columns and tiles.
#if !defined(PART) || PART == 2
  check<Case<1, 1, 1, 1, 11, 1, 1, 1, 1, 1, 1, 1, 2, 14, B>, Tile<6, 16, 8>>();
  check<Case<1, 1, 1, 1, 11, 1, 1, 1, 1, 1, 1, 1, 3, 13, B>, Tile<7, 12, 8>>();
  check<Case<1, 1, 1, 1, 11, 1, 1, 1, 1, 1, 1, 1, 6, 15, B>, Tile<4, 20, 4>>();
  check<Case<1, 1, 1, 1, 9, 1, 1, 1, 1, 1, 1, 1, 27, 4, B | LO>,
        Tile<9, 4, 8>>();
  check<Case<1, 1, 1, 1, 12, 1, 1, 1, 1, 1, 1, 1, 14, 8, B | LO>,
        Tile<8, 8, 4>>();
  check<Case<1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 23, 100, B | LO>,
        Tile<3, 28, 16>>();
  check<Case<1, 1, 1, 6, 14, 1, 1, 1, 1, 3, 3, 1, 20, 20, B | LO>,
        Tile<4, 20, 64>>();
  check<Case<1, 4, 1, 3, 4, 1, 1, 1, 1, 1, 1, 1, 4, 1, B | LO>,
        Tile<4, 4, 4>>();
#endif
  return finish();
}
