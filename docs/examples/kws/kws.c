//===- kws.c - From samples to words -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#define _POSIX_C_SOURCE 200809L

#include "kws.h"

#include <lacuna/fixed_features.h>
#include <lacuna/trigger.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct kws {
  const kws_model *model;
  kws_options options;
  lacuna_features *front_end; /* or fixed_front_end, with a frame of Q16 */
  lacuna_fixed_features *fixed_front_end;
  int32_t *fixed_frame;
  lacuna_trigger *trigger;
  void *arena, *network;
  float *frames; /* the last `held` of `capacity` */
  float *probabilities;
  int capacity, held; /* a clip's, or one if the network takes them so */
  int wait;
  long samples;
  kws_times times;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

kws_options kws_default_options(void) {
  return (kws_options){
      .threshold = 0.8f, .smoothing = 0.1f, .pause = 1, .every = 1};
}

static void *allocate(size_t alignment, size_t bytes) {
  return aligned_alloc(alignment,
                       (bytes + alignment - 1) / alignment * alignment);
}

/* The trigger counts runs of the network. */
static lacuna_trigger_config get_trigger_config(const kws_model *model,
                                                const kws_options *options) {
  const lacuna_features_config *features = &model->features;
  int hops = model->run ? options->every : model->stride;
  float run = (float)(features->hop * hops) / features->sample_rate;
  lacuna_trigger_config config = {
      .classes = model->classes,
      .background = model->background,
      .smoothing = (int)fmaxf(1, roundf(options->smoothing / run)),
      .search = 1,
      .refractory = (int)roundf(options->pause / run),
      .threshold = options->threshold,
  };
  return config;
}

kws *kws_create(const kws_model *model, const kws_options *options,
                const char **why) {
  *why = NULL;
  if (!model || model->version != KWS_MODEL_VERSION)
    *why = "the network is not of floats, or built for another version";
  else if (!lacuna_features_bytes(&model->features))
    *why = "the network's front end cannot be";
  else if (model->frame != lacuna_features_width(&model->features) ||
           model->frames < 1)
    *why = "the network does not take frames of its front end's features";
  else if (options->every < 1 || options->smoothing < 0 ||
           options->smoothing > 60 || options->pause < 0 ||
           options->pause > 3600)
    *why = "an option is out of range";
  if (*why)
    return NULL;
  lacuna_trigger_config trigger = get_trigger_config(model, options);
  if (!lacuna_trigger_bytes(&trigger)) {
    *why = "the threshold is not between 0 and 1";
    return NULL;
  }
  kws *k = calloc(1, sizeof *k);
  if (!k) {
    *why = "no memory";
    return NULL;
  }
  k->model = model;
  k->options = *options;
  k->capacity = model->run ? model->frames : 1;
  if (options->is_fixed) {
    size_t bytes = lacuna_fixed_features_bytes(&model->features);
    k->fixed_front_end =
        lacuna_fixed_features_init(allocate(16, bytes), &model->features);
    k->fixed_frame = malloc(sizeof(int32_t) * (size_t)model->frame);
  } else {
    size_t bytes = lacuna_features_bytes(&model->features);
    k->front_end = lacuna_features_init(allocate(16, bytes), &model->features);
  }
  k->trigger = lacuna_trigger_init(allocate(16, lacuna_trigger_bytes(&trigger)),
                                   &trigger);
  k->frames = malloc(sizeof(float) * (size_t)(k->capacity * model->frame));
  k->probabilities = malloc(sizeof(float) * (size_t)model->classes);
  k->arena = allocate(64, model->arena_bytes);
  k->network = k->arena ? model->init(k->arena) : NULL;
  int has_front_end = options->is_fixed ? k->fixed_front_end && k->fixed_frame
                                        : k->front_end != NULL;
  if (!has_front_end || !k->trigger || !k->frames || !k->probabilities ||
      !k->network) {
    kws_free(k);
    *why = "no memory";
    return NULL;
  }
  return k;
}

