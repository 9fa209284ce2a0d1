//===- InsertQuantization.cpp - Values and weights pass through steps -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../QuantizedValues.h"

#include "lacuna/Compress/Passes.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace lacuna {
#define GEN_PASS_DEF_COMPRESSINSERTQUANTIZATION
#include "lib/Compress/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;
using namespace lacuna;

static Value createScalar(ImplicitLocOpBuilder &b, Type element,
                          Attribute value) {
  auto type = RankedTensorType::get({}, element);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, value));
}

/// `value` between two numbers.
static Value createClamp(ImplicitLocOpBuilder &b, Value value, double lo,
                         double hi) {
  auto type = cast<RankedTensorType>(value.getType());
  return nn::createParallel(
      b, type, {value}, {b.getMultiDimIdentityMap(type.getRank())},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        auto bound = [&](double value) -> Value {
          return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
        };
        Value low = arith::MaximumFOp::create(b, args[0], bound(lo));
        return arith::MinimumFOp::create(b, low, bound(hi));
      });
}

/// `value` as it is after having been bytes, or steps of 16 bits.
static Value createPair(ImplicitLocOpBuilder &b, Value value,
                        const CalibratedRange &calibrated,
                        SmallPtrSetImpl<Operation *> &created) {
  Scaling scaling = getScaling(calibrated.range, calibrated.bits);
  auto type = cast<RankedTensorType>(value.getType());
  Type element = b.getIntegerType(calibrated.bits > 8 ? 16 : 8);
  Value bounded = value;
  if (calibrated.bits < element.getIntOrFloatBitWidth()) {
    auto toFloat = [&](int64_t steps) {
      return double(steps - scaling.zeroPoint) * scaling.scale;
    };
    bounded =
        createClamp(b, value, toFloat(scaling.least), toFloat(scaling.most));
    created.insert(bounded.getDefiningOp());
  }
  Value scale =
      createScalar(b, b.getF32Type(), b.getF32FloatAttr(scaling.scale));
  Value zero =
      createScalar(b, element, b.getIntegerAttr(element, scaling.zeroPoint));
  auto steps = qnn::QuantizeOp::create(
      b, RankedTensorType::get(type.getShape(), element), bounded, scale, zero,
      /*axis=*/0, /*is_unsigned=*/false);
  created.insert(steps);
  return qnn::DequantizeOp::create(b, type, steps, scale, zero, /*axis=*/0,
                                   /*is_unsigned=*/false);
}

/// Makes the weights of `layer` dequantized bytes.
static void quantizeWeights(const FloatLayer &layer) {
  QuantizedWeights quantized = quantizeLayer(layer);
  RankedTensorType type = layer.getWeightType();
  std::vector<int8_t> stored = quantized.values;
  size_t columns = layer.filters, depth = stored.size() / columns;
  if (layer.isTransposed)
    for (size_t k = 0; k < depth; ++k)
      for (size_t n = 0; n < columns; ++n)
        stored[k * columns + n] = quantized.values[n * depth + k];
  OpBuilder builder(layer.op);
  ImplicitLocOpBuilder b(layer.op->getLoc(), builder);
  Value bytes = nn::createConstant<int8_t>(b, stored, type.getShape());
  Value scales = nn::createConstant<float>(b, quantized.scales,
                                           {int64_t(quantized.scales.size())});
  Value weights = qnn::DequantizeOp::create(
      b, type, bytes, scales, /*zero_point=*/Value(),
      /*axis=*/layer.isTransposed ? 1 : 0, /*is_unsigned=*/false);
  layer.op->setOperand(1, weights);
}

namespace {
struct CompressInsertQuantization
    : lacuna::impl::CompressInsertQuantizationBase<CompressInsertQuantization> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main)
      return;
    Block &body = main.getBody().front();
    SmallVector<FloatLayer> layers;
    for (Operation &op : body)
      if (FloatLayer layer = getFloatLayer(&op);
          layer && getCalibratedInput(layer))
        layers.push_back(layer);
    // What bytes of weights are depends on the input.
    for (const FloatLayer &layer : layers)
      quantizeWeights(layer);
    for (const FloatLayer &layer : layers)
      if (layer.op->hasAttr(kInputRangeAttr)) {
        OpBuilder builder(layer.op);
        ImplicitLocOpBuilder b(layer.op->getLoc(), builder);
        SmallPtrSet<Operation *, 2> created;
        layer.op->setOperand(
            0, createPair(b, layer.input, *getCalibratedInput(layer), created));
      }
    SmallVector<Value> values(body.getArguments());
    for (Operation &op : body)
      if (op.getNumResults() == 1)
        values.push_back(op.getResult(0));
    for (Value value : values)
      if (auto calibrated = getCalibrated(value)) {
        OpBuilder builder(&getContext());
        builder.setInsertionPointAfterValue(value);
        ImplicitLocOpBuilder b(value.getLoc(), builder);
        SmallPtrSet<Operation *, 2> created;
        Value pair = createPair(b, value, *calibrated, created);
        value.replaceAllUsesExcept(pair, created);
      }
    for (Operation &op : body)
      for (StringRef name :
           {kRangeAttr, kBitsAttr, kInputRangeAttr, kInputBitsAttr,
            kWeightBitsAttr, kOutliersAttr, kWeightGroupAttr, kInputMeansAttr})
        op.removeAttr(name);
    for (unsigned i = 0; i < main.getNumArguments(); ++i)
      for (StringRef name : {kRangeAttr, kBitsAttr})
        main.removeArgAttr(i, name);
  }
};
} // namespace
