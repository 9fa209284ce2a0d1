//===- NNPoolOps.cpp - Verifiers of pooling -===//
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

/// (C1) to (C4), as far as both poolings share them.
template <typename PoolOp>
static LogicalResult verifyPool(PoolOp op) {
  RankedTensorType input = op.getInput().getType();
  RankedTensorType output = op.getOutput().getType();
  int64_t rank = input.getRank();
  if (rank < 3 || rank > 5 || output.getRank() != rank)
    return op.emitOpError("(C1) needs input and result of one rank from 3 to "
                          "5, but they have ranks ")
           << rank << " and " << output.getRank();
  for (auto [name, values, least] :
       {std::tuple("kernel", op.getKernel(), int64_t(1)),
        std::tuple("strides", op.getStrides(), int64_t(1)),
        std::tuple("dilations", op.getDilations(), int64_t(1)),
        std::tuple("pads_begin", op.getPadsBegin(), int64_t(0)),
        std::tuple("pads_end", op.getPadsEnd(), int64_t(0))}) {
    if (int64_t(values.size()) != rank - 2)
      return op.emitOpError("(C2) needs one entry a spatial dimension in '")
             << name << "': " << rank - 2 << ", not " << values.size();
    for (int64_t value : values)
      if (value < least)
        return op.emitOpError("(C2) '") << name << "' has the entry " << value;
  }
  Window window = getWindow(op);
  SmallVector<int64_t> shape = {input.getDimSize(0), input.getDimSize(1)};
  for (size_t i = 0; i < window.rank(); ++i)
    shape.push_back(window.outputSize(i, input.getDimSize(i + 2)));
  if (output.getShape() != ArrayRef(shape)) {
    InFlightDiagnostic diag = op.emitOpError("(C3) has the wrong result shape");
    diag.attachNote() << "the result is " << output;
    diag.attachNote() << "the operands give "
                      << RankedTensorType::get(shape, output.getElementType());
    return diag;
  }
  if (input.getElementType() != output.getElementType())
    return op.emitOpError("(C4) mixes element types");
  return success();
}

LogicalResult MaxPoolOp::verify() {
  if (failed(verifyPool(*this)))
    return failure();
  if (getIndices() &&
      getIndices().getType().getShape() != getOutput().getType().getShape())
    return emitOpError("(C4) has results of different shapes");
  return success();
}

LogicalResult AvgPoolOp::verify() { return verifyPool(*this); }

LogicalResult MaxUnpoolOp::verify() {
  if (getInput().getType().getShape() != getIndices().getType().getShape())
    return emitOpError("(C1) has an index tensor of another shape than its "
                       "input");
  if (getInput().getType().getElementType() !=
      getOutput().getType().getElementType())
    return emitOpError("(C2) mixes element types");
  return success();
}
