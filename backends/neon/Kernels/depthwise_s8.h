//===- depthwise_s8.h - Depthwise convolutions of bytes by int8 weights -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every channel by itself; the channels lie side by side. All filter positions
// are taps of the layer L, which derives from ByteGeometry; `depth` is unused.
// A tile has T::rows output pixels by 16 channels (8 if the layer has fewer
// than 16). Products of T::run taps are summed in int16: 2 always fit, as no
// weight is -128; the compiler may prove that more do. PackedLayout.h says
// how weights are packed; bias and scale have at least 8 elements.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_DEPTHWISE_S8_H
#define LACUNA_NEON_DEPTHWISE_S8_H

#include "geometry.h"
#include "requantize.h"
#include "simd.h"

/// What T is: pixels at once, and taps summed in int16.
template <int tile_rows, int tile_run>
struct DepthwiseTile {
  static constexpr int rows = tile_rows, run = tile_run;
};

/// Where tap number `tap` of a plane of taps is.
template <class L>
constexpr std::ptrdiff_t tap_offset(std::ptrdiff_t tap) {
  return tap / L::taps[2] * L::tap_step[1] + tap % L::taps[2] * L::tap_step[2];
}

/// Width inputs of which Valid exist.
template <class L, int Width, int Valid>
LACUNA_INLINE auto load_channels(const int8_t *in) {
  if constexpr (Width == 16) {
    return as_signed<L>(vld1q_s8(in));
  } else if constexpr (Valid == 8) {
    return as_signed<L>(vld1_s8(in));
  } else {
    uint64_t bytes = 0;
    std::memcpy(&bytes, in, Valid);
    return as_signed<L>(vcreate_s8(bytes));
  }
}

/// The products of some taps of one pixel, still in int16.
template <int Width>
struct Run {
  int16x8_t low, high;

  template <bool First>
  LACUNA_INLINE void add(int8x16_t x, int8x16_t w) {
    const int8x8_t x_low = vget_low_s8(x), w_low = vget_low_s8(w);
    low = First ? vmull_s8(x_low, w_low) : vmlal_s8(low, x_low, w_low);
    high = First ? vmull_high_s8(x, w) : vmlal_high_s8(high, x, w);
  }
  template <bool First>
  LACUNA_INLINE void add(int8x8_t x, int8x8_t w) {
    low = First ? vmull_s8(x, w) : vmlal_s8(low, x, w);
  }
  LACUNA_INLINE void widen(int32x4_t *sum) const {
    sum[0] = vaddw_s16(sum[0], vget_low_s16(low));
    sum[1] = vaddw_high_s16(sum[1], low);
    if constexpr (Width == 16) {
      sum[2] = vaddw_s16(sum[2], vget_low_s16(high));
      sum[3] = vaddw_high_s16(sum[3], high);
    }
  }
};

/// Computes the pixels of one block B for Width channels.
template <class L, class T, class B, int Width, int Valid, class Out>
LACUNA_INLINE void depthwise_s8_tile(const int8_t *in, const int8_t *weights,
                                     const int8_t *bias, const int8_t *scale,
                                     Out *out) {
  constexpr int vectors = Width / 4, taps = int(L::taps[1] * L::taps[2]);
  int32x4_t sum[B::rows][vectors];
  each<B::rows>([&](auto row) __attribute__((always_inline)) {
    each<vectors>([&](auto v) __attribute__((always_inline)) {
      sum[row][v] = vreinterpretq_s32_s8(vld1q_s8(bias + 16 * v));
    });
    bias = forget(bias);
  });

  const auto add_plane = [&](const int8_t *plane) __attribute__((
                             always_inline)) {
    each<(taps + T::run - 1) / T::run>([&](auto i) __attribute__((
                                           always_inline)) {
      constexpr int first = i * T::run;
      constexpr int count = taps - first < T::run ? taps - first : T::run;
      each<B::rows>([&](auto row) __attribute__((always_inline)) {
        Run<Width> products = {};
        each<count>([&](auto j) __attribute__((always_inline)) {
          products.template add<j == 0>(
              load_channels<L, Width, Valid>(plane + B::in_offset(row) +
                                             tap_offset<L>(first + j)),
              load_channels<ByteGeometry, Width, Width>(weights + Width * j));
        });
        products.widen(sum[row]);
      });
      weights += Width * count;
    });
  };
  if constexpr (L::taps[0] == 1)
    add_plane(in);
  else
    repeat<L::taps[0], L::tap_step[0]>(in, add_plane);

  int8x16_t scales[vectors] = {};
  if constexpr (!L::out_int32) {
    scale = forget(scale);
    each_vector<vectors>(scale,
                         [&](auto v, int8x16_t s)
                             __attribute__((always_inline)) { scales[v] = s; });
  }
  each<B::rows>([&](auto row) __attribute__((always_inline)) {
    Out *to = out + B::out_offset(row);
    if constexpr (L::out_int32) {
      each<(Valid + 3) / 4>([&](auto v) __attribute__((always_inline)) {
        constexpr int count = Valid - 4 * v < 4 ? Valid - 4 * v : 4;
        store_words<count>(to + 4 * v, sum[row][v]);
      });
    } else {
      each<vectors>([&](auto v) __attribute__((always_inline)) {
        sum[row][v] = scaled(sum[row][v], vreinterpretq_f32_s8(scales[v]));
      });
      const int16x8_t low = shorts<L>(sum[row][0], sum[row][1]);
      if constexpr (Width == 16)
        store_bytes<16>(to,
                        narrowed<L>(low, shorts<L>(sum[row][2], sum[row][3])));
      else
        store_bytes<Valid>(to, vcombine_u8(narrowed<L>(low), vdup_n_u8(0)));
    }
  });
}

/// The depthwise convolution L, in tiles T (rows, run).
template <class L, class T>
inline void depthwise_s8(const void *in, const int8_t *weights,
                         const int32_t *bias, const float *scale, void *out) {
  using Out = std::conditional_t<L::out_int32, int32_t, uint8_t>;
  constexpr int channels = int(L::channels), width = channels < 16 ? 8 : 16;
  constexpr int valid = channels < width ? channels : width;
  constexpr int last = channels - valid;
  constexpr std::ptrdiff_t taps = L::taps[0] * L::taps[1] * L::taps[2];
  for (int block = 0; block < (channels + width - 1) / width; ++block) {
    const int first = block * width < last ? block * width : last;
    const int8_t *b = bytes_of(bias + first);
    const int8_t *s = L::out_int32 ? nullptr : bytes_of(scale + first);
    each_block<L, T::rows>(
        bytes_of(in) + first, static_cast<Out *>(out) + first,
        [=](auto shape, const int8_t *x, Out *y)
            __attribute__((always_inline)) {
              depthwise_s8_tile<L, T, decltype(shape), width, valid>(x, weights,
                                                                     b, s, y);
            });
    weights += taps * width;
  }
}

#endif // LACUNA_NEON_DEPTHWISE_S8_H
