//===- WeightBlocks.h - Weights with a scale for each block -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_OPS_WEIGHTBLOCKS_H
#define LACUNA_LIB_FRONTEND_OPS_WEIGHTBLOCKS_H

#include "Node.h"

namespace lacuna {

class OpTable;

/// Imports a DequantizeLinear with `block_size`.
mlir::LogicalResult importDequantizeBlocks(Node &node);

/// Adds MatMulNBits of ONNX Runtime.
void registerWeightBlockOps(OpTable &table);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_OPS_WEIGHTBLOCKS_H
