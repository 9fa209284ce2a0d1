//===- MoveSteps.cpp - Steps are moved before they are dequantized -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/Transforms/FoldQuantization.h"

#include "dialects/nn/IR/NNDialect.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

/// What makes `value` of steps that have one scale; null if nothing does.
static DequantizeOp getSteps(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  return isOfSteps(dequantize) && isPerTensor(dequantize) ? dequantize
                                                          : DequantizeOp();
}

/// A tensor that `op` makes of steps rather than of the floats `dequantize`
/// makes of them.
static Value moveSteps(PatternRewriter &rewriter, Operation *op,
                       DequantizeOp dequantize) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Operation *moved = rewriter.clone(*op);
  moved->setOperand(0, dequantize.getInput());
  moved->getResult(0).setType(
      type.clone(getElementType(dequantize.getInput())));
  return moved->getResult(0);
}

static DequantizeOp createDequantize(PatternRewriter &rewriter, Location loc,
                                     Value steps, DequantizeOp like) {
  auto type = cast<RankedTensorType>(steps.getType());
  return DequantizeOp::create(
      rewriter, loc, type.clone(getElementType(like.getOutput())), steps,
      like.getScale(), like.getZeroPoint(), /*axis=*/0, like.getIsUnsigned());
}

/// Whether the numbers of the result are all among those of the operand.
static bool onlyMoves(Operation *op) {
  // The nearest of steps is one of them.
  auto resize = dyn_cast<nn::ResizeOp>(op);
  return !resize ||
         (resize.getMode() == nn::ResizeMode::Nearest &&
          resize.getCoordinates() != nn::ResizeCoordinates::TfCropAndResize);
}

namespace {
/// Steps are moved before they are dequantized.
template <typename MoveOp>
struct MoveSteps : OpRewritePattern<MoveOp> {
  using OpRewritePattern<MoveOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(MoveOp op,
                                PatternRewriter &rewriter) const override {
    DequantizeOp dequantize = getSteps(op->getOperand(0));
    if (!dequantize)
      return rewriter.notifyMatchFailure(op, "not of dequantized steps");
    if (!onlyMoves(op))
      return rewriter.notifyMatchFailure(op, "makes numbers of its own");
    Value moved = moveSteps(rewriter, op, dequantize);
    rewriter.replaceOp(
        op, createDequantize(rewriter, op.getLoc(), moved, dequantize));
    return success();
  }
};

struct MoveTranspose : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    DequantizeOp dequantize = getSteps(op.getInput());
    if (!dequantize)
      return rewriter.notifyMatchFailure(op, "not of dequantized steps");
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(), op.getInit().getType().getShape(),
        getElementType(dequantize.getInput()));
    Value moved = linalg::TransposeOp::create(rewriter, op.getLoc(),
                                              dequantize.getInput(), empty,
                                              op.getPermutation())
                      ->getResult(0);
    rewriter.replaceOp(
        op, createDequantize(rewriter, op.getLoc(), moved, dequantize));
    return success();
  }
};

/// Padding with a number that is a step: zero, as a rule.
struct MovePad : OpRewritePattern<tensor::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    DequantizeOp dequantize = getSteps(op.getSource());
    if (!dequantize)
      return rewriter.notifyMatchFailure(op, "not of dequantized steps");
    APFloat padding(0.0f);
    auto scale = readScale(dequantize.getScale());
    auto zero =
        readZeroPoint(dequantize.getZeroPoint(), dequantize.getIsUnsigned());
    Value value = op.getConstantPaddingValue();
    if (!value || !matchPattern(value, m_ConstantFloat(&padding)) || !scale ||
        !zero)
      return rewriter.notifyMatchFailure(op, "the padding is not known");
    float number = padding.convertToFloat();
    float steps = std::nearbyint(number / *scale);
    Type element = getElementType(dequantize.getInput());
    StepRange range = getStepRange(element, dequantize.getIsUnsigned());
    float step = steps + float(*zero);
    if (!(step >= range.least && step <= range.most) ||
        steps * *scale != number)
      return rewriter.notifyMatchFailure(op, "the padding is not a step");
    Value constant = arith::ConstantOp::create(
        rewriter, op.getLoc(),
        rewriter.getIntegerAttr(element, APInt(element.getIntOrFloatBitWidth(),
                                               int64_t(step), /*isSigned=*/true,
                                               /*implicitTrunc=*/true)));
    auto type = cast<RankedTensorType>(op.getType());
    Value moved =
        tensor::PadOp::create(rewriter, op.getLoc(),
                              type.clone(getElementType(dequantize.getInput())),
                              dequantize.getInput(), op.getMixedLowPad(),
                              op.getMixedHighPad(), constant, op.getNofold());
    rewriter.replaceOp(
        op, createDequantize(rewriter, op.getLoc(), moved, dequantize));
    return success();
  }
};

