//===- fixed_features.h - Features of sound in integers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// features.h for machines without floating point: from samples of 16 bits to
// frames of Q16 numbers by integers alone. Only lacuna_fixed_features_init,
// which computes the tables, uses floating point.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_FIXED_FEATURES_H
#define LACUNA_FIXED_FEATURES_H

#include "features.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lacuna_fixed_features lacuna_fixed_features;

/* As lacuna_features_bytes. */
size_t lacuna_fixed_features_bytes(const lacuna_features_config *config);

/* As lacuna_features_init. */
lacuna_fixed_features *
lacuna_fixed_features_init(void *memory, const lacuna_features_config *config);

void lacuna_fixed_features_reset(lacuna_fixed_features *features);

/* As lacuna_features_push_s16; a number of the frame is 65536 times what that
   gives, saturated. */
size_t lacuna_fixed_features_push(lacuna_fixed_features *features,
                                  const int16_t *samples, size_t count,
                                  int32_t *frame, int *ready);

#ifdef __cplusplus
}
#endif

#endif /* LACUNA_FIXED_FEATURES_H */
