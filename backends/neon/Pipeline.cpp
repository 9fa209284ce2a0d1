//===- Pipeline.cpp - The way of a network to C++ with NEON -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Pipeline.h"

#include "backends/neon/Transforms/Passes.h"
#include "lacuna/Schedule/Buffers.h"
#include "lacuna/Schedule/Passes.h"

#include "dialects/nn/Transforms/Passes.h"
#include "dialects/qnn/Transforms/Passes.h"
#include "dialects/tconv/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/EmitC/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/AllocationOpInterfaceImpl.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lacuna;
using neon::Core;

void neon::buildSchedulePipeline(OpPassManager &pm, const Core &core) {
  neon::NeonSelectKernelsOptions select;
  select.fp16 = core.has("fp16");
  select.softmax = core.usesHalide();
  pm.addPass(neon::createNeonDescribeNetwork());
  pm.addPass(qnn::createQNNFoldQuantization());
  pm.addPass(tconv::createTConvLowerToTensor());
  pm.addPass(neon::createNeonSelectKernels(select));
  pm.addPass(qnn::createQNNLowerToNN());
  pm.addPass(neon::createNeonSelectKernels(select));
  pm.addPass(nn::createNNLowerToLinalg());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(neon::createNeonPropagateLayouts());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(neon::createNeonFuseEpilogues());
  pm.addPass(createScheduleFuseElementwise());
  // A chain of elementwise operations turns as one.
  pm.addPass(neon::createNeonPropagateLayouts());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  if (core.usesHalide())
    pm.addPass(neon::createNeonKeepPlanes({core.lanes}));
}

void neon::buildLowerPipeline(OpPassManager &pm, const Core &core,
                              int64_t threads) {
  pm.addPass(neon::createNeonPlacePads());
  pm.addPass(createScheduleKeepLoopState());
  pm.addNestedPass<func::FuncOp>(createScheduleSeparateResults());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  addBufferization(pm);
  // Views that are the same become one, and then copies to themselves vanish.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(tconv::createTConvKeepStates());
  neon::NeonPackWeightsOptions pack;
  pack.dotprod = core.has("dotprod");
  pack.i8mm = core.has("i8mm");
  if (core.usesHalide()) {
    pack.lanes = core.lanes;
    pack.together = core.together;
    if (core.winograd && core.caches.size() > 1)
      pack.winogradBytes = core.caches[1] / 2;
  }
  pm.addPass(neon::createNeonPackWeights(pack));
  // Bytes of the widest registers.
  pm.addPass(neon::createNeonPlaceWeights({core.usesHalide() ? 64 : 16}));
  pm.addPass(neon::createNeonSelectCopies());
  if (core.usesHalide())
    pm.addPass(neon::createNeonSelectMaps());
  else
    pm.addPass(neon::createNeonSelectLookups());
  pm.addNestedPass<func::FuncOp>(createSchedulePlanMemory());
  pm.addPass(neon::createNeonCollapseLoops());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(neon::createNeonOutlineLayers());
  pm.addPass(createCanonicalizerPass());
  if (threads > 1)
    pm.addPass(neon::createNeonSplitKernels({threads}));
}

void neon::buildEmitPipeline(OpPassManager &pm, bool profile) {
  pm.addPass(neon::createNeonConvertToEmitC());
  if (profile)
    pm.addPass(neon::createNeonProfileLayers());
  pm.addPass(createCSEPass());
  pm.addPass(emitc::createFormExpressionsPass());
}

namespace {
template <typename Derived>
struct CoreOptions : PassPipelineOptions<Derived> {
  detail::PassOptions::Option<std::string> mcpu{
      *this, "mcpu", llvm::cl::desc("The core"), llvm::cl::init("generic")};
  detail::PassOptions::Option<std::string> mattr{
      *this, "mattr", llvm::cl::desc("Features besides, +F or -F")};

  Core getCore() const {
    llvm::Expected<Core> core = neon::getCore(mcpu, mattr);
    if (!core)
      llvm::reportFatalUsageError(core.takeError());
    return *core;
  }
};

struct ScheduleOptions : CoreOptions<ScheduleOptions> {};

struct LowerOptions : CoreOptions<LowerOptions> {
  Option<int64_t> threads{
      *this, "threads", llvm::cl::desc("How many threads share large kernels"),
      llvm::cl::init(1)};
};

struct EmitOptions : PassPipelineOptions<EmitOptions> {
  Option<bool> profile{*this, "profile",
                       llvm::cl::desc("Call a hook around each layer"),
                       llvm::cl::init(false)};
};
} // namespace

void neon::registerPipelines() {
  registerLacunaNeonPasses();
  PassPipelineRegistration<ScheduleOptions>(
      "neon-schedule", "Choose kernels and layouts for a NEON core",
      [](OpPassManager &pm, const ScheduleOptions &options) {
        buildSchedulePipeline(pm, options.getCore());
      });
  PassPipelineRegistration<LowerOptions>(
      "neon-lower", "From tensors to one arena, loops and layers",
      [](OpPassManager &pm, const LowerOptions &options) {
        buildLowerPipeline(pm, options.getCore(), options.threads);
      });
  PassPipelineRegistration<EmitOptions>(
      "neon-emit", "From loops to EmitC",
      [](OpPassManager &pm, const EmitOptions &options) {
        buildEmitPipeline(pm, options.profile);
      });
}

void neon::registerDialects(DialectRegistry &registry) {
  registry.insert<affine::AffineDialect, emitc::EmitCDialect, NeonDialect>();
  registerBufferizableOpInterfaces(registry);
  // Without it, results are made in the arena and copied to the caller's
  // memory.
  memref::registerAllocationOpInterfaceExternalModels(registry);
}
