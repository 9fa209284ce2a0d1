//===- Reference.h - Runs a module by its reference lowering -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_REFERENCE_H
#define LACUNA_DRIVER_REFERENCE_H

#include "lacuna/Driver/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/LogicalResult.h"
#include <memory>
#include <string>
#include <vector>

namespace mlir {
class ExecutionEngine;
class OpPassManager;
} // namespace mlir

namespace lacuna {

/// The passes from tensors to the LLVM dialect.
void buildReferencePipeline(mlir::OpPassManager &pm);
void registerReferencePipeline();

/// Registers what lowering to LLVM needs; before the context is made.
void registerReferenceDialects(mlir::DialectRegistry &registry);

/// A module compiled by its reference lowering into this process: the oracle.
class ReferenceProgram : public Program {
public:
  ~ReferenceProgram() override;

  /// Compiles `module`; null, after diagnostics, if that fails.
  static std::unique_ptr<ReferenceProgram>
  compile(mlir::OwningOpRef<mlir::ModuleOp> module);

  llvm::Expected<std::vector<Tensors>>
  runAll(llvm::ArrayRef<Tensors> samples) const override;

private:
  ReferenceProgram() = default;

  llvm::Expected<Tensors> runOne(llvm::ArrayRef<HostTensor> arguments) const;

  /// Descriptors of the weights, which the code takes as arguments.
  std::vector<std::vector<int64_t>> weights;
  std::unique_ptr<mlir::ExecutionEngine> engine;
};

} // namespace lacuna

#endif // LACUNA_DRIVER_REFERENCE_H
