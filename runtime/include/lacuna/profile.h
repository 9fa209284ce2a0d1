//===- profile.h - What each layer of a network takes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// For networks compiled with --profile:
//
//   void *memory = malloc(lacuna_profile_bytes(NET_LAYERS));
//   lacuna_profile *profile = lacuna_profile_init(memory, NET_LAYERS);
//   net_set_profile(net, lacuna_profile_hook, profile);
//   ... net_run ...
//   lacuna_profile_print(profile, stdout);
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_PROFILE_H
#define LACUNA_PROFILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a layer took in all runs so far. */
typedef struct lacuna_profile_layer {
  const char *name; /* NULL before its first run */
  uint64_t runs, ticks;
} lacuna_profile_layer;

typedef struct lacuna_profile lacuna_profile;

/* The bytes that a profile of so many layers needs; 0 if that is negative. */
size_t lacuna_profile_bytes(int layers);

/* Makes a profile in `memory`, which must be aligned to 16 bytes and is the
   caller's to free. NULL if it cannot be. */
lacuna_profile *lacuna_profile_init(void *memory, int layers);

/* What the network calls; `profile` is a lacuna_profile *. Networks that run at
   the same time need a profile each. */
void lacuna_profile_hook(void *profile, int layer, const char *name, int ends);

/* Layer 0, 1, ...; NULL if there are fewer. */
const lacuna_profile_layer *lacuna_profile_get(const lacuna_profile *profile,
                                               int layer);

/* A line a layer in the order of the network: microseconds a run, per cent, how
   often it ran, name. */
void lacuna_profile_print(const lacuna_profile *profile, FILE *to);

/* The clock: CNTVCT_EL0 on AArch64, else nanoseconds. */
uint64_t lacuna_ticks(void);
uint64_t lacuna_ticks_per_second(void);

#ifdef __cplusplus
}
#endif

#endif /* LACUNA_PROFILE_H */
