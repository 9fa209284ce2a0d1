//===- FoldElementwise.cpp - Elementwise work of steps stays integer -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/Transforms/FoldQuantization.h"

#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/qnn/Transforms/ByteFunction.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <cmath>

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

namespace {
/// Steps that are dequantized and quantized by the same numbers stay what they
/// are, within the bounds of clamps in between: the quotient is off by less
/// than a rounding step.
struct FoldPair : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    Clamp clamp;
    auto dequantize =
        skipClamps(op.getInput(), clamp).getDefiningOp<DequantizeOp>();
    if (!isSameScaling(dequantize, op))
      return rewriter.notifyMatchFailure(op, "not of the same numbers");
    if (!readScale(op.getScale()) ||
        !readZeroPoint(op.getZeroPoint(), op.getIsUnsigned()))
      return rewriter.notifyMatchFailure(op, "the scale may lose numbers");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, createClamp(b, dequantize.getInput(), clamp, op));
    return success();
  }
};

/// The operands of an elementwise operation of two, each dequantized.
struct Operands {
  DequantizeOp lhs, rhs;
  AffineMap lhsMap, rhsMap;
};
} // namespace

/// Whether `op` is `Inner` of its two inputs, broadcast or not.
template <typename Inner>
static bool isBinary(linalg::GenericOp op) {
  if (!op || op.getNumDpsInputs() != 2 || op->getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
      op.getBody()->getOperations().size() != 2)
    return false;
  auto inner = dyn_cast<Inner>(op.getBody()->front());
  Block *body = op.getBody();
  return inner && body->getTerminator()->getOperand(0) == inner &&
         llvm::is_contained(inner->getOperands(), body->getArgument(0)) &&
         llvm::is_contained(inner->getOperands(), body->getArgument(1));
}

static std::optional<Operands> readOperands(linalg::GenericOp op) {
  OpOperand *lhs = op.getDpsInputOperand(0), *rhs = op.getDpsInputOperand(1);
  Operands operands = {lhs->get().getDefiningOp<DequantizeOp>(),
                       rhs->get().getDefiningOp<DequantizeOp>(),
                       op.getMatchingIndexingMap(lhs),
                       op.getMatchingIndexingMap(rhs)};
  if (!isOfSteps(operands.lhs) || !isOfSteps(operands.rhs) ||
      !isPerTensor(operands.lhs) || !isPerTensor(operands.rhs))
    return std::nullopt;
  return operands;
}

/// The distance of the step furthest from its zero point.
static int64_t getMostSteps(DequantizeOp op, int64_t zero) {
  StepRange range =
      getStepRange(getElementType(op.getInput()), op.getIsUnsigned());
  return std::max(zero - range.least, range.most - zero);
}

/// `steps` read through `map`, as a tensor of `shape`.
static Value createBroadcast(ImplicitLocOpBuilder &b, Value steps,
                             AffineMap map, ArrayRef<int64_t> shape) {
  if (map.isIdentity())
    return steps;
  return nn::createParallel(
      b, RankedTensorType::get(shape, getElementType(steps)), {steps}, {map},
      [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; });
}

namespace {
/// The residual of a network, or a constant of one number a channel.
struct FoldSum : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!makesSteps(op))
      return rewriter.notifyMatchFailure(op, "does not quantize floats");
    Clamp clamp;
    auto sum =
        skipClamps(op.getInput(), clamp).getDefiningOp<linalg::GenericOp>();
    if (!isBinary<arith::AddFOp>(sum) || !sum->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a sum alone");
    std::optional<Operands> operands = readOperands(sum);
    if (!operands || !readScale(op.getScale()) ||
        !readZeroPoint(op.getZeroPoint(), op.getIsUnsigned()))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({sum.getLoc(), op.getLoc()}),
                           rewriter);
    DequantizeOp lhs = operands->lhs, rhs = operands->rhs;
    RankedTensorType type = op.getOutput().getType();
    Value left =
        createBroadcast(b, lhs.getInput(), operands->lhsMap, type.getShape());
    Value right =
        createBroadcast(b, rhs.getInput(), operands->rhsMap, type.getShape());
    Value lhsZero =
        getZeroPoint(b, lhs.getZeroPoint(), getElementType(lhs.getInput()));
    Value rhsZero =
        getZeroPoint(b, rhs.getZeroPoint(), getElementType(rhs.getInput()));
    Value steps = qnn::AddOp::create(
        b, type, left, right, lhs.getScale(), rhs.getScale(), op.getScale(),
        lhsZero, rhsZero,
        getZeroPoint(b, op.getZeroPoint(), type.getElementType()),
        lhs.getIsUnsigned(), rhs.getIsUnsigned(), op.getIsUnsigned());
    rewriter.replaceOp(op, createClamp(b, steps, clamp, op));
    return success();
  }
};

