//===- NNConvOps.cpp - Verifiers of convolutions and matrix products -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/Products.h"
#include "dialects/nn/IR/Window.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

LogicalResult nn::verifyConvAttributes(const ConvOperands &conv,
                                       int64_t leastPad, EmitError emit) {
  int64_t rank = conv.input.getRank();
  if (rank < 3 || rank > 5 || conv.filter.getRank() != rank ||
      conv.output.getRank() != rank)
    return emit(1) << "needs input, filter and result of one rank from 3 to "
                      "5, but they have ranks "
                   << rank << ", " << conv.filter.getRank() << " and "
                   << conv.output.getRank();
  for (int64_t size : conv.filter.getShape().drop_front(2))
    if (size < 1)
      return emit(1) << "has an empty window: " << conv.filter;
  for (auto [name, values, least] :
       {std::tuple("strides", conv.strides, int64_t(1)),
        std::tuple("dilations", conv.dilations, int64_t(1)),
        std::tuple("pads_begin", conv.padsBegin, leastPad),
        std::tuple("pads_end", conv.padsEnd, leastPad)}) {
    if (int64_t(values.size()) != rank - 2)
      return emit(2) << "needs one entry a spatial dimension in '" << name
                     << "': " << rank - 2 << ", not " << values.size();
    for (int64_t value : values)
      if (value < least)
        return emit(2) << "'" << name << "' has the entry " << value;
  }
  if (conv.group < 1)
    return emit(3) << "'group' is " << conv.group;
  return success();
}

FailureOr<SmallVector<int64_t>> nn::inferConvShape(const ConvOperands &conv,
                                                   EmitError emit) {
  if (failed(verifyConvAttributes(conv, /*leastPad=*/0, emit)))
    return failure();
  RankedTensorType input = conv.input, filter = conv.filter;
  if (input.getDimSize(1) % conv.group || filter.getDimSize(0) % conv.group ||
      filter.getDimSize(1) != input.getDimSize(1) / conv.group) {
    InFlightDiagnostic diag = emit(3) << "channels do not fit the groups";
    diag.attachNote() << "input channels " << input.getDimSize(1)
                      << ", filter channels " << filter.getDimSize(1)
                      << ", filters " << filter.getDimSize(0) << ", groups "
                      << conv.group;
    return diag;
  }
  Window window{
      SmallVector<int64_t>(filter.getShape().drop_front(2)),
      SmallVector<int64_t>(conv.strides), SmallVector<int64_t>(conv.dilations),
      SmallVector<int64_t>(conv.padsBegin), SmallVector<int64_t>(conv.padsEnd)};
  SmallVector<int64_t> shape = {input.getDimSize(0), filter.getDimSize(0)};
  for (size_t i = 0; i < window.rank(); ++i)
    shape.push_back(window.outputSize(i, input.getDimSize(i + 2)));
  return shape;
}

LogicalResult nn::verifyConvBias(const ConvOperands &conv, EmitError emit) {
  int64_t channels = conv.output.getDimSize(1);
  if (!conv.bias || conv.bias.getShape() == ArrayRef(channels))
    return success();
  return emit(5) << "needs a bias of shape [" << channels << "], not "
                 << conv.bias;
}

/// (C6) of both convolutions.
static LogicalResult verifyElements(const ConvOperands &conv, EmitError emit) {
  Type element = conv.input.getElementType();
  if (conv.filter.getElementType() != element ||
      conv.output.getElementType() != element ||
      (conv.bias && conv.bias.getElementType() != element))
    return emit(6) << "mixes element types";
  return success();
}

/// (C4) of both convolutions.
static LogicalResult verifyShape(RankedTensorType found,
                                 ArrayRef<int64_t> expected, EmitError emit) {
  if (found.getShape() == expected)
    return success();
  InFlightDiagnostic diag = emit(4) << "has the wrong result shape";
  diag.attachNote() << "the result is " << found;
  diag.attachNote() << "the operands give "
                    << RankedTensorType::get(expected, found.getElementType());
  return diag;
}

/// Begins a message of `op` about one of its constraints.
static auto makeEmitter(Operation *op) {
  return [op](unsigned constraint) {
    return op->emitOpError("(C") << constraint << ") ";
  };
}

