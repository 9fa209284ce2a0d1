//===- CorrectBias.cpp - Biases make up for what weights lose -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../QuantizedValues.h"

#include "lacuna/Compress/Passes.h"

#include "dialects/nn/IR/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace lacuna {
#define GEN_PASS_DEF_COMPRESSCORRECTBIAS
#include "lib/Compress/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;
using namespace lacuna;

/// By how much each output channel of `layer` is off on average if its weights
/// are bytes; `means` are those of its input's channels.
static std::vector<double> getMeanErrors(const FloatLayer &layer,
                                         ArrayRef<double> means) {
  std::vector<float> weights = readWeights(layer);
  QuantizedWeights quantized = quantizeLayer(layer);
  ArrayRef<int64_t> shape = layer.getWeightType().getShape();
  size_t each = weights.size() / layer.filters, space = 1, groups = 1;
  if (auto conv = dyn_cast<nn::ConvOp>(layer.op)) {
    space = each / shape[1];
    groups = conv.getGroup();
  }
  size_t filtersOfGroup = layer.filters / groups;
  std::vector<double> errors(layer.filters);
  for (size_t i = 0; i < weights.size(); ++i) {
    size_t filter = i / each, channel = i % each / space;
    double error = double(quantized.values[i]) * quantized.scales[filter] -
                   double(weights[i]);
    channel += filter / filtersOfGroup * (each / space);
    errors[filter] += error * means[channel];
  }
  return errors;
}

namespace {
struct CompressCorrectBias
    : lacuna::impl::CompressCorrectBiasBase<CompressCorrectBias> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main)
      return;
    for (Operation &op : main.getBody().front()) {
      FloatLayer layer = getFloatLayer(&op);
      auto means = op.getAttrOfType<DenseF64ArrayAttr>(kInputMeansAttr);
      if (!layer || !means || !getCalibratedInput(layer))
        continue;
      auto input = cast<RankedTensorType>(layer.input.getType());
      if (means.size() != input.getDimSize(1))
        continue;
      correct(layer, getMeanErrors(layer, means.asArrayRef()));
    }
  }

  void correct(const FloatLayer &layer, ArrayRef<double> errors) {
    std::vector<float> bias;
    if (layer.bias && !nn::readConstant(layer.bias, bias))
      return;
    auto conv = dyn_cast<nn::ConvOp>(layer.op);
    // A product without a bias has no place for one.
    if (!conv && !layer.bias)
      return;
    bias.resize(errors.size());
    for (auto [value, error] : llvm::zip(bias, errors))
      value = float(value - error);
    OpBuilder builder(layer.op);
    ImplicitLocOpBuilder b(layer.op->getLoc(), builder);
    auto shape = layer.bias
                     ? cast<RankedTensorType>(layer.bias.getType()).getShape()
                     : ArrayRef<int64_t>(layer.filters);
    Value corrected = nn::createConstant<float>(b, bias, shape);
    if (conv)
      conv.getBiasMutable().assign(corrected);
    else
      layer.op->getResult(0).user_begin()->replaceUsesOfWith(layer.bias,
                                                             corrected);
    ++numCorrected;
  }
};
} // namespace