void kws_free(kws *k) {
  if (!k)
    return;
  free(k->front_end);
  free(k->fixed_front_end);
  free(k->fixed_frame);
  free(k->trigger);
  free(k->frames);
  free(k->probabilities);
  free(k->arena);
  free(k);
}

void kws_reset(kws *k) {
  if (k->options.is_fixed)
    lacuna_fixed_features_reset(k->fixed_front_end);
  else
    lacuna_features_reset(k->front_end);
  lacuna_trigger_reset(k->trigger);
  if (k->model->reset)
    k->model->reset(k->network);
  k->held = k->wait = 0;
  k->samples = 0;
}

/* Where the next frame goes: the oldest makes room. */
static float *next_frame(kws *k) {
  size_t frame = (size_t)k->model->frame;
  if (k->held == k->capacity)
    memmove(k->frames, k->frames + frame,
            sizeof(float) * frame * (size_t)--k->held);
  return k->frames + frame * (size_t)k->held;
}

static size_t push_features(kws *k, const int16_t *samples, size_t count,
                            int *is_whole) {
  float *frame = next_frame(k);
  if (!k->options.is_fixed)
    return lacuna_features_push_s16(k->front_end, samples, count, frame,
                                    is_whole);
  count = lacuna_fixed_features_push(k->fixed_front_end, samples, count,
                                     k->fixed_frame, is_whole);
  for (int i = 0; *is_whole && i < k->model->frame; ++i)
    frame[i] = (float)k->fixed_frame[i] / 65536;
  return count;
}

/* Networks end in a softmax or leave it out. */
static int are_probabilities(const float *values, int count) {
  float sum = 0;
  for (int i = 0; i < count; ++i) {
    if (values[i] < 0)
      return 0;
    sum += values[i];
  }
  return fabsf(sum - 1) <= 1e-3f;
}

/* Whether there are scores: of a window that slides over the frames, or of what
   the network kept of those before. */
static int run_network(kws *k) {
  if (!k->model->run)
    return k->model->step(k->network, k->frames, k->probabilities) > 0;
  if (k->held < k->capacity)
    return 0;
  if (k->wait > 0) {
    --k->wait;
    return 0;
  }
  k->wait = k->options.every - 1;
  return k->model->run(k->network, k->frames, k->probabilities) == 0;
}

static void judge(kws *k, kws_hop *hop) {
  ++k->times.runs;
  if (!are_probabilities(k->probabilities, k->model->classes))
    lacuna_softmax(k->probabilities, k->model->classes);
  hop->probabilities = k->probabilities;
  hop->word =
      lacuna_trigger_push(k->trigger, k->probabilities, &hop->confidence);
}

size_t kws_push(kws *k, const int16_t *samples, size_t count, kws_hop *hop) {
  *hop = (kws_hop){.word = -1};
  double start = now();
  size_t taken = push_features(k, samples, count, &hop->is_whole);
  k->times.features += now() - start;
  k->samples += (long)taken;
  hop->seconds = (double)k->samples / (double)k->model->features.sample_rate;
  if (!hop->is_whole)
    return taken;
  ++k->times.hops;
  ++k->held;
  start = now();
  int has_scores = run_network(k);
  k->times.network += now() - start;
  if (has_scores)
    judge(k, hop);
  return taken;
}

int kws_finish(kws *k, kws_hop *hop) {
  *hop = (kws_hop){.word = -1};
  hop->seconds = (double)k->samples / (double)k->model->features.sample_rate;
  if (!k->model->flush || k->model->flush(k->network, k->probabilities) <= 0)
    return 0;
  judge(k, hop);
  return 1;
}

size_t kws_clip(const kws *k) {
  const lacuna_features_config *features = &k->model->features;
  return (size_t)(features->window + (k->model->frames - 1) * features->hop);
}

kws_times kws_get_times(const kws *k) { return k->times; }
