//===- Pipeline.h - The way of a network to C++ with NEON -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_PIPELINE_H
#define LACUNA_BACKENDS_NEON_PIPELINE_H

#include "backends/neon/Core.h"

namespace mlir {
class DialectRegistry;
class OpPassManager;
} // namespace mlir

namespace lacuna::neon {

/// Choose kernels and layouts: tensors in, tensors out.
void buildSchedulePipeline(mlir::OpPassManager &pm, const Core &core);

/// Buffers in one arena, loops, a function a layer. Kernels with much work are
/// split among `threads` threads.
void buildLowerPipeline(mlir::OpPassManager &pm, const Core &core,
                        int64_t threads = 1);

/// EmitC, with expressions formed, and hooks around each layer if `profile`.
void buildEmitPipeline(mlir::OpPassManager &pm, bool profile = false);

/// The passes, and the three pipelines as `--neon-schedule`, `--neon-lower`
/// and `--neon-emit`.
void registerPipelines();

/// What the pipelines need; before the context is made.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_PIPELINE_H
