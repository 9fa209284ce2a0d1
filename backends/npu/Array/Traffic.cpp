//===- Traffic.cpp - What a layer moves to and from DRAM -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Traffic.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

static constexpr int64_t kAtom = 16;

static int64_t getBytes(ElementType type) {
  switch (type) {
  case ElementType::Int8:
    return 1;
  case ElementType::Int16:
    return 2;
  case ElementType::Float32:
    return 4;
  }
  llvm_unreachable("all types have a size");
}

bool isWinogradKernel(const ArrayTask &task) {
  auto isThree = [](const SpatialDimension &dimension) {
    return dimension.kernel == 3 && dimension.stride == 1 &&
           dimension.dilation == 1;
  };
  return isThree(task.space[1]) && isThree(task.space[2]);
}

int64_t getFoldedChannels(const ArrayTask &task) {
  return alignTo(task.getGroupChannels() * task.space[1].stride *
                     task.space[2].stride,
                 kAtom);
}

LayerTraffic countTraffic(const RooflineLayer &layer, bool winograd) {
  const ArrayTask &task = layer.task;
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  int64_t bytes = getBytes(task.type) * task.groups;
  int64_t channels = getFoldedChannels(task);
  int64_t filters = task.getGroupFilters();

  LayerTraffic traffic;
  int64_t taps = int64_t(divideCeil(height.kernel, height.stride)) *
                 int64_t(divideCeil(width.kernel, width.stride));
  if (winograd && isWinogradKernel(task))
    taps = 16;
  traffic.weights =
      double(bytes * channels * taps * filters) / double(layer.frames);
  traffic.inputs = bytes * channels *
                   int64_t(divideCeil(height.input, height.stride)) *
                   int64_t(divideCeil(width.input, width.stride));
  int64_t rows = layer.pooledHeight ? layer.pooledHeight : height.output;
  int64_t columns = layer.pooledWidth ? layer.pooledWidth : width.output;
  traffic.outputs = bytes * int64_t(alignTo(filters, kAtom)) * rows * columns;
  return traffic;
}

} // namespace lacuna::npu
