//===- ModuleFile.h - Modules as files between the phases -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_MODULEFILE_H
#define LACUNA_LIB_DRIVER_MODULEFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace lacuna {

/// Whether `path` names a module, as text or as bytecode.
bool isModuleFile(llvm::StringRef path);

/// What `main` of a module is about.
enum class ModuleStage {
  Tensors,
  /// Memory, as the phase 'lower' leaves it.
  Memory,
  /// C++, as the phase 'emit' leaves it.
  Code
};

/// Reads a module that a phase wrote. Null after diagnostics; `exitCode` says
/// of which kind.
mlir::OwningOpRef<mlir::ModuleOp> readModule(llvm::StringRef path,
                                             mlir::MLIRContext &context,
                                             ModuleStage stage, int &exitCode);

/// Writes `<stem>.mlir`, or `<stem>.mlirbc` if the weights are large. Returns
/// the exit code.
int writeModule(mlir::ModuleOp module, llvm::StringRef stem);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_MODULEFILE_H
