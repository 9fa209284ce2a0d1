//===- Qonnx.cpp - Quantizers of QONNX -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quant and BipolarQuant take floats and give the floats that remain after so
// many bits. Weights become dequantized bytes; of what is computed, the range
// of the bits is cut out first, then it passes through bytes.
//
//===----------------------------------------------------------------------===//

#include "Qonnx.h"

#include "Constant.h"
#include "Elementwise.h"
#include "OpTable.h"

#include "dialects/qnn/IR/QNNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace lacuna;

namespace {
/// Of a quantizer: one scale, or one for each index along `axis`.
struct Scales {
  SmallVector<float> values;
  int64_t axis = 0;
};
} // namespace

static Value createConstant(Node &node, const HostTensor &tensor) {
  return arith::ConstantOp::create(
      node.b, cast<TypedAttr>(createElements(node.b.getContext(), tensor)));
}

/// The scale, input 1, which broadcasts to input 0.
static FailureOr<Scales> readScales(Node &node) {
  node.setScaling(1);
  FailureOr<SmallVector<double>> values = node.getConstantFloats(1);
  if (failed(values))
    return failure();
  ArrayRef<int64_t> shape = node.getInput(1).getShape();
  int64_t rank = node.getInput(0).getRank();
  Scales scales;
  scales.values.assign(values->begin(), values->end());
  if (!llvm::all_of(scales.values, [](float scale) {
        return std::isfinite(scale) && scale > 0;
      }))
    return node.unsupported("its scale is not positive");
  if (scales.values.size() == 1)
    return scales;
  for (auto [i, size] : llvm::enumerate(shape)) {
    if (size == 1)
      continue;
    scales.axis = rank - int64_t(shape.size()) + int64_t(i);
    if (size == int64_t(scales.values.size()) && scales.axis >= 0 &&
        size == node.getInput(0).getDim(scales.axis))
      return scales;
  }
  return node.unsupported("its scale differs along more than one dimension");
}

/// Output 0: `bytes` times the scale.
static void dequantize(Node &node, Value bytes, const Scales &scales,
                       bool isUnsigned) {
  SmallVector<int64_t> shape;
  if (scales.values.size() > 1)
    shape.push_back(int64_t(scales.values.size()));
  HostTensor scale(DType::Float32, shape);
  llvm::copy(scales.values, scale.elements<float>().begin());
  node.keepUnfolded();
  node.setOutput(0,
                 qnn::DequantizeOp::create(
                     node.b, node.getInput(0).getTensorType(), bytes,
                     createConstant(node, scale), /*zero_point=*/Value(),
                     scales.axis, isUnsigned),
                 DType::Float32);
}

/// Output 0: the constant input 0 by way of bytes, which `quantize` makes of a
/// value and its scale.
static LogicalResult
quantizeWeights(Node &node, const Scales &scales, bool isUnsigned,
                llvm::function_ref<int64_t(float, float)> quantize) {
  FailureOr<HostTensor> weights = node.getConstant(0);
  if (failed(weights))
    return failure();
  ArrayRef<int64_t> shape = weights->getShape();
  int64_t inner = 1;
  for (int64_t size : shape.drop_front(shape.empty() ? 0 : scales.axis + 1))
    inner *= size;
  HostTensor bytes(isUnsigned ? DType::UInt8 : DType::Int8, shape);
  auto values = weights->elements<float>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]))
      return node.unsupported("its weights hold NaN or infinity");
    float scale = scales.values[i / inner % scales.values.size()];
    bytes.data()[i] = char(quantize(values[i], scale));
  }
  dequantize(node, createConstant(node, bytes), scales, isUnsigned);
  return success();
}

/// Output 0: what `round` makes of each element of input 0, as bytes of
/// `scale`.
static LogicalResult quantizeValues(Node &node, const Scales &scales,
                                    float scale, bool isUnsigned,
                                    ScalarBuilder round) {
  if (scales.values.size() > 1)
    return node.unsupported("it has a scale for each channel of what is "
                            "computed",
                            "quantize activations with one scale");
  const Operand &input = node.getInput(0);
  Value rounded = createElementwise(node.b, {input.value}, input.getShape(),
                                    node.b.getF32Type(), round);
  HostTensor step(DType::Float32, {});
  step.elements<float>()[0] = scale;
  Value bytes = qnn::QuantizeOp::create(
      node.b, RankedTensorType::get(input.getShape(), node.b.getI8Type()),
      rounded, createConstant(node, step), /*zero_point=*/Value(), /*axis=*/0,
      isUnsigned);
  dequantize(node, bytes, scales, isUnsigned);
  return success();
}

