//===- fixed_features.c - Features of sound in integers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/fixed_features.h"

#include "features_design.h"

#include <math.h>
#include <string.h>

/* Tables have 30 bits behind the point, or fewer where noted; every frame and
   every filter has a binary exponent of its own, so that quiet sound is as
   exact as loud sound. */
enum {
  kTableBits = 30,
  kLogBits = 24,
  kLogSegments = 128,
  kOutputBits = 16,
  kMostTransformBits = 48 /* factors that need more are as good as zero */
};

typedef int32_t number;

static inline int32_t shift_rounded(int64_t value, int bits) {
  return (int32_t)((value + ((int64_t)1 << (bits - 1))) >> bits);
}

static inline int32_t multiply_add(int32_t a, int32_t b, int32_t c, int32_t d) {
  return shift_rounded((int64_t)a * b + (int64_t)c * d, kTableBits);
}

static inline int32_t average(int32_t a, int32_t b) {
  return shift_rounded((int64_t)a + b, 1);
}

#include "fft.inc"

/* value * 2^exponent */
typedef struct scaled {
  uint64_t value;
  int exponent;
} scaled;

/* All tables lie behind the struct, in the caller's memory. */
struct lacuna_fixed_features {
  lacuna_framing framing;
  int fft, mels, coefficients;
  int weight_bits, transform_bits; /* behind the point */
  scaled floor;
  int32_t logarithms[kLogSegments + 1]; /* log2(1 + i / kLogSegments) */
  int16_t *samples;                     /* window: the next frame */
  int32_t *window;                      /* window: its shape */
  int32_t *twiddles;                    /* fft / 2 pairs */
  uint32_t *weights; /* the filters, only where they are not zero */
  int *starts;       /* mels: the first bin of a filter */
  int *counts;       /* mels: its number of bins */
  int32_t
      *transform; /* of binary logarithms: mels rows of coefficients, or mels */
  int64_t *bias;  /* a number of the frame each */
  int32_t *spectrum; /* fft + 2: scratch */
  uint64_t *powers;  /* fft / 2 + 1: scratch */
  int64_t *sums;     /* a number of the frame each: scratch */
};

static size_t words(size_t count) {
  return lacuna_align(sizeof(int32_t) * count);
}

size_t lacuna_fixed_features_bytes(const lacuna_features_config *c) {
  if (!lacuna_design_is_valid(c))
    return 0;
  size_t width = (size_t)lacuna_features_width(c);
  return lacuna_align(sizeof(lacuna_fixed_features)) +
         lacuna_align(sizeof(int16_t) * (size_t)c->window) +
         words((size_t)c->window) + words((size_t)c->fft) +
         words(lacuna_design_max_weights(c)) +
         2 * lacuna_align(sizeof(int) * (size_t)c->mels) +
         words(lacuna_design_transform_size(c)) + words((size_t)c->fft + 2) +
         lacuna_align(sizeof(uint64_t) * ((size_t)c->fft / 2 + 1)) +
         2 * lacuna_align(sizeof(int64_t) * width);
}

static int bit_length(uint64_t value) {
  int bits = 0;
  for (int step = 32; step; step /= 2)
    if (value >> step) {
      value >>= step;
      bits += step;
    }
  return bits + (value ? 1 : 0);
}

static int32_t to_fixed(double value, int bits) {
  value = round(ldexp(value, bits));
  return value >= INT32_MAX   ? INT32_MAX
         : value <= INT32_MIN ? INT32_MIN
                              : (int32_t)value;
}

static void fill_filters(lacuna_fixed_features *s,
                         const lacuna_features_config *c) {
  double most = 0;
  for (int m = 0; m < c->mels; ++m)
    most = fmax(most, lacuna_design_filter(c, m).height);
  int exponent = 0;
  frexp(most, &exponent);
  s->weight_bits = kTableBits - exponent;
  uint32_t *weight = s->weights;
  for (int m = 0; m < c->mels; ++m) {
    lacuna_filter filter = lacuna_design_filter(c, m);
    s->starts[m] = 0;
    s->counts[m] = 0;
    for (int bin = 0; bin <= c->fft / 2; ++bin) {
      double w = lacuna_filter_weight(c, &filter, bin);
      if (w == 0)
        continue;
      if (s->counts[m]++ == 0)
        s->starts[m] = bin;
      *weight++ = (uint32_t)to_fixed(w, s->weight_bits);
    }
  }
}

static double transform(const lacuna_features_config *c, int i) {
  int width = lacuna_features_width(c);
  double factor = c->coefficients
                      ? lacuna_design_transform(c, i / width, i % width)
                      : lacuna_design_transform(c, i, i);
  return factor * log(2);
}

