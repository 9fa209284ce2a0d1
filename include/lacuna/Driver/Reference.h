//===- Reference.h - Runs a module by its reference lowering -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_REFERENCE_H
#define LACUNA_DRIVER_REFERENCE_H

#include "lacuna/Support/HostTensor.h"

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

/// A graph input or output of a module, in graph order.
struct Port {
  std::string name;
  DType type;
  llvm::SmallVector<int64_t> shape;
};

/// The inputs and outputs of function `main` of `module`.
std::vector<Port> getInputs(mlir::ModuleOp module);
std::vector<Port> getOutputs(mlir::ModuleOp module);

/// The passes from tensors to the LLVM dialect.
void buildReferencePipeline(mlir::OpPassManager &pm);
void registerReferencePipeline();

/// Registers what lowering to LLVM needs; before the context is made.
void registerReferenceDialects(mlir::DialectRegistry &registry);

/// A module compiled by its reference lowering into this process: the oracle.
class ReferenceProgram {
public:
  ~ReferenceProgram();

  /// Compiles `module`; null, after diagnostics, if that fails.
  static std::unique_ptr<ReferenceProgram>
  compile(mlir::OwningOpRef<mlir::ModuleOp> module);

  llvm::ArrayRef<Port> getInputs() const { return inputs; }
  llvm::ArrayRef<Port> getOutputs() const { return outputs; }

  /// Runs on one tensor an input, of the input's type and shape.
  llvm::Expected<std::vector<HostTensor>>
  run(llvm::ArrayRef<HostTensor> arguments) const;

private:
  ReferenceProgram() = default;

  std::vector<Port> inputs, outputs;
  /// Descriptors of the weights, which the code takes as arguments.
  std::vector<std::vector<int64_t>> weights;
  std::unique_ptr<mlir::ExecutionEngine> engine;
};

} // namespace lacuna

#endif // LACUNA_DRIVER_REFERENCE_H
