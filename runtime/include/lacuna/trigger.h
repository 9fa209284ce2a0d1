//===- trigger.h - When a word was heard -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What comes after a network that listens all the time: its posteriors are
// smoothed, and a word is reported once, when its confidence passes a
// threshold. The way of Chen, Parada and Heigold, "Small-footprint keyword
// spotting using deep neural networks" (2014). C11, no allocation.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TRIGGER_H
#define LACUNA_TRIGGER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lacuna_trigger_config {
  int classes;
  int background;  /* the first so many classes never trigger: silence, unknown
                    */
  int smoothing;   /* how many of the last posteriors are averaged */
  int search;      /* in how many of the last averages the greatest is sought */
  int refractory;  /* posteriors after a trigger for which nothing triggers */
  float threshold; /* of the confidence */
} lacuna_trigger_config;

typedef struct lacuna_trigger lacuna_trigger;

/* The bytes that a trigger of this configuration needs; 0 if it is invalid. */
size_t lacuna_trigger_bytes(const lacuna_trigger_config *config);

/* Prepares a trigger in `memory`, which must be aligned to 16 bytes and is the
   caller's to free; NULL if the configuration is invalid. */
lacuna_trigger *lacuna_trigger_init(void *memory,
                                    const lacuna_trigger_config *config);

/* Forgets what was heard. */
void lacuna_trigger_reset(lacuna_trigger *trigger);

/* Takes the probability of each class. Returns the class that is heard now,
   with its confidence, or -1. After it the averages begin anew, so that a word
   is reported once. */
int lacuna_trigger_push(lacuna_trigger *trigger, const float *posteriors,
                        float *confidence);

/* The last average of a class; 0 before the first. */
float lacuna_trigger_average(const lacuna_trigger *trigger, int class_index);

/* The confidence that all of `count` classes were heard, which are the parts of
   a phrase: the geometric mean of their greatest averages. */
float lacuna_trigger_confidence(const lacuna_trigger *trigger,
                                const int *classes, int count);

/* Scores as probabilities, in place: what a network without a last softmax
   lacks. */
void lacuna_softmax(float *scores, int count);

#ifdef __cplusplus
}
#endif

#endif /* LACUNA_TRIGGER_H */
