//===- mfcc.c - Mel-frequency cepstral coefficients -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/mfcc.h"

#include <math.h>
#include <stdint.h>

static const double kPi = 3.14159265358979323846;

/* All tables lie behind the struct, in the caller's memory. */
struct lacuna_mfcc {
  lacuna_mfcc_config config;
  float *hann;     /* window */
  float *twiddles; /* fft / 2 pairs: cos, -sin of 2 pi i / fft */
  float *dct;      /* mels rows of coefficients */
  float *weights;  /* the filters, only where they are not zero */
  int *starts;     /* mels: the first bin of a filter */
  int *counts;     /* mels: its number of bins */
  float *spectrum; /* fft + 2: scratch */
  float *energies; /* mels: scratch */
};

lacuna_mfcc_config lacuna_mfcc_default(void) {
  lacuna_mfcc_config config = {16000.0f, 480, 160,     512,  64,
                               40,       20.0f, 7600.0f, 1e-6f};
  return config;
}

static int is_valid(const lacuna_mfcc_config *c) {
  return c->window > 0 && c->hop > 0 && c->fft >= 4 &&
         (c->fft & (c->fft - 1)) == 0 && c->fft >= c->window &&
         c->fft <= 1 << 16 && c->mels > 0 && c->mels <= 1024 &&
         c->coefficients > 0 && c->coefficients <= c->mels && c->low >= 0 &&
         c->low < c->high && c->high <= c->sample_rate / 2 && c->floor > 0;
}

/* The edge of filter `i`: where filter i - 1 peaks and filter i begins. */
static double filter_edge(const lacuna_mfcc_config *c, int i) {
  double low = 2595.0 * log10(1.0 + c->low / 700.0);
  double high = 2595.0 * log10(1.0 + c->high / 700.0);
  double mel = low + (high - low) * i / (c->mels + 1);
  return 700.0 * (pow(10.0, mel / 2595.0) - 1.0);
}

static double filter_weight(const lacuna_mfcc_config *c, int filter, int bin) {
  double f = (double)bin * c->sample_rate / c->fft;
  double begin = filter_edge(c, filter);
  double peak = filter_edge(c, filter + 1);
  double end = filter_edge(c, filter + 2);
  double rising = (f - begin) / (peak - begin);
  double falling = (end - f) / (end - peak);
  double weight = rising < falling ? rising : falling;
  return weight > 0 ? weight : 0;
}

/* A filter overlaps its two neighbours only, so every bin counts twice at most;
   the ends of the filters need a little more. */
static size_t max_weights(const lacuna_mfcc_config *c) {
  return (size_t)(c->fft / 2 + 1) * 2 + (size_t)c->mels;
}

static size_t align(size_t bytes) { return (bytes + 15) & ~(size_t)15; }

size_t lacuna_mfcc_bytes(const lacuna_mfcc_config *c) {
  if (!is_valid(c))
    return 0;
  return align(sizeof(lacuna_mfcc)) +
         align(sizeof(float) * (size_t)c->window) +
         align(sizeof(float) * (size_t)c->fft) +
         align(sizeof(float) * (size_t)c->mels * (size_t)c->coefficients) +
         align(sizeof(float) * max_weights(c)) +
         2 * align(sizeof(int) * (size_t)c->mels) +
         align(sizeof(float) * (size_t)(c->fft + 2)) +
         align(sizeof(float) * (size_t)c->mels);
}

static void *take(char **memory, size_t bytes) {
  void *taken = *memory;
  *memory += align(bytes);
  return taken;
}

lacuna_mfcc *lacuna_mfcc_init(void *memory, const lacuna_mfcc_config *c) {
  if (!memory || (uintptr_t)memory % 16 || !is_valid(c))
    return NULL;
  char *next = memory;
  lacuna_mfcc *s = take(&next, sizeof(lacuna_mfcc));
  s->config = *c;
  s->hann = take(&next, sizeof(float) * (size_t)c->window);
  s->twiddles = take(&next, sizeof(float) * (size_t)c->fft);
  s->dct = take(&next,
                sizeof(float) * (size_t)c->mels * (size_t)c->coefficients);
  s->weights = take(&next, sizeof(float) * max_weights(c));
  s->starts = take(&next, sizeof(int) * (size_t)c->mels);
  s->counts = take(&next, sizeof(int) * (size_t)c->mels);
  s->spectrum = take(&next, sizeof(float) * (size_t)(c->fft + 2));
  s->energies = take(&next, sizeof(float) * (size_t)c->mels);

  for (int i = 0; i < c->window; ++i)
    s->hann[i] = (float)(0.5 - 0.5 * cos(2 * kPi * i / c->window));
  for (int i = 0; i < c->fft / 2; ++i) {
    s->twiddles[2 * i] = (float)cos(2 * kPi * i / c->fft);
    s->twiddles[2 * i + 1] = (float)-sin(2 * kPi * i / c->fft);
  }
  for (int m = 0; m < c->mels; ++m)
    for (int k = 0; k < c->coefficients; ++k)
      s->dct[m * c->coefficients + k] =
          (float)(cos(kPi / c->mels * (m + 0.5) * k) * sqrt(2.0 / c->mels) *
                  (k == 0 ? sqrt(0.5) : 1.0));
  float *weight = s->weights;
  for (int m = 0; m < c->mels; ++m) {
    s->starts[m] = 0;
    s->counts[m] = 0;
    for (int bin = 0; bin <= c->fft / 2; ++bin) {
      double w = filter_weight(c, m, bin);
      if (w == 0)
        continue;
      if (s->counts[m]++ == 0)
        s->starts[m] = bin;
      *weight++ = (float)w;
    }
  }
  return s;
}

