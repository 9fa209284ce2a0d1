//===- FoldScales.cpp - Scales and offsets of channels become weights -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Compress/Passes.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>

namespace lacuna {
#define GEN_PASS_DEF_COMPRESSFOLDSCALES
#include "lib/Compress/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;
using namespace lacuna;

/// The weights and the bias of a convolution, in double precision.
namespace {
struct ConvNumbers {
  std::vector<double> weights, bias;
};
} // namespace

static bool readNumbers(nn::ConvOp conv, ConvNumbers &numbers) {
  std::vector<float> weights, bias;
  if (!nn::readConstant(conv.getFilter(), weights) || weights.empty() ||
      (conv.getBias() && !nn::readConstant(conv.getBias(), bias)))
    return false;
  numbers.weights.assign(weights.begin(), weights.end());
  numbers.bias.assign(bias.begin(), bias.end());
  numbers.bias.resize(conv.getFilter().getType().getDimSize(0));
  return true;
}

/// Multiplies each channel of what `conv` gives by a number, and adds another.
static void applyToChannels(ConvNumbers &numbers, ArrayRef<double> factors,
                            ArrayRef<double> offsets) {
  size_t each = numbers.weights.size() / numbers.bias.size();
  for (size_t i = 0; i < numbers.weights.size(); ++i)
    numbers.weights[i] *= factors[i / each];
  for (size_t i = 0; i < numbers.bias.size(); ++i)
    numbers.bias[i] = numbers.bias[i] * factors[i] + offsets[i];
}

/// Replaces `op`, the only user of `conv`, by a convolution of other numbers.
static void replaceByConv(PatternRewriter &rewriter, Operation *op,
                          nn::ConvOp conv, const ConvNumbers &numbers) {
  ImplicitLocOpBuilder b(rewriter.getFusedLoc({conv.getLoc(), op->getLoc()}),
                         rewriter);
  std::vector<float> weights(numbers.weights.begin(), numbers.weights.end());
  std::vector<float> bias(numbers.bias.begin(), numbers.bias.end());
  rewriter.replaceOpWithNewOp<nn::ConvOp>(
      op, conv.getOutput().getType(), conv.getInput(),
      nn::createConstant<float>(b, weights,
                                conv.getFilter().getType().getShape()),
      nn::createConstant<float>(b, bias, {int64_t(bias.size())}),
      conv.getStrides(), conv.getDilations(), conv.getPadsBegin(),
      conv.getPadsEnd(), conv.getGroup());
}

namespace {
struct FoldBatchNorm : OpRewritePattern<nn::BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    auto conv = op.getInput().getDefiningOp<nn::ConvOp>();
    ConvNumbers numbers;
    if (!conv || !conv->hasOneUse() || !readNumbers(conv, numbers))
      return rewriter.notifyMatchFailure(op, "not of a convolution alone");
    std::vector<float> scale, bias, mean, variance;
    if (!nn::readConstant(op.getScale(), scale) ||
        !nn::readConstant(op.getBias(), bias) ||
        !nn::readConstant(op.getMean(), mean) ||
        !nn::readConstant(op.getVariance(), variance))
      return rewriter.notifyMatchFailure(op, "parameters are not constant");
    std::vector<double> factors, offsets;
    for (size_t i = 0; i < scale.size(); ++i) {
      factors.push_back(
          scale[i] /
          std::sqrt(double(variance[i]) + op.getEpsilon().convertToDouble()));
      offsets.push_back(bias[i] - mean[i] * factors[i]);
    }
    applyToChannels(numbers, factors, offsets);
    replaceByConv(rewriter, op, conv, numbers);
    return success();
  }
};

