//===- conv_s8.h - Convolutions of bytes by int8 weights -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A register-tiled matrix product over the geometry of a convolution. A tile
// of T::rows output pixels by T::columns channels keeps its sums in registers;
// T::unroll vectors of 16 values of k are loaded of each pixel at a time. The
// layer L derives from ByteGeometry. PackedLayout.h says how weights are
// packed; bias and scale of each group are padded to a multiple of 4 channels;
// where rows come in bands of two, each pair of channels is there twice.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_CONV_S8_H
#define LACUNA_NEON_CONV_S8_H

#include "geometry.h"
#include "low_bits_s8.h"
#include "requantize.h"
#include "simd.h"

/// Ways to multiply.
enum class Multiply {
  /// SDOT: four k of four columns; needs the dot product extension.
  sdot,
  /// SMMLA: eight k of two rows and two columns; needs i8mm.
  smmla,
  /// SMULL and SMLAL2: sixteen k of one column, whose pairs fit into int16 as
  /// no weight is -128, then SADALP.
  smull,
  /// The same, but sums stay in int16; the compiler has proved that all fit.
  int16,
  /// The same, but it has proved only that each lane fits, of whose products
  /// k is the same modulo 8.
  int16_lanes,
};

/// What T is. Weights are stored in so many bits, and with outliers some of
/// them in bytes; or so many of a column share a factor.
template <int tile_rows, int tile_columns, int tile_unroll, Multiply tile_form,
          int tile_bits = 8, bool tile_outliers = false,
          int tile_factor_depth = 0>
struct ByteTile {
#if defined(__ARM_NEON)
  static constexpr int rows = tile_rows, unroll = tile_unroll;
#else
  static constexpr int rows = 1, unroll = 1;
#endif
  static constexpr int columns = tile_columns;
  static constexpr Multiply form = tile_form;
  static constexpr int bits = tile_bits;
  static constexpr bool outliers = tile_outliers;
  static constexpr int factor_depth = tile_factor_depth;
};

#if !defined(__ARM_NEON)
LACUNA_INLINE int32x4_t vmmlaq_s32(int32x4_t sum, int8x16_t a, int8x16_t b) {
  int8_t rows[16], columns[16];
  int32_t block[4];
  vst1q_s8(rows, a);
  vst1q_s8(columns, b);
  vst1q_s32(block, sum);
  for (int i = 0; i < 4; ++i)
    for (int k = 0; k < 8; ++k)
      block[i] += rows[i / 2 * 8 + k] * columns[i % 2 * 8 + k];
  return vld1q_s32(block);
}
#endif

/// The sums of a tile, and how a form of multiplication adds to them. Rows come
/// in bands: of one row, or of two rows of which pairs of columns alternate.
///   start(bias)            begins the sums
///   multiply<V>(x, w)      adds the products of x, 16 values of k of each row,
///                          and of vector V of their packed weights
///   finish<V>(band, bias)  is int32 vector V of a band
template <Multiply Form, int Rows, int Columns>
struct Products;

#if defined(__ARM_FEATURE_DOTPROD) || !defined(__ARM_NEON)
/// Packed [k / 4][column][4].
template <int Rows, int Columns>
struct Products<Multiply::sdot, Rows, Columns> {
  static constexpr bool together = true;
  static constexpr int group = 4, band_rows = 1, vectors = Columns / 4;
  int32x4_t sum[Rows][vectors];

  LACUNA_INLINE void start(const int8_t *bias) {
    each<Rows>([&](auto row) __attribute__((always_inline)) {
      each<vectors>([&](auto v) __attribute__((always_inline)) {
        sum[row][v] = vreinterpretq_s32_s8(vld1q_s8(bias + 16 * v));
      });
      bias = forget(bias);
    });
  }
  template <int V>
  LACUNA_INLINE void multiply(const int8x16_t (&x)[Rows], int8x16_t w) {
    constexpr int v = V % vectors;
    each<Rows>([&](auto r) __attribute__((always_inline)) {
      sum[r][v] = vdotq_laneq_s32(sum[r][v], w, x[r], V / vectors);
    });
  }
  template <int V>
  LACUNA_INLINE int32x4_t finish(int band, const int8x16_t *) const {
    return sum[band][V];
  }
};

#endif

