//===- kws_model.h - A network that hears words -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What the recogniser must know of a network, and how it runs it. model.c.in
// fills this in for a bundle of Lacuna; in a shared library it is found by
// name, so that a program may take any network when it runs.
//
//===----------------------------------------------------------------------===//

#ifndef KWS_MODEL_H
#define KWS_MODEL_H

#include <lacuna/features.h>

enum { KWS_MODEL_VERSION = 1 };

typedef struct kws_model {
  int version; /* KWS_MODEL_VERSION of what filled this in */
  lacuna_features_config features;
  int frame;  /* numbers of a frame of features */
  int frames; /* of features of a clip, to which the network has one answer */
  int stride; /* frames from one answer to the next */
  int classes;
  const char *const *names;
  int background; /* the first so many classes are no words */

  size_t arena_bytes;
  /* The network in memory aligned to 64 bytes, or NULL. */
  void *(*init)(void *arena);
  /* From the frames of a clip to a score for each class. 0 on success. NULL if
     the network takes frame after frame. */
  int (*run)(void *network, const float *features, float *scores);
  /* That takes the next frame, says that there are no more, and begins anew.
     More than 0 if there are scores, less if something is wrong. */
  int (*step)(void *network, const float *frame, float *scores);
  int (*flush)(void *network, float *scores);
  void (*reset)(void *network);
} kws_model;

/* NULL if the bundle is of no such network. */
const kws_model *kws_get_model(void);

/* The name of this function in a shared library. */
#define KWS_MODEL_SYMBOL "kws_get_model"

#endif /* KWS_MODEL_H */
