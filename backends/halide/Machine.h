//===- Machine.h - What a processor offers kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_MACHINE_H
#define LACUNA_BACKENDS_HALIDE_MACHINE_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna::halide {

/// One of `machines/*.yaml`, which say what the numbers mean.
struct Machine {
  std::string name;
  /// As Halide calls it, and the processor for which LLVM then makes code.
  std::string halide, cpu;
  int64_t lanes = 0, registers = 0, together = 0;
  double products = 0, loads = 0, latency = 0;
  /// Bytes; the first is the nearest.
  std::vector<int64_t> caches;

  /// How many floats the first cache holds.
  int64_t countNear() const { return caches.front() / 4; }
};

std::optional<Machine> getMachine(const std::string &name);

/// The names of all, with commas.
std::string listMachines();

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_MACHINE_H
