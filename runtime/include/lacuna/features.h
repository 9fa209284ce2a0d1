//===- features.h - Features of sound for apps -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The front end of networks that listen: samples go in as they come, and each
// hop a frame of logarithmic mel energies or of their cepstral coefficients
// (MFCC) comes out. C11, no allocation: the caller gives the memory once. The
// same in integers is fixed_features.h.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_FEATURES_H
#define LACUNA_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum lacuna_window_shape {
  LACUNA_WINDOW_HANN,
  LACUNA_WINDOW_HAMMING,
  LACUNA_WINDOW_RECTANGULAR
} lacuna_window_shape;

typedef enum lacuna_mel_scale {
  LACUNA_MEL_HTK,   /* 2595 log10(1 + f / 700) */
  LACUNA_MEL_SLANEY /* linear up to 1000 Hz, logarithmic above */
} lacuna_mel_scale;

typedef enum lacuna_mel_norm {
  LACUNA_MEL_NORM_PEAK, /* every filter is 1 where it is highest */
  LACUNA_MEL_NORM_AREA  /* every filter has the same area: 1, over Hz */
} lacuna_mel_norm;

typedef struct lacuna_features_config {
  float sample_rate; /* Hz */
  int window;        /* samples in a frame */
  int hop;           /* samples between the starts of two frames */
  int fft;           /* points, a power of two, at least `window` */
  lacuna_window_shape window_shape;
  int window_is_symmetric; /* else one period, of which the last is left out */
  int mels;                /* triangular filters, evenly spaced in mels */
  lacuna_mel_scale mel_scale;
  lacuna_mel_norm mel_norm;
  float low, high;  /* Hz, where the first filter begins and the last ends */
  float floor;      /* added to each filter's energy before the logarithm */
  int coefficients; /* of the orthonormal DCT of the natural logarithms; 0: the
                       logarithms themselves */
  /* What is subtracted from each number of a frame, and what the rest is then
     multiplied by; NULL: 0 and 1. Read by the functions below only. */
  const float *mean, *scale;
} lacuna_features_config;

/* 16 kHz, 30 ms Hann windows every 10 ms, 64 mels from 20 to 7600 Hz, 40
   coefficients: what the TC-ResNets were trained on. */
lacuna_features_config lacuna_features_default(void);

/* The numbers in a frame. */
int lacuna_features_width(const lacuna_features_config *config);

/* The frames that lie whole in `samples` samples. */
size_t lacuna_features_frames(const lacuna_features_config *config,
                              size_t samples);

typedef struct lacuna_features lacuna_features;

/* The bytes that a front end of this configuration needs; 0 if it is invalid.
 */
size_t lacuna_features_bytes(const lacuna_features_config *config);

/* Prepares a front end in `memory`, which must be aligned to 16 bytes and is
   the caller's to free; NULL if the configuration is invalid. */
lacuna_features *lacuna_features_init(void *memory,
                                      const lacuna_features_config *config);

/* Forgets what was heard. */
void lacuna_features_reset(lacuna_features *features);

/* Takes samples in [-1, 1] up to the end of the next frame, and returns how
   many.
   `*ready` says whether that end was reached and `frame` written. */
size_t lacuna_features_push(lacuna_features *features, const float *samples,
                            size_t count, float *frame, int *ready);

/* The same for samples of 16 bits. */
size_t lacuna_features_push_s16(lacuna_features *features,
                                const int16_t *samples, size_t count,
                                float *frame, int *ready);

#ifdef __cplusplus
}
#endif

#endif /* LACUNA_FEATURES_H */
