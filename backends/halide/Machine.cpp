//===- Machine.cpp - What a processor offers kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Machine.h"

using namespace lacuna::halide;

#define LACUNA_AVX2 "x86-64-linux-sse41-avx-f16c-fma-avx2"
#define LACUNA_AVX512 LACUNA_AVX2 "-avx512-avx512_skylake"

/// Halide knows VNNI only as a part of what Sapphire Rapids has; LLVM is told a
/// processor that has no more.
static const Machine kMachines[] = {
    {"x86-64-v3", LACUNA_AVX2, "haswell", 8, 16, 2},
    {"x86-64-v4", LACUNA_AVX512, "skylake-avx512", 16, 32, 2},
    {"cascadelake", LACUNA_AVX512 "-avx512_cannonlake-avx512_sapphirerapids",
     "cascadelake", 16, 32, 4},
    {"cortex-a76", "arm-64-linux", "cortex-a76", 4, 32, 2},
};

std::optional<Machine> lacuna::halide::getMachine(const std::string &name) {
  for (const Machine &machine : kMachines)
    if (machine.name == name)
      return machine;
  return std::nullopt;
}

std::string lacuna::halide::listMachines() {
  std::string names;
  for (const Machine &machine : kMachines)
    names += (names.empty() ? "" : ", ") + machine.name;
  return names;
}
