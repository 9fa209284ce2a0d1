//===- SelectByteKernels.cpp - Quantized layers that get a kernel -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Transforms/ChannelsLast.h"
#include "backends/neon/Transforms/ConvParts.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/Window.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <cmath>

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

/// The weights less their zero points, which 8 bits may not hold.
static bool readWeights(qnn::ConvOp op, std::vector<int16_t> &weights) {
  std::vector<int8_t> stored;
  bool isUnsigned = op.getFilterUnsigned();
  auto zeros = qnn::readZeroPoints(op.getFilterZeroPoint(), isUnsigned);
  if (!zeros || !nn::readConstant(op.getFilter(), stored))
    return false;
  auto widen = [&](int8_t value) -> int16_t {
    return isUnsigned ? uint8_t(value) : value;
  };
  size_t filters =
      cast<RankedTensorType>(op.getFilter().getType()).getDimSize(0);
  size_t each = stored.size() / filters;
  for (size_t i = 0; i < stored.size(); ++i)
    weights.push_back(widen(stored[i]) -
                      (*zeros)[zeros->size() == 1 ? 0 : i / each]);
  return true;
}

/// At most one filter of so many may need weights of 16 bits.
static constexpr size_t kWideShare = 8;

/// The filters `wide` of the convolution of `parts` again, into `bytes`.
static Value createWide(ImplicitLocOpBuilder &b, const ConvParts &parts,
                        Value bytes, ArrayRef<int64_t> wide,
                        ArrayRef<int16_t> weights, ArrayRef<int32_t> bias,
                        ArrayRef<float> scales) {
  auto filter = cast<RankedTensorType>(parts.weights.getType());
  ArrayRef<int64_t> kernel = filter.getShape().drop_front(2);
  int64_t channels = filter.getDimSize(1);
  int64_t taps = llvm::product_of(kernel, int64_t(1));
  int64_t count = wide.size();
  std::vector<int16_t> wideWeights;
  std::vector<int32_t> wideBias;
  std::vector<float> wideScales;
  for (int64_t i : wide) {
    for (int64_t tap = 0; tap < taps; ++tap)
      for (int64_t channel = 0; channel < channels; ++channel)
        wideWeights.push_back(weights[(i * channels + channel) * taps + tap]);
    wideBias.push_back(bias[i]);
    wideScales.push_back(scales[i]);
  }
  return neon::WideFiltersOp::create(
             b, bytes.getType(), parts.input,
             nn::createConstant<int16_t>(b, wideWeights,
                                         {count, taps, channels}),
             nn::createConstant<int32_t>(b, wideBias, {count}),
             nn::createConstant<float>(b, wideScales, {count}), bytes, wide,
             kernel, parts.strides, parts.dilations, parts.group,
             parts.zeroPoint, parts.inputUnsigned, parts.outputUnsigned)
      .getResult();
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
    if (!cast<RankedTensorType>(conv.getInput().getType())
             .getElementType()
             .isInteger(8))
      return rewriter.notifyMatchFailure(op, "not of bytes");
    auto filter = cast<RankedTensorType>(conv.getFilter().getType());
    std::vector<int16_t> weights;
    std::vector<int32_t> bias(filter.getDimSize(0), 0);
    std::vector<float> scales;
    auto inputZero =
        qnn::readZeroPoint(conv.getInputZeroPoint(), conv.getInputUnsigned());
    auto outputZero = qnn::readZeroPoint(op.getZeroPoint(), op.getIsUnsigned());
    if (!inputZero || !outputZero || !readWeights(conv, weights) ||
        !nn::readConstant(op.getScale(), scales) ||
        (scales.size() > 1 && op.getAxis() != 1) ||
        (conv.getBias() && !nn::readConstant(conv.getBias(), bias)))
      return rewriter.notifyMatchFailure(op, "weights or scales do not fit");
    if (!llvm::all_of(scales, [](float scale) { return std::isfinite(scale); }))
      return rewriter.notifyMatchFailure(op, "a scale is no number");
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

    // Two products by -128 would not fit 16 bits either.
    std::vector<int8_t> narrow;
    SmallVector<int64_t> wide;
    for (auto [i, weight] : llvm::enumerate(weights)) {
      narrow.push_back(int8_t(std::clamp<int16_t>(weight, -127, 127)));
      int64_t filter = i / each;
      if (narrow.back() != weight && (wide.empty() || wide.back() != filter))
        wide.push_back(filter);
    }
    if (wide.size() * kWideShare > bias.size())
      return rewriter.notifyMatchFailure(op, "too many weights need 16 bits");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}),
                           rewriter);
    int64_t filters = bias.size();
    ConvParts parts;
    parts.input =
        padSpatial(b, toChannelsLast(b, conv.getInput()), conv.getPadsBegin(),
                   conv.getPadsEnd(), double(int8_t(*inputZero)));
    parts.weights = nn::createConstant<int8_t>(b, narrow, filter.getShape());
    parts.bias = nn::createConstant<int32_t>(b, bias, {filters});
    parts.scale = nn::createConstant<float>(b, scales, {filters});
    parts.init = createEmptyChannelsLast(b, type);
    parts.strides = SmallVector<int64_t>(conv.getStrides());
    parts.dilations = SmallVector<int64_t>(conv.getDilations());
    parts.group = conv.getGroup();
    parts.zeroPoint = *outputZero;
    parts.inputUnsigned = conv.getInputUnsigned();
    parts.outputUnsigned = op.getIsUnsigned();
    Value bytes = createConv(b, parts);
    if (!wide.empty())
      bytes = createWide(b, parts, bytes, wide, weights, bias, scales);
    rewriter.replaceOp(op, toChannelsFirst(b, bytes));
    return success();
  }
};

