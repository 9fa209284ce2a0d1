//===- features.c - Features of sound -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/features.h"

#include "features_design.h"

#include <math.h>
#include <string.h>

typedef float number;

static inline float multiply_add(float a, float b, float c, float d) {
  return a * b + c * d;
}

static inline float average(float a, float b) { return 0.5f * (a + b); }

#include "fft.inc"

/* All tables lie behind the struct, in the caller's memory. */
struct lacuna_features {
  lacuna_framing framing;
  int fft, mels, coefficients;
  float floor;
  float *samples;   /* window: the next frame */
  float *window;    /* window: its shape */
  float *twiddles;  /* fft / 2 pairs */
  float *weights;   /* the filters, only where they are not zero */
  int *starts;      /* mels: the first bin of a filter */
  int *counts;      /* mels: its number of bins */
  float *transform; /* mels rows of coefficients, or mels */
  float *bias;      /* a number of the frame each */
  float *spectrum;  /* fft + 2: scratch */
};

static size_t floats(size_t count) {
  return lacuna_align(sizeof(float) * count);
}

size_t lacuna_features_bytes(const lacuna_features_config *c) {
  if (!lacuna_design_is_valid(c))
    return 0;
  return lacuna_align(sizeof(lacuna_features)) + 2 * floats((size_t)c->window) +
         floats((size_t)c->fft) + floats(lacuna_design_max_weights(c)) +
         2 * lacuna_align(sizeof(int) * (size_t)c->mels) +
         floats(lacuna_design_transform_size(c)) +
         floats((size_t)lacuna_features_width(c)) + floats((size_t)c->fft + 2);
}

static void fill_tables(lacuna_features *s, const lacuna_features_config *c) {
  for (int i = 0; i < c->window; ++i)
    s->window[i] = (float)lacuna_design_window(c, i);
  for (int i = 0; i < c->fft / 2; ++i) {
    s->twiddles[2 * i] = (float)lacuna_design_twiddle_re(c, i);
    s->twiddles[2 * i + 1] = (float)lacuna_design_twiddle_im(c, i);
  }
  float *weight = s->weights;
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
      *weight++ = (float)w;
    }
  }
  int width = lacuna_features_width(c);
  for (int k = 0; k < width; ++k)
    s->bias[k] = (float)lacuna_design_bias(c, k);
  for (int i = 0; i < (int)lacuna_design_transform_size(c); ++i)
    s->transform[i] =
        (float)(c->coefficients
                    ? lacuna_design_transform(c, i / width, i % width)
                    : lacuna_design_transform(c, i, i));
}

lacuna_features *lacuna_features_init(void *memory,
                                      const lacuna_features_config *c) {
  if (!memory || (uintptr_t)memory % 16 || !lacuna_design_is_valid(c))
    return NULL;
  char *next = memory;
  lacuna_features *s = lacuna_take(&next, sizeof(lacuna_features));
  s->framing = (lacuna_framing){c->window, c->hop, 0};
  s->fft = c->fft;
  s->mels = c->mels;
  s->coefficients = c->coefficients;
  s->floor = c->floor;
  s->samples = lacuna_take(&next, sizeof(float) * (size_t)c->window);
  s->window = lacuna_take(&next, sizeof(float) * (size_t)c->window);
  s->twiddles = lacuna_take(&next, sizeof(float) * (size_t)c->fft);
  s->weights = lacuna_take(&next, sizeof(float) * lacuna_design_max_weights(c));
  s->starts = lacuna_take(&next, sizeof(int) * (size_t)c->mels);
  s->counts = lacuna_take(&next, sizeof(int) * (size_t)c->mels);
  s->transform =
      lacuna_take(&next, sizeof(float) * lacuna_design_transform_size(c));
  s->bias =
      lacuna_take(&next, sizeof(float) * (size_t)lacuna_features_width(c));
  s->spectrum = lacuna_take(&next, sizeof(float) * ((size_t)c->fft + 2));
  fill_tables(s, c);
  return s;
}

void lacuna_features_reset(lacuna_features *s) { s->framing.filled = 0; }

static void add_scaled(float *restrict sums, const float *restrict values,
                       float scale, int count) {
  for (int i = 0; i < count; ++i)
    sums[i] += scale * values[i];
}

static void compute_frame(lacuna_features *s, float *out) {
  for (int i = 0; i < s->framing.window; ++i)
    s->spectrum[i] = s->samples[i] * s->window[i];
  for (int i = s->framing.window; i < s->fft; ++i)
    s->spectrum[i] = 0;
  real_fft(s->spectrum, s->fft, s->twiddles);
  for (int k = 0; k <= s->fft / 2; ++k) {
    float re = s->spectrum[2 * k], im = s->spectrum[2 * k + 1];
    s->spectrum[k] = re * re + im * im;
  }

  int width = s->coefficients ? s->coefficients : s->mels;
  memcpy(out, s->bias, sizeof(float) * (size_t)width);
  const float *weights = s->weights, *factors = s->transform;
  for (int m = 0; m < s->mels; ++m) {
    float energy = s->floor;
    for (int i = 0; i < s->counts[m]; ++i)
      energy += s->spectrum[s->starts[m] + i] * weights[i];
    weights += s->counts[m];
    float logarithm = logf(energy);
    if (s->coefficients)
      add_scaled(out, factors, logarithm, width);
    else
      out[m] += logarithm * *factors;
    factors += s->coefficients ? width : 1;
  }
}

/* After new samples: the frame if it is whole. */
static int finish_frame(lacuna_features *s, float *frame) {
  if (!lacuna_framing_is_full(&s->framing))
    return 0;
  compute_frame(s, frame);
  size_t kept = lacuna_framing_advance(&s->framing);
  memmove(s->samples, s->samples + s->framing.window - kept,
          kept * sizeof(float));
  return 1;
}

size_t lacuna_features_push(lacuna_features *s, const float *samples,
                            size_t count, float *frame, int *ready) {
  int at;
  count = lacuna_framing_take(&s->framing, count, &at);
  if (at >= 0 && count)
    memcpy(s->samples + at, samples, count * sizeof(float));
  *ready = finish_frame(s, frame);
  return count;
}

size_t lacuna_features_push_s16(lacuna_features *s, const int16_t *samples,
                                size_t count, float *frame, int *ready) {
  int at;
  count = lacuna_framing_take(&s->framing, count, &at);
  for (size_t i = 0; at >= 0 && i < count; ++i)
    s->samples[(size_t)at + i] = (float)samples[i] / 32768;
  *ready = finish_frame(s, frame);
  return count;
}
