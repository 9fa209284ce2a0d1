//===- network.h - A compiled network, with inputs that are made up -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// INPUT_BYTES, OUTPUT_BYTES and INPUT_FLOATS are lists of what the network's
// header says, given by what compiles this, as are WEIGHTS where they lie in a
// file, and THREADS if it is to have more than one.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TOOLS_BENCH_NETWORK_H
#define LACUNA_TOOLS_BENCH_NETWORK_H

#include "net.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef THREADS
#include <lacuna/pool.h>
#endif

static const size_t inputBytes[] = {INPUT_BYTES};
static const size_t outputBytes[] = {OUTPUT_BYTES};
static const int inputFloats[] = {INPUT_FLOATS};

static void *allocate(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!memory)
    exit(1);
  return memory;
}

static void fill(void *memory, size_t bytes, int floats) {
  if (floats)
    for (size_t i = 0; i < bytes / sizeof(float); ++i)
      ((float *)memory)[i] = (float)(i * 7 % 256) / 64 - 2;
  else
    for (size_t i = 0; i < bytes; ++i)
      ((uint8_t *)memory)[i] = (uint8_t)(i * 7);
}

static net_state *state;
static const void *inputs[NET_INPUTS];
static void *outputs[NET_OUTPUTS];

/// Makes the only instance; ends the process if that fails.
static void open_network(const char *weightsFile) {
#ifdef WEIGHTS
  FILE *file = weightsFile ? fopen(weightsFile, "rb") : NULL;
  void *weights = allocate(WEIGHTS);
  if (!file || fread(weights, 1, WEIGHTS, file) != WEIGHTS ||
      net_load_weights(weights, WEIGHTS))
    exit(1);
  fclose(file);
#else
  (void)weightsFile;
#endif
  for (int i = 0; i < NET_INPUTS; ++i) {
    void *memory = allocate(inputBytes[i]);
    fill(memory, inputBytes[i], inputFloats[i]);
    inputs[i] = memory;
  }
  for (int i = 0; i < NET_OUTPUTS; ++i)
    outputs[i] = allocate(outputBytes[i]);
  state = net_init(allocate(NET_ARENA_BYTES));
  if (!state)
    exit(1);
#ifdef THREADS
  lacuna_pool *pool =
      lacuna_pool_init(allocate(lacuna_pool_bytes(THREADS)), THREADS);
  if (!pool)
    exit(1);
  net_set_pool(state, lacuna_pool_run, pool);
#endif
}

/// One inference; of a step function, as many frames as make one.
static void run_network(void) {
#ifdef NET_FRAMES
  for (int frame = 0; frame < NET_FRAMES; ++frame)
    if (net_step(state, inputs, outputs) < 0)
      exit(1);
#else
  if (net_run(state, inputs, outputs))
    exit(1);
#endif
}

#endif // LACUNA_TOOLS_BENCH_NETWORK_H
