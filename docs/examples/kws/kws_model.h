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
  /* Numbers that the network takes at once: frames of features, one after the
     other, of `frame` numbers each. */
  int inputs, frame;
  int classes;
  const char *const *names;
  int background; /* the first so many classes are no words */

  size_t arena_bytes;
  /* The network in memory aligned to 64 bytes, or NULL. */
  void *(*init)(void *arena);
  /* From features to a score for each class. 0 on success. */
  int (*run)(void *network, const float *features, float *scores);
} kws_model;

/* NULL if the bundle is of no such network. */
const kws_model *kws_get_model(void);

/* The name of this function in a shared library. */
#define KWS_MODEL_SYMBOL "kws_get_model"

#endif /* KWS_MODEL_H */
