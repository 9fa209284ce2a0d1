//===- NpuCompiler.cpp - From an imported module to a command stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuCompiler.h"

#include "backends/npu/Pipeline.h"
#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace lacuna;

LogicalResult lacuna::runNpuPhase(ModuleOp module, Phase phase,
                                  const Machine &machine) {
  PassManager pm(module.getContext());
  if (phase == Phase::Schedule) {
    // Inputs are read: nothing is computed in place there, but states are.
    if (auto main = module.lookupSymbol<func::FuncOp>("main"))
      for (unsigned i = 0; i < main.getNumArguments(); ++i)
        main.setArgAttr(
            i, bufferization::BufferizationDialect::kWritableAttrName,
            BoolAttr::get(
                module.getContext(),
                main.getArgAttr(i, tconv::TConvDialect::kInitialAttr) !=
                    nullptr));
    npu::buildSchedulePipeline(pm, machine);
  } else if (phase == Phase::Lower)
    npu::buildLowerPipeline(pm, machine);
  return pm.run(module);
}

FailureOr<npu::CompiledStream> lacuna::compileForNpu(ModuleOp module,
                                                     const Machine &machine) {
  npu::CodegenOptions options;
  options.machine = &machine;
  options.inputs = getInputs(module);
  options.outputs = getOutputs(module);
  for (Phase phase : kPhases)
    if (failed(runNpuPhase(module, phase, machine)))
      return failure();
  return npu::generate(module, options);
}
