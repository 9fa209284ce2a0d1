//===- Energy.h - What the actions of a simulation cost -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts times prices, and nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_ENERGY_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_ENERGY_H

#include "lacuna/Schedule/EnergyTable.h"
#include <array>

namespace lacuna::npu {

constexpr unsigned kEnergyComponents = 11, kEnergyActions = 5;

/// How often something was done, and what that costs.
struct EnergyEntry {
  double actions = 0;
  double energy = 0;
};

/// Actions are those of the table's widths: values for storage in PEs, words
/// for buffers, bytes for DRAM.
struct EnergyByComponent {
  std::array<std::array<EnergyEntry, kEnergyActions>, kEnergyComponents>
      entries = {};

  EnergyEntry &get(EnergyComponent component, EnergyAction action) {
    return entries[static_cast<unsigned>(component)]
                  [static_cast<unsigned>(action)];
  }
  const EnergyEntry &get(EnergyComponent component, EnergyAction action) const {
    return entries[static_cast<unsigned>(component)]
                  [static_cast<unsigned>(action)];
  }
  double getOf(EnergyComponent component) const;
  double getSum() const;
  void add(const EnergyByComponent &other);
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_ENERGY_H
