//===- Quantization.cpp - Quantized operators -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constant.h"
#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"
#include "WeightBlocks.h"
#include "WindowAttrs.h"

#include "dialects/qnn/IR/QNNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lacuna;

static bool isByte(DType type) {
  return type == DType::Int8 || type == DType::UInt8;
}

/// Input `index`, a scale or zero point: rank 0 if it holds one element, else
/// rank 1 with `count` elements. Null if it is missing.
static FailureOr<Value> readParameter(Node &node, size_t index, int64_t count) {
  if (!node.hasInput(index))
    return Value();
  node.setScaling(index);
  const Operand &input = node.getInput(index);
  if (input.getNumElements() == 1)
    return createReshape(node.b, input.value, {});
  if (input.getRank() != 1 || input.getDim(0) != count)
    return node.unsupported("input '" + node.getInputName(index) +
                            "' must hold one element, or " + Twine(count));
  return input.value;
}

/// The axis of per-axis parameters; any for per-tensor ones.
static FailureOr<int64_t> readAxis(Node &node) {
  const Operand &scale = node.getInput(1);
  if (scale.getNumElements() == 1)
    return int64_t(0);
  if (node.getInt("block_size", 0) != 0)
    return node.unsupported("it has a scale for each block");
  return node.getAxis("axis", 1, node.getInput(0).getRank());
}

namespace {
/// How QuantizeLinear and DequantizeLinear scale; the zero point may be null.
struct Scaling {
  Value scale, zeroPoint;
  int64_t axis;
};
} // namespace

static FailureOr<Scaling> readScaling(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> axis = readAxis(node);
  if (failed(axis))
    return failure();
  if (node.getInput(1).type != DType::Float32)
    return node.unsupported("its scale is " + getName(node.getInput(1).type));
  int64_t count = input.getRank() ? input.getDim(*axis) : 1;
  FailureOr<Value> scale = readParameter(node, 1, count);
  FailureOr<Value> zeroPoint = readParameter(node, 2, count);
  if (failed(scale) || failed(zeroPoint))
    return failure();
  auto getRank = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getRank();
  };
  if (*zeroPoint && getRank(*scale) != getRank(*zeroPoint))
    return node.invalid("its scale and its zero point differ in shape");
  return Scaling{*scale, *zeroPoint, *axis};
}

//===----------------------------------------------------------------------===//
// Quantize and dequantize
//===----------------------------------------------------------------------===//

static LogicalResult importQuantize(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<Scaling> scaling = readScaling(node);
  if (failed(scaling))
    return failure();
  if (input.type != DType::Float32 && input.type != DType::Float16 &&
      input.type != DType::BFloat16 && input.type != DType::Int32)
    return node.unsupported("it quantizes " + getName(input.type));
  // 0 is the default, as if the attribute were not there.
  FailureOr<DType> type = DType::UInt8;
  if (node.getInt("output_dtype", 0) != 0)
    type = node.getDType("output_dtype", DType::UInt8);
  if (failed(type))
    return failure();
  if (node.hasInput(2))
    type = node.getInput(2).type;
  if (!isByte(*type) && *type != DType::Int16 && *type != DType::UInt16)
    return node.unsupported("it quantizes to " + getName(*type));
  if (node.getString("precision", "").size())
    return node.unsupported("it asks for a precision");
  node.keepUnfolded();
  node.setOutput(
      0,
      qnn::QuantizeOp::create(
          node.b,
          RankedTensorType::get(input.getShape(),
                                getElementType(node.b.getContext(), *type)),
          input.value, scaling->scale, scaling->zeroPoint, scaling->axis,
          *type == DType::UInt8 || *type == DType::UInt16),
      *type);
  return success();
}

static LogicalResult importDequantize(Node &node) {
  if (node.getInt("block_size", 0) != 0)
    return importDequantizeBlocks(node);
  const Operand &input = node.getInput(0);
  FailureOr<Scaling> scaling = readScaling(node);
  if (failed(scaling))
    return failure();
  if (!isByte(input.type) && input.type != DType::Int32 &&
      input.type != DType::Int16 && input.type != DType::UInt16)
    return node.unsupported("it dequantizes " + getName(input.type));
  FailureOr<DType> wanted = DType::Float32;
  if (node.getInt("output_dtype", 0) != 0)
    wanted = node.getDType("output_dtype", DType::Float32);
  if (failed(wanted))
    return failure();
  if (*wanted != DType::Float32)
    return node.unsupported("it dequantizes to " + getName(*wanted));
  if (node.hasInput(2) && node.getInput(2).type != input.type)
    return node.invalid("its zero point is " + getName(node.getInput(2).type));
  node.keepUnfolded();
  node.setZeroPoint(0, 2, scaling->axis);
  node.setOutput(
      0,
      qnn::DequantizeOp::create(
          node.b, RankedTensorType::get(input.getShape(), node.b.getF32Type()),
          input.value, scaling->scale, scaling->zeroPoint, scaling->axis,
          input.isUnsigned()),
      DType::Float32);
  return success();
}

