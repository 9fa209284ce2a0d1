//===- network_main.c - Runs a compiled network some times -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   network_main COUNT [WEIGHTS.bin]
//
// INPUT_BYTES, OUTPUT_BYTES and INPUT_FLOATS are lists of what the network's
// header says, given by instructions.py, as is WEIGHTS where they lie in a
// file.
//
//===----------------------------------------------------------------------===//

#include "net.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(int argc, char **argv) {
  const void *inputs[NET_INPUTS];
  void *outputs[NET_OUTPUTS];
  if (argc < 2)
    return 2;
#ifdef WEIGHTS
  FILE *file = argc > 2 ? fopen(argv[2], "rb") : NULL;
  void *weights = allocate(WEIGHTS);
  if (!file || fread(weights, 1, WEIGHTS, file) != WEIGHTS ||
      net_load_weights(weights, WEIGHTS))
    return 1;
  fclose(file);
#endif
  for (int i = 0; i < NET_INPUTS; ++i) {
    void *memory = allocate(inputBytes[i]);
    fill(memory, inputBytes[i], inputFloats[i]);
    inputs[i] = memory;
  }
  for (int i = 0; i < NET_OUTPUTS; ++i)
    outputs[i] = allocate(outputBytes[i]);
  net_state *state = net_init(allocate(NET_ARENA_BYTES));
  if (!state)
    return 1;
  for (int left = atoi(argv[1]); left > 0; --left) {
#ifdef NET_FRAMES
    for (int frame = 0; frame < NET_FRAMES; ++frame)
      if (net_step(state, inputs, outputs) < 0)
        return 1;
#else
    if (net_run(state, inputs, outputs))
      return 1;
#endif
  }
  return 0;
}
