//===- Elementwise.h - What handlers of elementwise operators share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_OPS_ELEMENTWISE_H
#define LACUNA_LIB_FRONTEND_OPS_ELEMENTWISE_H

#include "Node.h"

#include "mlir/IR/AffineMap.h"

namespace lacuna {

/// Builds the scalar computation of one element.
using ScalarBuilder = llvm::function_ref<mlir::Value(
    mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args)>;

/// The shape that operands broadcast to, as in NumPy; an error if they do not.
mlir::FailureOr<llvm::SmallVector<int64_t>>
broadcastShapes(Node &node, llvm::ArrayRef<Operand> operands);
mlir::FailureOr<llvm::SmallVector<int64_t>>
broadcastShapes(Node &node, llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

/// The map from the loops over a tensor of rank `rank` to an operand of `shape`
/// that broadcasts to it.
mlir::AffineMap getBroadcastMap(mlir::MLIRContext *context,
                                llvm::ArrayRef<int64_t> shape, int64_t rank);

/// One `linalg.generic` over `shape` that broadcasts `operands` and computes
/// each element of the result, of element type `type`, by `body`.
mlir::Value createElementwise(mlir::ImplicitLocOpBuilder &b,
                              llvm::ArrayRef<mlir::Value> operands,
                              llvm::ArrayRef<int64_t> shape, mlir::Type type,
                              ScalarBuilder body);

/// `node` as an elementwise computation of its inputs, the result having the
/// element type `type`.
mlir::LogicalResult importElementwise(Node &node, DType type,
                                      ScalarBuilder body);
/// The same with the type of input 0.
mlir::LogicalResult importElementwise(Node &node, ScalarBuilder body);

/// Until opset 7 the second of two inputs broadcast only if attribute
/// `broadcast` was set, its first dimension at attribute `axis`. Reshapes it to
/// broadcast as in NumPy.
mlir::LogicalResult applyLegacyBroadcast(Node &node);

/// `handler` for the versions of its operator before opset 7.
template <mlir::LogicalResult (*handler)(Node &)>
mlir::LogicalResult importLegacy(Node &node) {
  if (failed(applyLegacyBroadcast(node)))
    return mlir::failure();
  return handler(node);
}

/// Checks what the schema library checks of the operators that it knows:
/// exactly `count` inputs, all of one type, which `accepts`.
mlir::LogicalResult checkInputs(Node &node, size_t count,
                                llvm::function_ref<bool(DType)> accepts);

/// Builds `body` on floats that float16 and bfloat16 are widened to, and rounds
/// its result once. A constant of `body` has the type of its arguments.
mlir::Value createWide(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args,
                       ScalarBuilder body);

/// float32 in the place of float16 and bfloat16, other types unchanged.
mlir::Type getWideType(mlir::Type type);

/// A scalar constant of `type`; integers are rounded towards zero.
mlir::Value createScalar(mlir::ImplicitLocOpBuilder &b, mlir::Type type,
                         double value);

/// Maximum and minimum of scalars; NaN wins, as in NumPy.
mlir::Value createMax(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                      mlir::Value rhs, bool isUnsigned);
mlir::Value createMin(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                      mlir::Value rhs, bool isUnsigned);

/// Whether `lhs` is less than `rhs`; false for NaN.
mlir::Value createLess(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                       mlir::Value rhs, bool isUnsigned);

/// Sum and product of scalars of one type.
mlir::Value createAdd(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                      mlir::Value rhs);
mlir::Value createMul(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                      mlir::Value rhs);

/// Converts a scalar between ONNX types as Cast does.
mlir::Value createCast(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                       DType from, DType to);
/// Converts a whole tensor.
Operand castTensor(mlir::ImplicitLocOpBuilder &b, const Operand &operand,
                   DType to);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_OPS_ELEMENTWISE_H
