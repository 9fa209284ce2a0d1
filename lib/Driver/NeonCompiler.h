//===- NeonCompiler.h - From an imported module to a bundle -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_NEONCOMPILER_H
#define LACUNA_LIB_DRIVER_NEONCOMPILER_H

#include "Phases.h"

#include "backends/neon/Bundle/Bundle.h"

namespace lacuna {

/// Whether the target can compute all of the module; diagnostics name the nodes
/// that it cannot.
mlir::LogicalResult checkForNeon(mlir::ModuleOp module);

/// One phase after the import.
mlir::LogicalResult runNeonPhase(mlir::ModuleOp module, Phase phase,
                                 const neon::BundleOptions &options);

/// All phases after the import.
mlir::FailureOr<std::vector<neon::BundleFile>>
compileForNeon(mlir::ModuleOp module, const neon::BundleOptions &options);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_NEONCOMPILER_H
