//===- ConvRunner.h - Computes convolutions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_CONVRUNNER_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_CONVRUNNER_H

#include "backends/npu/Stream/Commands.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace lacuna::npu {

/// Where the operands of a convolution begin. All that `getAccesses` tells must
/// be there; only what weights that are not dense hold is checked.
struct ConvOperands {
  const uint8_t *input = nullptr, *weights = nullptr;
  /// Null: none.
  const uint8_t *bias = nullptr, *weightZeroPoints = nullptr;
  uint8_t *sums = nullptr;
};

/// How a convolution is computed. All ways give the same integers, and floats
/// of sums in the same order.
enum class ConvMethod {
  /// As fast as there is one.
  Best,
  /// Product by product, straight from the operands.
  Plain
};

/// The weights in the order [filter][channel of the group][d][h][w], dense, if
/// they are stored in a format that is not.
llvm::Expected<std::vector<uint8_t>> loadWeights(const ConvCommand &command,
                                                 const uint8_t *stored);

/// Products of the whole command, with those that meet padding; saturated.
uint64_t countProducts(const ConvCommand &command);

/// Computes the sums. `command` must hold what `check` wants. Weights are
/// dense: those of `loadWeights` in another format.
void runConv(const ConvCommand &command, const ConvOperands &operands,
             ConvMethod method = ConvMethod::Best);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_CONVRUNNER_H