/// An average over whole maps of bytes is a sum that dequantizes as it reads: a
/// kernel would want the map in floats, four times as large.
struct SelectMeanOfBytes : OpRewritePattern<nn::AvgPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::AvgPoolOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    ArrayRef<int64_t> maps = op.getInput().getType().getShape().drop_front(2);
    nn::Window window = nn::getWindow(op);
    auto isZero = [](int64_t pad) { return pad == 0; };
    if (!op.getInput().getDefiningOp<qnn::DequantizeOp>() ||
        !type.getElementType().isF32() ||
        ArrayRef<int64_t>(window.kernel) != maps ||
        !llvm::all_of(window.padsBegin, isZero) ||
        !llvm::all_of(window.padsEnd, isZero))
      return rewriter.notifyMatchFailure(op, "no average of maps of bytes");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto sumType =
        RankedTensorType::get(type.getShape().take_front(2), b.getF32Type());
    unsigned rank = type.getRank();
    AffineMap channels = b.getMultiDimIdentityMap(rank).getMajorSubMap(2);
    SmallVector<utils::IteratorType> loops(rank,
                                           utils::IteratorType::reduction);
    loops[0] = loops[1] = utils::IteratorType::parallel;
    Value sum = linalg::GenericOp::create(
                    b, sumType, op.getInput(), nn::createFilled(b, sumType, 0),
                    ArrayRef{b.getMultiDimIdentityMap(rank), channels}, loops,
                    [](OpBuilder &b, Location loc, ValueRange args) {
                      linalg::YieldOp::create(
                          b, loc, nn::createAdd(b, loc, args[1], args[0]));
                    })
                    .getResult(0);
    double count = llvm::product_of(maps, int64_t(1));
    Value mean = nn::createParallel(
        b, sumType, sum, b.getMultiDimIdentityMap(2),
        [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          return arith::DivFOp::create(
              b, args[0], nn::createScalar(b, b.getF32Type(), count));
        });
    rewriter.replaceOp(op, reshape(b, mean, type));
    return success();
  }
};
} // namespace

void neon::populateSelectByteKernels(RewritePatternSet &patterns) {
  patterns.add<SelectByteConv, SelectMeanOfBytes>(patterns.getContext(),
                                                  kKernelBenefit + 1);
}
