//===- QNNOps.cpp - Verifiers of the qnn operations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/IR/QNNDialect.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/Products.h"

using namespace mlir;
using namespace lacuna;
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

template <typename T>
static std::optional<SmallVector<int64_t>> readAs(Value value,
                                                  bool isUnsigned) {
  std::vector<T> stored;
  if (!nn::readConstant(value, stored))
    return std::nullopt;
  SmallVector<int64_t> zeros;
  for (T zero : stored)
    zeros.push_back(isUnsigned ? std::make_unsigned_t<T>(zero) : zero);
  return zeros;
}

std::optional<SmallVector<int64_t>> qnn::readZeroPoints(Value value,
                                                        bool isUnsigned) {
  if (!value)
    return SmallVector<int64_t>{0};
  return getTensor(value).getElementType().isInteger(8)
             ? readAs<int8_t>(value, isUnsigned)
             : readAs<int16_t>(value, isUnsigned);
}

std::optional<int64_t> qnn::readZeroPoint(Value value, bool isUnsigned) {
  auto zeros = readZeroPoints(value, isUnsigned);
  if (!zeros || zeros->size() != 1)
    return std::nullopt;
  return zeros->front();
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

/// Begins a message of `op`, whose (C2) stands for all constraints of nn's
/// operation.
static auto makeEmitter(Operation *op) {
  return [op](unsigned) { return op->emitOpError("(C2) "); };
}

LogicalResult ConvOp::verify() {
  auto emit = makeEmitter(*this);
  nn::ConvOperands conv = nn::getConvOperands(*this);
  RankedTensorType filter = conv.filter, output = conv.output;
  FailureOr<SmallVector<int64_t>> shape = nn::inferConvShape(conv, emit);
  if (failed(shape))
    return failure();
  if (output.getShape() != ArrayRef(*shape))
    return emit(4) << "has the result " << output << ", but its operands give "
                   << RankedTensorType::get(*shape, output.getElementType());
  if (failed(nn::verifyConvBias(conv, emit)))
    return failure();
  if (getInputZeroPoint() && getTensor(getInputZeroPoint()).getRank() != 0)
    return emitOpError("(C1) needs one zero point for its input");
  if (getFilterZeroPoint() &&
      !isPerTensorOrAxis(getFilterZeroPoint(), filter.getDimSize(0)))
    return emitOpError("(C1) needs one zero point for its filter, or one a "
                       "filter");
  for (auto [owner, part] :
       {std::pair(conv.input, getInputZeroPoint()),
        std::pair(filter, getFilterZeroPoint()), std::pair(output, getBias())})
    if (part && getTensor(part).getElementType() != owner.getElementType())
      return emitOpError("(C3) has ") << part.getType() << " for " << owner;
  return success();
}

int64_t ConvOp::getMacs() {
  RankedTensorType filter = getTensor(getFilter());
  return getTensor(getOutput()).getNumElements() *
         (filter.getNumElements() / std::max<int64_t>(filter.getDimSize(0), 1));
}

LogicalResult MatMulOp::verify() {
  auto emit = makeEmitter(*this);
  RankedTensorType lhs = getTensor(getLhs()), rhs = getTensor(getRhs());
  RankedTensorType output = getTensor(getOutput());
  if (lhs.getRank() < 2 || rhs.getRank() < 2 ||
      lhs.getShape().back() != rhs.getDimSize(rhs.getRank() - 2))
    return emit(2) << "cannot multiply " << lhs << " and " << rhs;
  FailureOr<SmallVector<int64_t>> shape = nn::inferMatMulShape(
      lhs, rhs, /*transposeLhs=*/false, /*transposeRhs=*/false, emit);
  if (failed(shape))
    return failure();
  if (output.getShape() != ArrayRef(*shape))
    return emit(3) << "makes " << output << " of " << lhs << " and " << rhs;
  int64_t rows = lhs.getDimSize(lhs.getRank() - 2);
  int64_t columns = rhs.getShape().back();
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

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

LogicalResult LookupOp::verify() {
  if (getTensor(getInput()).getShape() != getTensor(getOutput()).getShape())
    return emitOpError("(C1) makes ")
           << getOutput().getType() << " of " << getInput().getType();
  if (getTensor(getTable()).getShape() != ArrayRef<int64_t>{256})
    return emitOpError("(C2) has a table of ") << getTable().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

LogicalResult AddOp::verify() {
  ArrayRef<int64_t> shape = getTensor(getOutput()).getShape();
  for (Value operand : {getLhs(), getRhs()})
    if (getTensor(operand).getShape() != shape)
      return emitOpError("(C1) makes ")
             << getOutput().getType() << " of " << operand.getType();
  for (Value parameter : getOperands().drop_front(2))
    if (getTensor(parameter).getRank() != 0)
      return emitOpError("(C2) has a scale or zero point of ")
             << parameter.getType();
  for (auto [owner, zero] :
       {std::pair<Value, Value>(getLhs(), getLhsZeroPoint()),
        std::pair<Value, Value>(getRhs(), getRhsZeroPoint()),
        std::pair<Value, Value>(getOutput(), getZeroPoint())})
    if (getTensor(zero).getElementType() != getTensor(owner).getElementType())
      return emitOpError("(C3) has a zero point of ")
             << zero.getType() << " for " << owner.getType();
  return success();
}
