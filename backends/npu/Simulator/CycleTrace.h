//===- CycleTrace.h - What PEs do, clock by clock -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_CYCLETRACE_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_CYCLETRACE_H

#include "backends/npu/Array/ArrayTiming.h"
#include "llvm/Support/raw_ostream.h"

namespace lacuna::npu {

/// Prints a line for each clock: the input that comes, and for each PE the
/// output that it adds to. An error if the array has no such trace.
llvm::Error printCycles(const Machine &machine, const ArrayTask &task,
                        llvm::raw_ostream &os);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_CYCLETRACE_H