#if defined(__ARM_FEATURE_MATMUL_INT8) || !defined(__ARM_NEON)
/// Packed [k / 8][column][8]; rows are multiplied in pairs.
template <int Rows, int Columns>
struct Products<Multiply::smmla, Rows, Columns> {
  static constexpr bool together = true;
  static constexpr int group = 8, band_rows = 2, vectors = Columns / 2;
  int32x4_t sum[(Rows + 1) / 2][vectors];

  LACUNA_INLINE void start(const int8_t *bias) {
    each<(Rows + 1) / 2>([&](auto pair) __attribute__((always_inline)) {
      each<vectors>([&](auto v) __attribute__((always_inline)) {
        sum[pair][v] = vreinterpretq_s32_s8(vld1q_s8(bias + 16 * v));
      });
      opaque_after(bias, sum[pair][vectors - 1]);
    });
  }
  template <int V>
  LACUNA_INLINE void multiply(const int8x16_t (&x)[Rows], int8x16_t w) {
    constexpr int v = V % vectors;
    each<(Rows + 1) / 2>([&](auto pair) __attribute__((always_inline)) {
      constexpr int r = 2 * pair;
      const int64x2_t a = vreinterpretq_s64_s8(x[r]);
      const int64x2_t b = vreinterpretq_s64_s8(x[r + 1 < Rows ? r + 1 : r]);
      const int8x16_t both = vreinterpretq_s8_s64(
          V < vectors ? vzip1q_s64(a, b) : vzip2q_s64(a, b));
      sum[pair][v] = vmmlaq_s32(sum[pair][v], both, w);
    });
  }
  template <int V>
  LACUNA_INLINE int32x4_t finish(int band, const int8x16_t *) const {
    return sum[band][V];
  }
};

#endif

/// Packed [k / 16][column][16]; a last group of 8 is packed [column][8] and
/// comes with its 8 values of x in both halves.
template <int Rows, int Columns>
struct Products<Multiply::smull, Rows, Columns> {
  static constexpr bool together = false;
  static constexpr int group = 16, band_rows = 1, vectors = Columns / 4;
  int32x4_t sum[Rows][Columns];

  LACUNA_INLINE void start(const int8_t *) {
    for (auto &row : sum)
      for (int32x4_t &s : row)
        s = vdupq_n_s32(0);
  }
  template <int V>
  LACUNA_INLINE void multiply(const int8x16_t (&x)[Rows], int8x16_t w) {
    each<Rows>([&](auto r) __attribute__((always_inline)) {
      const int16x8_t low = vmull_s8(vget_low_s8(x[r]), vget_low_s8(w));
      sum[r][V] = vpadalq_s16(sum[r][V], vmlal_high_s8(low, x[r], w));
    });
  }
  template <int V>
  LACUNA_INLINE void multiply_half(const int8x16_t (&x)[Rows], int8x16_t w) {
    each<Rows>([&](auto r) __attribute__((always_inline)) {
      sum[r][2 * V] = vpadalq_s16(sum[r][2 * V],
                                  vmull_s8(vget_low_s8(x[r]), vget_low_s8(w)));
      sum[r][2 * V + 1] =
          vpadalq_s16(sum[r][2 * V + 1], vmull_high_s8(x[r], w));
    });
  }
  template <int V>
  LACUNA_INLINE int32x4_t finish(int band, const int8x16_t *bias) const {
    const int32x4_t *s = sum[band] + 4 * V;
    return vaddq_s32(vpaddq_s32(vpaddq_s32(s[0], s[1]), vpaddq_s32(s[2], s[3])),
                     vreinterpretq_s32_s8(bias[V]));
  }
};

/// Packed and called as smull.
template <int Rows, int Columns>
struct ShortProducts {
  static constexpr bool together = Rows * Columns <= 16;
  static constexpr int group = 16, band_rows = 1, vectors = Columns / 4;
  int16x8_t sum[Rows][Columns];

