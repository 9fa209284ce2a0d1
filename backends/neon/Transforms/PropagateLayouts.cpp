//===- PropagateLayouts.cpp - Transpositions meet and vanish -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Transforms/ChannelsLast.h"
#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONPROPAGATELAYOUTS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// The dimensions of `shape` that hold more than one element.
static SmallVector<int64_t> getWideDims(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> dims;
  for (auto [i, size] : llvm::enumerate(shape))
    if (size != 1)
      dims.push_back(i);
  return dims;
}

static SmallVector<int64_t> getWideSizes(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> sizes;
  for (int64_t size : shape)
    if (size != 1)
      sizes.push_back(size);
  return sizes;
}

/// Results with its dimensions permuted as `permutation` says.
static AffineMap permuteResults(AffineMap map, ArrayRef<int64_t> permutation) {
  SmallVector<AffineExpr> exprs;
  for (int64_t dim : permutation)
    exprs.push_back(map.getResult(dim));
  return AffineMap::get(map.getNumDims(), 0, exprs, map.getContext());
}

/// Whether `op` computes each element of its one result for itself.
static bool isElementwise(linalg::GenericOp op) {
  return op->getNumResults() == 1 &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) &&
         !op.hasIndexSemantics() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation();
}

/// Lets the elementwise `op` make its result with permuted dimensions, its
/// loops in that order; users see it through the opposite transposition.
static void permuteResult(PatternRewriter &rewriter, linalg::GenericOp op,
                          ArrayRef<int64_t> permutation) {
  rewriter.setInsertionPoint(op);
  ImplicitLocOpBuilder b(op.getLoc(), rewriter);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps.back() = permuteResults(maps.back(), permutation);
  AffineMap toLoops = inversePermutation(maps.back());
  for (AffineMap &map : maps)
    map = map.compose(toLoops);
  auto before = cast<RankedTensorType>(op->getResult(0).getType());
  Type type = before.clone(applyPermutation(before.getShape(), permutation));
  Value empty = tensor::EmptyOp::create(
      b, cast<RankedTensorType>(type).getShape(), before.getElementType());
  auto permuted = linalg::GenericOp::create(b, type, op.getInputs(), empty,
                                            maps, op.getIteratorTypesArray());
  rewriter.inlineRegionBefore(op.getRegion(), permuted.getRegion(),
                              permuted.getRegion().begin());
  Value original = neon::transpose(b, permuted->getResult(0),
                                   invertPermutationVector(permutation));
  rewriter.replaceOp(op, original);
}

/// Whether `op` reduces one operand, and can do so in any order of its loops.
static bool reducesInAnyOrder(linalg::GenericOp op) {
  return op.getNumReductionLoops() != 0 && op.getNumDpsInputs() == 1 &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isPermutation();
}

/// The order in which elementwise users read the result of `op`, null if they
/// differ or others read it. Adds to `gain` how many there are.
static FailureOr<AffineMap> getUsersOrder(linalg::GenericOp op, int &gain) {
  AffineMap order;
  for (OpOperand &use : op->getUses()) {
    auto user = dyn_cast<linalg::GenericOp>(use.getOwner());
    if (!user || user.isDpsInit(&use))
      return failure();
    if (reducesInAnyOrder(user))
      continue;
    if (!isElementwise(user))
      return failure();
    AffineMap map =
        user.getMatchingIndexingMap(&use).compose(inversePermutation(
            user.getMatchingIndexingMap(user.getDpsInitOperand(0))));
    if (!map.isPermutation() || (order && order != map))
      return failure();
    order = map;
    ++gain;
  }
  return order;
}

/// The order of results that reads the first operand that now is read across
/// the grain along it.
static AffineMap getOperandsOrder(linalg::GenericOp op) {
  AffineMap toLoops =
      inversePermutation(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand).compose(toLoops);
    if (map.isPermutation() && !map.isIdentity())
      return inversePermutation(map);
  }
  return {};
}

namespace {
struct ComposeTransposes : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<linalg::TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "not of a transposition");
    SmallVector<int64_t> composed;
    for (int64_t dim : op.getPermutation())
      composed.push_back(inner.getPermutation()[dim]);
    if (isIdentityPermutation(composed)) {
      rewriter.replaceOp(op, inner.getInput());
      return success();
    }
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, neon::transpose(b, inner.getInput(), composed));
    return success();
  }
};

