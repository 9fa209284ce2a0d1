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
#include "backends/npu/Codegen/Residents.h"

namespace lacuna::npu {

struct PlannedLayer {
  LoopGroup group;
  /// Of layers of products.
  std::optional<ArrayLayer> array;
  TilingSolution tiling;
  std::vector<TilingChoice> choices;
};

struct LayerPlan {
  std::vector<PlannedLayer> layers;
  /// Constants that stay on the chip from one step to the next, and what those
  /// of arrays take of the memory of weights.
  std::vector<Resident> constants;
  int64_t constantBytes = 0;
};

/// The layers of `main`, which is done again and again if `isStep`. Tells
/// `memory` what stays on the chip. Fails, after a diagnostic, if a layer fits
/// in no way.
mlir::FailureOr<LayerPlan> planLayers(mlir::Block &main, bool isStep,
                                      const Machine &machine,
                                      MemoryMap &memory);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_LAYERPLAN_H
