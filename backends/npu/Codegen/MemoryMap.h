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

/// Addresses of a module's buffers: arguments of `main` (inputs, states,
/// outputs, and last the workspace), places in the workspace, and globals,
/// which become constants of the stream.
class MemoryMap {
public:
  /// Fails after a diagnostic.
  mlir::LogicalResult build(mlir::func::FuncOp main, size_t inputs,
                            size_t states, size_t outputs,
                            StreamBuilder &builder);

  /// Those that are changed from step to step. In DRAM they lie behind the
  /// workspace, which is so much larger.
  llvm::ArrayRef<mlir::BlockArgument> getStates() const {
    return body->getArguments().slice(inputs, stateAddresses.size());
  }
  uint64_t getWorkspaceBytes() const { return workspaceBytes; }
  /// Of a global's value; none of anything else.
  std::optional<Address> findConstant(mlir::Value root) const;

  /// What is behind all views stays on the chip, and not in DRAM.
  void placeOnChip(mlir::Value root, Address address) { chip[root] = address; }
  void clearChip() { chip.clear(); }

  /// Of what is behind all views (`findRoot`).
  std::optional<Address> findRootAddress(mlir::Value root) const;
  /// Of the first element of `memory`, whose offset is static.
  mlir::FailureOr<Address> findAddress(mlir::Value memory) const;

private:
  mlir::Block *body = nullptr;
  size_t inputs = 0, outputs = 0;
  std::vector<Address> stateAddresses;
  uint64_t workspaceBytes = 0;
  llvm::StringMap<Address> globals;
  llvm::DenseMap<mlir::Value, Address> chip;
};

/// The first `bytes` bytes of a constant as they lie in memory; none if its
/// value is not there.
std::optional<std::vector<char>> readBytes(mlir::Attribute value,
                                           int64_t bytes);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_MEMORYMAP_H
