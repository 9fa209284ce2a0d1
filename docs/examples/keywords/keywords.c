/*===- keywords.c - Which word is in a second of sound -===*/
/*
 * Part of the Lacuna project, under the Apache License v2.0 with LLVM
 * Exceptions. See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Usage: keywords SOUND, which is 16-bit mono samples at 16 kHz without a header.
 */

#include "keyword_net.h"

#include <lacuna/mfcc.h>

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

enum { SAMPLES = 16000, FRAMES = 98, COEFFICIENTS = 40, WORDS = 6 };

static const char *const words[WORDS] = {"silence", "unknown", "yes",
                                         "no",      "up",      "down"};

/* All memory that the network needs, known when compiling. */
static alignas(64) unsigned char arena[KEYWORD_NET_ARENA_BYTES];

static float samples[SAMPLES], features[FRAMES * COEFFICIENTS];

static int read_sound(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return 0;
  for (int i = 0; i < SAMPLES; ++i) {
    int low = fgetc(file), high = fgetc(file);
    if (high == EOF)
      break; /* silence follows */
    int value = low | high << 8;
    samples[i] = (float)(value >= 32768 ? value - 65536 : value) / 32768.0f;
  }
  fclose(file);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 2 || !read_sound(argv[1])) {
    fprintf(stderr, "usage: keywords SOUND\n");
    return 1;
  }
  lacuna_mfcc_config config = lacuna_mfcc_default();
  void *memory = malloc(lacuna_mfcc_bytes(&config));
  lacuna_mfcc *front_end = lacuna_mfcc_init(memory, &config);
  if (!front_end ||
      lacuna_mfcc_clip(front_end, samples, SAMPLES, features) != FRAMES)
    return 2;

  keyword_net_state *network = keyword_net_init(arena);
  float scores[WORDS];
  const void *inputs[] = {features};
  void *outputs[] = {scores};
  if (!network || keyword_net_run(network, inputs, outputs))
    return 3;
  int best = 0;
  for (int i = 1; i < WORDS; ++i)
    if (scores[i] > scores[best])
      best = i;
  printf("%s (%.3f)\n", words[best], (double)scores[best]);
  free(memory);
  return 0;
}
