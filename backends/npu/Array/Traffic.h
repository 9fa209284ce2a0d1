//===- Traffic.h - What a layer moves to and from DRAM -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The traffic of a layer on a machine that reads its operands once, as the
// performance sheet of NVDLA counts it. Strides are folded into channels, and
// channels are stored in sixteens.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_TRAFFIC_H
#define LACUNA_NPU_ARRAY_TRAFFIC_H

#include "backends/npu/Array/ArrayTask.h"

namespace lacuna::npu {

/// A layer of a network, and what is done with its results before they leave
/// the chip.
struct RooflineLayer {
  ArrayTask task;
  /// Frames that share one fetch of the weights.
  int64_t frames = 1;
  /// Extents after pooling; 0: there is none.
  int64_t pooledHeight = 0, pooledWidth = 0;
};

/// Whether a kernel is one of 3x3 and stride 1, which F(2x2, 3x3) can do.
bool isWinogradKernel(const ArrayTask &task);

/// Channels of a group with the strides folded in, in whole sixteens.
int64_t getFoldedChannels(const ArrayTask &task);

/// Bytes of one frame.
struct LayerTraffic {
  double weights = 0;
  int64_t inputs = 0, outputs = 0;

  double getSum() const { return weights + double(inputs + outputs); }
};
/// `winograd`: 3x3 weights are stored transformed, as 4x4.
LayerTraffic countTraffic(const RooflineLayer &layer, bool winograd);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_TRAFFIC_H
