//===- profile.cpp - What each layer of a network takes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/profile.h"

#include <new>
#include <time.h>

struct lacuna_profile {
  int count;
  uint64_t began;
  lacuna_profile_layer layers[1];
};

size_t lacuna_profile_bytes(int layers) {
  if (layers < 0)
    return 0;
  return sizeof(lacuna_profile) +
         sizeof(lacuna_profile_layer) * static_cast<size_t>(layers);
}

lacuna_profile *lacuna_profile_init(void *memory, int layers) {
  if (!memory || reinterpret_cast<uintptr_t>(memory) % 16 != 0 || layers < 0)
    return nullptr;
  lacuna_profile *profile = new (memory) lacuna_profile();
  profile->count = layers;
  for (int i = 0; i < layers; ++i)
    new (profile->layers + i) lacuna_profile_layer();
  return profile;
}

void lacuna_profile_hook(void *argument, int layer, const char *name,
                         int ends) {
  uint64_t now = lacuna_ticks();
  lacuna_profile *profile = static_cast<lacuna_profile *>(argument);
  if (layer < 0 || layer >= profile->count)
    return;
  if (ends) {
    profile->layers[layer].name = name;
    profile->layers[layer].ticks += now - profile->began;
    ++profile->layers[layer].runs;
    return;
  }
  // Once more: what the hook itself takes is no layer's.
  profile->began = lacuna_ticks();
}

const lacuna_profile_layer *lacuna_profile_get(const lacuna_profile *profile,
                                               int layer) {
  return layer < 0 || layer >= profile->count ? nullptr
                                              : profile->layers + layer;
}

void lacuna_profile_print(const lacuna_profile *profile, FILE *to) {
  const double microsecond =
      static_cast<double>(lacuna_ticks_per_second()) / 1e6;
  double total = 0, each_run = 0;
  for (int i = 0; i < profile->count; ++i)
    total += static_cast<double>(profile->layers[i].ticks);
  fprintf(to, "%12s %6s %7s  %s\n", "microseconds", "%", "runs", "layer");
  for (int i = 0; i < profile->count; ++i) {
    const lacuna_profile_layer *layer = profile->layers + i;
    if (layer->runs == 0)
      continue;
    const double ticks = static_cast<double>(layer->ticks);
    const double mean = ticks / static_cast<double>(layer->runs) / microsecond;
    each_run += mean;
    fprintf(to, "%12.2f %6.1f %7llu  %s\n", mean,
            total > 0 ? 100 * ticks / total : 0.0,
            static_cast<unsigned long long>(layer->runs), layer->name);
  }
  fprintf(to, "%12.2f %6.1f %7s  all %d layers\n", each_run, 100.0, "",
          profile->count);
}

uint64_t lacuna_ticks(void) {
#if defined(__aarch64__)
  uint64_t ticks;
  // The barrier keeps the counter from being read before the layer is done.
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks)::"memory");
  return ticks;
#else
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u +
         static_cast<uint64_t>(now.tv_nsec);
#endif
}

uint64_t lacuna_ticks_per_second(void) {
#if defined(__aarch64__)
  uint64_t frequency;
  __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
  return frequency;
#else
  return 1000000000u;
#endif
}
