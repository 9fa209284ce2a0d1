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

namespace lacuna::halide {

struct Machine {
  std::string name;
  /// As Halide calls it, and the processor for which LLVM then makes code.
  std::string halide, cpu;
  /// Floats in a register, and registers.
  int64_t lanes = 4, registers = 16;
  /// Products of bytes that are summed by one instruction.
  int64_t together = 2;
};

std::optional<Machine> getMachine(const std::string &name);

/// The names of all, with commas.
std::string listMachines();

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_MACHINE_H
