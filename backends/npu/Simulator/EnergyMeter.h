//===- EnergyMeter.h - Prices actions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_ENERGYMETER_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_ENERGYMETER_H

#include "backends/npu/Array/ArrayTiming.h"
#include "backends/npu/Simulator/Energy.h"
#include <map>

namespace lacuna::npu {

constexpr int64_t kSumBits = 32;

/// Of what the array works on: the width of its operands, and where they are.
struct ArrayWidths {
  int64_t bits = 0;
  /// What a value takes in storage, outliers included, in these bits.
  double inputScale = 1, weightScale = 1;
  const Memory *inputs = nullptr, *weights = nullptr, *sums = nullptr;
};

class EnergyMeter {
public:
  EnergyMeter(const Machine &machine, const EnergyTable &table)
      : machine(machine), table(table) {}

  /// Counts. An error if the table has no price for it.
  llvm::Error add(EnergyByComponent &to, EnergyComponent component,
                  EnergyAction action, double actions, int64_t bits = 0,
                  int64_t bankBytes = 0);
  llvm::Error addArray(EnergyByComponent &to, const ArrayTiming &timing,
                       const ArrayWidths &widths);
  /// Prices what was counted. The sums do not depend on the order in which it
  /// was: rounding happens here, in one order.
  void finish();

private:
  using Key = std::tuple<EnergyComponent, EnergyAction, int64_t, int64_t>;

  llvm::Error addAccesses(EnergyByComponent &to, EnergyComponent component,
                          EnergyAction done, const AccessCounts &counts,
                          double scale, int64_t bits, int64_t bankBytes = 0);

  const Machine &machine;
  const EnergyTable &table;
  std::map<Key, double> prices;
  /// For each of those that are added to, which lie in one row.
  std::map<std::pair<EnergyByComponent *, Key>, double> counts;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_ENERGYMETER_H
