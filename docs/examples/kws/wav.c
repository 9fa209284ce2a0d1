//===- wav.c - Samples of a WAVE file as they come -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wav.h"

#include <limits.h>
#include <string.h>

static unsigned long word(const unsigned char *bytes, int count) {
  unsigned long value = 0;
  for (int i = 0; i < count; ++i)
    value |= (unsigned long)bytes[i] << 8 * i;
  return value;
}

/* Chunks have even sizes in the file. It may be a pipe, where nothing can be
 * sought. */
static int skip(FILE *file, unsigned long bytes) {
  for (; bytes; --bytes)
    if (fgetc(file) == EOF)
      return 0;
  return 1;
}

static const char *check_format(const unsigned char *format, unsigned long size,
                                int rate, char text[160]) {
  unsigned long tag = word(format, 2), channels = word(format + 2, 2);
  unsigned long own_rate = word(format + 4, 4), bits = word(format + 14, 2);
  /* The extensible format holds the tag at the start of a GUID. */
  if (tag == 0xFFFE && size >= 26)
    tag = word(format + 24, 2);
  if (tag == 1 && channels == 1 && bits == 16 &&
      own_rate == (unsigned long)rate)
    return NULL;
  snprintf(text, 160,
           "%s of %lu bits, %lu channels, %lu Hz; wanted is PCM of 16 bits, 1 "
           "channel, %d Hz: sox IN.wav -b 16 -c 1 -r %d OUT.wav",
           tag == 1   ? "PCM"
           : tag == 3 ? "floats"
                      : "an encoding",
           bits, channels, own_rate, rate, rate);
  return text;
}

const char *wav_open(wav *w, FILE *file, int rate, char text[160]) {
  *w = (wav){.file = file, .left = ULONG_MAX};
  w->started = (int)fread(w->start, 1, 4, file);
  if (w->started < 4 || memcmp(w->start, "RIFF", 4))
    return NULL;
  unsigned char chunk[8], format[40];
  int has_format = 0;
  w->started = 0;
  w->has_header = 1;
  if (fread(chunk, 1, 8, file) < 8 || memcmp(chunk + 4, "WAVE", 4))
    return "a RIFF file, but no WAVE file";
  while (fread(chunk, 1, 8, file) == 8) {
    unsigned long size = word(chunk + 4, 4), read = 0;
    if (!memcmp(chunk, "data", 4)) {
      if (!has_format)
        return "a WAVE file without a format";
      /* A program that writes to a pipe does not know the size. */
      w->left = size == 0 || size >= 0x7FFFFF00 ? ULONG_MAX : size;
      return NULL;
    }
    if (!memcmp(chunk, "fmt ", 4) && size >= 16) {
      read = size < sizeof format ? size : sizeof format;
      if (fread(format, 1, read, file) < read)
        break;
      const char *wrong = check_format(format, read, rate, text);
      if (wrong)
        return wrong;
      has_format = 1;
    }
    if (!skip(file, size + size % 2 - read))
      break;
  }
  return "a WAVE file without sound";
}

static int read_byte(wav *w) {
  if (w->started > 0)
    return w->start[4 - w->started--];
  return fgetc(w->file);
}

int wav_read(wav *w, int16_t *samples, int count) {
  for (int i = 0; i < count; ++i) {
    if (w->left == 0)
      return i;
    int low = read_byte(w), high = low == EOF ? EOF : read_byte(w);
    if (high == EOF)
      return low == EOF && w->left == ULONG_MAX ? i : -1;
    int value = low | high << 8;
    samples[i] = (int16_t)(value >= 32768 ? value - 65536 : value);
    if (w->left != ULONG_MAX)
      w->left -= w->left < 2 ? w->left : 2;
  }
  return count;
}
