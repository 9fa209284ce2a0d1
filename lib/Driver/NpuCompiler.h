//===- NpuCompiler.h - From an imported module to a command stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_NPUCOMPILER_H
#define LACUNA_LIB_DRIVER_NPUCOMPILER_H

#include "Phases.h"

#include "backends/npu/Codegen/Codegen.h"

#include "mlir/IR/BuiltinOps.h"

namespace lacuna {

/// One phase after the import, of what `machine` is to compute; code generation
/// is none of them.
mlir::LogicalResult runNpuPhase(mlir::ModuleOp module, Phase phase,
                                const Machine &machine);

/// All phases after the import.
mlir::FailureOr<npu::CompiledStream> compileForNpu(mlir::ModuleOp module,
                                                   const Machine &machine);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_NPUCOMPILER_H