  LACUNA_INLINE void start(const int8_t *) {
    for (auto &row : sum)
      for (int16x8_t &s : row)
        s = vdupq_n_s16(0);
  }
  template <int V>
  LACUNA_INLINE void multiply(const int8x16_t (&x)[Rows], int8x16_t w) {
    each<Rows>([&](auto r) __attribute__((always_inline)) {
      sum[r][V] = vmlal_high_s8(
          vmlal_s8(sum[r][V], vget_low_s8(x[r]), vget_low_s8(w)), x[r], w);
    });
  }
  template <int V>
  LACUNA_INLINE void multiply_half(const int8x16_t (&x)[Rows], int8x16_t w) {
    each<Rows>([&](auto r) __attribute__((always_inline)) {
      sum[r][2 * V] =
          vmlal_s8(sum[r][2 * V], vget_low_s8(x[r]), vget_low_s8(w));
      sum[r][2 * V + 1] = vmlal_high_s8(sum[r][2 * V + 1], x[r], w);
    });
  }
};

template <int Rows, int Columns>
struct Products<Multiply::int16, Rows, Columns> : ShortProducts<Rows, Columns> {
  using ShortProducts<Rows, Columns>::vectors;

  /// Columns 4 * V to 4 * V + 3, as sums of neighbours.
  template <int V>
  LACUNA_INLINE int16x8_t halved(int row) const {
    const int16x8_t *s = this->sum[row] + 4 * V;
    return vpaddq_s16(vpaddq_s16(s[0], s[1]), vpaddq_s16(s[2], s[3]));
  }
  template <int V>
  LACUNA_INLINE int32x4_t finish(int band, const int8x16_t *bias) const {
    constexpr int even = V / 2 * 2, odd = even + 1 < vectors ? even + 1 : even;
    const int16x8_t s = vpaddq_s16(halved<even>(band), halved<odd>(band));
    const int32x4_t b = vreinterpretq_s32_s8(bias[V]);
    if constexpr (V % 2 == 0)
      return vaddw_s16(b, vget_low_s16(s));
    return vaddw_high_s16(b, s);
  }
};

template <int Rows, int Columns>
struct Products<Multiply::int16_lanes, Rows, Columns>
    : ShortProducts<Rows, Columns> {
  template <int V>
  LACUNA_INLINE int32x4_t finish(int band, const int8x16_t *bias) const {
    const int16x8_t *s = this->sum[band] + 4 * V;
    const int32x4_t low = vpaddq_s32(vpaddlq_s16(s[0]), vpaddlq_s16(s[1]));
    const int32x4_t high = vpaddq_s32(vpaddlq_s16(s[2]), vpaddlq_s16(s[3]));
    return vaddq_s32(vpaddq_s32(low, high), vreinterpretq_s32_s8(bias[V]));
  }
};

/// How the kernel reads the depth of a tap: `chunks` whole vectors, then
/// `tail` (padded) values that end where the depth ends. PackedDepth of
/// PackedLayout.h says the same.
template <class L, int Group>
struct Reading {
  static constexpr int depth = int(L::depth), unit = Group == 4 ? 4 : 8,
                       chunks = depth / 16,
                       padded = (depth + unit - 1) / unit * unit,
                       tail = padded - 16 * chunks;
};

/// Up to 15 bytes, none behind them; the padding repeats earlier ones or is 0.
template <int Depth, int Padded>
LACUNA_INLINE int8x16_t load_short(const int8_t *in) {
  constexpr int word = Depth >= 8 ? 8 : 4;
  if constexpr (Depth == 8) {
    return vcombine_s8(vld1_s8(in), vdup_n_s8(0));
  } else if constexpr (Depth >= 8 && Padded == 16) {
    return vcombine_s8(vld1_s8(in), vld1_s8(in + Depth - 8));
  } else if constexpr (Depth >= 4) {
    uint32_t words[4] = {};
    std::memcpy(words, in, word);
    if constexpr (Depth > word)
      std::memcpy(words + word / 4, in + Depth - 4, 4);
    uint32x4_t x = vdupq_n_u32(0);
    x = vsetq_lane_u32(words[0], x, 0);
    x = vsetq_lane_u32(words[1], x, 1);
    x = vsetq_lane_u32(words[2], x, 2);
    return vreinterpretq_s8_u32(x);
  } else {
    int8x16_t x = vdupq_n_s8(0);
    x = vld1q_lane_s8(in, x, 0);
    if constexpr (Depth > 1)
      x = vld1q_lane_s8(in + 1, x, 1);
    if constexpr (Depth > 2)
      x = vld1q_lane_s8(in + 2, x, 2);
    return x;
  }
}

