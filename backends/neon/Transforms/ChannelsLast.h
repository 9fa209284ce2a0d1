//===- ChannelsLast.h - Between ONNX's layout and that of kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_TRANSFORMS_CHANNELSLAST_H
#define LACUNA_BACKENDS_NEON_TRANSFORMS_CHANNELSLAST_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace lacuna::neon {

/// Dimension i of the result is dimension permutation[i] of `tensor`.
mlir::Value transpose(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                      llvm::ArrayRef<int64_t> permutation);

/// `[N, C, D...]` to `[N, D..., C]`, and back.
mlir::Value toChannelsLast(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor);
mlir::Value toChannelsFirst(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor);

/// A tensor to write what `[N, C, D...]` is, as `[N, D..., C]`.
mlir::Value createEmptyChannelsLast(mlir::ImplicitLocOpBuilder &b,
                                    mlir::RankedTensorType type);

/// `tensor`, `[N, D..., C]`, with `value` around its spatial dimensions.
mlir::Value padSpatial(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                       llvm::ArrayRef<int64_t> begin,
                       llvm::ArrayRef<int64_t> end, double value);

/// The same elements in another static shape.
mlir::Value reshape(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                    mlir::RankedTensorType type);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_TRANSFORMS_CHANNELSLAST_H
