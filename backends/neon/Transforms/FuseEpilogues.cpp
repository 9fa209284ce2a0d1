//===- FuseEpilogues.cpp - Kernels finish what they began -===//
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
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONFUSEEPILOGUES
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

/// Whether `op` visits elements of its result in order, with nothing else.
static bool isElementwise(linalg::GenericOp op) {
  return op->getNumResults() == 1 &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() &&
         !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) &&
         !op.hasIndexSemantics();
}

/// The convolution without a clamp that `value` is, if nothing else uses it.
static neon::ConvOp getOpenConv(Value value) {
  auto conv = value.getDefiningOp<neon::ConvOp>();
  if (!conv || !value.hasOneUse() || conv.getLo() || conv.getHi())
    return {};
  return conv;
}

/// The convolutions without clamps that make all of `value`, if nothing else
/// uses them: one, or the phases of a transposed one.
static SmallVector<neon::ConvOp> getOpenConvs(Value value) {
  SmallVector<neon::ConvOp> convs;
  auto add = [&](Value result) {
    convs.push_back(getOpenConv(result));
    return bool(convs.back());
  };
  if (!value.getDefiningOp<tensor::InsertSliceOp>())
    return add(value) ? convs : SmallVector<neon::ConvOp>();
  while (auto insert = value.getDefiningOp<tensor::InsertSliceOp>()) {
    if (!value.hasOneUse() || !add(insert.getSource()))
      return {};
    value = insert.getDest();
  }
  return value.getDefiningOp<tensor::EmptyOp>() ? convs
                                                : SmallVector<neon::ConvOp>();
}

namespace {
/// A constant that bounds a value from below or above.
struct Bound {
  double value;
  bool isUpper, isUnsigned;
};
} // namespace

/// The bound that `op` puts on `value`, if that is all it does.
static std::optional<Bound> getBound(Operation &op, Value value) {
  bool isUnsigned = isa<arith::MaxUIOp, arith::MinUIOp>(op);
  bool isUpper = isa<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(op);
  if (!isUpper && !isa<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(op))
    return std::nullopt;
  if (!llvm::is_contained(op.getOperands(), value))
    return std::nullopt;
  Value other = op.getOperand(op.getOperand(0) == value ? 1 : 0);
  APFloat real(0.0);
  APInt integer;
  if (matchPattern(other, m_ConstantFloat(&real)) && !real.isNaN())
    return Bound{real.convertToDouble(), isUpper, isUnsigned};
  if (matchPattern(other, m_ConstantInt(&integer)))
    return Bound{isUnsigned ? double(integer.getZExtValue())
                            : double(integer.getSExtValue()),
                 isUpper, isUnsigned};
  return std::nullopt;
}

/// `value` with its dimensions in the order of `map`.
static Value reorder(PatternRewriter &rewriter, Location loc, Value value,
                     AffineMap map) {
  if (map.isIdentity())
    return value;
  SmallVector<int64_t> permutation;
  for (AffineExpr expr : inversePermutation(map).getResults())
    permutation.push_back(cast<AffineDimExpr>(expr).getPosition());
  ImplicitLocOpBuilder b(loc, rewriter);
  return neon::transpose(b, value, permutation);
}

/// The convolution with `fused` among its operands or attributes, where `op`
/// stands, which reads it with its dimensions in the order of `map`: both come
/// from the same ONNX nodes now.
static neon::ConvOp rebuild(PatternRewriter &rewriter, neon::ConvOp conv,
                            linalg::GenericOp op, AffineMap map) {
  rewriter.setInsertionPoint(op);
  auto copy = cast<neon::ConvOp>(rewriter.clone(*conv));
  copy->setLoc(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}));
  rewriter.replaceOp(op, reorder(rewriter, op.getLoc(), copy.getResult(), map));
  return copy;
}

