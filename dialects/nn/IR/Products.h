//===- Products.h - What convolutions and matrix products agree on -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The checks that operations of several dialects share. Each says what is wrong
// through a function that is given the number of the constraint that nn's
// operation has for it, and begins the message.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_NN_IR_PRODUCTS_H
#define LACUNA_DIALECTS_NN_IR_PRODUCTS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace lacuna::nn {

using EmitError = llvm::function_ref<mlir::InFlightDiagnostic(unsigned)>;

/// The types and attributes of a convolution; the bias may be null.
struct ConvOperands {
  mlir::RankedTensorType input, filter, bias, output;
  llvm::ArrayRef<int64_t> strides, dilations, padsBegin, padsEnd;
  int64_t group;
};

template <typename ConvOp>
ConvOperands getConvOperands(ConvOp op) {
  auto getType = [](mlir::Value value) {
    return value ? mlir::cast<mlir::RankedTensorType>(value.getType())
                 : mlir::RankedTensorType();
  };
  return {
      getType(op.getInput()),  getType(op.getFilter()), getType(op.getBias()),
      getType(op.getOutput()), op.getStrides(),         op.getDilations(),
      op.getPadsBegin(),       op.getPadsEnd(),         int64_t(op.getGroup())};
}

/// (C1), (C2) and the least group of (C3), of both convolutions.
mlir::LogicalResult verifyConvAttributes(const ConvOperands &conv,
                                         int64_t leastPad, EmitError emit);

/// (C1) to (C3) of nn.conv; the shape that (C4) wants.
mlir::FailureOr<llvm::SmallVector<int64_t>>
inferConvShape(const ConvOperands &conv, EmitError emit);

/// (C5) of both convolutions.
mlir::LogicalResult verifyConvBias(const ConvOperands &conv, EmitError emit);

/// (C1) and (C2) of nn.matmul; the shape that (C3) wants.
mlir::FailureOr<llvm::SmallVector<int64_t>>
inferMatMulShape(mlir::RankedTensorType lhs, mlir::RankedTensorType rhs,
                 bool transposeLhs, bool transposeRhs, EmitError emit);

} // namespace lacuna::nn

#endif // LACUNA_DIALECTS_NN_IR_PRODUCTS_H
