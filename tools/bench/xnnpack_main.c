//===- xnnpack_main.c - Runs convolutions by XNNPACK some times -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   xnnpack_main COUNT LAYERS.txt
//
// A line a convolution, all numbers: whether it is quantized; padding at top,
// right, bottom and left; height and width of kernel, stride and dilation;
// groups, input and output channels a group; height and width of the input.
// Weights are made up.
//
//===----------------------------------------------------------------------===//

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <xnnpack.h>

enum { MAX_LAYERS = 256, FIELDS = 16 };

static void *allocate(size_t bytes) {
  // XNNPACK may read past the end.
  uint8_t *memory = calloc(1, bytes + XNN_EXTRA_BYTES + 64);
  if (!memory)
    exit(1);
  return memory;
}

static xnn_operator_t makeLayer(const uint32_t *v) {
  size_t groups = v[11], in = v[12], out = v[13], height = v[14], width = v[15];
  size_t weights = groups * out * in * v[5] * v[6];
  size_t outHeight = (height + v[1] + v[3] - (v[5] - 1) * v[9] - 1) / v[7] + 1;
  size_t outWidth = (width + v[2] + v[4] - (v[6] - 1) * v[10] - 1) / v[8] + 1;
  size_t inputs = height * width * groups * in;
  size_t outputs = outHeight * outWidth * groups * out;
  xnn_operator_t layer = NULL;
  int failed;
  if (v[0]) {
    int8_t *kernel = allocate(weights);
    float *scales = allocate(groups * out * sizeof *scales);
    for (size_t i = 0; i < weights; ++i)
      kernel[i] = (int8_t)(i * 7 % 255 - 127);
    for (size_t i = 0; i < groups * out; ++i)
      scales[i] = 0.01f;
    failed = xnn_create_convolution2d_nhwc_qc8(
        v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10],
        (uint32_t)groups, in, out, groups * in, groups * out, 3, 0.02f, scales,
        kernel, allocate(groups * out * sizeof(int32_t)), 5, 0.05f, -128, 127,
        0, &layer);
    failed = failed || xnn_setup_convolution2d_nhwc_qc8(
                           layer, 1, height, width, allocate(inputs),
                           allocate(outputs), NULL);
  } else {
    float *kernel = allocate(weights * sizeof *kernel);
    for (size_t i = 0; i < weights; ++i)
      kernel[i] = (float)(i * 7 % 256) / 256 - 0.5f;
    failed = xnn_create_convolution2d_nhwc_f32(
        v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10],
        (uint32_t)groups, in, out, groups * in, groups * out, kernel,
        allocate(groups * out * sizeof(float)), -1e6f, 1e6f, 0, &layer);
    failed =
        failed || xnn_setup_convolution2d_nhwc_f32(
                      layer, 1, height, width, allocate(inputs * sizeof(float)),
                      allocate(outputs * sizeof(float)), NULL);
  }
  if (failed) {
    fprintf(stderr, "XNNPACK refuses a convolution\n");
    exit(1);
  }
  return layer;
}

int main(int argc, char **argv) {
  xnn_operator_t layers[MAX_LAYERS];
  int numLayers = 0;
  FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
  if (!file || xnn_initialize(NULL))
    return 1;
  for (uint32_t v[FIELDS];; ++numLayers) {
    int read = 0;
    while (read < FIELDS && fscanf(file, "%u", &v[read]) == 1)
      ++read;
    if (read == 0)
      break;
    if (read != FIELDS || numLayers == MAX_LAYERS)
      return 1;
    layers[numLayers] = makeLayer(v);
  }
  for (int left = atoi(argv[1]); left > 0; --left)
    for (int i = 0; i < numLayers; ++i)
      if (xnn_run_operator(layers[i], NULL))
        return 1;
  return 0;
}
