//===- QNNOps.cpp - Verifiers of the qnn operations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/IR/QNNDialect.h"

#include "dialects/nn/IR/Window.h"

using namespace mlir;
using namespace lacuna::qnn;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Whether `value` has rank 0, or rank 1 and `count` elements.
static bool isPerTensorOrAxis(Value value, int64_t count) {
  RankedTensorType type = getTensor(value);
  return type.getRank() == 0 ||
         (type.getRank() == 1 && type.getDimSize(0) == count);
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

/// (C1) and (C3) of the operations that scale.
template <typename ScaleOp>
static LogicalResult verifyScale(ScaleOp op) {
  RankedTensorType input = getTensor(op.getInput());
  int64_t axis = op.getAxis();
  bool perAxis = getTensor(op.getScale()).getRank() == 1;
  if (perAxis && (axis < 0 || axis >= input.getRank()))
    return op.emitOpError("(C1) has axis ") << axis << " of " << input;
  if (!isPerTensorOrAxis(op.getScale(), perAxis ? input.getDimSize(axis) : 0))
    return op.emitOpError("(C1) scales ")
           << input << " by " << op.getScale().getType();
  if (getTensor(op.getOutput()).getShape() != input.getShape())
    return op.emitOpError("(C3) makes ")
           << op.getOutput().getType() << " of " << input;
  return success();
}

/// (C2): the zero point of a tensor of `quantized`, shaped as `shape`.
template <typename ScaleOp>
static LogicalResult verifyZeroPoint(ScaleOp op, Value quantized,
                                     ArrayRef<int64_t> shape) {
  if (!op.getZeroPoint())
    return success();
  RankedTensorType zeroPoint = getTensor(op.getZeroPoint());
  if (zeroPoint.getShape() != shape ||
      zeroPoint.getElementType() != getTensor(quantized).getElementType())
    return op.emitOpError("(C2) has a zero point of ")
           << zeroPoint << " for " << quantized.getType();
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (failed(verifyScale(*this)))
    return failure();
  return verifyZeroPoint(*this, getOutput(), getTensor(getScale()).getShape());
}

LogicalResult DequantizeOp::verify() {
  if (failed(verifyScale(*this)))
    return failure();
  return verifyZeroPoint(*this, getInput(), getTensor(getScale()).getShape());
}

LogicalResult RequantizeOp::verify() {
  if (failed(verifyScale(*this)))
    return failure();
  return verifyZeroPoint(*this, getOutput(), {});
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

LogicalResult ConvOp::verify() {
  RankedTensorType input = getTensor(getInput());
  RankedTensorType filter = getTensor(getFilter());
  RankedTensorType output = getTensor(getOutput());
  int64_t rank = input.getRank(), group = getGroup();
  if (rank < 3 || rank > 5 || filter.getRank() != rank ||
      output.getRank() != rank)
    return emitOpError("(C2) needs input, filter and result of one rank from 3 "
                       "to 5");
  size_t space = rank - 2;
  for (ArrayRef<int64_t> values :
       {getStrides(), getDilations(), getPadsBegin(), getPadsEnd()})
    if (values.size() != space)
      return emitOpError("(C2) needs one entry a spatial dimension: ") << space;
  if (group < 1 || input.getDimSize(1) % group ||
      filter.getDimSize(0) % group ||
      filter.getDimSize(1) != input.getDimSize(1) / group)
    return emitOpError("(C2) channels do not fit the groups");
  lacuna::nn::Window window{
      SmallVector<int64_t>(filter.getShape().drop_front(2)),
      SmallVector<int64_t>(getStrides()), SmallVector<int64_t>(getDilations()),
      SmallVector<int64_t>(getPadsBegin()), SmallVector<int64_t>(getPadsEnd())};
  SmallVector<int64_t> shape = {input.getDimSize(0), filter.getDimSize(0)};
  for (size_t i = 0; i < space; ++i) {
    if (window.strides[i] < 1 || window.dilations[i] < 1)
      return emitOpError("(C2) has a stride or dilation below 1");
    shape.push_back(window.outputSize(i, input.getDimSize(i + 2)));
  }
  if (output.getShape() != ArrayRef(shape))
    return emitOpError("(C2) has the result ")
           << output << ", but its operands give "
           << RankedTensorType::get(shape, output.getElementType());
  if (getBias() && (getTensor(getBias()).getRank() != 1 ||
                    getTensor(getBias()).getDimSize(0) != shape[1]))
    return emitOpError("(C2) needs a bias of ") << shape[1] << " elements";
  if (getInputZeroPoint() && getTensor(getInputZeroPoint()).getRank() != 0)
    return emitOpError("(C1) needs one zero point for its input");
  if (getFilterZeroPoint() &&
      !isPerTensorOrAxis(getFilterZeroPoint(), filter.getDimSize(0)))
    return emitOpError("(C1) needs one zero point for its filter, or one a "
                       "filter");
  return success();
}

int64_t ConvOp::getMacs() {
  RankedTensorType filter = getTensor(getFilter());
  return getTensor(getOutput()).getNumElements() *
         (filter.getNumElements() / std::max<int64_t>(filter.getDimSize(0), 1));
}

LogicalResult MatMulOp::verify() {
  RankedTensorType lhs = getTensor(getLhs()), rhs = getTensor(getRhs());
  RankedTensorType output = getTensor(getOutput());
  if (lhs.getRank() < 2 || rhs.getRank() < 2 || output.getRank() < 2 ||
      lhs.getShape().back() != rhs.getDimSize(rhs.getRank() - 2))
    return emitOpError("(C2) cannot multiply ") << lhs << " and " << rhs;
  int64_t rows = lhs.getDimSize(lhs.getRank() - 2);
  int64_t columns = rhs.getShape().back();
  if (output.getShape().back() != columns ||
      output.getDimSize(output.getRank() - 2) != rows)
    return emitOpError("(C2) makes ")
           << output << " of " << lhs << " and " << rhs;
  if (getLhsZeroPoint() && !isPerTensorOrAxis(getLhsZeroPoint(), rows))
    return emitOpError("(C1) needs one zero point for its left side, or one a "
                       "row");
  if (getRhsZeroPoint() && !isPerTensorOrAxis(getRhsZeroPoint(), columns))
    return emitOpError("(C1) needs one zero point for its right side, or one a "
                       "column");
  return success();
}

int64_t MatMulOp::getMacs() {
  return getTensor(getOutput()).getNumElements() *
         getTensor(getLhs()).getShape().back();
}
