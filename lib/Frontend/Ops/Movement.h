//===- Movement.h - Permuting, cutting and joining tensors -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_OPS_MOVEMENT_H
#define LACUNA_LIB_FRONTEND_OPS_MOVEMENT_H

#include "Node.h"

namespace lacuna {

/// `value` with its dimensions permuted: dimension i of the result is dimension
/// `permutation[i]` of `value`.
mlir::Value createTranspose(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                            llvm::ArrayRef<int64_t> permutation);

/// The elements `offset + i * stride` of `value`, `size` of them in each
/// dimension; strides may be negative.
mlir::Value createSlice(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                        llvm::ArrayRef<int64_t> offsets,
                        llvm::ArrayRef<int64_t> sizes,
                        llvm::ArrayRef<int64_t> strides);

/// Reads `value` at another place: `index` maps the index of a result element
/// to that of an element of `value`, all as `index` values.
mlir::Value createRead(
    mlir::ImplicitLocOpBuilder &b, mlir::Value value,
    llvm::ArrayRef<int64_t> shape,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(
        mlir::ImplicitLocOpBuilder &b, llvm::ArrayRef<mlir::Value> index)>
        index);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_OPS_MOVEMENT_H
