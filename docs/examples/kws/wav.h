//===- wav.h - Samples of a WAVE file as they come -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef WAV_H
#define WAV_H

#include <stdint.h>
#include <stdio.h>

typedef struct wav {
  FILE *file;
  int has_header;
  unsigned long
      left; /* bytes of samples; ULONG_MAX: up to the end of the file */
  unsigned char start[4];
  int started; /* bytes of `start` that are samples still to be given */
} wav;

/* Begins to read sound of 16 bits, one channel and `rate`: a WAVE file, or
   samples without a header, least byte first. Returns what is wrong, or NULL;
   `text` is room for the message. */
const char *wav_open(wav *wav, FILE *file, int rate, char text[160]);

/* Up to `count` samples; 0 at the end, -1 if the file is shorter than it says
   or ends within a sample. */
int wav_read(wav *wav, int16_t *samples, int count);

#endif /* WAV_H */
