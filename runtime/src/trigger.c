//===- trigger.c - When a word was heard -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/trigger.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The rings lie behind the struct, in the caller's memory. */
struct lacuna_trigger {
  lacuna_trigger_config config;
  int posteriors_held, averages_held; /* rows of the rings that are filled */
  int next_posterior, next_average;   /* rows to be written */
  int wait;                           /* posteriors until a trigger may be */
  float *posteriors;                  /* ring: smoothing rows of classes */
  float *averages;                    /* ring: search rows of classes */
};

enum { kMostRows = 1 << 16, kMostClasses = 1 << 12 };

static int is_valid(const lacuna_trigger_config *c) {
  return c->classes > 0 && c->classes <= kMostClasses && c->background >= 0 &&
         c->background <= c->classes && c->smoothing > 0 &&
         c->smoothing <= kMostRows && c->search > 0 && c->search <= kMostRows &&
         c->refractory >= 0 && c->threshold > 0 && c->threshold <= 1;
}

size_t lacuna_trigger_bytes(const lacuna_trigger_config *c) {
  if (!is_valid(c))
    return 0;
  return sizeof(lacuna_trigger) +
         sizeof(float) * (size_t)c->classes *
             ((size_t)c->smoothing + (size_t)c->search);
}

lacuna_trigger *lacuna_trigger_init(void *memory,
                                    const lacuna_trigger_config *c) {
  if (!memory || (uintptr_t)memory % 16 || !is_valid(c))
    return NULL;
  lacuna_trigger *t = memory;
  t->config = *c;
  t->posteriors = (float *)(t + 1);
  t->averages = t->posteriors + (size_t)c->classes * (size_t)c->smoothing;
  lacuna_trigger_reset(t);
  return t;
}

static void forget(lacuna_trigger *t) {
  t->posteriors_held = t->averages_held = 0;
  t->next_posterior = t->next_average = 0;
}

void lacuna_trigger_reset(lacuna_trigger *t) {
  forget(t);
  t->wait = 0;
}

/* Where the next row of a ring goes. */
static float *add_row(const lacuna_trigger *t, float *ring, int rows, int *next,
                      int *held) {
  float *row = ring + (size_t)*next * (size_t)t->config.classes;
  *next = (*next + 1) % rows;
  if (*held < rows)
    ++*held;
  return row;
}

static void add_average(lacuna_trigger *t) {
  int classes = t->config.classes;
  float *average = add_row(t, t->averages, t->config.search, &t->next_average,
                           &t->averages_held);
  /* Summed anew, so that errors do not build up over days. */
  for (int c = 0; c < classes; ++c) {
    float sum = 0;
    for (int row = 0; row < t->posteriors_held; ++row)
      sum += t->posteriors[row * classes + c];
    average[c] = sum / (float)t->posteriors_held;
  }
}

float lacuna_trigger_average(const lacuna_trigger *t, int class_index) {
  if (!t->averages_held)
    return 0;
  int last = (t->next_average + t->config.search - 1) % t->config.search;
  return t->averages[last * t->config.classes + class_index];
}

float lacuna_trigger_confidence(const lacuna_trigger *t, const int *classes,
                                int count) {
  float logarithms = 0;
  for (int i = 0; i < count; ++i) {
    float most = 0;
    for (int row = 0; row < t->averages_held; ++row)
      most = fmaxf(most, t->averages[row * t->config.classes + classes[i]]);
    logarithms += logf(most);
  }
  return count > 0 ? expf(logarithms / (float)count) : 0;
}

int lacuna_trigger_push(lacuna_trigger *t, const float *posteriors,
                        float *confidence) {
  const lacuna_trigger_config *c = &t->config;
  memcpy(add_row(t, t->posteriors, c->smoothing, &t->next_posterior,
                 &t->posteriors_held),
         posteriors, sizeof(float) * (size_t)c->classes);
  add_average(t);
  if (t->wait > 0) {
    --t->wait;
    return -1;
  }
  int best = -1;
  float most = 0;
  for (int i = c->background; i < c->classes; ++i) {
    float own = lacuna_trigger_confidence(t, &i, 1);
    if (own >= c->threshold && own > most) {
      best = i;
      most = own;
    }
  }
  if (best >= 0) {
    *confidence = most;
    t->wait = c->refractory;
    forget(t);
  }
  return best;
}

void lacuna_softmax(float *scores, int count) {
  float most = scores[0], sum = 0;
  for (int i = 1; i < count; ++i)
    most = fmaxf(most, scores[i]);
  for (int i = 0; i < count; ++i)
    sum += scores[i] = expf(scores[i] - most);
  for (int i = 0; i < count; ++i)
    scores[i] /= sum;
}
