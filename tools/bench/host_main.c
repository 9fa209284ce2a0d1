//===- host_main.c - Times a compiled network and ONNX Runtime in turn -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   host_main MODEL.onnx SECONDS THREADS [WEIGHTS.bin]
//
// Prints a line a round: nanoseconds of an inference by Lacuna and by ONNX
// Runtime. A round lasts some milliseconds, so that what else the machine does
// strikes both alike, or one round among many. The threads of either look for
// work for a while before they sleep: between the two there is a pause, so that
// none takes a processor from the other.
//
//===----------------------------------------------------------------------===//

#include "network.h"
#include "onnxruntime_session.h"

#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/// Nanoseconds of one of `count` runs.
static double measure(void (*run)(void), int count) {
  double begin = now();
  for (int i = 0; i < count; ++i)
    run();
  return (now() - begin) / count;
}

/// As measure(), after the other's threads have gone to sleep.
static double measureAlone(void (*run)(void), int count) {
  struct timespec pause = {0, 50000000};
  nanosleep(&pause, NULL);
  run();
  return measure(run, count);
}

int main(int argc, char **argv) {
  if (argc < 4)
    return 2;
  int threads = atoi(argv[3]);
  double (*measureOne)(void (*)(void), int) =
      threads > 1 ? measureAlone : measure;
  open_onnxruntime(argv[1], threads);
  open_network(argc > 4 ? argv[4] : NULL);
  measure(run_onnxruntime, 3);
  measure(run_network, 3);
  double once = measure(run_onnxruntime, 3);
  int count = once < 1e6 ? (int)(1e6 / once) + 1 : 1;
  double end = now() + atof(argv[2]) * 1e9;
  for (int round = 0; round < 5 || now() < end; ++round) {
    double lacuna = measureOne(run_network, count);
    double peer = measureOne(run_onnxruntime, count);
    printf("%.0f %.0f\n", lacuna, peer);
  }
  fflush(stdout);
  // Neither destructors nor the library's own end are of interest.
  _Exit(0);
}