static void fill_transform(lacuna_fixed_features *s,
                           const lacuna_features_config *c) {
  int size = (int)lacuna_design_transform_size(c), exponent = 0;
  double most = 0;
  for (int i = 0; i < size; ++i)
    most = fmax(most, fabs(transform(c, i)));
  frexp(most, &exponent);
  /* Sums over all filters must not overflow: logarithms have 31 bits. */
  s->transform_bits = kTableBits - bit_length((uint64_t)c->mels) - exponent;
  if (s->transform_bits > kMostTransformBits)
    s->transform_bits = kMostTransformBits;
  for (int i = 0; i < size; ++i)
    s->transform[i] = to_fixed(transform(c, i), s->transform_bits);
  for (int k = 0; k < lacuna_features_width(c); ++k)
    s->bias[k] = llround(ldexp(lacuna_design_bias(c, k), kOutputBits));
}

lacuna_fixed_features *
lacuna_fixed_features_init(void *memory, const lacuna_features_config *c) {
  if (!memory || (uintptr_t)memory % 16 || !lacuna_design_is_valid(c))
    return NULL;
  char *next = memory;
  lacuna_fixed_features *s = lacuna_take(&next, sizeof(lacuna_fixed_features));
  s->framing = (lacuna_framing){c->window, c->hop, 0};
  s->fft = c->fft;
  s->mels = c->mels;
  s->coefficients = c->coefficients;
  size_t width = (size_t)lacuna_features_width(c);
  s->samples = lacuna_take(&next, sizeof(int16_t) * (size_t)c->window);
  s->window = lacuna_take(&next, sizeof(int32_t) * (size_t)c->window);
  s->twiddles = lacuna_take(&next, sizeof(int32_t) * (size_t)c->fft);
  s->weights =
      lacuna_take(&next, sizeof(uint32_t) * lacuna_design_max_weights(c));
  s->starts = lacuna_take(&next, sizeof(int) * (size_t)c->mels);
  s->counts = lacuna_take(&next, sizeof(int) * (size_t)c->mels);
  s->transform =
      lacuna_take(&next, sizeof(int32_t) * lacuna_design_transform_size(c));
  s->bias = lacuna_take(&next, sizeof(int64_t) * width);
  s->spectrum = lacuna_take(&next, sizeof(int32_t) * ((size_t)c->fft + 2));
  s->powers = lacuna_take(&next, sizeof(uint64_t) * ((size_t)c->fft / 2 + 1));
  s->sums = lacuna_take(&next, sizeof(int64_t) * width);

  int exponent = 0;
  double mantissa = frexp(c->floor, &exponent);
  s->floor = (scaled){(uint64_t)ldexp(mantissa, 32), exponent - 32};
  for (int i = 0; i <= kLogSegments; ++i)
    s->logarithms[i] = to_fixed(log2(1 + i / (double)kLogSegments), kTableBits);
  for (int i = 0; i < c->window; ++i)
    s->window[i] = to_fixed(lacuna_design_window(c, i), kTableBits);
  for (int i = 0; i < c->fft / 2; ++i) {
    s->twiddles[2 * i] = to_fixed(lacuna_design_twiddle_re(c, i), kTableBits);
    s->twiddles[2 * i + 1] =
        to_fixed(lacuna_design_twiddle_im(c, i), kTableBits);
  }
  fill_filters(s, c);
  fill_transform(s, c);
  return s;
}

void lacuna_fixed_features_reset(lacuna_fixed_features *s) {
  s->framing.filled = 0;
}

/* Fills `spectrum` with the window, as large as the FFT can stand: nothing in
   it is greater than the sum of all magnitudes. Returns how many bits lie
   behind the point. */
static int scale_window(lacuna_fixed_features *s) {
  uint64_t sum = 0;
  for (int i = 0; i < s->framing.window; ++i) {
    int64_t product = (int64_t)s->samples[i] * s->window[i];
    int32_t value = shift_rounded(product, kTableBits + 15 - 30);
    s->spectrum[i] = value;
    sum += (uint32_t)(value < 0 ? -value : value);
  }
  /* What rounding adds is less than the bit that is left. */
  int shift = 30 - bit_length(sum + (uint64_t)s->framing.window);
  for (int i = 0; i < s->framing.window; ++i)
    s->spectrum[i] = shift < 0 ? shift_rounded(s->spectrum[i], -shift)
                               : s->spectrum[i] * ((int32_t)1 << shift);
  for (int i = s->framing.window; i < s->fft; ++i)
    s->spectrum[i] = 0;
  return 30 + shift;
}

