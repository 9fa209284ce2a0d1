//===- NNConvOps.cpp - Verifiers of convolutions and matrix products -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/Window.h"

using namespace mlir;
using namespace lacuna::nn;

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// (C1), (C2) and (C6), which both convolutions share.
template <typename ConvOp>
static LogicalResult verifyConvCommon(ConvOp op) {
  auto input = op.getInput().getType();
  auto filter = op.getFilter().getType();
  auto output = op.getOutput().getType();
  int64_t rank = input.getRank();
  if (rank < 3 || rank > 5 || filter.getRank() != rank ||
      output.getRank() != rank)
    return op.emitOpError("(C1) needs input, filter and result of one rank "
                          "from 3 to 5, but they have ranks ")
           << rank << ", " << filter.getRank() << " and " << output.getRank();
  for (auto [name, values, least] :
       {std::tuple("strides", op.getStrides(), int64_t(1)),
        std::tuple("dilations", op.getDilations(), int64_t(1)),
        std::tuple("pads_begin", op.getPadsBegin(), int64_t(INT64_MIN)),
        std::tuple("pads_end", op.getPadsEnd(), int64_t(INT64_MIN))}) {
    if (int64_t(values.size()) != rank - 2)
      return op.emitOpError("(C2) needs one entry a spatial dimension in '")
             << name << "': " << rank - 2 << ", not " << values.size();
    for (int64_t value : values)
      if (value < least)
        return op.emitOpError("(C2) '") << name << "' has the entry " << value;
  }
  if (int64_t group = op.getGroup(); group < 1)
    return op.emitOpError("(C3) 'group' is ") << group;
  Type element = input.getElementType();
  if (filter.getElementType() != element || output.getElementType() != element)
    return op.emitOpError("(C6) mixes element types");
  if (op.getBias() && op.getBias().getType().getElementType() != element)
    return op.emitOpError("(C6) mixes element types");
  return success();
}

/// (C5) of both convolutions.
template <typename ConvOp>
static LogicalResult verifyBias(ConvOp op) {
  if (!op.getBias())
    return success();
  auto bias = op.getBias().getType();
  int64_t channels = op.getOutput().getType().getDimSize(1);
  if (bias.getRank() != 1 || bias.getDimSize(0) != channels)
    return op.emitOpError("(C5) needs a bias of shape [")
           << channels << "], not " << bias;
  return success();
}

static LogicalResult verifyShape(Operation *op, RankedTensorType found,
                                 ArrayRef<int64_t> expected) {
  if (found.getShape() == expected)
    return success();
  InFlightDiagnostic diag = op->emitOpError("(C4) has the wrong result shape");
  diag.attachNote() << "the result is " << found;
  diag.attachNote() << "the operands give "
                    << RankedTensorType::get(expected, found.getElementType());
  return diag;
}

LogicalResult ConvOp::verify() {
  if (failed(verifyConvCommon(*this)))
    return failure();
  auto input = getInput().getType();
  auto filter = getFilter().getType();
  for (auto pads : {getPadsBegin(), getPadsEnd()})
    for (int64_t pad : pads)
      if (pad < 0)
        return emitOpError("(C2) has the negative pad ") << pad;
  int64_t group = getGroup();
  if (input.getDimSize(1) % group || filter.getDimSize(0) % group ||
      filter.getDimSize(1) != input.getDimSize(1) / group) {
    InFlightDiagnostic diag =
        emitOpError("(C3) channels do not fit the groups");
    diag.attachNote() << "input channels " << input.getDimSize(1)
                      << ", filter channels " << filter.getDimSize(1)
                      << ", filters " << filter.getDimSize(0) << ", groups "
                      << group;
    return diag;
  }
  Window window{
      SmallVector<int64_t>(filter.getShape().drop_front(2)),
      SmallVector<int64_t>(getStrides()), SmallVector<int64_t>(getDilations()),
      SmallVector<int64_t>(getPadsBegin()), SmallVector<int64_t>(getPadsEnd())};
  SmallVector<int64_t> shape = {input.getDimSize(0), filter.getDimSize(0)};
  for (size_t i = 0; i < window.rank(); ++i)
    shape.push_back(window.outputSize(i, input.getDimSize(i + 2)));
  if (failed(verifyShape(*this, getOutput().getType(), shape)))
    return failure();
  return verifyBias(*this);
}

