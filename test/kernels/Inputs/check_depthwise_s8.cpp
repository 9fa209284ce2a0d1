//===- check_depthwise_s8.cpp - depthwise_s8 against plain loops -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/depthwise_s8.h"
#include "check_bytes.h"

using namespace lacuna::neon;

namespace {
template <class L, class T>
void check_depthwise(Fill fill) {
  const int limit = T::run > 2 ? int(32767 / 128 / T::run) : 127;
  const ptrdiff_t taps = L::taps[0] * L::taps[1] * L::taps[2];
  const ptrdiff_t in_size =
      (L::images - 1) * L::in_image + (L::out[0] - 1) * L::in_step[0] +
      (L::out[1] - 1) * L::in_step[1] + (L::out[2] - 1) * L::in_step[2] +
      (L::taps[0] - 1) * L::tap_step[0] + (L::taps[1] - 1) * L::tap_step[1] +
      (L::taps[2] - 1) * L::tap_step[2] + L::channels;
  const ptrdiff_t out_size = (L::images - 1) * L::out_image +
                             (L::out[0] - 1) * L::out_step[0] +
                             (L::out[1] - 1) * L::out_step[1] +
                             (L::out[2] - 1) * L::out_step[2] + L::channels;
  using Out = std::conditional_t<L::out_int32, int32_t, uint8_t>;
  const DepthwiseBlocks blocks = {L::channels};
  const ptrdiff_t padded = L::channels < 8 ? 8 : L::channels;
  Guarded<uint8_t> in(in_size);
  Guarded<Out> out(out_size);
  Guarded<int8_t> packed(taps * blocks.count() * blocks.width());
  Guarded<int32_t> bias(padded);
  Guarded<float> scale(padded);
  std::vector<int8_t> plain(size_t(taps * L::channels));
  std::vector<Out> want(static_cast<size_t>(out_size), Out(85));
  for (ptrdiff_t i = 0; i < in_size; ++i)
    in.data[i] = input_of(fill);
  for (int8_t &w : plain)
    w = weight_of(fill, limit);
  for (ptrdiff_t i = 0; i < padded; ++i) {
    bias.data[i] = int32_t(next_random() % 20001) - 10000;
    scale.data[i] = scale_of(fill);
  }
  for (ptrdiff_t i = 0; i < out_size; ++i)
    out.data[i] = Out(85);
  pack_depthwise_s8(
      taps, L::channels,
      [&](ptrdiff_t tap, ptrdiff_t c) {
        return plain[size_t(tap * L::channels + c)];
      },
      packed.data);
  for (ptrdiff_t image = 0; image < L::images; ++image)
    for (ptrdiff_t z = 0; z < L::out[0]; ++z)
      for (ptrdiff_t y = 0; y < L::out[1]; ++y)
        for (ptrdiff_t x = 0; x < L::out[2]; ++x)
          for (ptrdiff_t n = 0; n < L::channels; ++n) {
            int32_t acc = bias.data[n];
            ptrdiff_t tap = 0;
            for (ptrdiff_t a = 0; a < L::taps[0]; ++a)
              for (ptrdiff_t b = 0; b < L::taps[1]; ++b)
                for (ptrdiff_t c = 0; c < L::taps[2]; ++c, ++tap)
                  acc += plain[size_t(tap * L::channels + n)] *
                         signed_input<L>(
                             in.data[image * L::in_image + z * L::in_step[0] +
                                     y * L::in_step[1] + x * L::in_step[2] +
                                     a * L::tap_step[0] + b * L::tap_step[1] +
                                     c * L::tap_step[2] + n]);
            want[size_t(image * L::out_image + z * L::out_step[0] +
                        y * L::out_step[1] + x * L::out_step[2] + n)] =
                L::out_int32 ? Out(acc) : Out(quantized<L>(acc, scale.data[n]));
          }
  depthwise_s8<L, T>(in.data, packed.data, bias.data,
                     L::out_int32 ? nullptr : scale.data, out.data);
  bool good = true;
  for (ptrdiff_t i = 0; i < out_size && good; ++i)
    if (out.data[i] != want[size_t(i)]) {
      std::printf("depthwise fill %d: at %td is %d, not %d (channels %td)\n",
                  int(fill), i, int(out.data[i]), int(want[size_t(i)]),
                  L::channels);
      good = false;
    }
  report("depthwise", good);
}

template <class Bytes, int H, int W, int C, int Stride, int Kz, int Ky, int Kx>
struct Depthwise : Bytes {
  static constexpr ptrdiff_t line = (W * Stride + Kx) * C,
                             plane = line * (H * Stride + Ky);
  static constexpr ptrdiff_t images = 2, in_image = plane * Kz,
                             out_image = H * W * C;
  static constexpr ptrdiff_t out[3] = {1, H, W},
                             in_step[3] = {0, line * Stride, C * Stride},
                             out_step[3] = {0, W * C, C};
  static constexpr ptrdiff_t taps[3] = {Kz, Ky, Kx},
                             tap_step[3] = {plane, line, C};
  static constexpr ptrdiff_t channels = C;
};
template <class L, class T>
void depthwise() {
  for (Fill fill : {random_values, extremes, huge_scales})
    check_depthwise<L, T>(fill);
}
// How much is checked: CHECK names one of these.
template <class T>
void few() {
  depthwise<Depthwise<ToUnsigned, 5, 3, 24, 2, 1, 3, 3>, T>();
  depthwise<Depthwise<FromUnsigned, 3, 5, 3, 2, 1, 3, 3>, T>();
}
template <class T>
void all() {
  depthwise<Depthwise<SignedBytes, 4, 7, 16, 1, 1, 3, 3>, T>();
  depthwise<Depthwise<ToUnsigned, 5, 3, 24, 2, 1, 3, 3>, T>();
  depthwise<Depthwise<FromUnsigned, 3, 2, 30, 1, 1, 5, 5>, T>();
  depthwise<Depthwise<UnsignedRelu, 1, 9, 64, 1, 1, 1, 9>, T>();
  depthwise<Depthwise<SignedBytes, 2, 5, 8, 1, 2, 2, 3>, T>();
  depthwise<Depthwise<ToUnsigned, 3, 5, 12, 1, 1, 3, 3>, T>();
  depthwise<Depthwise<FromUnsigned, 3, 5, 3, 2, 1, 3, 3>, T>();
  depthwise<Depthwise<SignedBytes, 3, 5, 1, 1, 1, 2, 1>, T>();
  depthwise<Depthwise<Sums, 3, 5, 7, 1, 1, 3, 3>, T>();
  depthwise<Depthwise<UnsignedSums, 3, 5, 20, 1, 3, 3, 1>, T>();
}
} // namespace

int main() {
  CHECK<DepthwiseTile<TILE>>();
  return finish();
}
