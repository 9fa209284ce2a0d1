//===- NNRecurrentOps.cpp - Verifiers of recurrent layers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"

using namespace mlir;
using namespace lacuna::nn;

ArrayRef<StringLiteral> RecurrentOp::getKnownActivations() {
  static constexpr StringLiteral known[] = {
      "Affine",   "Elu",        "HardSigmoid",    "LeakyRelu",
      "Relu",     "ScaledTanh", "Sigmoid",        "Softplus",
      "Softsign", "Tanh",       "ThresholdedRelu"};
  return known;
}

LogicalResult RecurrentOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto recurrence = cast<RankedTensorType>(getRecurrence().getType());
  if (input.getRank() != 3 || recurrence.getRank() != 3)
    return emitOpError("(C1) needs an input and a recurrence of rank 3");
  int64_t time = input.getDimSize(0), batch = input.getDimSize(1);
  int64_t directions = getDirections(), hidden = recurrence.getDimSize(2);
  int64_t rows = getGates() * hidden;
  auto check = [&](StringRef clause, StringRef name, Value value,
                   ArrayRef<int64_t> shape) -> LogicalResult {
    if (!value || cast<RankedTensorType>(value.getType()).getShape() == shape)
      return success();
    InFlightDiagnostic diag = emitOpError() << "(" << clause << ") has '"
                                            << name << "' of the wrong shape";
    diag.attachNote() << "it is " << value.getType() << ", but "
                      << RankedTensorType::get(shape, input.getElementType())
                      << " fits";
    return diag;
  };
  if (failed(check("C1", "weights", getWeights(),
                   {directions, rows, input.getDimSize(2)})) ||
      failed(check("C1", "recurrence", getRecurrence(),
                   {directions, rows, hidden})) ||
      failed(check("C1", "bias", getBias(), {directions, 2 * rows})) ||
      failed(check("C1", "lengths", getLengths(), {batch})) ||
      failed(check("C1", "h", getInitialH(), {directions, batch, hidden})) ||
      failed(check("C1", "c", getInitialC(), {directions, batch, hidden})) ||
      failed(
          check("C1", "peephole", getPeephole(), {directions, 3 * hidden})) ||
      failed(check("C2", "states", getStates(),
                   {time, directions, batch, hidden})) ||
      failed(check("C2", "last_h", getLastH(), {directions, batch, hidden})) ||
      failed(check("C2", "last_c", getLastC(), {directions, batch, hidden})))
    return failure();
  size_t functions = directions * getFunctions();
  if (getActivations().size() != functions ||
      getParameters().size() != 2 * functions)
    return emitOpError("(C3) needs ")
           << functions << " activations with two parameters each";
  for (StringAttr name : getActivations().getAsRange<StringAttr>())
    if (!llvm::is_contained(getKnownActivations(), name.getValue()))
      return emitOpError("(C3) has the unknown activation ") << name;
  if (getCell() != Cell::LSTM && (getInitialC() || getPeephole()))
    return emitOpError("(C4) has operands that only an LSTM takes");
  return success();
}

int64_t RecurrentOp::getMacs() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto weights = cast<RankedTensorType>(getWeights().getType());
  auto recurrence = cast<RankedTensorType>(getRecurrence().getType());
  return input.getDimSize(0) * input.getDimSize(1) *
         (weights.getNumElements() + recurrence.getNumElements());
}