int64_t ConvOp::getMacs() {
  auto filter = getFilter().getType();
  return getOutput().getType().getNumElements() *
         (filter.getNumElements() / std::max<int64_t>(filter.getDimSize(0), 1));
}

LogicalResult ConvTransposeOp::verify() {
  if (failed(verifyConvCommon(*this)))
    return failure();
  auto input = getInput().getType();
  auto filter = getFilter().getType();
  int64_t group = getGroup();
  if (input.getDimSize(1) != filter.getDimSize(0) ||
      input.getDimSize(1) % group) {
    InFlightDiagnostic diag =
        emitOpError("(C3) channels do not fit the groups");
    diag.attachNote() << "input channels " << input.getDimSize(1)
                      << ", filter channels " << filter.getDimSize(0)
                      << ", groups " << group;
    return diag;
  }
  SmallVector<int64_t> shape = {input.getDimSize(0),
                                filter.getDimSize(1) * group};
  for (int64_t i = 0; i < input.getRank() - 2; ++i)
    shape.push_back((input.getDimSize(i + 2) - 1) * getStrides()[i] +
                    (filter.getDimSize(i + 2) - 1) * getDilations()[i] + 1 -
                    getPadsBegin()[i] - getPadsEnd()[i]);
  if (failed(verifyShape(*this, getOutput().getType(), shape)))
    return failure();
  return verifyBias(*this);
}

int64_t ConvTransposeOp::getMacs() {
  auto filter = getFilter().getType();
  return getInput().getType().getNumElements() *
         (filter.getNumElements() / std::max<int64_t>(filter.getDimSize(0), 1));
}

//===----------------------------------------------------------------------===//
// MatMulOp
//===----------------------------------------------------------------------===//

/// The last two dimensions of `type`, exchanged if `transposed`.
static std::pair<int64_t, int64_t> getMatrix(RankedTensorType type,
                                             bool transposed) {
  int64_t rows = type.getDimSize(type.getRank() - 2);
  int64_t columns = type.getDimSize(type.getRank() - 1);
  return transposed ? std::pair(columns, rows) : std::pair(rows, columns);
}

LogicalResult MatMulOp::verify() {
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  auto rhs = cast<RankedTensorType>(getRhs().getType());
  auto output = cast<RankedTensorType>(getOutput().getType());
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return emitOpError("(C1) needs operands of rank 2 or more");
  if (lhs.getElementType() != rhs.getElementType() ||
      lhs.getElementType() != output.getElementType())
    return emitOpError("(C4) mixes element types");
  auto [m, k] = getMatrix(lhs, getTransposeLhs());
  auto [k2, n] = getMatrix(rhs, getTransposeRhs());
  if (k != k2)
    return emitOpError("(C2) contracts a dimension of ")
           << k << " with one of " << k2;
  SmallVector<int64_t> shape;
  int64_t batchRank = std::max(lhs.getRank(), rhs.getRank()) - 2;
  for (int64_t i = 0; i < batchRank; ++i) {
    int64_t a = i - batchRank + lhs.getRank() - 2;
    int64_t b = i - batchRank + rhs.getRank() - 2;
    int64_t sizeA = a < 0 ? 1 : lhs.getDimSize(a);
    int64_t sizeB = b < 0 ? 1 : rhs.getDimSize(b);
    if (sizeA != sizeB && sizeA != 1 && sizeB != 1)
      return emitOpError("(C3) cannot broadcast a dimension of ")
             << sizeA << " with one of " << sizeB;
    shape.push_back(sizeA == 1 ? sizeB : sizeA);
  }
  shape.append({m, n});
  if (output.getShape() != ArrayRef(shape))
    return emitOpError("(C3) needs a result of ")
           << RankedTensorType::get(shape, output.getElementType()) << ", not "
           << output;
  return success();
}

int64_t MatMulOp::getMacs() {
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  return cast<RankedTensorType>(getOutput().getType()).getNumElements() *
         getMatrix(lhs, getTransposeLhs()).second;
}
