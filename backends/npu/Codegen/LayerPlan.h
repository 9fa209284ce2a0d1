//===- LayerPlan.h - What each layer will do, and what stays on the chip -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before anything is written: the layers in order, the tiles of those that an
// array computes, and the tensors between them that need not go to DRAM since
// there is room for them on the chip as long as somebody wants them.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_LAYERPLAN_H
#define LACUNA_BACKENDS_NPU_CODEGEN_LAYERPLAN_H

#include "backends/npu/Codegen/ArrayLayer.h"
#include "backends/npu/Codegen/LoopWriter.h"

namespace lacuna::npu {

struct PlannedLayer {
  LoopGroup group;
  /// Of layers of products.
  std::optional<ArrayLayer> array;
  TilingSolution tiling;
  std::vector<TilingChoice> choices;
};

/// The layers of `main`. Tells `memory` which tensors stay on the chip. Fails,
/// after a diagnostic, if a layer fits in no way.
mlir::FailureOr<std::vector<PlannedLayer>>
planLayers(mlir::Block &main, const Machine &machine, MemoryMap &memory);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_LAYERPLAN_H
