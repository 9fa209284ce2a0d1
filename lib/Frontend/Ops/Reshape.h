//===- Reshape.h - Seeing a tensor in another shape -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_OPS_RESHAPE_H
#define LACUNA_LIB_FRONTEND_OPS_RESHAPE_H

#include "Node.h"

namespace lacuna {

/// `value` in another shape with the same number of elements, row-major. Uses
/// `tensor.expand_shape` and `tensor.collapse_shape` only, which every later
/// pass understands; a constant is reshaped in place.
mlir::Value createReshape(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                          llvm::ArrayRef<int64_t> shape);

/// Makes output 0 of `node` its input 0 in another shape; an error if the
/// numbers of elements differ.
mlir::LogicalResult reshapeOutput(Node &node, llvm::ArrayRef<int64_t> shape);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_OPS_RESHAPE_H