namespace {
/// Minima and maxima with constants: the bounds of the kernel's clamp.
struct FuseClamp : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isElementwise(op) || op.getNumDpsInputs() != 1)
      return rewriter.notifyMatchFailure(op, "not elementwise");
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
    if (!map.isPermutation())
      return rewriter.notifyMatchFailure(op, "not of each element once");
    Value clamped = op.getDpsInputOperand(0)->get();
    SmallVector<neon::ConvOp> convs = getOpenConvs(clamped);
    if (convs.empty())
      return rewriter.notifyMatchFailure(op, "not of convolutions alone");
    double lo = -std::numeric_limits<double>::infinity(), hi = -lo;
    Value value = op.getBody()->getArgument(0);
    for (Operation &inner : op.getBody()->without_terminator()) {
      if (isa<arith::ConstantOp>(inner))
        continue;
      std::optional<Bound> bound = getBound(inner, value);
      if (!bound)
        return rewriter.notifyMatchFailure(op, "more than a clamp");
      if (llvm::any_of(convs, [&](neon::ConvOp conv) {
            return conv.getScale() &&
                   bound->isUnsigned != conv.getOutputUnsigned();
          }))
        return rewriter.notifyMatchFailure(op, "the bytes have another sign");
      auto limit = [&](double &end) {
        end = bound->isUpper ? std::min(end, bound->value)
                             : std::max(end, bound->value);
      };
      limit(lo);
      limit(hi);
      value = inner.getResult(0);
    }
    if (cast<linalg::YieldOp>(op.getBody()->getTerminator()).getOperand(0) !=
        value)
      return rewriter.notifyMatchFailure(op, "more than a clamp");
    for (neon::ConvOp conv : convs)
      rewriter.modifyOpInPlace(conv, [&] {
        conv->setLoc(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}));
        if (lo != -std::numeric_limits<double>::infinity())
          conv.setLoAttr(rewriter.getF64FloatAttr(lo));
        if (hi != std::numeric_limits<double>::infinity())
          conv.setHiAttr(rewriter.getF64FloatAttr(hi));
      });
    rewriter.replaceOp(op, reorder(rewriter, op.getLoc(), clamped, map));
    return success();
  }
};

/// A sum with another tensor of the same shape, or with one number a channel.
struct FuseAdd : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    auto isSum = [](linalg::GenericOp op) {
      Block *body = op.getBody();
      auto add = dyn_cast<arith::AddFOp>(body->front());
      return add && (add.getType().isF32() || add.getType().isF16()) &&
             body->getOperations().size() == 2 &&
             isa<BlockArgument>(add.getLhs()) &&
             isa<BlockArgument>(add.getRhs()) && add.getLhs() != add.getRhs();
    };
    if (!isElementwise(op) || op.getNumDpsInputs() != 2 || !isSum(op))
      return rewriter.notifyMatchFailure(op, "not a sum");
    // The later of two convolutions: the other is done by then.
    for (unsigned i : {1u, 0u}) {
      OpOperand *mine = op.getDpsInputOperand(i);
      OpOperand *other = op.getDpsInputOperand(1 - i);
      neon::ConvOp conv = getOpenConv(mine->get());
      if (!conv || conv.getScale() || conv.getResidual() ||
          !op.getMatchingIndexingMap(mine).isIdentity())
        continue;
      if (auto before = other->get().getDefiningOp<neon::ConvOp>())
        if (conv->isBeforeInBlock(before) && getOpenConv(other->get()))
          continue;
      AffineMap map = op.getMatchingIndexingMap(other);
      if (map.isIdentity()) {
        rebuild(rewriter, conv, op, map)
            .getResidualMutable()
            .assign(other->get());
        return success();
      }
      // Constant along all but the channels, and no bias yet.
      unsigned channel = map.getNumDims() - 1;
      auto type = cast<RankedTensorType>(other->get().getType());
      bool perChannel = type.getRank() > 0 &&
                        type.getNumElements() == type.getShape().back() &&
                        map.getResults().back() ==
                            getAffineDimExpr(channel, rewriter.getContext());
      if (!perChannel || conv.getBias())
        continue;
      rewriter.setInsertionPoint(op);
      Value bias = other->get();
      if (type.getRank() > 1) {
        SmallVector<ReassociationIndices> all(1);
        for (int64_t dim = 0; dim < type.getRank(); ++dim)
          all[0].push_back(dim);
        bias =
            tensor::CollapseShapeOp::create(rewriter, op.getLoc(), bias, all);
      }
      rebuild(rewriter, conv, op,
              rewriter.getMultiDimIdentityMap(map.getNumDims()))
          .getBiasMutable()
          .assign(bias);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no convolution to add to");
  }
};

struct NeonFuseEpilogues
    : neon::impl::NeonFuseEpiloguesBase<NeonFuseEpilogues> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseClamp, FuseAdd>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
