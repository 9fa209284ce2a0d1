//===- main.c - Hears words in files and pipes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "kws.h"
#include "wav.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: kws [OPTION...] [FILE...]\n"
    "\n"
    "Prints when which word is heard in sound of 16 bits and one channel:\n"
    "WAVE files, or samples without a header; standard input without FILE.\n"
    "\n"
    "  --clip         the likeliest class of each file's first second instead\n"
    "  --threshold P  confidence from which a word is reported (default 0.8)\n"
    "  --smoothing S  seconds over which probabilities are averaged (0.1)\n"
    "  --pause S      seconds after a word for which none is reported (1)\n"
    "  --every N      hops from one run of the network to the next (1)\n"
    "  --fixed        features in integers, as for machines without floats\n";

typedef struct app {
  const kws_model *model;
  kws *recogniser;
  int is_clip;
} app;

static int complain(const char *file, const char *why) {
  fprintf(stderr, "kws: %s: %s\n", file, why);
  return 0;
}

/* Prints what came. Returns whether that is all there is to say of a clip. */
static int report(const app *app, const kws_hop *hop, const char *file) {
  const kws_model *model = app->model;
  if (app->is_clip && hop->probabilities) {
    int best = 0;
    for (int i = 1; i < model->classes; ++i)
      if (hop->probabilities[i] > hop->probabilities[best])
        best = i;
    printf("%s: %s (%.1f %%)\n", file, model->names[best],
           100 * (double)hop->probabilities[best]);
    return 1;
  }
  if (!app->is_clip && hop->word >= 0) {
    printf("%.2f s: %s (%.1f %%)\n", hop->seconds, model->names[hop->word],
           100 * (double)hop->confidence);
    fflush(stdout);
  }
  return 0;
}

static int hear(app *app, const int16_t *samples, size_t count,
                const char *file) {
  while (count) {
    kws_hop hop;
    size_t taken = kws_push(app->recogniser, samples, count, &hop);
    samples += taken;
    count -= taken;
    if (report(app, &hop, file))
      return 1;
  }
  return 0;
}

enum { PART = 160 };

/* The sound and a clip of silence after it; of a clip, just what it is long. */
static int hear_sound(app *app, wav *sound, const char *name) {
  static const int16_t silence[PART];
  int16_t samples[PART];
  size_t clip = kws_clip(app->recogniser), total = 0;
  for (int count; !app->is_clip || total < clip; total += (size_t)count) {
    size_t wanted = app->is_clip && clip - total < PART ? clip - total : PART;
    count = wav_read(sound, samples, (int)wanted);
    if (count < 0)
      return complain(name, "truncated: there is less sound than it says");
    if (count == 0)
      break;
    if (hear(app, samples, (size_t)count, name))
      return 1;
  }
  if (!total)
    return complain(name, "there is no sound");
  for (size_t left = app->is_clip ? clip - total : clip; left;) {
    size_t part = left < PART ? left : PART;
    if (hear(app, silence, part, name))
      return 1;
    left -= part;
  }
  kws_hop hop;
  while (kws_finish(app->recogniser, &hop))
    if (report(app, &hop, name))
      break;
  return 1;
}

/* Returns whether the file could be read. */
static int hear_file(app *app, FILE *file, const char *name) {
  char text[160];
  wav sound;
  const char *wrong =
      wav_open(&sound, file, (int)app->model->features.sample_rate, text);
  if (wrong)
    return complain(name, wrong);
  size_t length = strlen(name);
  if (!sound.has_header && length > 4 && !strcmp(name + length - 4, ".wav"))
    return complain(name, "not a WAVE file");
  kws_reset(app->recogniser);
  return hear_sound(app, &sound, name);
}

static int read_number(const char *text, float *value) {
  char *end;
  *value = strtof(text, &end);
  return end != text && !*end;
}

/* Returns where the files begin, or -1. */
static int read_options(int argc, char **argv, app *app, kws_options *options) {
  int i = 1;
  for (; i < argc && !strncmp(argv[i], "--", 2); ++i) {
    float every = 0, *value = NULL;
    if (!strcmp(argv[i], "--clip")) {
      app->is_clip = 1;
      continue;
    }
    if (!strcmp(argv[i], "--fixed")) {
      options->is_fixed = 1;
      continue;
    }
    if (!strcmp(argv[i], "--threshold"))
      value = &options->threshold;
    else if (!strcmp(argv[i], "--smoothing"))
      value = &options->smoothing;
    else if (!strcmp(argv[i], "--pause"))
      value = &options->pause;
    else if (!strcmp(argv[i], "--every"))
      value = &every;
    if (!value || i + 1 == argc || !read_number(argv[++i], value))
      return -1;
    if (value == &every)
      options->every = (int)every;
  }
  return i;
}

int main(int argc, char **argv) {
  app app = {.model = kws_get_model()};
  kws_options options = kws_default_options();
  int first = read_options(argc, argv, &app, &options);
  if (first < 0) {
    fputs(usage, stderr);
    return 1;
  }
  const char *why;
  app.recogniser = kws_create(app.model, &options, &why);
  if (!app.recogniser) {
    fprintf(stderr, "kws: %s\n", why);
    return 1;
  }
  int is_good = 1;
  if (first == argc)
    is_good = hear_file(&app, stdin, "standard input");
  for (int i = first; i < argc; ++i) {
    FILE *file = fopen(argv[i], "rb");
    if (!file) {
      perror(argv[i]);
      is_good = 0;
      continue;
    }
    is_good &= hear_file(&app, file, argv[i]);
    fclose(file);
  }
  kws_times times = kws_get_times(app.recogniser);
  if (times.hops && times.runs)
    fprintf(
        stderr,
        "%ld hops: %.1f us each for features, %.1f us for the network, which "
        "ran %ld times\n",
        times.hops, 1e6 * times.features / (double)times.hops,
        1e6 * times.network / (double)times.hops, times.runs);
  kws_free(app.recogniser);
  return is_good ? 0 : 2;
}