LogicalResult ConvOp::verify() {
  auto emit = makeEmitter(*this);
  ConvOperands conv = getConvOperands(*this);
  FailureOr<SmallVector<int64_t>> shape = inferConvShape(conv, emit);
  return failure(failed(shape) || failed(verifyElements(conv, emit)) ||
                 failed(verifyShape(conv.output, *shape, emit)) ||
                 failed(verifyConvBias(conv, emit)));
}

int64_t ConvOp::getMacs() {
  auto filter = getFilter().getType();
  return getOutput().getType().getNumElements() *
         (filter.getNumElements() / std::max<int64_t>(filter.getDimSize(0), 1));
}

LogicalResult ConvTransposeOp::verify() {
  auto emit = makeEmitter(*this);
  ConvOperands conv = getConvOperands(*this);
  if (failed(verifyConvAttributes(conv, INT64_MIN, emit)) ||
      failed(verifyElements(conv, emit)))
    return failure();
  RankedTensorType input = conv.input, filter = conv.filter;
  if (input.getDimSize(1) != filter.getDimSize(0) ||
      input.getDimSize(1) % conv.group) {
    InFlightDiagnostic diag = emit(3) << "channels do not fit the groups";
    diag.attachNote() << "input channels " << input.getDimSize(1)
                      << ", filter channels " << filter.getDimSize(0)
                      << ", groups " << conv.group;
    return diag;
  }
  SmallVector<int64_t> shape = {input.getDimSize(0),
                                filter.getDimSize(1) * conv.group};
  for (int64_t i = 0; i < input.getRank() - 2; ++i) {
    int64_t full = (input.getDimSize(i + 2) - 1) * conv.strides[i] +
                   (filter.getDimSize(i + 2) - 1) * conv.dilations[i] + 1;
    if (std::max(conv.padsBegin[i], conv.padsEnd[i]) >= full)
      return emit(2) << "trims a dimension of " << full << " by "
                     << conv.padsBegin[i] << " and " << conv.padsEnd[i];
    shape.push_back(full - conv.padsBegin[i] - conv.padsEnd[i]);
  }
  return failure(failed(verifyShape(conv.output, shape, emit)) ||
                 failed(verifyConvBias(conv, emit)));
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

FailureOr<SmallVector<int64_t>>
nn::inferMatMulShape(RankedTensorType lhs, RankedTensorType rhs,
                     bool transposeLhs, bool transposeRhs, EmitError emit) {
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return emit(1) << "needs operands of rank 2 or more";
  auto [m, k] = getMatrix(lhs, transposeLhs);
  auto [k2, n] = getMatrix(rhs, transposeRhs);
  if (k != k2)
    return emit(2) << "contracts a dimension of " << k << " with one of " << k2;
  SmallVector<int64_t> shape;
  int64_t batchRank = std::max(lhs.getRank(), rhs.getRank()) - 2;
  for (int64_t i = 0; i < batchRank; ++i) {
    int64_t a = i - batchRank + lhs.getRank() - 2;
    int64_t b = i - batchRank + rhs.getRank() - 2;
    int64_t sizeA = a < 0 ? 1 : lhs.getDimSize(a);
    int64_t sizeB = b < 0 ? 1 : rhs.getDimSize(b);
    if (sizeA != sizeB && sizeA != 1 && sizeB != 1)
      return emit(3) << "cannot broadcast a dimension of " << sizeA
                     << " with one of " << sizeB;
    shape.push_back(sizeA == 1 ? sizeB : sizeA);
  }
  shape.append({m, n});
  return shape;
}

LogicalResult MatMulOp::verify() {
  auto emit = makeEmitter(*this);
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  auto rhs = cast<RankedTensorType>(getRhs().getType());
  auto output = cast<RankedTensorType>(getOutput().getType());
  FailureOr<SmallVector<int64_t>> shape =
      inferMatMulShape(lhs, rhs, getTransposeLhs(), getTransposeRhs(), emit);
  if (failed(shape))
    return failure();
  if (lhs.getElementType() != rhs.getElementType() ||
      lhs.getElementType() != output.getElementType())
    return emit(4) << "mixes element types";
  if (output.getShape() != ArrayRef(*shape))
    return emit(3) << "needs a result of "
                   << RankedTensorType::get(*shape, output.getElementType())
                   << ", not " << output;
  return success();
}

int64_t MatMulOp::getMacs() {
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  return cast<RankedTensorType>(getOutput().getType()).getNumElements() *
         getMatrix(lhs, getTransposeLhs()).second;
}
