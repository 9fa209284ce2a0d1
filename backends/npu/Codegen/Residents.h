//===- Residents.h - Tensors that could stay on the chip -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_RESIDENTS_H
#define LACUNA_BACKENDS_NPU_CODEGEN_RESIDENTS_H

#include "backends/npu/Codegen/LoopWriter.h"
#include "lacuna/Schedule/Machine.h"

namespace lacuna::npu {

/// A tensor between layers, a state or a constant, with what it costs to have
/// it in DRAM.
struct Resident {
  mlir::Value root;
  int64_t bytes = 0;
  /// The first and the last layer that want it.
  int64_t first = 0, last = 0;
  /// Times that a layer reads or writes it.
  int64_t uses = 0;
};

/// Tensors and states that every layer that uses them could use where they are,
/// in the order of their layers. A state is wanted by all layers.
std::vector<Resident> findResidents(llvm::ArrayRef<LoopGroup> groups,
                                    const MemoryMap &memory);

/// Constants of which that holds; all layers want them, in each step. Either
/// weights and biases of arrays, or the others.
std::vector<Resident> findConstants(llvm::ArrayRef<LoopGroup> groups,
                                    const MemoryMap &memory, bool ofArray);

/// Those of `residents` that are worth most of what has room in `bytes`: those
/// of more than `large` bytes before others. What one is worth are the clocks
/// and the traffic of loading it.
std::vector<Resident> chooseMostValuable(llvm::ArrayRef<Resident> residents,
                                         int64_t bytes, int64_t large,
                                         const Machine &machine);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_RESIDENTS_H
