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
//===----------------------------------------------------------------------===//

#include "network.h"

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  open_network(argc > 2 ? argv[2] : NULL);
  for (int left = atoi(argv[1]); left > 0; --left)
    run_network();
  return 0;
}