/// A product of two numbers is exact, and scaled once.
struct FoldProduct : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!makesSteps(op))
      return rewriter.notifyMatchFailure(op, "does not quantize floats");
    Clamp clamp;
    auto product =
        skipClamps(op.getInput(), clamp).getDefiningOp<linalg::GenericOp>();
    if (!isBinary<arith::MulFOp>(product) || !product->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a product alone");
    std::optional<Operands> operands = readOperands(product);
    QuantizedLayer layer;
    LayerNumbers numbers;
    if (operands) {
      layer.input = operands->lhs;
      layer.filter = operands->rhs;
    }
    if (!operands || !readNumbers(layer, op, numbers))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    auto rhsZero = readZeroPoint(layer.filter.getZeroPoint(),
                                 layer.filter.getIsUnsigned());
    if (!rhsZero)
      return rewriter.notifyMatchFailure(op, "a zero point is not known");

    ImplicitLocOpBuilder b(
        rewriter.getFusedLoc({product.getLoc(), op.getLoc()}), rewriter);
    bool fits = getMostSteps(operands->lhs, numbers.inputZero) *
                    getMostSteps(operands->rhs, *rhsZero) <=
                std::numeric_limits<int32_t>::max();
    Type element = fits ? b.getI32Type() : b.getI64Type();
    auto type =
        RankedTensorType::get(op.getOutput().getType().getShape(), element);
    auto steps = [&](ImplicitLocOpBuilder &b, Value step, bool isUnsigned,
                     int64_t zero) -> Value {
      Value wide = isUnsigned
                       ? arith::ExtUIOp::create(b, element, step).getResult()
                       : arith::ExtSIOp::create(b, element, step);
      if (zero == 0)
        return wide;
      return arith::SubIOp::create(
          b, wide,
          arith::ConstantOp::create(b, b.getIntegerAttr(element, zero)));
    };
    Value sums = nn::createParallel(
        b, type, {operands->lhs.getInput(), operands->rhs.getInput()},
        {operands->lhsMap, operands->rhsMap},
        [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          Value lhs =
              steps(b, args[0], layer.input.getIsUnsigned(), numbers.inputZero);
          Value rhs = steps(b, args[1], layer.filter.getIsUnsigned(), *rhsZero);
          return arith::MulIOp::create(b, lhs, rhs);
        });
    rewriter.replaceOp(op, createRequantize(b, sums, numbers, op, clamp));
    return success();
  }
};

/// Any function of one tensor of bytes is a table of its 256 results.
struct FoldFunction : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto scale = readScale(op.getScale());
    auto zero = readZeroPoint(op.getZeroPoint(), op.getIsUnsigned());
    if (!makesBytes(op) || !scale || !zero)
      return rewriter.notifyMatchFailure(op, "does not make bytes of floats");
    ByteFunction function;
    if (!function.read(op.getInput()))
      return rewriter.notifyMatchFailure(op, "not a function of one tensor");
    SmallVector<int8_t> table;
    for (float value : function.results(op.getInput())) {
      if (std::isnan(value))
        return rewriter.notifyMatchFailure(op, "some results are no numbers");
      double steps = std::nearbyint(value / *scale) + double(*zero);
      double least = op.getIsUnsigned() ? 0 : -128;
      table.push_back(int8_t(int64_t(std::clamp(steps, least, least + 255))));
    }
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOpWithNewOp<LookupOp>(
        op, op.getOutput().getType(), function.argument.getInput(),
        createConstant<int8_t>(b, b.getI8Type(), table, {256}));
    return success();
  }
};
} // namespace

void qnn::populateFoldElementwise(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  // What stays as it is, or is a bound, needs no table.
  patterns.add<FoldPair>(context, /*benefit=*/2);
  patterns.add<FoldFunction, FoldProduct, FoldSum>(context);
}