/// Adds Count vectors of 16 values of each row.
template <class L, class B, int Columns, int Count, class P>
LACUNA_INLINE void add_chunks(P &products, const int8_t *in,
                              const int8_t *&weights) {
  int8x16_t x[Count][B::rows];
  each<B::rows>([&](auto r) __attribute__((always_inline)) {
    each<Count>([&](auto c) __attribute__((always_inline)) {
      x[c][r] = as_signed<L>(vld1q_s8(in + B::in_offset(r) + 16 * c));
    });
  });
  each<Count>([&](auto c) __attribute__((always_inline)) {
    each_vector<Columns, P::together>(
        weights, [&](auto v, int8x16_t w) __attribute__((always_inline)) {
          products.template multiply<v>(x[c], w);
        });
  });
}

/// Adds what is left of each row.
template <class L, class B, int Columns, class P>
LACUNA_INLINE void add_tail(P &products, const int8_t *in,
                            const int8_t *&weights) {
  using R = Reading<L, P::group>;
  constexpr bool half = P::group == 16 && R::tail == 8;
  int8x16_t x[B::rows];
  each<B::rows>([&](auto r) __attribute__((always_inline)) {
    const int8_t *row = in + B::in_offset(r);
    if constexpr (half && R::depth >= 8) {
      x[r] = doubled(row + R::depth - 8);
    } else if constexpr (R::depth >= 16) {
      x[r] = vld1q_s8(row + R::depth - 16);
    } else {
      x[r] = load_short<R::depth, R::padded>(row);
      if constexpr (half)
        x[r] = vcombine_s8(vget_low_s8(x[r]), vget_low_s8(x[r]));
    }
    x[r] = as_signed<L>(x[r]);
  });
  // Whole rows are read from their end, so the first groups are already done.
  each_vector<R::tail * Columns / 16, P::together>(
      weights, [&](auto v, int8x16_t w) __attribute__((always_inline)) {
        if constexpr (half) {
          products.template multiply_half<v>(x, w);
        } else {
          constexpr int done = R::depth < 16 ? 0 : 16 - R::tail;
          products.template multiply<done * Columns / 16 + v>(x, w);
        }
      });
}

/// Adds the products of one tap. Even what is done once is a loop, as in long
/// straight code compilers hoist loads until they run out of registers; and in
/// each loop the pointer moves, lest they hoist what depends on it.
template <class L, class B, int Taps, int Unroll, int Columns, class P>
LACUNA_INLINE void add_tap(P &products, const int8_t *in,
                           const int8_t *&weights) {
  using R = Reading<L, P::group>;
  constexpr int steps = R::chunks / Unroll, rest = R::chunks % Unroll;
  // Sums that begin as zero begin as the first products.
  constexpr int straight = P::group == 16 && Taps == 1 && steps > 1 ? 1 : 0;
  if constexpr (straight != 0)
    add_chunks<L, B, Columns, Unroll>(products, in, weights);
  if constexpr (steps != 0)
    repeat<steps - straight, 16 * Unroll>(
        in + 16 * Unroll * straight,
        [&](const int8_t *x) __attribute__((always_inline)) {
          add_chunks<L, B, Columns, Unroll>(products, x, weights);
        });
  if constexpr (rest != 0)
    repeat<1, 16>(in + 16 * Unroll * steps,
                  [&](const int8_t *x) __attribute__((always_inline)) {
                    add_chunks<L, B, Columns, rest>(products, x, weights);
                  });
  if constexpr (R::tail != 0)
    repeat<1, 16>(in, [&](const int8_t *x) __attribute__((always_inline)) {
      add_tail<L, B, Columns>(products, x, weights);
    });
}

/// Calls f with each of Taps places.
template <std::ptrdiff_t Taps, std::ptrdiff_t Step, class F>
LACUNA_INLINE void each_tap(const int8_t *in, F &&f) {
  if constexpr (Taps == 1)
    f(in);
  else
    repeat<Taps, Step>(in, f);
}

