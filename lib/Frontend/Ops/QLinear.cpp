//===- QLinear.cpp - ONNX Runtime's quantized operators -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The domain com.microsoft has quantized forms of float operators. Each is what
// its name says: dequantize, compute in float32, quantize.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"

#include "dialects/qnn/IR/QNNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;

/// The scale and the zero point (null if missing) at `index`.
static FailureOr<std::pair<Value, Value>> readScale(Node &node, size_t index) {
  if (!node.hasInput(index))
    return node.invalid("input " + Twine(index) + ", a scale, is missing");
  const Operand &scale = node.getInput(index);
  if (scale.type != DType::Float32 || scale.getNumElements() != 1)
    return node.unsupported("input '" + node.getInputName(index) +
                            "' is not one float32");
  node.setScaling(index);
  node.setScaling(index + 1);
  Value zeroPoint;
  if (node.hasInput(index + 1)) {
    const Operand &given = node.getInput(index + 1);
    if ((given.type != DType::Int8 && given.type != DType::UInt8) ||
        given.getNumElements() != 1)
      return node.unsupported("input '" + node.getInputName(index + 1) +
                              "' is not one 8-bit integer");
    zeroPoint = createReshape(node.b, given.value, {});
  }
  return std::pair(createReshape(node.b, scale.value, {}), zeroPoint);
}

/// Input `index` in float32; its scale and zero point follow it.
static FailureOr<Operand> dequantizeInput(Node &node, size_t index) {
  if (!node.hasInput(index))
    return node.invalid("input " + Twine(index) + " is missing");
  const Operand &input = node.getInput(index);
  FailureOr<std::pair<Value, Value>> scale = readScale(node, index + 1);
  if (failed(scale))
    return failure();
  bool isByte = input.type == DType::Int8 || input.type == DType::UInt8;
  bool sameType =
      !node.hasInput(index + 2) || node.getInput(index + 2).type == input.type;
  if (!isByte || !sameType)
    return node.unsupported("input '" + node.getInputName(index) + "' is " +
                            getName(input.type));
  node.setZeroPoint(index, index + 2, /*axis=*/0);
  return Operand{
      qnn::DequantizeOp::create(
          node.b, RankedTensorType::get(input.getShape(), node.b.getF32Type()),
          input.value, scale->first, scale->second, /*axis=*/0,
          input.isUnsigned()),
      DType::Float32};
}

/// Quantizes `value`, of the type `type`, to output 0 by the scale at `index`.
static LogicalResult quantizeOutput(Node &node, Value value, size_t index,
                                    DType type) {
  FailureOr<std::pair<Value, Value>> scale = readScale(node, index);
  if (failed(scale))
    return failure();
  if (node.hasInput(index + 1) && node.getInput(index + 1).type != type)
    return node.unsupported("its result has another type than its input");
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  node.setOutput(0,
                 qnn::QuantizeOp::create(
                     node.b, RankedTensorType::get(shape, node.b.getI8Type()),
                     value, scale->first, scale->second, /*axis=*/0,
                     type == DType::UInt8),
                 type);
  node.keepUnfolded();
  return success();
}

/// An operator of one float tensor, imported as the standard's `name` is.
template <const char *name>
static LogicalResult importUnary(Node &node) {
  if (node.getInt("channels_last", 0) != 0)
    return node.unsupported("its channels are last");
  FailureOr<Operand> input = dequantizeInput(node, 0);
  if (failed(input))
    return failure();
  DType type = node.getInput(0).type;
  node.replaceInput(0, *input);
  const OpEntry *entry = OpTable::get().lookup("", name, 6);
  if (failed(entry->handler(node)))
    return failure();
  return quantizeOutput(node, node.getOutputs()[0].value, 3, type);
}

static constexpr char kSoftmax[] = "Softmax";

/// Along the last axis, where the standard's old and new meanings agree.
static LogicalResult importSoftmax(Node &node) {
  int64_t rank = node.hasInput(0) ? node.getInput(0).getRank() : 0;
  int64_t axis = node.getInt("axis", -1);
  if (rank < 1 || (axis != -1 && axis != rank - 1) ||
      (!node.hasAttr("axis") && rank != 2))
    return node.unsupported("its axis is not the last one");
  return importUnary<kSoftmax>(node);
}

template <typename FloatOp>
static LogicalResult importBinary(Node &node) {
  FailureOr<Operand> lhs = dequantizeInput(node, 0);
  FailureOr<Operand> rhs =
      failed(lhs) ? FailureOr<Operand>(failure()) : dequantizeInput(node, 3);
  if (failed(rhs))
    return failure();
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(node, ArrayRef{*lhs, *rhs});
  if (failed(shape))
    return failure();
  Value result = createElementwise(
      node.b, {lhs->value, rhs->value}, *shape, node.b.getF32Type(),
      [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return FloatOp::create(b, args[0], args[1]);
      });
  return quantizeOutput(node, result, 6, node.getInput(0).type);
}

/// Scale and zero point of the result come first, then the inputs with theirs.
static LogicalResult importConcat(Node &node) {
  size_t count = node.getNumInputs();
  if (count < 5 || count % 3 != 2 || !node.hasInput(2))
    return node.invalid("it has " + Twine(count) + " inputs");
  SmallVector<Value> parts;
  FailureOr<int64_t> axis = node.getAxis("axis", 0, node.getInput(2).getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(node.getInput(2).getShape());
  shape[*axis] = 0;
  for (size_t i = 2; i < count; i += 3) {
    FailureOr<Operand> part = dequantizeInput(node, i);
    if (failed(part))
      return failure();
    SmallVector<int64_t> expected(shape);
    if (part->getRank() == int64_t(shape.size()))
      expected[*axis] = part->getDim(*axis);
    if (part->getShape() != ArrayRef(expected))
      return node.invalid("the shapes of its inputs do not fit together");
    shape[*axis] += part->getDim(*axis);
    parts.push_back(part->value);
  }
  Value joined = tensor::ConcatOp::create(
      node.b, RankedTensorType::get(shape, node.b.getF32Type()), *axis, parts);
  return quantizeOutput(node, joined, 0, node.getInput(2).type);
}

static constexpr char kAveragePool[] = "AveragePool";
static constexpr char kGlobalAveragePool[] = "GlobalAveragePool";
static constexpr char kLeakyRelu[] = "LeakyRelu";
static constexpr char kSigmoid[] = "Sigmoid";

void lacuna::registerQLinearOps(OpTable &table) {
  static constexpr StringLiteral domain = "com.microsoft";
  static constexpr OpEntry entries[] = {
      {"QLinearAdd", 1, importBinary<arith::AddFOp>, "", domain},
      {"QLinearAveragePool", 1, importUnary<kAveragePool>, "", domain},
      {"QLinearConcat", 1, importConcat, "", domain},
      {"QLinearGlobalAveragePool", 1, importUnary<kGlobalAveragePool>, "",
       domain},
      {"QLinearLeakyRelu", 1, importUnary<kLeakyRelu>, "", domain},
      {"QLinearMul", 1, importBinary<arith::MulFOp>, "", domain},
      {"QLinearSigmoid", 1, importUnary<kSigmoid>, "", domain},
      {"QLinearSoftmax", 1, importSoftmax, "", domain},
  };
  table.add(entries);
}