/// A constant of one number a channel, added to or multiplied with a
/// convolution.
struct FoldChannelConstant : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumDpsInputs() != 2 || op->getNumResults() != 1 ||
        op.getBody()->getOperations().size() != 2 ||
        !isa<arith::AddFOp, arith::MulFOp>(op.getBody()->front()) ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
      return rewriter.notifyMatchFailure(op, "neither sum nor product");
    Operation &inner = op.getBody()->front();
    for (unsigned i : {0u, 1u}) {
      OpOperand *given = op.getDpsInputOperand(i);
      OpOperand *other = op.getDpsInputOperand(1 - i);
      auto conv = given->get().getDefiningOp<nn::ConvOp>();
      ConvNumbers numbers;
      std::vector<float> constant;
      if (!conv || !conv->hasOneUse() ||
          !op.getMatchingIndexingMap(given).isIdentity() ||
          !nn::readConstant(other->get(), constant) ||
          !isOfChannels(op, other) || !readNumbers(conv, numbers) ||
          !llvm::is_contained(inner.getOperands(),
                              op.getMatchingBlockArgument(other)) ||
          !llvm::is_contained(inner.getOperands(),
                              op.getMatchingBlockArgument(given)))
        continue;
      std::vector<double> values(constant.begin(), constant.end());
      values.resize(numbers.bias.size(), values.front());
      std::vector<double> zeros(values.size(), 0), ones(values.size(), 1);
      if (isa<arith::AddFOp>(inner))
        applyToChannels(numbers, ones, values);
      else
        applyToChannels(numbers, values, zeros);
      replaceByConv(rewriter, op, conv, numbers);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "not of a convolution alone");
  }

  /// Whether only dimension 1 of the loops selects elements of `operand`.
  static bool isOfChannels(linalg::GenericOp op, OpOperand *operand) {
    auto type = cast<RankedTensorType>(operand->get().getType());
    AffineMap map = op.getMatchingIndexingMap(operand);
    for (auto [size, expr] : llvm::zip(type.getShape(), map.getResults()))
      if (size != 1 && expr != getAffineDimExpr(1, op.getContext()))
        return false;
    return type.getNumElements() > 0;
  }
};

/// A sum over all of space, divided by how many it sums, is an average pooling.
struct FindAverage : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumDpsInputs() != 1 || op->getNumResults() != 1 ||
        !llvm::all_of(op.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isIdentity(); }))
      return rewriter.notifyMatchFailure(op, "not elementwise");
    auto sum =
        op.getDpsInputOperand(0)->get().getDefiningOp<linalg::GenericOp>();
    if (!sum || !sum->hasOneUse() || !isSumOfSpace(sum))
      return rewriter.notifyMatchFailure(op, "not of a sum over space");
    auto type =
        cast<RankedTensorType>(sum.getDpsInputOperand(0)->get().getType());
    ArrayRef<int64_t> kernel = type.getShape().drop_front(2);
    auto divide = findDivision(op);
    APFloat count(0.0f);
    if (!divide || !matchPattern(divide.getRhs(), m_ConstantFloat(&count)) ||
        count.convertToDouble() != double(llvm::product_of(kernel, int64_t(1))))
      return rewriter.notifyMatchFailure(op, "not divided by the count");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({sum.getLoc(), op.getLoc()}),
                           rewriter);
    SmallVector<int64_t> shape(type.getShape().take_front(2));
    shape.append(kernel.size(), 1);
    SmallVector<int64_t> ones(kernel.size(), 1), zeros(kernel.size(), 0);
    Value mean = nn::AvgPoolOp::create(
        b, RankedTensorType::get(shape, type.getElementType()),
        sum.getDpsInputOperand(0)->get(), kernel, ones, ones, zeros, zeros,
        /*ceil_mode=*/false, /*count_include_pad=*/false);
    SmallVector<ReassociationIndices> groups = {{0}, {1}};
    for (int64_t i = 2; i < type.getRank(); ++i)
      groups.back().push_back(i);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, op.getResult(0).getType(), mean, groups);
    return success();
  }

  /// The only operation of `op`, if it divides by a constant.
  static arith::DivFOp findDivision(linalg::GenericOp op) {
    auto divide = op.getBody()
                      ->getTerminator()
                      ->getOperand(0)
                      .getDefiningOp<arith::DivFOp>();
    if (!divide || divide.getLhs() != op.getBody()->getArgument(0))
      return {};
    return divide;
  }

  static bool isSumOfSpace(linalg::GenericOp op) {
    if (op.getNumDpsInputs() != 1 || op->getNumResults() != 1 ||
        op.getBody()->getOperations().size() != 2 ||
        !isa<arith::AddFOp>(op.getBody()->front()))
      return false;
    auto type =
        cast<RankedTensorType>(op.getDpsInputOperand(0)->get().getType());
    auto fill = op.getDpsInitOperand(0)->get().getDefiningOp<linalg::FillOp>();
    AffineMap all = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
    return type.getRank() >= 3 && type.getRank() <= 5 && fill &&
           matchPattern(fill.getInputs()[0], m_AnyZeroFloat()) &&
           all.isIdentity() &&
           op.getMatchingIndexingMap(op.getDpsInitOperand(0)) ==
               all.getMajorSubMap(2) &&
           llvm::is_contained(op.getBody()->front().getOperands(),
                              op.getBody()->getArgument(0)) &&
           llvm::is_contained(op.getBody()->front().getOperands(),
                              op.getBody()->getArgument(1));
  }
};

struct CompressFoldScales
    : lacuna::impl::CompressFoldScalesBase<CompressFoldScales> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FindAverage, FoldBatchNorm, FoldChannelConstant>(
        &getContext());
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
