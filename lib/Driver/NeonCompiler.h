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

struct HalideOptions;

/// Whether bundles can compute all of the module; diagnostics name the nodes
/// that they cannot.
mlir::LogicalResult checkForNeon(mlir::ModuleOp module, llvm::StringRef target);

/// One phase after the import.
mlir::LogicalResult runNeonPhase(mlir::ModuleOp module, Phase phase,
                                 const neon::BundleOptions &options);

/// The bundle of an emitted module, with its library of kernels if it wants
/// one.
mlir::FailureOr<std::vector<neon::BundleFile>>
makeBundle(mlir::ModuleOp module, const neon::BundleOptions &options,
           const HalideOptions &halide);

/// All phases after the import, and the bundle.
mlir::FailureOr<std::vector<neon::BundleFile>>
compileForNeon(mlir::ModuleOp module, const neon::BundleOptions &options,
               const HalideOptions &halide);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_NEONCOMPILER_H
