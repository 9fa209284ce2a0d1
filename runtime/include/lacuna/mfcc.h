//===- mfcc.h - Mel-frequency cepstral coefficients for apps -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The front end of the keyword-spotting networks: windows of audio become a few
// numbers each. C11, no allocation: the caller gives the memory once.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_MFCC_H
#define LACUNA_MFCC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lacuna_mfcc_config {
  float sample_rate;  /* Hz */
  int window;         /* samples in a frame; a Hann window is applied */
  int hop;            /* samples between the starts of two frames */
  int fft;            /* points, a power of two, at least `window` */
  int mels;           /* triangular filters, spaced evenly on the mel scale */
  int coefficients;   /* of the DCT of their logarithms; at most `mels` */
  float low, high;    /* Hz, where the first filter begins and the last ends */
  float floor;        /* added to each filter's energy before the logarithm */
} lacuna_mfcc_config;

/* 16 kHz, 30 ms windows every 10 ms, 64 mels from 20 to 7600 Hz, 40
   coefficients: what the TC-ResNets were trained on. */
lacuna_mfcc_config lacuna_mfcc_default(void);

typedef struct lacuna_mfcc lacuna_mfcc;

/* The bytes that a front end of this configuration needs; 0 if it is invalid. */
size_t lacuna_mfcc_bytes(const lacuna_mfcc_config *config);

/* Prepares a front end in `memory`, which must be aligned to 16 bytes and is the
   caller's to free; NULL if the configuration is invalid. */
lacuna_mfcc *lacuna_mfcc_init(void *memory, const lacuna_mfcc_config *config);

/* One frame: `window` samples in [-1, 1] to `coefficients` numbers. */
void lacuna_mfcc_frame(lacuna_mfcc *state, const float *samples, float *out);

/* The frames that fit whole into `samples` samples. */
size_t lacuna_mfcc_frames(const lacuna_mfcc *state, size_t samples);

/* A whole clip: frame after frame, `coefficients` numbers each. Returns the
   number of frames. */
size_t lacuna_mfcc_clip(lacuna_mfcc *state, const float *samples, size_t count,
                        float *out);

#ifdef __cplusplus
}
#endif

#endif /* LACUNA_MFCC_H */