/// 1 or -1, times the scale.
static LogicalResult importSigns(Node &node, const Scales &scales) {
  if (node.isConstant(0))
    return quantizeWeights(
        node, scales, /*isUnsigned=*/false,
        [](float value, float) { return value >= 0 ? 1 : -1; });
  return quantizeValues(node, scales, /*scale=*/1, /*isUnsigned=*/false,
                        [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                          auto number = [&](double value) {
                            return createScalar(b, b.getF32Type(), value);
                          };
                          Value isPositive = arith::CmpFOp::create(
                              b, arith::CmpFPredicate::OGE, args[0], number(0));
                          return arith::SelectOp::create(b, isPositive,
                                                         number(1), number(-1));
                        });
}

static LogicalResult checkFloats(Node &node, size_t count) {
  if (node.getNumInputs() != count)
    return node.invalid("it has " + Twine(node.getNumInputs()) +
                        " inputs, not " + Twine(count));
  for (size_t i = 0; i < count; ++i) {
    if (!node.hasInput(i))
      return node.invalid("its input " + Twine(i) + " is missing");
    if (node.getInput(i).type != DType::Float32)
      return node.unsupported("input '" + node.getInputName(i) + "' is " +
                              getName(node.getInput(i).type));
  }
  return success();
}

static LogicalResult importBipolarQuant(Node &node) {
  if (failed(checkFloats(node, 2)))
    return failure();
  FailureOr<Scales> scales = readScales(node);
  if (failed(scales))
    return failure();
  return importSigns(node, *scales);
}

static LogicalResult importQuant(Node &node) {
  if (failed(checkFloats(node, 4)))
    return failure();
  FailureOr<Scales> scales = readScales(node);
  FailureOr<SmallVector<double>> zeros = node.getConstantFloats(2);
  FailureOr<SmallVector<double>> widths = node.getConstantFloats(3);
  if (failed(scales) || failed(zeros) || failed(widths))
    return failure();
  node.setScaling(2);
  node.setConsumed(3);
  if (!llvm::all_of(*zeros, [](double zero) { return zero == 0; }))
    return node.unsupported("its zero point is not 0",
                            "export the model as QDQ, or with symmetric "
                            "quantizers");
  if (widths->size() != 1 || widths->front() != std::floor(widths->front()) ||
      widths->front() < 1 || widths->front() > 8)
    return node.unsupported("its width is not 1 to 8 bits",
                            "quantize to at most 8 bits, or leave this "
                            "quantizer out");
  std::string rounding = node.getString("rounding_mode", "ROUND").upper();
  if (rounding != "ROUND" && rounding != "HALF_EVEN")
    return node.unsupported("its rounding mode is " + rounding,
                            "export it with rounding mode ROUND");
  unsigned bits = unsigned(widths->front());
  bool isSigned = node.getInt("signed", 1), isNarrow = node.getInt("narrow", 0);
  if (isSigned && bits == 1)
    return importSigns(node, *scales);
  int64_t most = (int64_t(1) << (bits - isSigned)) - 1;
  int64_t least = isSigned ? isNarrow - most - 1 : 0;
  if (!isSigned)
    most -= isNarrow;
  if (node.isConstant(0))
    return quantizeWeights(
        node, *scales, !isSigned, [&](float value, float scale) {
          return int64_t(std::clamp(std::nearbyint(value / scale), float(least),
                                    float(most)));
        });
  float scale = scales->values.front();
  return quantizeValues(
      node, *scales, scale, !isSigned,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        auto bound = [&](int64_t steps) {
          return createScalar(b, b.getF32Type(), float(steps) * scale);
        };
        Value low = arith::MaximumFOp::create(b, args[0], bound(least));
        return arith::MinimumFOp::create(b, low, bound(most));
      });
}

void lacuna::registerQonnxOps(OpTable &table) {
  static constexpr StringLiteral domain = "qonnx.custom_op.general";
  static constexpr StringLiteral older = "finn.custom_op.general";
  static constexpr StringLiteral oldest = "onnx.brevitas";
  static constexpr OpEntry entries[] = {
      {"BipolarQuant", 1, importBipolarQuant, "", domain},
      {"BipolarQuant", 1, importBipolarQuant, "", older},
      {"BipolarQuant", 1, importBipolarQuant, "", oldest},
      {"Quant", 1, importQuant, "", domain},
      {"Quant", 1, importQuant, "", older},
      {"Quant", 1, importQuant, "", oldest},
  };
  table.add(entries);
}