/// The same operators of com.microsoft, which had 16 bits before ONNX. No
/// schema has checked their inputs.
template <LogicalResult (*import)(Node &)>
static LogicalResult importUnchecked(Node &node) {
  for (size_t index : {0, 1})
    if (!node.hasInput(index))
      return node.invalid("input " + Twine(index) + " is missing");
  return import(node);
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// The accumulators of a convolution of bytes; -1 as an index means that there
/// is no such input.
static FailureOr<Value> createConv(Node &node, size_t filterIndex,
                                   int inputZeroPoint, int filterZeroPoint,
                                   int bias) {
  const Operand &input = node.getInput(0);
  const Operand &filter = node.getInput(filterIndex);
  FailureOr<int64_t> group = checkConv(node, filterIndex);
  if (failed(group))
    return failure();
  FailureOr<nn::Window> window = readWindow(
      node, filter.getShape().drop_front(2), input.getShape().drop_front(2));
  auto optional = [&](int index, int64_t count) {
    return index < 0 ? FailureOr<Value>(Value())
                     : readParameter(node, index, count);
  };
  FailureOr<Value> inputZero = optional(inputZeroPoint, 1);
  FailureOr<Value> filterZero = optional(filterZeroPoint, filter.getDim(0));
  if (failed(window) || failed(inputZero) || failed(filterZero))
    return failure();
  if (filterZeroPoint >= 0)
    node.setZeroPoint(filterIndex, filterZeroPoint, /*axis=*/0);
  Value biasValue;
  if (bias >= 0 && node.hasInput(bias)) {
    if (failed(checkBias(node, bias, filter.getDim(0))))
      return failure();
    biasValue = node.getInput(bias).value;
  }
  SmallVector<int64_t> shape = {input.getDim(0), filter.getDim(0)};
  for (size_t i = 0; i < window->rank(); ++i)
    shape.push_back(window->outputSize(i, input.getDim(i + 2)));
  return qnn::ConvOp::create(
             node.b, RankedTensorType::get(shape, node.b.getI32Type()),
             input.value, filter.value, biasValue, *inputZero, *filterZero,
             window->strides, window->dilations, window->padsBegin,
             window->padsEnd, *group, input.isUnsigned(), filter.isUnsigned())
      .getResult();
}

static LogicalResult importConvInteger(Node &node) {
  FailureOr<Value> accumulators = createConv(node, 1, 2, 3, -1);
  if (failed(accumulators))
    return failure();
  node.setOutput(0, *accumulators, DType::Int32);
  return success();
}

/// `lhs * rhs / result` of constants, in the order of the operations that would
/// compute it; null if they are not known.
static Value foldFactor(Node &node, ArrayRef<Value> factors,
                        ArrayRef<int64_t> shape) {
  SmallVector<HostTensor, 3> tensors;
  for (Value factor : factors) {
    ElementsAttr elements = getConstantElements(factor);
    if (!elements)
      return nullptr;
    tensors.push_back(readElements(elements, DType::Float32));
  }
  HostTensor product(DType::Float32, shape);
  auto get = [](const HostTensor &tensor, int64_t i) {
    return float(tensor.getAsDouble(i % tensor.getNumElements()));
  };
  for (auto [i, out] : llvm::enumerate(product.elements<float>())) {
    float scale = get(tensors[0], i) * get(tensors[1], i);
    out = scale / get(tensors[2], i);
  }
  return arith::ConstantOp::create(
      node.b, cast<TypedAttr>(createElements(node.b.getContext(), product)));
}

/// `lhs * rhs / result`, the factor from accumulators to results.
static Value createFactor(Node &node, Value lhs, Value rhs, Value result) {
  auto shape = cast<RankedTensorType>(rhs.getType()).getShape();
  if (cast<RankedTensorType>(lhs.getType()).getRank() > int64_t(shape.size()))
    shape = cast<RankedTensorType>(lhs.getType()).getShape();
  if (Value factor = foldFactor(node, {lhs, rhs, result}, shape))
    return factor;
  return createElementwise(
      node.b, {lhs, rhs, result}, shape, node.b.getF32Type(),
      [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return arith::DivFOp::create(
            b, arith::MulFOp::create(b, args[0], args[1]), args[2]);
      });
}

/// Output 0: `accumulators` requantized by the scale at `scaleIndex` and the
/// zero point after it.
static LogicalResult requantize(Node &node, Value accumulators, Value lhsScale,
                                Value rhsScale, size_t scaleIndex,
                                int64_t axis) {
  FailureOr<Value> scale = readParameter(node, scaleIndex, 1);
  FailureOr<Value> zeroPoint = readParameter(node, scaleIndex + 1, 1);
  if (failed(scale) || failed(zeroPoint))
    return failure();
  DType type = node.getInput(scaleIndex + 1).type;
  auto shape = cast<RankedTensorType>(accumulators.getType()).getShape();
  node.setOutput(0,
                 qnn::RequantizeOp::create(
                     node.b, RankedTensorType::get(shape, node.b.getI8Type()),
                     accumulators,
                     createFactor(node, lhsScale, rhsScale, *scale), *zeroPoint,
                     axis, type == DType::UInt8),
                 type);
  return success();
}

static LogicalResult importQLinearConv(Node &node) {
  FailureOr<Value> accumulators = createConv(node, 3, 2, 5, 8);
  if (failed(accumulators))
    return failure();
  FailureOr<Value> inputScale = readParameter(node, 1, 1);
  FailureOr<Value> filterScale =
      readParameter(node, 4, node.getInput(3).getDim(0));
  if (failed(inputScale) || failed(filterScale))
    return failure();
  return requantize(node, *accumulators, *inputScale, *filterScale, 6,
                    /*axis=*/1);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The accumulators of a product of bytes.
static FailureOr<Value> createMatMul(Node &node, size_t rhsIndex,
                                     size_t lhsZeroPoint, size_t rhsZeroPoint) {
  const Operand &lhs = node.getInput(0), &rhs = node.getInput(rhsIndex);
  if (lhs.getRank() < 1 || rhs.getRank() < 1)
    return node.invalid("it multiplies scalars");
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return node.unsupported("it multiplies vectors");
  int64_t rows = lhs.getDim(lhs.getRank() - 2);
  int64_t columns = rhs.getShape().back();
  if (lhs.getShape().back() != rhs.getDim(rhs.getRank() - 2))
    return node.invalid("the inner dimensions of its inputs differ");
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(
      node, ArrayRef{lhs.getShape().drop_back(2), rhs.getShape().drop_back(2)});
  FailureOr<Value> lhsZero = readParameter(node, lhsZeroPoint, rows);
  FailureOr<Value> rhsZero = readParameter(node, rhsZeroPoint, columns);
  if (failed(shape) || failed(lhsZero) || failed(rhsZero))
    return failure();
  shape->append({rows, columns});
  node.setZeroPoint(0, lhsZeroPoint, lhs.getRank() - 2);
  node.setZeroPoint(rhsIndex, rhsZeroPoint, rhs.getRank() - 1);
  return qnn::MatMulOp::create(
             node.b, RankedTensorType::get(*shape, node.b.getI32Type()),
             lhs.value, rhs.value, *lhsZero, *rhsZero, lhs.isUnsigned(),
             rhs.isUnsigned())
      .getResult();
}

static LogicalResult importMatMulInteger(Node &node) {
  FailureOr<Value> accumulators = createMatMul(node, 1, 2, 3);
  if (failed(accumulators))
    return failure();
  node.setOutput(0, *accumulators, DType::Int32);
  return success();
}

static LogicalResult importQLinearMatMul(Node &node) {
  FailureOr<Value> accumulators = createMatMul(node, 3, 2, 5);
  if (failed(accumulators))
    return failure();
  const Operand &lhs = node.getInput(0), &rhs = node.getInput(3);
  int64_t rank = std::max(lhs.getRank(), rhs.getRank());
  FailureOr<Value> lhsScale =
      readParameter(node, 1, lhs.getDim(lhs.getRank() - 2));
  FailureOr<Value> rhsScale = readParameter(node, 4, rhs.getShape().back());
  if (failed(lhsScale) || failed(rhsScale))
    return failure();
  bool perRow = cast<RankedTensorType>(lhsScale->getType()).getRank() == 1;
  bool perColumn = cast<RankedTensorType>(rhsScale->getType()).getRank() == 1;
  if (perRow && perColumn)
    return node.unsupported("it has scales for rows and for columns");
  return requantize(node, *accumulators, *lhsScale, *rhsScale, 6,
                    perRow ? rank - 2 : rank - 1);
}

void lacuna::registerQuantizationOps(OpTable &table) {
  static constexpr StringLiteral kMicrosoft = "com.microsoft";
  static constexpr OpEntry entries[] = {
      {"ConvInteger", 10, importConvInteger},
      {"DequantizeLinear", 10, importDequantize},
      {"MatMulInteger", 10, importMatMulInteger},
      {"QLinearConv", 10, importQLinearConv},
      {"QLinearMatMul", 10, importQLinearMatMul},
      {"QuantizeLinear", 10, importQuantize},
      {"DequantizeLinear", 1, importUnchecked<importDequantize>, "",
       kMicrosoft},
      {"QuantizeLinear", 1, importUnchecked<importQuantize>, "", kMicrosoft},
  };
  table.add(entries);
}
