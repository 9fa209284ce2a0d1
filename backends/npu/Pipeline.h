//===- Pipeline.h - From tensors to what becomes commands -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_PIPELINE_H
#define LACUNA_BACKENDS_NPU_PIPELINE_H

namespace mlir {
class DialectRegistry;
class OpPassManager;
} // namespace mlir

namespace lacuna {
class Machine;
} // namespace lacuna

namespace lacuna::npu {

/// Gives products that the machine's array can do to it, and their epilogues
/// with them.
void buildSchedulePipeline(mlir::OpPassManager &pm, const Machine &machine);

/// Tensors become memory, and everything else becomes loops.
void buildLowerPipeline(mlir::OpPassManager &pm, const Machine &machine);

/// Makes the pipelines and passes known to tools.
void registerPipelines();

void registerDialects(mlir::DialectRegistry &registry);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_PIPELINE_H
