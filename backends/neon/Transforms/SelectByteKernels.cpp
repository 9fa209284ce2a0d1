//===- SelectByteKernels.cpp - Quantized layers that get a kernel -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/ChannelsLast.h"
#include "backends/neon/Transforms/ConvParts.h"

#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

/// The number that a constant of one byte is; 0 if there is none.
static std::optional<int64_t> readZeroPoint(Value value, bool isUnsigned) {
  if (!value)
    return 0;
  std::vector<int8_t> values;
  if (!readConstant(value, values) || values.size() != 1)
    return std::nullopt;
  return isUnsigned ? uint8_t(values[0]) : values[0];
}

/// Weights as signed bytes whose zero point is 0, if they are that.
static bool readWeights(qnn::ConvOp op, std::vector<int8_t> &weights) {
  std::vector<int8_t> zeros = {0};
  if (!readConstant(op.getFilter(), weights) ||
      (op.getFilterZeroPoint() &&
       !readConstant(op.getFilterZeroPoint(), zeros)))
    return false;
  // Unsigned bytes around 128 are signed bytes around 0.
  uint8_t flip = op.getFilterUnsigned() ? 0x80 : 0;
  for (int8_t zero : zeros)
    if (uint8_t(zero) != flip)
      return false;
  for (int8_t &weight : weights) {
    weight = int8_t(uint8_t(weight) ^ flip);
    // Two products by -128 do not fit 16 bits.
    if (weight == -128)
      return false;
  }
  return true;
}

namespace {
/// qnn.requantize of a qnn.conv of constants.
struct SelectByteConv : OpRewritePattern<qnn::RequantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(qnn::RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto conv = op.getInput().getDefiningOp<qnn::ConvOp>();
    RankedTensorType type = op.getOutput().getType();
    if (!conv || !conv->hasOneUse() || !type.getElementType().isInteger(8) ||
        type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "not of a convolution alone");
    auto filter = cast<RankedTensorType>(conv.getFilter().getType());
    std::vector<int8_t> weights;
    std::vector<int32_t> bias(filter.getDimSize(0), 0);
    std::vector<float> scales;
    auto inputZero =
        readZeroPoint(conv.getInputZeroPoint(), conv.getInputUnsigned());
    auto outputZero = readZeroPoint(op.getZeroPoint(), op.getIsUnsigned());
    if (!inputZero || !outputZero || !readWeights(conv, weights) ||
        !readConstant(op.getScale(), scales) ||
        (scales.size() > 1 && op.getAxis() != 1) ||
        (conv.getBias() && !readConstant(conv.getBias(), bias)))
      return rewriter.notifyMatchFailure(op, "weights or scales do not fit");
    scales.resize(bias.size(), scales.front());

    // The kernel multiplies what is stored, of unsigned bytes less 128.
    int64_t stored = *inputZero - (conv.getInputUnsigned() ? 128 : 0);
    size_t each = weights.size() / bias.size();
    for (size_t i = 0; i < bias.size(); ++i) {
      int64_t sum = 0;
      for (size_t k = 0; k < each; ++k)
        sum += weights[i * each + k];
      bias[i] = int32_t(uint32_t(bias[i]) - uint32_t(stored * sum));
    }

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}),
                           rewriter);
    int64_t filters = bias.size();
    ConvParts parts;
    parts.input =
        padSpatial(b, toChannelsLast(b, conv.getInput()), conv.getPadsBegin(),
                   conv.getPadsEnd(), double(int8_t(*inputZero)));
    parts.weights = createConstant<int8_t>(b, weights, filter.getShape());
    parts.bias = createConstant<int32_t>(b, bias, {filters});
    parts.scale = createConstant<float>(b, scales, {filters});
    parts.init = createEmptyChannelsLast(b, type);
    parts.strides = SmallVector<int64_t>(conv.getStrides());
    parts.dilations = SmallVector<int64_t>(conv.getDilations());
    parts.group = conv.getGroup();
    parts.zeroPoint = *outputZero;
    parts.inputUnsigned = conv.getInputUnsigned();
    parts.outputUnsigned = op.getIsUnsigned();
    rewriter.replaceOp(op, toChannelsFirst(b, createConv(b, parts)));
    return success();
  }
};
} // namespace

void neon::populateSelectByteKernels(RewritePatternSet &patterns) {
  patterns.add<SelectByteConv>(patterns.getContext());
}
