//===- ConvTask.h - A convolution as the models of time see it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_CONVTASK_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_CONVTASK_H

#include "backends/npu/Array/ArrayTask.h"
#include "backends/npu/Simulator/ConvRunner.h"

namespace lacuna::npu {

/// The task of a command, without masks. An error if the machine's array has
/// not its types, or the models cannot count it.
llvm::Expected<ArrayTask> makeArrayTask(const Machine &machine,
                                        const ConvCommand &command);

struct LayerDensities;

/// Where zeros and outliers are, as far as the machine's array cares.
struct TaskMasks {
  std::optional<ZeroMask> activations, weights;
  std::optional<ZeroMask> activationOutliers, weightOutliers;

  /// Of real values. `bytes` are those of the hulls of input and weights.
  llvm::Error makeReal(const Machine &machine, const ArrayTask &task,
                       const ConvCommand &command, const ConvOperands &operands,
                       uint64_t inputBytes, uint64_t weightBytes);
  void makeRandom(const Machine &machine, const ArrayTask &task,
                  const LayerDensities &densities, uint64_t seed);
  void applyTo(ArrayTask &task) const;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_CONVTASK_H