/// Stores the first Valid columns of band Band.
template <class L, class B, int Valid, int Band, class P>
LACUNA_INLINE void store_sums(const P &products, const int8x16_t *bias,
                              int32_t *out) {
  constexpr int row = Band * P::band_rows;
  each<(Valid + 3) / 4>([&](auto v) __attribute__((always_inline)) {
    constexpr int count = Valid - 4 * v < 4 ? Valid - 4 * v : 4;
    int32_t *to = out + B::out_offset(row) + 4 * v;
    if constexpr (P::band_rows == 1) {
      store_words<count>(to, products.template finish<v>(Band, bias));
    } else {
      const int64x2_t a =
          vreinterpretq_s64_s32(products.template finish<2 * v>(Band, bias));
      const int64x2_t b = vreinterpretq_s64_s32(
          products.template finish<2 * v + 1>(Band, bias));
      store_words<count>(to, vreinterpretq_s32_s64(vzip1q_s64(a, b)));
      if constexpr (row + 1 < B::rows)
        store_words<count>(to - B::out_offset(row) + B::out_offset(row + 1),
                           vreinterpretq_s32_s64(vzip2q_s64(a, b)));
    }
  });
}

/// Scales and stores the first Valid columns of band Band as bytes.
template <class L, class B, int Valid, int Band, class P>
LACUNA_INLINE void store_band(const P &products, const int8x16_t *bias,
                              const int8x16_t *scale, uint8_t *out) {
  constexpr int row = Band * P::band_rows, last = P::vectors - 1;
  const auto value = [&](auto v) __attribute__((always_inline)) {
    return scaled(products.template finish<v>(Band, bias),
                  vreinterpretq_f32_s8(scale[v]));
  };
  const auto pair = [&](auto v) __attribute__((always_inline)) {
    constexpr int next = v < last ? v + 1 : int(v);
    return shorts<L>(value(v), value(std::integral_constant<int, next>{}));
  };
  // The bytes of vectors v to v + 3, as far as there are such.
  const auto four = [&](auto v) __attribute__((always_inline)) {
    constexpr int next = v + 2;
    if constexpr (next <= last)
      return narrowed<L>(pair(v), pair(std::integral_constant<int, next>{}));
    else
      return vcombine_u8(narrowed<L>(pair(v)), vdup_n_u8(0));
  };
  each<(Valid + 15) / 16>([&](auto i) __attribute__((always_inline)) {
    constexpr int count = Valid - 16 * i < 16 ? Valid - 16 * i : 16;
    uint8_t *to = out + B::out_offset(row) + 16 * i;
    constexpr int v = 4 * P::band_rows * i;
    const uint8x16_t bytes = four(std::integral_constant<int, v>{});
    if constexpr (P::band_rows == 1) {
      store_bytes<count>(to, bytes);
    } else {
      constexpr int next = v + 4 <= last ? v + 4 : v;
      const uint16x8_t a = vreinterpretq_u16_u8(bytes);
      const uint16x8_t b =
          vreinterpretq_u16_u8(four(std::integral_constant<int, next>{}));
      store_bytes<count>(to, vreinterpretq_u8_u16(vuzp1q_u16(a, b)));
      if constexpr (row + 1 < B::rows)
        store_bytes<count>(to - B::out_offset(row) + B::out_offset(row + 1),
                           vreinterpretq_u8_u16(vuzp2q_u16(a, b)));
    }
  });
}

/// Computes the Valid (of Columns) channels of the pixels of one tile.
template <class L, class T, class B, int Columns, int Valid, class Out>
LACUNA_INLINE void conv_s8_tile(const int8_t *in, const int8_t *weights,
                                const int8_t *bias, const int8_t *scale,
                                Out *out) {
  using P = Products<T::form, B::rows, Columns>;
  constexpr std::ptrdiff_t taps = L::taps[0] * L::taps[1] * L::taps[2];
  P products;
  products.start(bias);
  each_tap<L::taps[0], L::tap_step[0]>(
      in, [&](const int8_t *plane) __attribute__((always_inline)) {
        each_tap<L::taps[1], L::tap_step[1]>(
            plane, [&](const int8_t *line) __attribute__((always_inline)) {
              each_tap<L::taps[2], L::tap_step[2]>(
                  line, [&](const int8_t *x) __attribute__((always_inline)) {
                    add_tap<L, B, int(taps), T::unroll, Columns>(products, x,
                                                                 weights);
                  });
            });
      });

  int8x16_t biases[P::vectors], scales[P::vectors];
  const auto load = [](const int8_t *from,
                       int8x16_t *to) __attribute__((always_inline)) {
    load_no_earlier();
    const auto put = [&](auto v, int8x16_t loaded)
                         __attribute__((always_inline)) { to[v] = loaded; };
    each_vector<P::vectors>(from, put);
  };
  load(bias, biases);
  if constexpr (L::out_int32) {
    each<(B::rows + P::band_rows - 1) / P::band_rows>(
        [&](auto band) __attribute__((always_inline)) {
          store_sums<L, B, Valid, band>(products, biases, out);
        });
  } else {
    load(scale, scales);
    each<(B::rows + P::band_rows - 1) / P::band_rows>(
        [&](auto band) __attribute__((always_inline)) {
          store_band<L, B, Valid, band>(products, biases, scales, out);
        });
  }
}

