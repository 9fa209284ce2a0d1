//===- LoopWriter.h - Loops as programs on memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_LOOPWRITER_H
#define LACUNA_BACKENDS_NPU_CODEGEN_LOOPWRITER_H

#include "backends/npu/Codegen/MemoryMap.h"

#include "llvm/ADT/DenseSet.h"

namespace lacuna::npu {

/// Operations that are done by one command: a layer of products, or what shares
/// values that are not in memory.
struct LoopGroup {
  llvm::SmallVector<mlir::Operation *> ops;
  mlir::Location loc;
};

/// The groups of a function's body, in order; constants and views are in none.
std::vector<LoopGroup> groupOperations(mlir::Block &body);

/// Whether it is a layer of products.
bool isArrayLayer(const LoopGroup &group);

struct LoopProgram {
  Program program;
  /// Lacks the number of the program.
  ProgramCommand command;
};

/// Fails after a diagnostic.
mlir::FailureOr<LoopProgram> writeProgram(const LoopGroup &group,
                                          const MemoryMap &memory);

/// The buffers that a group writes and reads and that nothing has written
/// before: what is read there first must be something. `written` gets what the
/// group writes.
llvm::SmallVector<mlir::Value>
findScratch(const LoopGroup &group, llvm::DenseSet<mlir::Value> &written);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_LOOPWRITER_H
