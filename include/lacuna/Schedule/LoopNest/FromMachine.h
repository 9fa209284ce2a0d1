//===- FromMachine.h - The storage of a machine as levels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_LOOPNEST_FROMMACHINE_H
#define LACUNA_SCHEDULE_LOOPNEST_FROMMACHINE_H

#include "lacuna/Schedule/EnergyTable.h"
#include "lacuna/Schedule/LoopNest/Architecture.h"

namespace lacuna::loopnest {

/// Levels of `machine` for values of `type`, from the outermost: `dram`, its
/// memories in their order, `array` (no storage: PEs are its fanout), what a PE
/// stores (`pe-inputs`, `pe-weights`, `pe-sums`), and `lanes` (no storage).
/// Which tensors they keep is for a mapping to say; formats and rules, which
/// are of tensors, too. An error, naming the table, if `table` lacks a price.
llvm::Expected<Architecture> makeArchitecture(const Machine &machine,
                                              const EnergyTable &table,
                                              ElementType type);

} // namespace lacuna::loopnest

#endif // LACUNA_SCHEDULE_LOOPNEST_FROMMACHINE_H
