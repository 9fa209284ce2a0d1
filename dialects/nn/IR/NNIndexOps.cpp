//===- NNIndexOps.cpp - Verifiers of sorting, scanning, scattering -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"

using namespace mlir;
using namespace lacuna::nn;

LogicalResult TopKOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto values = cast<RankedTensorType>(getValues().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= input.getRank())
    return emitOpError("(C1) has axis ") << axis << " of " << input;
  SmallVector<int64_t> shape(input.getShape());
  if (values.getRank() == input.getRank())
    shape[axis] = values.getDimSize(axis);
  if (values.getShape() != ArrayRef(shape) ||
      indices.getShape() != ArrayRef(shape) ||
      shape[axis] > input.getDimSize(axis))
    return emitOpError("(C2) takes ")
           << values << " and " << indices << " out of " << input;
  if (values.getElementType() != input.getElementType())
    return emitOpError("(C3) mixes element types");
  return success();
}

/// (C3) of both scatters.
template <typename ScatterOp>
static LogicalResult verifyScatter(ScatterOp op) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto updates = cast<RankedTensorType>(op.getUpdates().getType());
  if (op.getOutput().getType() != input ||
      updates.getElementType() != input.getElementType())
    return op.emitOpError("(C3) scatters ")
           << updates << " into " << input << " to give "
           << op.getOutput().getType();
  return success();
}

LogicalResult ScatterElementsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  auto updates = cast<RankedTensorType>(getUpdates().getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= input.getRank())
    return emitOpError("(C1) has axis ") << axis << " of " << input;
  bool fits = indices.getRank() == input.getRank() &&
              updates.getShape() == indices.getShape();
  for (int64_t dim = 0; fits && dim < input.getRank(); ++dim)
    fits = dim == axis || indices.getDimSize(dim) <= input.getDimSize(dim);
  if (!fits)
    return emitOpError("(C2) scatters ")
           << updates << " by " << indices << " into " << input;
  return verifyScatter(*this);
}

LogicalResult ScatterNDOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  auto updates = cast<RankedTensorType>(getUpdates().getType());
  if (indices.getRank() < 1 || indices.getShape().back() > input.getRank())
    return emitOpError("(C1) names more dimensions than ") << input << " has";
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape,
                     input.getShape().drop_front(indices.getShape().back()));
  if (updates.getShape() != ArrayRef(shape))
    return emitOpError("(C2) scatters ")
           << updates << " by " << indices << " into " << input;
  return verifyScatter(*this);
}