/// A transposition that moves only dimensions of size 1 moves nothing.
struct TransposeToReshape : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = getShape(op.getInput());
    int64_t last = -1;
    for (int64_t dim : op.getPermutation()) {
      if (shape[dim] == 1)
        continue;
      if (dim < last)
        return rewriter.notifyMatchFailure(op, "moves elements");
      last = dim;
    }
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(
        op, reshape(b, op.getInput(),
                    cast<RankedTensorType>(op->getResult(0).getType())));
    return success();
  }
};

/// A reshape that only adds or drops dimensions of size 1 comes after the
/// transposition, where it costs nothing and hides nothing.
template <typename ReshapeOp>
struct TransposeBeforeReshape : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto shaped = op.getInput().getDefiningOp<ReshapeOp>();
    if (!shaped)
      return rewriter.notifyMatchFailure(op, "not of a reshape");
    ArrayRef<int64_t> before = getShape(shaped.getSrc());
    ArrayRef<int64_t> after = getShape(shaped.getResult());
    if (getWideSizes(before) != getWideSizes(after))
      return rewriter.notifyMatchFailure(op, "the reshape mixes dimensions");
    // The wide dimensions in their new order, then the narrow ones.
    SmallVector<int64_t> wideBefore = getWideDims(before);
    SmallVector<int64_t> wideAfter = getWideDims(after);
    SmallVector<int64_t> permutation;
    for (int64_t dim : op.getPermutation())
      if (const auto *at = llvm::find(wideAfter, dim); at != wideAfter.end())
        permutation.push_back(wideBefore[at - wideAfter.begin()]);
    for (auto [i, size] : llvm::enumerate(before))
      if (size == 1)
        permutation.push_back(i);
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value transposed = shaped.getSrc();
    if (!isIdentityPermutation(permutation))
      transposed = neon::transpose(b, transposed, permutation);
    rewriter.replaceOp(
        op, reshape(b, transposed,
                    cast<RankedTensorType>(op->getResult(0).getType())));
    return success();
  }
};

struct TransposeBeforePad : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<tensor::PadOp>();
    if (!pad || !pad.getConstantPaddingValue() || !pad->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a pad with a constant");
    ArrayRef<int64_t> permutation = op.getPermutation();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value transposed = neon::transpose(b, pad.getSource(), permutation);
    rewriter.replaceOpWithNewOp<tensor::PadOp>(
        op, cast<RankedTensorType>(op->getResult(0).getType()), transposed,
        applyPermutation(pad.getMixedLowPad(), permutation),
        applyPermutation(pad.getMixedHighPad(), permutation),
        pad.getConstantPaddingValue());
    return success();
  }
};

struct TransposeBeforeConcat : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getInput().getDefiningOp<tensor::ConcatOp>();
    if (!concat || !concat->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a concatenation");
    ArrayRef<int64_t> permutation = op.getPermutation();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> parts;
    for (Value part : concat.getInputs())
      parts.push_back(neon::transpose(b, part, permutation));
    int64_t dim =
        llvm::find(permutation, int64_t(concat.getDim())) - permutation.begin();
    rewriter.replaceOpWithNewOp<tensor::ConcatOp>(op, dim, parts);
    return success();
  }
};

struct TransposeBeforeSlice : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto slice = op.getInput().getDefiningOp<tensor::ExtractSliceOp>();
    if (!slice ||
        slice.getSourceType().getRank() != slice.getResultType().getRank())
      return rewriter.notifyMatchFailure(op, "not of a slice of equal rank");
    // It pays only if the transposition goes on to vanish.
    if (!slice.getSource().getDefiningOp<linalg::TransposeOp>())
      return rewriter.notifyMatchFailure(op, "nothing to meet");
    ArrayRef<int64_t> permutation = op.getPermutation();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value transposed = neon::transpose(b, slice.getSource(), permutation);
    rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(
        op, transposed, applyPermutation(slice.getMixedOffsets(), permutation),
        applyPermutation(slice.getMixedSizes(), permutation),
        applyPermutation(slice.getMixedStrides(), permutation));
    return success();
  }
};

