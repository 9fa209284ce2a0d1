//===- NeonCompiler.cpp - From an imported module to a bundle -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NeonCompiler.h"

#include "HalideKernels.h"

#include "backends/neon/Pipeline.h"
#include "lacuna/Compress/Passes.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace lacuna;

LogicalResult lacuna::checkForNeon(ModuleOp module, StringRef target) {
  llvm::DenseSet<Location> reported;
  bool supported = true;
  auto check = [&](Location loc, Type type) {
    Type element = getElementTypeOrSelf(type);
    if (!isa<FloatType>(element) || element.isF16() || element.isBF16() ||
        element.isF32() || element.isF64() || !reported.insert(loc).second)
      return;
    supported = false;
    emitError(loc) << "elements of type " << element
                   << " are not supported by the target '" << target << "'";
  };
  module.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      check(op->getLoc(), type);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (BlockArgument argument : block.getArguments())
          check(op->getLoc(), argument.getType());
  });
  return success(supported);
}

LogicalResult lacuna::runNeonPhase(ModuleOp module, Phase phase,
                                   const neon::BundleOptions &options) {
  PassManager pm(module.getContext());
  switch (phase) {
  case Phase::Import:
    break;
  case Phase::Compress:
    pm.addPass(createCompressFoldScales());
    break;
  case Phase::Schedule:
    neon::buildSchedulePipeline(pm, options.core);
    break;
  case Phase::Lower:
    neon::buildLowerPipeline(pm, options.core, options.threads);
    break;
  case Phase::Emit:
    neon::buildEmitPipeline(pm, options.profile);
    break;
  }
  return pm.run(module);
}

FailureOr<std::vector<neon::BundleFile>>
lacuna::makeBundle(ModuleOp module, const neon::BundleOptions &options,
                   const HalideOptions &halide) {
  FailureOr<std::vector<neon::BundleFile>> files =
      neon::makeBundle(module, options);
  std::string requests = neon::getKernelRequests(module, options);
  if (failed(files) || requests.empty())
    return files;
  llvm::Expected<std::vector<neon::BundleFile>> kernels =
      makeHalideKernels(requests, options.name + "_kernels", halide);
  if (!kernels) {
    emitError(UnknownLoc::get(module.getContext()))
        << llvm::toString(kernels.takeError());
    return failure();
  }
  llvm::append_range(*files, *kernels);
  return files;
}

FailureOr<std::vector<neon::BundleFile>>
lacuna::compileForNeon(ModuleOp module, const neon::BundleOptions &options,
                       const HalideOptions &halide) {
  for (Phase phase : kPhases)
    if (failed(runNeonPhase(module, phase, options)))
      return failure();
  return makeBundle(module, options, halide);
}
