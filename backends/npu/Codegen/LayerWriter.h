//===- LayerWriter.h - The commands of a layer of products -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_LAYERWRITER_H
#define LACUNA_BACKENDS_NPU_CODEGEN_LAYERWRITER_H

#include "backends/npu/Codegen/ArrayLayer.h"
#include "backends/npu/Codegen/ChipRings.h"
#include "backends/npu/Codegen/StreamBuilder.h"

namespace lacuna::npu {

/// Writes the commands that compute `layer` in the tiles of `tiling`: loads,
/// products, epilogues and stores. What stays on the chip is used where it is.
/// Fails after a diagnostic.
mlir::LogicalResult writeLayer(StreamBuilder &builder, ChipRings &rings,
                               const ArrayLayer &layer,
                               const TilingSolution &tiling, Layer description);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_LAYERWRITER_H
