//===- QuantizedLayer.cpp - The numbers of layers between steps -===//
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
      !std::isfinite(values[0] * 65536))
    return std::nullopt;
  return values[0];
}

static bool isSteps(Type type) {
  return type.isInteger(8) || type.isInteger(16);
}

bool qnn::makesSteps(QuantizeOp op) {
  return isSteps(getElementType(op.getOutput())) &&
         getElementType(op.getInput()).isF32();
}

bool qnn::isOfSteps(DequantizeOp op) {
  return op && isSteps(getElementType(op.getInput())) &&
         getElementType(op.getOutput()).isF32();
}

bool qnn::makesBytes(QuantizeOp op) {
  return makesSteps(op) && getElementType(op.getOutput()).isInteger(8);
}

bool qnn::isOfBytes(DequantizeOp op) {
  return isOfSteps(op) && getElementType(op.getInput()).isInteger(8);
}

StepRange qnn::getStepRange(Type type, bool isUnsigned) {
  int64_t count = int64_t(1) << type.getIntOrFloatBitWidth();
  int64_t least = isUnsigned ? 0 : -count / 2;
  return {least, least + count - 1};
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

static Type getStepType(DequantizeOp op) {
  return getElementType(op.getInput());
}
static Type getStepType(QuantizeOp op) {
  return getElementType(op.getOutput());
}

template <typename Op>
static bool isSame(DequantizeOp op, Op other) {
  return op.getIsUnsigned() == other.getIsUnsigned() &&
         getStepType(op) == getStepType(other) &&
         isSameConstant(op.getScale(), other.getScale()) &&
         isSameConstant(op.getZeroPoint(), other.getZeroPoint());
}

bool qnn::isSameScaling(DequantizeOp op, QuantizeOp quantize) {
  return isOfSteps(op) && isPerTensor(op) && makesSteps(quantize) &&
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

/// What a bias of such a layer is in units of its sums: `round(bias / unit)`.
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

/// For each filter the greatest sum of magnitudes of its weights that there may
/// be, of steps that are stored as T.
template <typename T>
static SmallVector<int64_t> sumMagnitudes(DequantizeOp filter, int64_t filters,
                                          int64_t inner) {
  auto type = cast<RankedTensorType>(filter.getInput().getType());
  bool isUnsigned = filter.getIsUnsigned();
  auto zero = readZeroPoint(filter.getZeroPoint(), isUnsigned);
  std::vector<T> weights;
  bool isKnown = zero && nn::readConstant(filter.getInput(), weights);
  StepRange range = getStepRange(type.getElementType(), isUnsigned);
  SmallVector<int64_t> sums(filters, 0);
  for (int64_t i = 0, count = type.getNumElements(); i < count; ++i) {
    int64_t weight = range.most - range.least;
    if (isKnown) {
      int64_t step =
          isUnsigned ? std::make_unsigned_t<T>(weights[i]) : weights[i];
      weight = std::abs(step - *zero);
    }
    sums[i / inner % filters] += weight;
  }
  return sums;
}

Type qnn::getSumType(QuantizedLayer layer, const LayerNumbers &numbers,
                     int64_t filters, int64_t inner) {
  Type input = getStepType(layer.input), filter = getStepType(layer.filter);
  StepRange range = getStepRange(input, layer.input.getIsUnsigned());
  int64_t most =
      std::max(numbers.inputZero - range.least, range.most - numbers.inputZero);
  SmallVector<int64_t> magnitudes = visitStepType(filter, [&](auto type) {
    return sumMagnitudes<decltype(type)>(layer.filter, filters, inner);
  });
  int64_t bias = 0;
  for (int32_t value : numbers.bias)
    bias = std::max(bias, std::abs(int64_t(value)));
  bool fits = llvm::all_of(enumerate(magnitudes), [&](auto filter) {
    int64_t added = int64_t(numbers.bias.size()) == filters
                        ? std::abs(int64_t(numbers.bias[filter.index()]))
                        : bias;
    return most * filter.value() + added <= std::numeric_limits<int32_t>::max();
  });
  if (fits)
    return IntegerType::get(input.getContext(), 32);
  // Sums of bytes that are so large are rare, and fast in floats.
  if (input.isInteger(8) && filter.isInteger(8))
    return {};
  return IntegerType::get(input.getContext(), 64);
}

/// One step as a constant of rank 0.
static Value createStep(ImplicitLocOpBuilder &b, Type type, int64_t step) {
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(RankedTensorType::get({}, type),
                                APInt(type.getIntOrFloatBitWidth(), step,
                                      /*isSigned=*/true,
                                      /*implicitTrunc=*/true)));
}

Value qnn::getZeroPoint(ImplicitLocOpBuilder &b, Value given, Type type) {
  return given ? given : createStep(b, type, 0);
}

Value qnn::createBias(ImplicitLocOpBuilder &b, const LayerNumbers &numbers,
                      Type type) {
  if (numbers.bias.empty())
    return {};
  int64_t shape[] = {int64_t(numbers.bias.size())};
  if (type.isInteger(32))
    return createConstant<int32_t>(b, type, numbers.bias, shape);
  return createConstant<int64_t>(
      b, type, SmallVector<int64_t>(numbers.bias.begin(), numbers.bias.end()),
      shape);
}

Value qnn::createClamp(ImplicitLocOpBuilder &b, Value value, const Clamp &clamp,
                       QuantizeOp op) {
  float scale = *readScale(op.getScale());
  bool isUnsigned = op.getIsUnsigned();
  int64_t zero = *readZeroPoint(op.getZeroPoint(), isUnsigned);
  Type element = getElementType(value);
  StepRange range = getStepRange(element, isUnsigned);
  double least = double(range.least), most = double(range.most);
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
              b,
              IntegerAttr::get(element, APInt(element.getIntOrFloatBitWidth(),
                                              int64_t(value), /*isSigned=*/true,
                                              /*implicitTrunc=*/true)));
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
  Value zero = createStep(b, element, numbers.outputZero);
  Value steps = RequantizeOp::create(
      b, RankedTensorType::get(type.getShape(), element), sums, scale, zero,
      /*axis=*/1, quantize.getIsUnsigned());
  return createClamp(b, steps, clamp, quantize);
}
