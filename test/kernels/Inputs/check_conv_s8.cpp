//===- check_conv_s8.cpp - conv_s8 against plain loops -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Kernels/conv_s8.h"
#include "check_bytes.h"

using namespace lacuna::neon;

namespace {
template <class L, class T>
void check_conv(const char *name, Fill fill) {
  const ptrdiff_t taps = L::taps[0] * L::taps[1] * L::taps[2];
  const ptrdiff_t summed = T::form == Multiply::int16 ? taps * L::depth
                           : T::form == Multiply::int16_lanes
                               ? taps * PackedDepth{L::depth, 16}.padded() / 8
                               : 2;
  const int limit = summed < 3 ? 127 : int(32767 / 128 / summed);
  if (limit == 0)
    return;
  const StoredBits stored = {T::bits, T::outliers, T::factor_depth};
  const int few = T::bits == 1   ? 1
                  : T::bits == 8 ? limit
                                 : (1 << (T::bits - 1)) - 1;
  const ptrdiff_t in_size =
      (L::images - 1) * L::in_image + (L::groups - 1) * L::in_group +
      (L::out[0] - 1) * L::in_step[0] + (L::out[1] - 1) * L::in_step[1] +
      (L::out[2] - 1) * L::in_step[2] + (L::taps[0] - 1) * L::tap_step[0] +
      (L::taps[1] - 1) * L::tap_step[1] + (L::taps[2] - 1) * L::tap_step[2] +
      L::depth;
  const ptrdiff_t out_size =
      (L::images - 1) * L::out_image + (L::groups - 1) * L::out_group +
      (L::out[0] - 1) * L::out_step[0] + (L::out[1] - 1) * L::out_step[1] +
      (L::out[2] - 1) * L::out_step[2] + L::channels;
  using Out = std::conditional_t<L::out_int32, int32_t, uint8_t>;
  const ptrdiff_t padded = (L::channels + 3) / 4 * 4;
  const ptrdiff_t group = T::form == Multiply::sdot    ? 4
                          : T::form == Multiply::smmla ? 8
                                                       : 16;
  const PackedDepth layout = {L::depth, group};
  const ptrdiff_t packed_size = taps * layout.padded() * padded * L::groups;
  Guarded<uint8_t> in(in_size);
  Guarded<Out> out(out_size);
  std::vector<int8_t> packed(static_cast<size_t>(packed_size));
  Guarded<int32_t> bias(padded * L::groups);
  Guarded<float> scale(padded * L::groups);
  std::vector<int8_t> plain(size_t(L::groups * taps * L::depth * L::channels));
  std::vector<Out> want(static_cast<size_t>(out_size), Out(85));
  for (ptrdiff_t i = 0; i < in_size; ++i)
    in.data[i] = input_of(fill);
  for (int8_t &w : plain) {
    const bool is_outlier = T::outliers && next_random() % 20 == 0;
    w = weight_of(T::bits == 1 ? extremes : fill,
                  is_outlier || limit < few ? limit : few);
  }
  // What is stored of weights: themselves, or what is left without factors,
  // which lie by group, tap, depth and column.
  const std::vector<int8_t> numbers = plain;
  const ptrdiff_t shared = T::factor_depth != 0 ? T::factor_depth : L::depth;
  const ptrdiff_t each = (L::depth + shared - 1) / shared;
  std::vector<int8_t> factors(size_t(L::groups * taps * each * padded), 1);
  if (T::factor_depth != 0) {
    for (int8_t &factor : factors)
      factor = int8_t(1 + (limit < few ? 0 : next_random() % (limit / few)));
    for (size_t i = 0; i < plain.size(); ++i) {
      const ptrdiff_t k = ptrdiff_t(i) / L::channels % L::depth;
      const ptrdiff_t tap = ptrdiff_t(i) / L::channels / L::depth;
      plain[i] =
          int8_t(plain[i] * factors[size_t((tap * each + k / shared) * padded +
                                           ptrdiff_t(i) % L::channels)]);
    }
  }
  for (ptrdiff_t i = 0; i < padded * L::groups; ++i) {
    bias.data[i] = int32_t(next_random() % 20001) - 10000;
    scale.data[i] = scale_of(fill);
    if (L::fits_int16)
      scale.data[i] = 32000.0F / float(taps * L::depth * 128 * 127 + 10000);
  }
  const bool in_pairs = T::form == Multiply::smmla;
  Guarded<int32_t> given_bias(bias.count * (in_pairs ? 2 : 1));
  Guarded<float> given_scale(given_bias.count);
  for (ptrdiff_t i = 0; i < given_bias.count; ++i) {
    const ptrdiff_t from = in_pairs ? i / 4 * 2 + i % 2 : i;
    given_bias.data[i] = bias.data[from];
    given_scale.data[i] = scale.data[from];
  }
  for (ptrdiff_t i = 0; i < out_size; ++i)
    out.data[i] = Out(85);
  ptrdiff_t written = 0;
  for (ptrdiff_t g = 0; g < L::groups; ++g) {
    const ptrdiff_t first = g * taps * L::depth * L::channels;
    const int8_t *w = plain.data() + first;
    written += pack_conv_s8(
        taps, L::depth, L::channels, group, T::columns,
        [&](ptrdiff_t tap, ptrdiff_t k, ptrdiff_t n) {
          return numbers[size_t(first + (tap * L::depth + k) * L::channels +
                                n)];
        },
        packed.data() + written);
    for (ptrdiff_t image = 0; image < L::images; ++image)
      for (ptrdiff_t z = 0; z < L::out[0]; ++z)
        for (ptrdiff_t y = 0; y < L::out[1]; ++y)
          for (ptrdiff_t x = 0; x < L::out[2]; ++x)
            for (ptrdiff_t n = 0; n < L::channels; ++n) {
              int32_t acc = bias.data[g * padded + n];
              ptrdiff_t tap = 0;
              for (ptrdiff_t a = 0; a < L::taps[0]; ++a)
                for (ptrdiff_t b = 0; b < L::taps[1]; ++b)
                  for (ptrdiff_t c = 0; c < L::taps[2]; ++c, ++tap)
                    for (ptrdiff_t k = 0; k < L::depth; ++k)
                      acc +=
                          w[(tap * L::depth + k) * L::channels + n] *
                          signed_input<L>(
                              in.data[image * L::in_image + g * L::in_group +
                                      z * L::in_step[0] + y * L::in_step[1] +
                                      x * L::in_step[2] + a * L::tap_step[0] +
                                      b * L::tap_step[1] + c * L::tap_step[2] +
                                      k]);
              want[size_t(image * L::out_image + g * L::out_group +
                          z * L::out_step[0] + y * L::out_step[1] +
                          x * L::out_step[2] + n)] =
                  L::out_int32
                      ? Out(acc)
                      : Out(quantized<L>(acc, scale.data[g * padded + n]));
            }
  }
  report("packed bytes", written == packed_size);
  std::vector<int8_t> bytes;
  if (T::bits == 8)
    bytes = packed;
  else
    for (ptrdiff_t g = 0, from = 0; g < L::groups; ++g)
      for (ptrdiff_t n = 0; n < padded; n += T::columns) {
        const ptrdiff_t width =
            padded - n < T::columns ? padded - n : T::columns;
        const ptrdiff_t size = width * taps * layout.padded();
        store_tile(stored, packed.data() + from, size,
                   [&](int8_t byte) { bytes.push_back(byte); });
        from += size;
        if (T::factor_depth == 0)
          continue;
        for (ptrdiff_t row = 0; row < taps * each; ++row)
          for (ptrdiff_t i = n; i < n + width; ++i)
            bytes.push_back(
                factors[size_t((g * taps * each + row) * padded + i)]);
      }
  Guarded<int8_t> weights(ptrdiff_t(bytes.size()));
  std::memcpy(weights.data, bytes.data(), bytes.size());
  conv_s8<L, T>(in.data, weights.data, given_bias.data,
                L::out_int32 ? nullptr : given_scale.data, out.data);
  bool good = true;
  for (ptrdiff_t i = 0; i < out_size && good; ++i)
    if (out.data[i] != want[size_t(i)]) {
      std::printf("%s fill %d: at %td is %d, not %d (depth %td, N %td, tile "
                  "%dx%d)\n",
                  name, int(fill), i, int(out.data[i]), int(want[size_t(i)]),
                  L::depth, L::channels, T::rows, T::columns);
      good = false;
    }
  report(name, good);
}

/// A 1x1 or temporal convolution of M pixels.
template <class Bytes, int M, int K, int Step, int N>
struct Line : Bytes {
  static constexpr ptrdiff_t out[3] = {1, 1, M}, in_step[3] = {0, 0, Step},
                             out_step[3] = {0, 0, N + 1};
  static constexpr ptrdiff_t depth = K, channels = N;
};
/// Taps of all three levels, groups and images.
template <class Bytes, int D, int H, int W, int C, int N, int Stride, int Taps0,
          int Taps1, int Taps2>
struct Volume : Bytes {
  static constexpr ptrdiff_t line = (W * Stride + 4) * 2 * C,
                             plane = line * (H * Stride + 4);
  static constexpr ptrdiff_t images = 2, groups = 2, in_group = C,
                             out_group = N, out_line = W * 2 * N + 3;
  static constexpr ptrdiff_t in_image = plane * (D + 2),
                             out_image = out_line * H * D;
  static constexpr ptrdiff_t out[3] = {D, H, W},
                             in_step[3] = {plane, line * Stride,
                                           2 * C * Stride},
                             out_step[3] = {out_line * H, out_line, 2 * N};
  static constexpr ptrdiff_t taps[3] = {Taps0, Taps1, Taps2},
                             tap_step[3] = {plane, line, 4 * C};
  static constexpr ptrdiff_t depth = C, channels = N;
};

template <class L, class T>
void check(const char *name) {
  for (Fill fill : {random_values, extremes, huge_scales})
    check_conv<L, T>(name, fill);
}
template <class Bytes, class T, int M, int K, int Step, int N>
void line() {
  check<Line<Bytes, M, K, Step, N>, T>("line");
}
template <class T, int... K>
void depths(std::integer_sequence<int, K...>) {
  (line<std::conditional_t<K % 2 == 0, SignedBytes, FromUnsigned>, T, 5, K + 1,
        K + 1 + K % 3, 7>(),
   ...);
}
template <class T>
void shapes() {
  line<SignedBytes, T, 1, 64, 64, 1>();
  line<ToUnsigned, T, 9, 64, 64, 3>();
  line<UnsignedRelu, T, 13, 33, 20, 24>();
  line<Sums, T, 7, 50, 25, 30>();
  line<UnsignedSums, T, 6, 7, 7, 5>();
  line<SignedBytes, T, 17, 144, 32, 64>();
  line<ToUnsigned, T, 11, 120, 40, 16>();
  line<ToUnsigned, T, 12, 16, 32, 24>();
  line<Narrow, T, 7, 33, 33, 21>();
  check<Volume<SignedBytes, 2, 3, 5, 9, 6, 1, 2, 3, 2>, T>("volume");
  check<Volume<ToUnsigned, 1, 4, 7, 20, 17, 2, 1, 3, 1>, T>("volume");
  check<Volume<FromUnsigned, 1, 5, 2, 16, 8, 2, 1, 3, 3>, T>("volume");
  check<Volume<Sums, 2, 3, 1, 3, 11, 1, 2, 1, 1>, T>("volume");
}

// How much is checked: CHECK names one of these.
template <class T>
void few() {
  line<SignedBytes, T, 4, 30, 30, 11>();
  line<ToUnsigned, T, 2, 5, 5, 3>();
  line<FromUnsigned, T, 3, 20, 20, 8>();
  check<Volume<Sums, 2, 3, 1, 3, 11, 1, 2, 1, 1>, T>("volume");
}
template <class T>
void some() {
  depths<T>(std::integer_sequence<int, 0, 2, 7, 14, 16, 26, 38>{});
  line<UnsignedRelu, T, 13, 33, 20, 24>();
  line<Narrow, T, 7, 33, 33, 21>();
  line<ToUnsigned, T, 11, 120, 40, 16>();
  check<Volume<SignedBytes, 2, 3, 5, 9, 6, 1, 2, 3, 2>, T>("volume");
  check<Volume<Sums, 2, 3, 1, 3, 11, 1, 2, 1, 1>, T>("volume");
}
/// Weights of few bits, with and without some of 8.
template <class T, int Bits, bool Outliers>
void few_stored() {
  few<ByteTile<T::rows, T::columns, T::unroll, T::form, Bits, Outliers>>();
}
/// Weights of few bits, of which so many share a factor.
template <class T, int Bits, int Depth>
void few_factors() {
  using Tile = ByteTile<T::rows, 8, T::unroll, T::form, Bits, false, Depth>;
  line<SignedBytes, Tile, 3, 300, 300, 20>();
  line<FromUnsigned, Tile, 2, 30, 30, 13>();
  check<Volume<ToUnsigned, 1, 4, 7, 40, 17, 2, 1, 3, 1>, Tile>("volume");
}
template <class T>
void low_bits() {
  few_factors<T, 4, 32>();
  few_factors<T, 2, 16>();
  few_stored<T, 4, false>();
  few_stored<T, 2, true>();
  few_stored<T, 1, true>();
  line<ToUnsigned, ByteTile<T::rows, 8, T::unroll, T::form, 1>, 3, 32, 32,
       16>();
  line<SignedBytes, ByteTile<T::rows, 8, T::unroll, T::form, 4, true>, 3, 300,
       300, 20>();
}
template <class T>
void all() {
  depths<T>(std::make_integer_sequence<int, 40>{});
  shapes<T>();
}
} // namespace

int main() {
#ifdef TILE
  CHECK<ByteTile<TILE>>();
#else
  few<ByteTile<3, 8, 1, Multiply::sdot>>();
  few<ByteTile<3, 8, 1, Multiply::smmla>>();
  few<ByteTile<3, 8, 1, Multiply::smull>>();
  few<ByteTile<3, 8, 1, Multiply::int16>>();
  few_stored<ByteTile<3, 8, 1, Multiply::sdot>, 4, true>();
  few_stored<ByteTile<3, 8, 1, Multiply::smull>, 2, true>();
  few_factors<ByteTile<3, 8, 1, Multiply::smmla>, 4, 32>();
#endif
  return finish();
}
