//===- ByteFunction.cpp - What elementwise operations make of a byte -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/Transforms/ByteFunction.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

constexpr int kBytes = 256;

bool ByteFunction::readArgument(DequantizeOp op) {
  if (argument) {
    std::vector<float> floats = values[argument.getOutput()];
    if (argument.getInput() != op.getInput() || !isSameScaling(argument, op))
      return false;
    values[op.getOutput()] = std::move(floats);
    return true;
  }
  auto scale = readScale(op.getScale());
  auto zero = readZeroPoint(op.getZeroPoint(), op.getIsUnsigned());
  if (!isOfBytes(op) || !isPerTensor(op) || !scale || !zero)
    return false;
  argument = op;
  std::vector<float> &floats = values[op.getOutput()];
  for (int byte = 0; byte < kBytes; ++byte) {
    int64_t integer = op.getIsUnsigned() ? byte : int8_t(byte);
    floats.push_back(float(integer - *zero) * *scale);
  }
  return true;
}

bool ByteFunction::readConstant(Value value) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat() ||
      !elements.getElementType().isF32())
    return false;
  values[value].assign(kBytes, elements.getSplatValue<float>());
  return true;
}

/// The number that `value` stands for, or null.
static Attribute findConstant(Value value,
                              const DenseMap<Value, Attribute> &constants) {
  Attribute constant = constants.lookup(value);
  if (!constant)
    matchPattern(value, m_Constant(&constant));
  return constant;
}

/// What `op` gives for constant operands; false if that is not known.
static bool foldOperation(Operation &op,
                          DenseMap<Value, Attribute> &constants) {
  if (op.hasTrait<OpTrait::ConstantLike>())
    return true;
  SmallVector<Attribute> operands;
  for (Value operand : op.getOperands()) {
    operands.push_back(findConstant(operand, constants));
    if (!operands.back())
      return false;
  }
  SmallVector<OpFoldResult> folded;
  if (op.getNumResults() != 1 || op.getNumRegions() ||
      failed(op.fold(operands, folded)) || folded.size() != 1)
    return false;
  Attribute result = dyn_cast<Attribute>(folded[0]);
  if (!result)
    result = findConstant(cast<Value>(folded[0]), constants);
  constants[op.getResult(0)] = result;
  return result != nullptr;
}

bool ByteFunction::readGeneric(linalg::GenericOp op) {
  if (op->getNumResults() != 1 || op.getNumParallelLoops() != op.getNumLoops())
    return false;
  Block *body = op.getBody();
  Value yielded = body->getTerminator()->getOperand(0);
  if (!getElementTypeOrSelf(op.getResult(0)).isF32() ||
      !body->getArguments().back().use_empty() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return false;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    bool isConstant = readConstant(operand->get());
    if (!isConstant && (!op.getMatchingIndexingMap(operand).isIdentity() ||
                        !readValue(operand->get())))
      return false;
  }
  std::vector<float> results;
  Builder b(op.getContext());
  for (int byte = 0; byte < kBytes; ++byte) {
    DenseMap<Value, Attribute> constants;
    for (OpOperand *operand : op.getDpsInputOperands())
      constants[op.getMatchingBlockArgument(operand)] =
          b.getF32FloatAttr(values[operand->get()][byte]);
    for (Operation &inner : body->without_terminator())
      if (!foldOperation(inner, constants))
        return false;
    auto result = dyn_cast_or_null<FloatAttr>(constants.lookup(yielded));
    if (!result)
      return false;
    results.push_back(result.getValue().convertToFloat());
  }
  values[op.getResult(0)] = std::move(results);
  return true;
}

bool ByteFunction::readValue(Value value) {
  if (values.contains(value))
    return true;
  if (auto dequantize = value.getDefiningOp<DequantizeOp>())
    return readArgument(dequantize);
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  return generic && readGeneric(generic);
}
