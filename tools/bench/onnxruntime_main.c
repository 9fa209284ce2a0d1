//===- onnxruntime_main.c - Runs a model by ONNX Runtime some times -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   onnxruntime_main COUNT MODEL.onnx
//
//===----------------------------------------------------------------------===//

#include "onnxruntime_session.h"

#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  open_onnxruntime(argv[2], 1);
  for (int left = atoi(argv[1]); left > 0; --left)
    run_onnxruntime();
  // Neither destructors nor the library's own end are of interest.
  _Exit(0);
}