/* In-place complex FFT of `n` points, decimation in time. `twiddles` are those
   of `stride * n` points. */
static void complex_fft(float *data, int n, const float *twiddles, int stride) {
  for (int i = 1, j = 0; i < n; ++i) {
    int bit = n >> 1;
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      float re = data[2 * i], im = data[2 * i + 1];
      data[2 * i] = data[2 * j];
      data[2 * i + 1] = data[2 * j + 1];
      data[2 * j] = re;
      data[2 * j + 1] = im;
    }
  }
  for (int half = 1; half < n; half *= 2) {
    int step = stride * n / (2 * half);
    for (int start = 0; start < n; start += 2 * half) {
      for (int k = 0; k < half; ++k) {
        float wr = twiddles[2 * k * step], wi = twiddles[2 * k * step + 1];
        float *a = data + 2 * (start + k), *b = a + 2 * half;
        float re = b[0] * wr - b[1] * wi, im = b[0] * wi + b[1] * wr;
        b[0] = a[0] - re;
        b[1] = a[1] - im;
        a[0] += re;
        a[1] += im;
      }
    }
  }
}

/* The power of bins 0 to n / 2 of the `n` real points in `data`, in place: a
   complex FFT of half the size, then the even and odd parts pulled apart. */
static void power_spectrum(float *data, int n, const float *twiddles) {
  int half = n / 2;
  complex_fft(data, half, twiddles, 2);
  float re0 = data[0], im0 = data[1];
  for (int k = 1; k <= half / 2; ++k) {
    float *a = data + 2 * k, *b = data + 2 * (half - k);
    float even_re = 0.5f * (a[0] + b[0]), even_im = 0.5f * (a[1] - b[1]);
    float odd_re = 0.5f * (a[1] + b[1]), odd_im = 0.5f * (b[0] - a[0]);
    float wr = twiddles[2 * k], wi = twiddles[2 * k + 1];
    float turn_re = odd_re * wr - odd_im * wi;
    float turn_im = odd_re * wi + odd_im * wr;
    a[0] = even_re + turn_re;
    a[1] = even_im + turn_im;
    b[0] = even_re - turn_re;
    b[1] = turn_im - even_im;
  }
  data[n] = (re0 - im0) * (re0 - im0);
  for (int k = 1; k < half; ++k)
    data[k] = data[2 * k] * data[2 * k] + data[2 * k + 1] * data[2 * k + 1];
  data[0] = (re0 + im0) * (re0 + im0);
  data[half] = data[n];
}

void lacuna_mfcc_frame(lacuna_mfcc *s, const float *samples, float *out) {
  const lacuna_mfcc_config *c = &s->config;
  for (int i = 0; i < c->window; ++i)
    s->spectrum[i] = samples[i] * s->hann[i];
  for (int i = c->window; i < c->fft; ++i)
    s->spectrum[i] = 0;
  power_spectrum(s->spectrum, c->fft, s->twiddles);

  const float *weight = s->weights;
  for (int m = 0; m < c->mels; ++m) {
    const float *bins = s->spectrum + s->starts[m];
    float energy = c->floor;
    for (int i = 0; i < s->counts[m]; ++i)
      energy += bins[i] * *weight++;
    s->energies[m] = logf(energy);
  }
  for (int k = 0; k < c->coefficients; ++k)
    out[k] = 0;
  for (int m = 0; m < c->mels; ++m)
    for (int k = 0; k < c->coefficients; ++k)
      out[k] += s->energies[m] * s->dct[m * c->coefficients + k];
}

size_t lacuna_mfcc_frames(const lacuna_mfcc *s, size_t samples) {
  size_t window = (size_t)s->config.window;
  return samples < window ? 0 : (samples - window) / (size_t)s->config.hop + 1;
}

size_t lacuna_mfcc_clip(lacuna_mfcc *s, const float *samples, size_t count,
                        float *out) {
  size_t frames = lacuna_mfcc_frames(s, count);
  for (size_t i = 0; i < frames; ++i)
    lacuna_mfcc_frame(s, samples + i * (size_t)s->config.hop,
                      out + i * (size_t)s->config.coefficients);
  return frames;
}
