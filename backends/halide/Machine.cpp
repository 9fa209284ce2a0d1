//===- Machine.cpp - What a processor offers kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Machine.h"

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/YAMLTraits.h>

using namespace lacuna::halide;

template <>
struct llvm::yaml::MappingTraits<Machine> {
  static void mapping(IO &io, Machine &machine) {
    io.mapRequired("name", machine.name);
    io.mapRequired("halide", machine.halide);
    io.mapRequired("cpu", machine.cpu);
    io.mapRequired("lanes", machine.lanes);
    io.mapRequired("registers", machine.registers);
    io.mapRequired("together", machine.together);
    io.mapRequired("products", machine.products);
    io.mapRequired("loads", machine.loads);
    io.mapRequired("latency", machine.latency);
    io.mapRequired("caches", machine.caches);
    // What only the compiler wants to know.
    std::string ignored;
    for (const char *key : {"summary", "arch", "tune", "emulator"})
      io.mapOptional(key, ignored);
    std::vector<std::string> ignoredList;
    io.mapOptional("features", ignoredList);
  }
};

static const std::vector<Machine> &getMachines() {
  static constexpr llvm::StringLiteral kTexts[][2] = {
#include "backends/halide/MachineTexts.inc"
  };
  static const std::vector<Machine> machines = [] {
    std::vector<Machine> read;
    for (const auto &[file, text] : kTexts) {
      llvm::yaml::Input input(text);
      input >> read.emplace_back();
      if (input.error() || read.back().caches.empty())
        llvm::report_fatal_error("cannot read " + file);
    }
    return read;
  }();
  return machines;
}

std::optional<Machine> lacuna::halide::getMachine(const std::string &name) {
  for (const Machine &machine : getMachines())
    if (machine.name == name)
      return machine;
  return std::nullopt;
}

std::string lacuna::halide::listMachines() {
  std::string names;
  for (const Machine &machine : getMachines())
    names += (names.empty() ? "" : ", ") + machine.name;
  return names;
}
