//===- kws.h - From samples to words -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KWS_H
#define KWS_H

#include "kws_model.h"

typedef struct kws_options {
  float threshold; /* of the confidence, to report a word */
  float smoothing; /* seconds over which probabilities are averaged */
  float pause;     /* seconds after a word for which none is reported */
  int every;       /* hops from one run of the network to the next, if it takes
                      a clip at once */
  int is_fixed;    /* whether features are computed in integers */
} kws_options;

kws_options kws_default_options(void);

typedef struct kws kws;

/* A recogniser, or NULL, and why. Free it with kws_free. */
kws *kws_create(const kws_model *model, const kws_options *options,
                const char **why);
void kws_free(kws *recogniser);

/* Begins anew. */
void kws_reset(kws *recogniser);

/* What came of some samples. */
typedef struct kws_hop {
  int is_whole; /* a hop ended with them */
  const float
      *probabilities; /* of the classes, if the network ran, else NULL */
  int word;           /* that is reported now, or -1 */
  float confidence;
  double seconds; /* from the first sample to the last */
} kws_hop;

/* Takes samples up to the end of the next hop, and returns how many. */
size_t kws_push(kws *recogniser, const int16_t *samples, size_t count,
                kws_hop *hop);

/* The recording has ended: what was still on its way. 0 if there is nothing
 * more. */
int kws_finish(kws *recogniser, kws_hop *hop);

/* The samples of a clip. As many of silence let the last word through. */
size_t kws_clip(const kws *recogniser);

/* Seconds that features and networks took, and how many hops and runs. */
typedef struct kws_times {
  double features, network;
  long hops, runs;
} kws_times;
kws_times kws_get_times(const kws *recogniser);

#endif /* KWS_H */