/// Parts that are dequantized by the same numbers are joined before that.
struct MoveConcat : OpRewritePattern<tensor::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> parts;
    DequantizeOp first;
    for (Value input : op.getInputs()) {
      DequantizeOp dequantize = getSteps(input);
      if (!dequantize)
        return rewriter.notifyMatchFailure(op, "not of dequantized steps");
      if (!first)
        first = dequantize;
      if (!isSameScaling(first, dequantize))
        return rewriter.notifyMatchFailure(op, "parts differ in their scale");
      parts.push_back(dequantize.getInput());
    }
    Value joined =
        tensor::ConcatOp::create(rewriter, op.getLoc(), op.getDim(), parts);
    rewriter.replaceOp(op,
                       createDequantize(rewriter, op.getLoc(), joined, first));
    return success();
  }
};

/// Parts of another scale are brought to that of the whole one by one.
struct QuantizeParts : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getInput().getDefiningOp<tensor::ConcatOp>();
    if (!concat || !makesSteps(op) ||
        cast<RankedTensorType>(op.getScale().getType()).getRank())
      return rewriter.notifyMatchFailure(op, "not of parts that are joined");
    SmallVector<Value> parts;
    for (Value input : concat.getInputs()) {
      DequantizeOp dequantize = getSteps(input);
      if (!dequantize)
        return rewriter.notifyMatchFailure(op, "parts are not steps");
      auto type = cast<RankedTensorType>(input.getType());
      parts.push_back(QuantizeOp::create(
          rewriter, op.getLoc(), type.clone(getElementType(op.getOutput())),
          input, op.getScale(), op.getZeroPoint(), /*axis=*/0,
          op.getIsUnsigned()));
    }
    rewriter.replaceOpWithNewOp<tensor::ConcatOp>(op, concat.getDim(), parts);
    return success();
  }
};

/// The greatest of steps is found before they are dequantized.
struct MoveMaximum : OpRewritePattern<nn::MaxPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MaxPoolOp op,
                                PatternRewriter &rewriter) const override {
    DequantizeOp dequantize = getSteps(op.getInput());
    if (!dequantize || op.getIndices())
      return rewriter.notifyMatchFailure(op, "not of dequantized steps");
    auto scale = readScale(dequantize.getScale());
    if (!scale)
      return rewriter.notifyMatchFailure(op, "the scale may turn the order");
    // A window of nothing but padding is the least float.
    for (size_t i = 0; i < op.getKernel().size(); ++i)
      if (std::max(op.getPadsBegin()[i], op.getPadsEnd()[i]) >=
          op.getKernel()[i])
        return rewriter.notifyMatchFailure(op, "a window may be all padding");
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    Value steps =
        nn::MaxPoolOp::create(
            rewriter, op.getLoc(),
            RankedTensorType::get(type.getShape(),
                                  getElementType(dequantize.getInput())),
            /*indices=*/Type(), dequantize.getInput(), op.getKernel(),
            op.getStrides(), op.getDilations(), op.getPadsBegin(),
            op.getPadsEnd(), op.getCeilMode(), op.getColumnMajor(),
            dequantize.getIsUnsigned())
            .getOutput();
    rewriter.replaceOpWithNewOp<DequantizeOp>(
        op, type, steps, dequantize.getScale(), dequantize.getZeroPoint(),
        /*axis=*/0, dequantize.getIsUnsigned());
    return success();
  }
};
} // namespace

void qnn::populateMoveSteps(RewritePatternSet &patterns) {
  patterns
      .add<MoveSteps<nn::ResizeOp>, MoveSteps<tensor::CollapseShapeOp>,
           MoveSteps<tensor::ExpandShapeOp>, MoveSteps<tensor::ExtractSliceOp>,
           MoveConcat, MoveMaximum, MovePad, MoveTranspose, QuantizeParts>(
          patterns.getContext());
}
