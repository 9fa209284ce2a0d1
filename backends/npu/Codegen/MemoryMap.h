//===- MemoryMap.h - Where the memory of a module is -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_MEMORYMAP_H
#define LACUNA_BACKENDS_NPU_CODEGEN_MEMORYMAP_H

#include "backends/npu/Codegen/StreamBuilder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace lacuna::npu {

/// Addresses of a module's buffers: arguments of `main` (inputs, outputs, and
/// last the workspace), places in the workspace, and globals, which become
/// constants of the stream.
class MemoryMap {
public:
  /// Fails after a diagnostic.
  mlir::LogicalResult build(mlir::func::FuncOp main, size_t inputs,
                            size_t outputs, StreamBuilder &builder);

  /// What is behind all views stays on the chip, and not in the workspace.
  void placeOnChip(mlir::Value root, Address address) { chip[root] = address; }
  void clearChip() { chip.clear(); }

  /// Of what is behind all views (`findRoot`).
  std::optional<Address> findRootAddress(mlir::Value root) const;
  /// Of the first element of `memory`, whose offset is static.
  mlir::FailureOr<Address> findAddress(mlir::Value memory) const;

private:
  mlir::Block *body = nullptr;
  size_t inputs = 0, outputs = 0;
  llvm::StringMap<Address> globals;
  llvm::DenseMap<mlir::Value, Address> chip;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_MEMORYMAP_H
