//===- ValueWidths.h - What values take as a machine stores them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stream has the values of a machine with a width of its own (`Values`) as
// bytes. What moves are the bits of the machine.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_VALUEWIDTHS_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_VALUEWIDTHS_H

#include "lacuna/Schedule/Machine.h"

namespace lacuna::npu {

struct LayerDensities;

/// Bits that a byte of the stream stands for, on average over a layer: a value
/// of its inputs, of its weights, and of what else it moves.
struct ValueWidths {
  double inputs = 8, weights = 8, others = 8;
  /// Weights in DRAM, without zeros if the machine leaves them out.
  double storedWeights = 8;

  /// Without densities nothing is known of outliers, and all values count with
  /// the width of one: never too little.
  ValueWidths(const Machine &machine, const LayerDensities *densities);
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_VALUEWIDTHS_H
