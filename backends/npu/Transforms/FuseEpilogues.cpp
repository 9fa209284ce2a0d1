//===- FuseEpilogues.cpp - Layers finish what they began -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/IR/NpuDialect.h"
#include "backends/npu/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::npu {
#define GEN_PASS_DEF_NPUFUSEEPILOGUES
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

/// How many operands a program may have: sums, result and the others.
static constexpr size_t kMostExtras = 6;

/// Whether `op` looks up elements of other tensors, which an epilogue cannot.
static bool readsTable(linalg::GenericOp op) {
  return !op.getBody()->getOps<tensor::ExtractOp>().empty();
}

/// Whether `op` visits elements of its result in order, with nothing else.
static bool isElementwise(linalg::GenericOp op) {
  return op->getNumResults() == 1 &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() &&
         !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) &&
         !op.hasIndexSemantics() && !readsTable(op);
}

/// `operand` of `op` as an epilogue takes it; null if it cannot.
static Value makeExtra(PatternRewriter &rewriter, linalg::GenericOp op,
                       OpOperand *operand, int64_t filterDim) {
  AffineMap map = op.getMatchingIndexingMap(operand);
  Value value = operand->get();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return {};
  if (map.isIdentity())
    return value;
  // Constant along all but the filters.
  AffineExpr filter = getAffineDimExpr(filterDim, op.getContext());
  int64_t varying = 1;
  for (auto [size, expr] : llvm::zip_equal(type.getShape(), map.getResults())) {
    if (size == 1)
      continue;
    if (expr != filter)
      return {};
    varying = size;
  }
  if (varying != type.getNumElements())
    return {};
  if (type.getRank() <= 1)
    return value;
  SmallVector<ReassociationIndices> all(1);
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    all[0].push_back(dim);
  return tensor::CollapseShapeOp::create(rewriter, op.getLoc(), value, all);
}

static RankedTensorType getResultType(mlir::Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType());
}

static int64_t countProducts(npu::ConvOp op) {
  auto weights = cast<RankedTensorType>(op.getWeights().getType());
  return getResultType(op).getNumElements() *
         (weights.getNumElements() / weights.getDimSize(0));
}
static int64_t countProducts(npu::MatMulOp op) {
  return getResultType(op).getNumElements() *
         cast<RankedTensorType>(op.getLhs().getType()).getShape().back();
}

namespace {
template <typename LayerOp>
struct FuseElementwise : OpRewritePattern<linalg::GenericOp> {
  FuseElementwise(MLIRContext *context, bool narrows)
      : OpRewritePattern(context), narrows(narrows) {}

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isElementwise(op))
      return rewriter.notifyMatchFailure(op, "not elementwise");
    // The larger of two layers, which then comes after the other: the vector
    // unit works while it does. Of equals the later.
    OpOperand *sums = nullptr;
    int64_t most = 0;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto layer = operand->get().getDefiningOp<LayerOp>();
      if (!layer || !layer->hasOneUse() ||
          !op.getMatchingIndexingMap(operand).isIdentity())
        continue;
      int64_t products = countProducts(layer);
      if (sums && (products < most ||
                   (products == most &&
                    layer->isBeforeInBlock(sums->get().getDefiningOp()))))
        continue;
      sums = operand;
      most = products;
    }
    if (!sums)
      return rewriter.notifyMatchFailure(op, "not of a layer alone");
    auto layer = sums->get().getDefiningOp<LayerOp>();
    if (layer->getBlock() != op->getBlock())
      return rewriter.notifyMatchFailure(op, "in another block");
    if (narrows && getResultType(op).getElementTypeBitWidth() >
                       getResultType(layer).getElementTypeBitWidth())
      return rewriter.notifyMatchFailure(op, "makes elements wider");
    SmallVector<Value> extras(layer.getExtras());
    for (OpOperand *operand : op.getDpsInputOperands()) {
      if (operand == sums)
        continue;
      Value extra = makeExtra(rewriter, op, operand, getFilterDim(layer));
      if (!extra ||
          !isa<IntegerType, FloatType>(
              cast<RankedTensorType>(extra.getType()).getElementType()))
        return rewriter.notifyMatchFailure(op, "an operand is broadcast");
      extras.push_back(extra);
    }
    if (extras.size() > kMostExtras)
      return rewriter.notifyMatchFailure(op, "too many operands");

    Value init = op.getDpsInits()[0];
    auto fused = cast<LayerOp>(rewriter.clone(*layer));
    fused->setLoc(rewriter.getFusedLoc({layer.getLoc(), op.getLoc()}));
    fused.getExtrasMutable().assign(extras);
    fused.getInitMutable().assign(init);
    fused->getResult(0).setType(cast<RankedTensorType>(init.getType()));
    appendBody(rewriter, fused, op, sums->getOperandNumber());
    rewriter.replaceOp(op, fused->getResults());
    rewriter.eraseOp(layer);
    return success();
  }

private:
  bool narrows;

  /// What `op` computes, after what the region of `layer` does.
  static void appendBody(PatternRewriter &rewriter, LayerOp layer,
                         linalg::GenericOp op, unsigned sums) {
    OpBuilder::InsertionGuard guard(rewriter);
    Region &region = layer.getEpilogue();
    if (region.empty()) {
      Block *block = rewriter.createBlock(&region);
      Value sum = block->addArgument(layer.getSumType(), layer.getLoc());
      YieldOp::create(rewriter, layer.getLoc(), sum);
    }
    Block *block = &region.front();
    auto yield = cast<YieldOp>(block->getTerminator());
    IRMapping mapping;
    mapping.map(op.getBody()->getArgument(sums), yield.getValue());
    for (OpOperand *operand : op.getDpsInputOperands()) {
      unsigned index = operand->getOperandNumber();
      if (index != sums)
        mapping.map(
            op.getBody()->getArgument(index),
            block->addArgument(op.getBody()->getArgument(index).getType(),
                               op.getLoc()));
    }
    rewriter.setInsertionPoint(yield);
    for (Operation &inner : op.getBody()->without_terminator())
      rewriter.clone(inner, mapping);
    Value result =
        mapping.lookupOrDefault(op.getBody()->getTerminator()->getOperand(0));
    rewriter.replaceOpWithNewOp<YieldOp>(yield, result);
  }
};

struct NpuFuseEpilogues : npu::impl::NpuFuseEpiloguesBase<NpuFuseEpilogues> {
  using NpuFuseEpiloguesBase::NpuFuseEpiloguesBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseElementwise<npu::ConvOp>, FuseElementwise<npu::MatMulOp>>(
        &getContext(), narrows);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