/* The energy of a filter over powers with `bits` behind the point. */
static scaled filter_energy(const lacuna_fixed_features *s,
                            const uint64_t *powers, const uint32_t *weights,
                            int count, int bits) {
  uint64_t all = 0, sum = 0;
  for (int i = 0; i < count; ++i)
    all |= powers[i];
  /* Weights have at most 30 bits, and `count` products must fit into 64. */
  int shift = bit_length(all) + kTableBits + bit_length((uint64_t)count) - 64;
  if (shift < 0)
    shift = 0;
  for (int i = 0; i < count; ++i)
    sum += (powers[i] >> shift) * weights[i];
  return (scaled){sum, shift - bits - s->weight_bits};
}

/* A value of 33 bits at most, the highest of which are not lost. */
static scaled normalize(scaled a) {
  int shift = bit_length(a.value) - 32;
  return (scaled){shift < 0 ? a.value << -shift : a.value >> shift,
                  a.exponent + shift};
}

static scaled add(scaled a, scaled b) {
  if (!a.value)
    return b;
  a = normalize(a);
  if (a.exponent < b.exponent) {
    scaled other = a;
    a = b;
    b = other;
  }
  int shift = a.exponent - b.exponent;
  if (shift < 32)
    a.value += b.value >> shift;
  return a;
}

/* The binary logarithm, with kLogBits behind the point. */
static int32_t logarithm(const lacuna_fixed_features *s, scaled a) {
  a = normalize(a);
  uint32_t behind = (uint32_t)a.value << 1; /* of 1.xxx, which is left out */
  uint32_t segment = behind / (UINT32_MAX / kLogSegments + 1);
  uint32_t rest = behind % (UINT32_MAX / kLogSegments + 1); /* 25 bits */
  int32_t from = s->logarithms[segment], to = s->logarithms[segment + 1];
  int32_t value = from + (int32_t)((int64_t)(to - from) * rest >> 25);
  return (a.exponent + 31) * (1 << kLogBits) +
         (value >> (kTableBits - kLogBits));
}

static void add_scaled(int64_t *restrict sums, const int32_t *restrict values,
                       int32_t scale, int count) {
  for (int i = 0; i < count; ++i)
    sums[i] += (int64_t)scale * values[i];
}

static void compute_frame(lacuna_fixed_features *s, int32_t *out) {
  int bits = 2 * scale_window(s);
  real_fft(s->spectrum, s->fft, s->twiddles);
  for (int k = 0; k <= s->fft / 2; ++k) {
    int64_t re = s->spectrum[2 * k], im = s->spectrum[2 * k + 1];
    s->powers[k] = (uint64_t)(re * re + im * im);
  }

  int width = s->coefficients ? s->coefficients : s->mels;
  memset(s->sums, 0, sizeof(int64_t) * (size_t)width);
  const uint32_t *weights = s->weights;
  const int32_t *factors = s->transform;
  for (int m = 0; m < s->mels; ++m) {
    scaled energy =
        filter_energy(s, s->powers + s->starts[m], weights, s->counts[m], bits);
    weights += s->counts[m];
    int32_t log2 = logarithm(s, add(energy, s->floor));
    if (s->coefficients)
      add_scaled(s->sums, factors, log2, width);
    else
      s->sums[m] = (int64_t)log2 * *factors;
    factors += s->coefficients ? width : 1;
  }
  /* More than 0: see the limit of scales in features_design.c. */
  int shift = kLogBits + s->transform_bits - kOutputBits;
  for (int k = 0; k < width; ++k) {
    int64_t value =
        s->bias[k] + ((s->sums[k] + ((int64_t)1 << (shift - 1))) >> shift);
    out[k] = value > INT32_MAX   ? INT32_MAX
             : value < INT32_MIN ? INT32_MIN
                                 : (int32_t)value;
  }
}

size_t lacuna_fixed_features_push(lacuna_fixed_features *s,
                                  const int16_t *samples, size_t count,
                                  int32_t *frame, int *ready) {
  int at;
  count = lacuna_framing_take(&s->framing, count, &at);
  if (at >= 0 && count)
    memcpy(s->samples + at, samples, count * sizeof(int16_t));
  *ready = lacuna_framing_is_full(&s->framing);
  if (!*ready)
    return count;
  compute_frame(s, frame);
  size_t kept = lacuna_framing_advance(&s->framing);
  memmove(s->samples, s->samples + s->framing.window - kept,
          kept * sizeof(int16_t));
  return count;
}
