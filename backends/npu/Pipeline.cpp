//===- Pipeline.cpp - From tensors to what becomes commands -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Pipeline.h"

#include "backends/npu/IR/NpuDialect.h"
#include "backends/npu/Transforms/Passes.h"
#include "lacuna/Schedule/Buffers.h"
#include "lacuna/Schedule/Machine.h"
#include "lacuna/Schedule/Passes.h"
#include "lacuna/Schedule/Tiling.h"

#include "dialects/nn/Transforms/Passes.h"
#include "dialects/qnn/Transforms/Passes.h"
#include "dialects/tconv/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lacuna;

void npu::buildSchedulePipeline(OpPassManager &pm, const Machine &machine) {
  npu::NpuSelectLayersOptions select;
  // 16 bits hold bytes too.
  select.bytes =
      machine.hasType(ElementType::Int8) || machine.hasType(ElementType::Int16);
  select.words = machine.hasType(ElementType::Int16);
  select.floats = machine.hasType(ElementType::Float32);
  if (!machine.memories.empty()) {
    TilePlaces places = findPlaces(machine);
    // What else the smallest tile takes: sums, outputs, and what these want.
    constexpr int64_t kOther = 2048;
    auto getRoom = [&](unsigned place) {
      int64_t bytes = machine.memories[place].bytes;
      bytes = std::max(bytes - kOther, bytes / 2);
      return places.inputs == places.weights ? bytes / 2 : bytes;
    };
    select.kernelBytes = getRoom(places.weights);
    select.windowBytes = getRoom(places.inputs);
  }
  pm.addPass(tconv::createTConvLowerToTensor({/*selectFrames=*/true}));
  qnn::QNNFoldQuantizationOptions fold;
  npu::NpuSplitTransposedOptions split;
  fold.productsPerByte =
      machine.array.getMacsPerClock() / machine.getDramBytesPerClock();
  if (!machine.memories.empty())
    fold.memoryBytes = machine.memories[findPlaces(machine).inputs].bytes;
  if (select.floats) {
    split.productsPerByte = fold.productsPerByte;
    split.memoryBytes = fold.memoryBytes;
  }
  pm.addPass(qnn::createQNNFoldQuantization(fold));
  pm.addPass(npu::createNpuSplitTransposed(split));
  pm.addPass(npu::createNpuSplitWords({/*bytesOnly=*/!select.words}));
  pm.addPass(npu::createNpuSelectLayers(select));
  pm.addPass(qnn::createQNNLowerToNN());
  pm.addPass(nn::createNNLowerToLinalg());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // First each layer takes its own requantization, so that what goes between
  // two layers is narrow; then the larger takes what joins them.
  npu::NpuFuseEpiloguesOptions own;
  own.narrows = true;
  pm.addPass(npu::createNpuFuseEpilogues(own));
  pm.addPass(createScheduleFuseElementwise());
  pm.addPass(npu::createNpuFuseEpilogues());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  const Array &array = machine.array;
  if (array.balancesFilters && hasWeights(array.skips)) {
    npu::ZeroSkipScheduleOptions schedule;
    schedule.kernels =
        array.regroups ? array.getPEs() : array.getPEs() / array.workGroups;
    pm.addPass(npu::createZeroSkipSchedule(schedule));
  }
}

void npu::buildLowerPipeline(OpPassManager &pm, const Machine &machine) {
  pm.addPass(createScheduleKeepLoopState());
  pm.addNestedPass<func::FuncOp>(createScheduleSeparateResults());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  addBufferization(pm);
  // Two views that are one: what copies one to the other goes.
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(tconv::createTConvKeepStates());
  // What takes more of the chip does not stay there.
  npu::NpuReadInPlaceOptions small;
  small.bytes = machine.memories[findPlaces(machine).inputs].bytes / 2;
  pm.addNestedPass<func::FuncOp>(npu::createNpuReadInPlace(small));
  pm.addNestedPass<func::FuncOp>(createScheduleCopyToLinalg());
  pm.addNestedPass<func::FuncOp>(createSchedulePlanMemory());
  pm.addPass(npu::createNpuTurnReductions());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void npu::registerPipelines() {
  registerLacunaNpuPasses();
  PassPipelineRegistration<>(
      "npu-schedule", "Networks to layers of an NPU with all types",
      [](OpPassManager &pm) {
        Machine machine;
        machine.types = {ElementType::Int8, ElementType::Int16,
                         ElementType::Float32};
        npu::buildSchedulePipeline(pm, machine);
      });
  PassPipelineRegistration<>("npu-lower", "Layers and loops on planned memory",
                             [](OpPassManager &pm) {
                               Machine machine;
                               machine.memories.emplace_back();
                               machine.memories.front().bytes = 1 << 17;
                               npu::buildLowerPipeline(pm, machine);
                             });
}

void npu::registerDialects(DialectRegistry &registry) {
  registry.insert<npu::NpuDialect>();
  npu::registerBufferizableOpInterfaces(registry);
}