/// Computes one column tile of all pixels.
template <class L, class T, int Columns, int Valid, class Out>
inline void conv_s8_columns(const int8_t *in, const int8_t *weights,
                            const int8_t *bias, const int8_t *scale, Out *out) {
  each_block<L, T::rows>(
      in, out,
      [=](auto block, const int8_t *x, Out *y) __attribute__((always_inline)) {
        conv_s8_tile<L, T, decltype(block), Columns, Valid>(x, weights, bias,
                                                            scale, y);
      });
}

/// The same of stored weights. Returns where those of the next tile begin.
template <class L, class T, int Columns, int Valid, std::ptrdiff_t Size,
          class Out>
LACUNA_INLINE const int8_t *
conv_s8_stored(const int8_t *in, const int8_t *weights, const int8_t *bias,
               const int8_t *scale, Out *out) {
  if constexpr (T::bits == 8) {
    conv_s8_columns<L, T, Columns, Valid>(in, weights, bias, scale, out);
    return weights + Size;
  } else {
    alignas(16) int8_t widened[widened_size<T::bits, Size>];
    const int8_t *next = widen_weights<T::bits, T::outliers>(
        weights, widened, widened_size<T::bits, Size>);
    if constexpr (T::factor_depth != 0) {
      constexpr int group = Products<T::form, 1, 4>::group;
      constexpr std::ptrdiff_t padded = Reading<L, group>::padded;
      next = multiply_factors<group>(next, widened, Size / (Columns * padded),
                                     padded, Columns, T::factor_depth);
    }
    conv_s8_columns<L, T, Columns, Valid>(in, widened, bias, scale, out);
    return next;
  }
}

/// The convolution L, in tiles T.
template <class L, class T>
inline void conv_s8(const void *in, const int8_t *weights, const int32_t *bias,
                    const float *scale, void *out) {
  using Out = std::conditional_t<L::out_int32, int32_t, uint8_t>;
  using P = Products<T::form, 1, 4>;
  using R = Reading<L, P::group>;
  // Bytes of bias and scale a channel.
  constexpr std::ptrdiff_t each = 4 * P::band_rows;
  constexpr int channels = int(L::channels), rest = channels % T::columns;
  constexpr int rest_columns = (rest + 3) / 4 * 4;
  constexpr std::ptrdiff_t depth =
      L::taps[0] * L::taps[1] * L::taps[2] * R::padded;
  constexpr std::ptrdiff_t padded = channels - rest + rest_columns;
  for (std::ptrdiff_t group = 0; group < L::groups; ++group) {
    const int8_t *from = bytes_of(in) + group * L::in_group;
    const int8_t *b = bytes_of(bias) + group * padded * each;
    const int8_t *s =
        L::out_int32 ? nullptr : bytes_of(scale) + group * padded * each;
    Out *to = static_cast<Out *>(out) + group * L::out_group;
    for (int tile = 0; tile < channels / T::columns; ++tile) {
      weights =
          conv_s8_stored<L, T, T::columns, T::columns, T::columns * depth>(
              from, weights, b, s, to);
      b += T::columns * each;
      s += L::out_int32 ? 0 : T::columns * each;
      to += T::columns;
    }
    if constexpr (rest != 0)
      weights = conv_s8_stored<L, T, rest_columns, rest, rest_columns * depth>(
          from, weights, b, s, to);
  }
}

#endif // LACUNA_NEON_CONV_S8_H
