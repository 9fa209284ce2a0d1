//===- NNNormOps.cpp - Verifiers of softmax and normalisations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"

using namespace mlir;
using namespace lacuna::nn;

LogicalResult SoftmaxOp::verify() {
  int64_t rank = getInput().getType().getRank(), axis = getAxis();
  if (axis < 0 || axis >= rank)
    return emitOpError("(C1) has axis ")
           << axis << " on an input of rank " << rank;
  if (getInput().getType() != getOutput().getType())
    return emitOpError("(C2) has a result of another type than its input");
  return success();
}

/// (C1) of the normalisations by channel.
template <typename NormOp>
static LogicalResult verifyInput(NormOp op, int64_t leastRank) {
  if (op.getInput().getType().getRank() < leastRank)
    return op.emitOpError("(C1) needs an input of rank ")
           << leastRank << " or more";
  if (op.getInput().getType() != op.getOutput().getType())
    return op.emitOpError("(C1) has a result of another type than its input");
  return success();
}

/// (C2) of the normalisations by channel.
static LogicalResult verifyParameters(Operation *op, int64_t channels,
                                      ValueRange parameters) {
  for (Value parameter : parameters) {
    auto type = cast<RankedTensorType>(parameter.getType());
    if (type.getShape() != ArrayRef(channels))
      return op->emitOpError("(C2) needs parameters of shape [")
             << channels << "], not " << type;
  }
  return success();
}

LogicalResult BatchNormOp::verify() {
  if (failed(verifyInput(*this, 2)))
    return failure();
  return verifyParameters(*this, getInput().getType().getDimSize(1),
                          {getScale(), getBias(), getMean(), getVariance()});
}

LogicalResult InstanceNormOp::verify() {
  if (failed(verifyInput(*this, 3)))
    return failure();
  return verifyParameters(*this, getInput().getType().getDimSize(1),
                          {getScale(), getBias()});
}

LogicalResult LayerNormOp::verify() {
  RankedTensorType input = getInput().getType();
  int64_t axis = getAxis();
  if (axis < 0 || axis >= input.getRank())
    return emitOpError("(C1) has axis ")
           << axis << " on an input of rank " << input.getRank();
  if (getOutput().getType() != input)
    return emitOpError("(C1) has a result of another type than its input");
  ArrayRef<int64_t> inner = input.getShape().drop_front(axis);
  if (getScale().getType().getShape() != inner ||
      (getBias() && getBias().getType().getShape() != inner))
    return emitOpError("(C2) needs scale and bias of the shape of ")
           << RankedTensorType::get(inner, input.getElementType());
  if (getStatistics().empty())
    return success();
  if (getStatistics().size() != 2 || getRms())
    return emitOpError("(C3) has ") << getStatistics().size() << " statistics"
                                    << (getRms() ? " with 'rms'" : "");
  Type element = input.getElementType().isF64()
                     ? input.getElementType()
                     : Float32Type::get(getContext());
  auto expected =
      RankedTensorType::get(input.getShape().take_front(axis), element);
  for (Value statistic : getStatistics())
    if (statistic.getType() != expected)
      return emitOpError("(C3) needs statistics of type ")
             << expected << ", not " << statistic.getType();
  return success();
}

LogicalResult LrnOp::verify() {
  if (failed(verifyInput(*this, 2)))
    return failure();
  if (int64_t size = getSize(); size < 1)
    return emitOpError("(C2) has the size ") << size;
  return success();
}
