//===- check_wide_filters_s8.cpp - wide_filters_s8 against plain loops -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/wide_filters_s8.h"
#include "check_bytes.h"

namespace {

/// Two groups of C input and N output channels; of both some filters.
template <class Bytes, int D, int H, int W, int C, int N, int Stride, int Taps0,
          int Taps1, int Taps2>
struct Layer : Bytes {
  static constexpr ptrdiff_t line = (W * Stride + 4) * 2 * C,
                             plane = line * (H * Stride + 4);
  static constexpr ptrdiff_t images = 2, in_image = plane * (D + 2),
                             out_image = D * H * W * 2 * N;
  static constexpr ptrdiff_t out[3] = {D, H, W},
                             in_step[3] = {plane, line * Stride,
                                           2 * C * Stride},
                             out_step[3] = {H * W * 2 * N, W * 2 * N, 2 * N};
  static constexpr ptrdiff_t taps[3] = {Taps0, Taps1, Taps2},
                             tap_step[3] = {plane, line, 4 * C};
  static constexpr ptrdiff_t depth = C;
  // Clamps come after.
  static constexpr int lo = Bytes::out_unsigned ? 0 : -128, hi = lo + 255;
  static constexpr int count = 3;
  static constexpr ptrdiff_t filters[] = {0, N - 1, N}, from[] = {0, 0, C};
};

template <class L>
void check(Fill fill) {
  const ptrdiff_t taps = L::taps[0] * L::taps[1] * L::taps[2];
  const ptrdiff_t in_size =
      (L::images - 1) * L::in_image + (L::out[0] - 1) * L::in_step[0] +
      (L::out[1] - 1) * L::in_step[1] + (L::out[2] - 1) * L::in_step[2] +
      (L::taps[0] - 1) * L::tap_step[0] + (L::taps[1] - 1) * L::tap_step[1] +
      (L::taps[2] - 1) * L::tap_step[2] + 2 * L::depth;
  Guarded<uint8_t> in(in_size), out(L::images * L::out_image);
  Guarded<int16_t> weights(L::count * taps * L::depth);
  Guarded<int32_t> bias(L::count);
  Guarded<float> scale(L::count);
  for (ptrdiff_t i = 0; i < in.count; ++i)
    in[i] = input_of(fill);
  // A byte less any zero point.
  for (ptrdiff_t i = 0; i < weights.count; ++i)
    weights[i] = fill == extremes ? int16_t(next_random() % 2 ? 255 : -255)
                                  : int16_t(int(next_random() % 511) - 255);
  for (ptrdiff_t i = 0; i < L::count; ++i) {
    bias[i] = int32_t(next_random() % 20001) - 10000;
    scale[i] = scale_of(fill);
  }
  for (ptrdiff_t i = 0; i < out.count; ++i)
    out[i] = 85;
  wide_filters_s8<L>(in.data, weights.data, bias.data, scale.data, out.data);
  bool good = true;
  for (ptrdiff_t image = 0; image < L::images; ++image)
    for (ptrdiff_t z = 0; z < L::out[0]; ++z)
      for (ptrdiff_t y = 0; y < L::out[1]; ++y)
        for (ptrdiff_t x = 0; x < L::out[2]; ++x)
          for (ptrdiff_t i = 0; i < L::count; ++i) {
            int32_t sum = bias[i];
            ptrdiff_t at = i * taps * L::depth;
            for (ptrdiff_t a = 0; a < L::taps[0]; ++a)
              for (ptrdiff_t b = 0; b < L::taps[1]; ++b)
                for (ptrdiff_t c = 0; c < L::taps[2]; ++c)
                  for (ptrdiff_t k = 0; k < L::depth; ++k)
                    sum += weights[at++] *
                           signed_input<L>(
                               in[L::from[i] + image * L::in_image +
                                  z * L::in_step[0] + y * L::in_step[1] +
                                  x * L::in_step[2] + a * L::tap_step[0] +
                                  b * L::tap_step[1] + c * L::tap_step[2] + k]);
            uint8_t &got =
                out[image * L::out_image + z * L::out_step[0] +
                    y * L::out_step[1] + x * L::out_step[2] + L::filters[i]];
            good &= got == uint8_t(quantized<L>(sum, scale[i]));
            got = 85;
          }
  report(__PRETTY_FUNCTION__, good);
  // All other channels are left alone.
  good = true;
  for (ptrdiff_t i = 0; i < out.count; ++i)
    good &= out[i] == 85;
  report("other channels", good);
}

template <class L>
void check_all() {
  for (Fill fill : {random_values, extremes, huge_scales})
    check<L>(fill);
}

} // namespace

int main() {
  check_all<Layer<SignedBytes, 1, 4, 7, 20, 17, 2, 1, 3, 1>>();
  check_all<Layer<ToUnsigned, 2, 3, 5, 9, 6, 1, 2, 3, 2>>();
  check_all<Layer<FromUnsigned, 1, 5, 2, 16, 8, 2, 1, 3, 3>>();
  check_all<Layer<UnsignedRelu, 1, 1, 9, 33, 4, 1, 1, 1, 1>>();
  return finish();
}
