//===- QuantizedLayer.cpp - The numbers of layers between bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/Transforms/FoldQuantization.h"

#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

Type qnn::getElementType(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

std::optional<float> qnn::readScale(Value scale) {
  std::vector<float> values;
  if (!getElementType(scale).isF32() || !nn::readConstant(scale, values) ||
      values.size() != 1 || !std::isnormal(values[0]) || values[0] < 0 ||
      !std::isfinite(values[0] * 256))
    return std::nullopt;
  return values[0];
}

bool qnn::isByteLayer(QuantizeOp op) {
  return getElementType(op.getOutput()).isInteger(8) &&
         getElementType(op.getInput()).isF32();
}

bool qnn::isOfBytes(DequantizeOp op) {
  return op && getElementType(op.getInput()).isInteger(8) &&
         getElementType(op.getOutput()).isF32();
}

/// Whether two constants are one, or have the same numbers.
static bool isSameConstant(Value a, Value b) {
  if (a == b)
    return true;
  auto first = a ? a.getDefiningOp<arith::ConstantOp>() : nullptr;
  auto second = b ? b.getDefiningOp<arith::ConstantOp>() : nullptr;
  return first && second && first.getValue() == second.getValue();
}

bool qnn::isPerTensor(DequantizeOp op) {
  return cast<RankedTensorType>(op.getScale().getType()).getRank() == 0;
}

template <typename Op>
static bool isSame(DequantizeOp op, Op other) {
  return op.getIsUnsigned() == other.getIsUnsigned() &&
         isSameConstant(op.getScale(), other.getScale()) &&
         isSameConstant(op.getZeroPoint(), other.getZeroPoint());
}

bool qnn::isSameScaling(DequantizeOp op, QuantizeOp quantize) {
  return isOfBytes(op) && isPerTensor(op) && isByteLayer(quantize) &&
         isSame(op, quantize);
}

bool qnn::isSameScaling(DequantizeOp op, DequantizeOp other) {
  return isSame(op, other);
}

/// Whether `op` is an elementwise minimum or maximum with constants.
static bool readClamp(linalg::GenericOp op, Clamp &clamp) {
  if (op.getNumDpsInputs() != 1 || op->getNumResults() != 1 ||
      !op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isIdentity() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return false;
  Value value = op.getBody()->getArgument(0);
  Clamp found;
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (isa<arith::ConstantOp>(inner))
      continue;
    APFloat bound(0.0f);
    if (!isa<arith::MaximumFOp, arith::MinimumFOp>(inner) ||
        !llvm::is_contained(inner.getOperands(), value))
      return false;
    Value other = inner.getOperand(inner.getOperand(0) == value ? 1 : 0);
    if (!matchPattern(other, m_ConstantFloat(&bound)) || bound.isNaN())
      return false;
    double limit = bound.convertToDouble();
    if (isa<arith::MaximumFOp>(inner))
      found = {std::max(found.lo, limit), std::max(found.hi, limit)};
    else
      found = {std::min(found.lo, limit), std::min(found.hi, limit)};
    value = inner.getResult(0);
  }
  if (op.getBody()->getTerminator()->getOperand(0) != value)
    return false;
  // What was read before comes after this one.
  clamp = {std::clamp(found.lo, clamp.lo, clamp.hi),
           std::clamp(found.hi, clamp.lo, clamp.hi)};
  return true;
}

Value qnn::skipClamps(Value value, Clamp &clamp) {
  while (auto generic = value.getDefiningOp<linalg::GenericOp>()) {
    if (!value.hasOneUse() || !readClamp(generic, clamp))
      break;
    value = generic.getDpsInputOperand(0)->get();
  }
  return value;
}

/// What a bias of bytes' layer is in units of its sums: `round(bias / unit)`.
static bool readBias(Value bias, ArrayRef<float> units,
                     SmallVectorImpl<int32_t> &out) {
  std::vector<float> values;
  if (auto dequantized = bias.getDefiningOp<DequantizeOp>()) {
    std::vector<int32_t> stored, zeros;
    std::vector<float> scales;
    if (!getElementType(dequantized.getInput()).isInteger(32) ||
        !nn::readConstant(dequantized.getInput(), stored) ||
        !nn::readConstant(dequantized.getScale(), scales))
      return false;
    if (dequantized.getZeroPoint() &&
        (!nn::readConstant(dequantized.getZeroPoint(), zeros) ||
         !llvm::all_of(zeros, [](int32_t zero) { return zero == 0; })))
      return false;
    for (auto [i, value] : llvm::enumerate(stored)) {
      double scale = scales[scales.size() == 1 ? 0 : i];
      double unit = units[units.size() == 1 ? 0 : i];
      // Almost always the two are the same but for rounding.
      double steps = std::fabs(scale / unit - 1) < 1e-4
                         ? value
                         : std::nearbyint(value * scale / unit);
      if (!(std::fabs(steps) < 2147483648.0))
        return false;
      out.push_back(int32_t(steps));
    }
    return true;
  }
  if (!getElementType(bias).isF32() || !nn::readConstant(bias, values))
    return false;
  for (auto [i, value] : llvm::enumerate(values)) {
    double steps =
        std::nearbyint(double(value) / units[units.size() == 1 ? 0 : i]);
    if (!(std::fabs(steps) < 2147483648.0))
      return false;
    out.push_back(int32_t(steps));
  }
  return true;
}

bool qnn::readNumbers(QuantizedLayer layer, QuantizeOp quantize,
                      LayerNumbers &numbers) {
  auto inputScale = readScale(layer.input.getScale());
  auto outputScale = readScale(quantize.getScale());
  auto inputZero =
      readZeroPoint(layer.input.getZeroPoint(), layer.input.getIsUnsigned());
  auto outputZero =
      readZeroPoint(quantize.getZeroPoint(), quantize.getIsUnsigned());
  std::vector<float> filterScales;
  if (!inputScale || !outputScale || !inputZero || !outputZero ||
      !getElementType(layer.filter.getScale()).isF32() ||
      !nn::readConstant(layer.filter.getScale(), filterScales))
    return false;
  for (float scale : filterScales) {
    // In float32, in the order in which ONNX Runtime multiplies.
    float unit = *inputScale * scale;
    numbers.units.push_back(unit);
    numbers.scales.push_back(unit / *outputScale);
    if (!(unit > 0) || !(numbers.scales.back() > 0) ||
        !std::isfinite(numbers.scales.back()))
      return false;
  }
  numbers.inputZero = *inputZero;
  numbers.outputZero = *outputZero;
  return !layer.bias || readBias(layer.bias, numbers.units, numbers.bias);
}

bool qnn::fitsSums(QuantizedLayer layer, const LayerNumbers &numbers,
                   int64_t filters, int64_t inner) {
  constexpr int64_t kMostByte = 255;
  int64_t least = layer.input.getIsUnsigned() ? 0 : -128;
  int64_t most = std::max(numbers.inputZero - least,
                          least + kMostByte - numbers.inputZero);
  int64_t count = cast<RankedTensorType>(layer.filter.getInput().getType())
                      .getNumElements();
  bool isUnsigned = layer.filter.getIsUnsigned();
  auto zero = readZeroPoint(layer.filter.getZeroPoint(), isUnsigned);
  std::vector<int8_t> weights;
  bool isKnown = zero && nn::readConstant(layer.filter.getInput(), weights);
  SmallVector<int64_t> sums(filters, 0);
  for (int64_t i = 0; i < count; ++i) {
    int64_t weight = kMostByte;
    if (isKnown)
      weight = std::abs(
          (isUnsigned ? int64_t(uint8_t(weights[i])) : weights[i]) - *zero);
    sums[i / inner % filters] += most * weight;
  }
  int64_t bias = 0;
  for (int32_t value : numbers.bias)
    bias = std::max(bias, std::abs(int64_t(value)));
  return llvm::all_of(enumerate(sums), [&](auto sum) {
    int64_t added = int64_t(numbers.bias.size()) == filters
                        ? std::abs(int64_t(numbers.bias[sum.index()]))
                        : bias;
    return sum.value() + added <= std::numeric_limits<int32_t>::max();
  });
}

Value qnn::getZeroPoint(ImplicitLocOpBuilder &b, Value given) {
  return given ? given : createConstant<int8_t>(b, b.getI8Type(), {0}, {});
}

Value qnn::createBias(ImplicitLocOpBuilder &b, const LayerNumbers &numbers) {
  if (numbers.bias.empty())
    return {};
  return createConstant<int32_t>(b, b.getI32Type(), numbers.bias,
                                 {int64_t(numbers.bias.size())});
}

Value qnn::createClamp(ImplicitLocOpBuilder &b, Value value, const Clamp &clamp,
                       QuantizeOp op) {
  float scale = *readScale(op.getScale());
  bool isUnsigned = op.getIsUnsigned();
  int64_t zero = *readZeroPoint(op.getZeroPoint(), isUnsigned);
  double least = isUnsigned ? 0 : -128, most = isUnsigned ? 255 : 127;
  auto quantize = [&](double bound) {
    double steps = std::nearbyint(float(bound) / scale) + double(zero);
    return std::clamp(steps, least, most);
  };
  double lo = quantize(clamp.lo), hi = quantize(clamp.hi);
  auto type = cast<RankedTensorType>(value.getType());
  if (lo <= least && hi >= most)
    return value;
  return nn::createParallel(
      b, type, {value}, {b.getMultiDimIdentityMap(type.getRank())},
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value result = args[0];
        auto bound = [&](double value) -> Value {
          return arith::ConstantOp::create(
              b, b.getI8IntegerAttr(int8_t(int64_t(value))));
        };
        if (lo > least)
          result =
              isUnsigned
                  ? arith::MaxUIOp::create(b, result, bound(lo)).getResult()
                  : arith::MaxSIOp::create(b, result, bound(lo));
        if (hi < most)
          result =
              isUnsigned
                  ? arith::MinUIOp::create(b, result, bound(hi)).getResult()
                  : arith::MinSIOp::create(b, result, bound(hi));
        return result;
      });
}

Value qnn::createRequantize(ImplicitLocOpBuilder &b, Value sums,
                            const LayerNumbers &numbers, QuantizeOp quantize,
                            const Clamp &clamp) {
  auto type = cast<RankedTensorType>(sums.getType());
  Type element = getElementType(quantize.getOutput());
  SmallVector<int64_t> shape;
  if (numbers.scales.size() > 1)
    shape.push_back(numbers.scales.size());
  Value scale = createConstant<float>(b, b.getF32Type(), numbers.scales, shape);
  Value zero =
      createConstant<int8_t>(b, element, int8_t(numbers.outputZero), {});
  Value bytes = RequantizeOp::create(
      b, RankedTensorType::get(type.getShape(), element), sums, scale, zero,
      /*axis=*/1, quantize.getIsUnsigned());
  return createClamp(b, bytes, clamp, quantize);
}
