//===- features_design.c - What front ends of both kinds compute -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "features_design.h"

#include <math.h>

static const double kPi = 3.14159265358979323846;

lacuna_features_config lacuna_features_default(void) {
  lacuna_features_config config = {
      .sample_rate = 16000,
      .window = 480,
      .hop = 160,
      .fft = 512,
      .window_shape = LACUNA_WINDOW_HANN,
      .mels = 64,
      .mel_scale = LACUNA_MEL_HTK,
      .mel_norm = LACUNA_MEL_NORM_PEAK,
      .low = 20,
      .high = 7600,
      .floor = 1e-6f,
      .coefficients = 40,
  };
  return config;
}

int lacuna_features_width(const lacuna_features_config *c) {
  return c->coefficients ? c->coefficients : c->mels;
}

size_t lacuna_features_frames(const lacuna_features_config *c, size_t samples) {
  if (!lacuna_design_is_valid(c) || samples < (size_t)c->window)
    return 0;
  return (samples - (size_t)c->window) / (size_t)c->hop + 1;
}

/* Greater numbers would not fit into integers, and mean a mistake. */
static int are_moderate(const float *values, int count) {
  for (int i = 0; values && i < count; ++i)
    if (!(fabsf(values[i]) <= 1e6f))
      return 0;
  return 1;
}

int lacuna_design_is_valid(const lacuna_features_config *c) {
  return c->window > 0 && c->hop > 0 && c->fft >= 4 && c->fft <= 1 << 16 &&
         (c->fft & (c->fft - 1)) == 0 && c->fft >= c->window &&
         c->window_shape >= LACUNA_WINDOW_HANN &&
         c->window_shape <= LACUNA_WINDOW_RECTANGULAR &&
         (!c->window_is_symmetric || c->window > 1) && c->mels > 0 &&
         c->mels <= 1024 && c->mel_scale >= LACUNA_MEL_HTK &&
         c->mel_scale <= LACUNA_MEL_SLANEY &&
         c->mel_norm >= LACUNA_MEL_NORM_PEAK &&
         c->mel_norm <= LACUNA_MEL_NORM_AREA && c->low >= 0 &&
         c->low < c->high && c->high <= c->sample_rate / 2 &&
         isfinite(c->sample_rate) && c->floor >= 1e-30f && c->floor <= 1e30f &&
         c->coefficients >= 0 && c->coefficients <= c->mels &&
         are_moderate(c->mean, lacuna_features_width(c)) &&
         are_moderate(c->scale, lacuna_features_width(c));
}

double lacuna_design_window(const lacuna_features_config *c, int sample) {
  if (c->window_shape == LACUNA_WINDOW_RECTANGULAR)
    return 1;
  double middle = c->window_shape == LACUNA_WINDOW_HANN ? 0.5 : 0.54;
  int period = c->window_is_symmetric ? c->window - 1 : c->window;
  return middle - (1 - middle) * cos(2 * kPi * sample / period);
}

double lacuna_design_twiddle_re(const lacuna_features_config *c, int i) {
  return cos(2 * kPi * i / c->fft);
}

double lacuna_design_twiddle_im(const lacuna_features_config *c, int i) {
  return -sin(2 * kPi * i / c->fft);
}

/* Slaney's scale: 15 mels at 1000 Hz, and 27 more for each factor of 6.4. */
static const double kLinearHz = 1000, kLinearMels = 15;

static double get_mels(lacuna_mel_scale scale, double hz) {
  if (scale == LACUNA_MEL_HTK)
    return 2595 * log10(1 + hz / 700);
  return hz < kLinearHz ? hz * kLinearMels / kLinearHz
                        : kLinearMels + 27 * log(hz / kLinearHz) / log(6.4);
}

static double get_hz(lacuna_mel_scale scale, double mels) {
  if (scale == LACUNA_MEL_HTK)
    return 700 * (pow(10, mels / 2595) - 1);
  return mels < kLinearMels ? mels * kLinearHz / kLinearMels
                            : kLinearHz * pow(6.4, (mels - kLinearMels) / 27);
}

/* Where filter i - 1 peaks and filter i begins. */
static double filter_edge(const lacuna_features_config *c, int i) {
  double low = get_mels(c->mel_scale, c->low);
  double high = get_mels(c->mel_scale, c->high);
  return get_hz(c->mel_scale, low + (high - low) * i / (c->mels + 1));
}

lacuna_filter lacuna_design_filter(const lacuna_features_config *c, int i) {
  lacuna_filter filter = {filter_edge(c, i), filter_edge(c, i + 1),
                          filter_edge(c, i + 2), 1};
  if (c->mel_norm == LACUNA_MEL_NORM_AREA)
    filter.height = 2 / (filter.end - filter.begin);
  return filter;
}

double lacuna_filter_weight(const lacuna_features_config *c,
                            const lacuna_filter *filter, int bin) {
  double f = (double)bin * c->sample_rate / c->fft;
  double rising = (f - filter->begin) / (filter->peak - filter->begin);
  double falling = (filter->end - f) / (filter->end - filter->peak);
  double weight = rising < falling ? rising : falling;
  return weight > 0 ? weight * filter->height : 0;
}

/* A filter overlaps its two neighbours only, so every bin counts twice at most;
   the ends of the filters need a little more. */
size_t lacuna_design_max_weights(const lacuna_features_config *c) {
  return (size_t)(c->fft / 2 + 1) * 2 + (size_t)c->mels;
}

double lacuna_design_transform(const lacuna_features_config *c, int filter,
                               int number) {
  double scale = c->scale ? c->scale[number] : 1;
  if (!c->coefficients)
    return scale;
  return scale * cos(kPi / c->mels * (filter + 0.5) * number) *
         sqrt((number ? 2.0 : 1.0) / c->mels);
}

double lacuna_design_bias(const lacuna_features_config *c, int number) {
  double mean = c->mean ? c->mean[number] : 0;
  return -mean * (c->scale ? c->scale[number] : 1);
}

size_t lacuna_design_transform_size(const lacuna_features_config *c) {
  return (size_t)c->mels * (size_t)(c->coefficients ? c->coefficients : 1);
}

size_t lacuna_align(size_t bytes) { return (bytes + 15) & ~(size_t)15; }

void *lacuna_take(char **memory, size_t bytes) {
  void *taken = *memory;
  *memory += lacuna_align(bytes);
  return taken;
}

size_t lacuna_framing_take(lacuna_framing *f, size_t count, int *at) {
  *at = f->filled;
  int wanted = f->filled < 0 ? -f->filled : f->window - f->filled;
  if (count > (size_t)wanted)
    count = (size_t)wanted;
  f->filled += (int)count;
  return count;
}

int lacuna_framing_is_full(const lacuna_framing *f) {
  return f->filled == f->window;
}

size_t lacuna_framing_advance(lacuna_framing *f) {
  f->filled = f->window - f->hop;
  return f->filled > 0 ? (size_t)f->filled : 0;
}