/// A generic operation reads through transpositions.
struct AbsorbOperandTransposes : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    bool changed = false;
    rewriter.startOpModification(op);
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto transposed = operand->get().getDefiningOp<linalg::TransposeOp>();
      if (!transposed)
        continue;
      AffineMap &map = maps[operand->getOperandNumber()];
      map = permuteResults(
          map, invertPermutationVector(transposed.getPermutation()));
      operand->set(transposed.getInput());
      changed = true;
    }
    if (!changed) {
      rewriter.cancelOpModification(op);
      return rewriter.notifyMatchFailure(op, "no operand is transposed");
    }
    op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    rewriter.finalizeOpModification(op);
    return success();
  }
};

/// Where a generic operation's result is wanted transposed, it is made so.
/// Other users see it through the opposite transposition.
struct AbsorbResultTranspose : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto generic = op.getInput().getDefiningOp<linalg::GenericOp>();
    if (!generic || !isElementwise(generic))
      return rewriter.notifyMatchFailure(op, "not of an elementwise operation");
    ArrayRef<int64_t> permutation = op.getPermutation();
    for (Operation *user : generic->getUsers()) {
      auto other = dyn_cast<linalg::TransposeOp>(user);
      if (user != op && !(other && other.getPermutation() == permutation) &&
          !isa<linalg::GenericOp>(user))
        return rewriter.notifyMatchFailure(op,
                                           "another user wants it as it is");
    }
    permuteResult(rewriter, generic, permutation);
    return success();
  }
};

/// Where elementwise operations read each other across the grain, the first is
/// turned, if fewer are read so after that.
struct TurnProducer : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isElementwise(op) || op->use_empty())
      return rewriter.notifyMatchFailure(op, "not elementwise");
    int gain = 0;
    FailureOr<AffineMap> users = getUsersOrder(op, gain);
    if (failed(users))
      return rewriter.notifyMatchFailure(op, "users want different things");
    AffineMap wanted = *users ? *users : getOperandsOrder(op);
    if (!wanted || wanted.isIdentity())
      return rewriter.notifyMatchFailure(op, "read along the grain");
    // Dimension i of the new result is the one that the users' loop i reads.
    SmallVector<int64_t> permutation;
    for (AffineExpr expr : inversePermutation(wanted).getResults())
      permutation.push_back(cast<AffineDimExpr>(expr).getPosition());
    AffineMap toLoops = inversePermutation(permuteResults(
        op.getMatchingIndexingMap(op.getDpsInitOperand(0)), permutation));
    for (OpOperand *operand : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(operand);
      if (!map.isPermutation())
        continue;
      gain += map.compose(toLoops).isIdentity();
      gain -= map.isIdentity();
    }
    if (gain <= 0)
      return rewriter.notifyMatchFailure(op, "its operands would suffer");
    permuteResult(rewriter, op, permutation);
    return success();
  }
};

/// Reductions go over their first operand in the order of its memory.
struct ReduceInMemoryOrder : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!reducesInAnyOrder(op))
      return rewriter.notifyMatchFailure(op, "no reduction of one operand");
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
    if (map.isIdentity())
      return rewriter.notifyMatchFailure(op, "already in order");
    SmallVector<unsigned> order;
    for (AffineExpr expr : map.getResults())
      order.push_back(cast<AffineDimExpr>(expr).getPosition());
    return linalg::interchangeGenericOp(rewriter, op, order);
  }
};

/// A reshape of known shapes: views that others see through.
struct ReshapeToViews : OpRewritePattern<tensor::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto from = dyn_cast<RankedTensorType>(op.getSource().getType());
    auto to = dyn_cast<RankedTensorType>(op.getType());
    if (!from || !to || !from.hasStaticShape() || !to.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "shapes are not static");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, reshape(b, op.getSource(), to));
    return success();
  }
};

struct NeonPropagateLayouts
    : neon::impl::NeonPropagateLayoutsBase<NeonPropagateLayouts> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ReshapeToViews, ComposeTransposes, TransposeToReshape,
                 TransposeBeforeReshape<tensor::ExpandShapeOp>,
                 TransposeBeforeReshape<tensor::CollapseShapeOp>,
                 TransposeBeforePad, TransposeBeforeConcat,
                 TransposeBeforeSlice, AbsorbOperandTransposes,
                 AbsorbResultTranspose, TurnProducer, ReduceInMemoryOrder>(
        context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
    GreedyRewriteConfig config;
    config.setMaxIterations(30);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
