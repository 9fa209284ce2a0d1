//===- Inspection.h - What a network costs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_INSPECTION_H
#define LACUNA_LIB_DRIVER_INSPECTION_H

#include "lacuna/Frontend/Import.h"

namespace lacuna {

/// What a node, or a whole network, costs.
struct Cost {
  /// Multiply-accumulates, dense.
  int64_t macs = 0;
  /// Elements of the weights.
  int64_t parameters = 0;
  int64_t weightBytes = 0;
  /// Bytes of the results.
  int64_t activationBytes = 0;
  /// Weights that are zero, or the zero point if they are quantized.
  int64_t weightZeros = 0;
};

struct Inspection {
  /// A weight that several nodes use counts once here.
  Cost total;
  /// One entry a node of the import.
  std::vector<Cost> nodes;
};

Inspection inspect(const ImportResult &imported);

/// Multiply-accumulates of all of `module`, dense.
int64_t countMacs(mlir::ModuleOp module);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_INSPECTION_H
