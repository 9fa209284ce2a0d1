//===- SplitTransposed.cpp - Transposed convolutions without zeros -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Transforms/Passes.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/nn/Transforms/TransposedPhases.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::npu {
#define GEN_PASS_DEF_NPUSPLITTRANSPOSED
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;

namespace {
struct Split : OpRewritePattern<nn::ConvTransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvTransposeOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    std::vector<float> filter;
    if (!type.getElementType().isF32() || type.getNumElements() == 0 ||
        op.getInput().getType().getNumElements() == 0 ||
        !nn::readConstant(op.getFilter(), filter))
      return rewriter.notifyMatchFailure(op, "filters are no constant floats");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value result =
        tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
    for (const nn::TransposedPhase &phase : nn::findPhases(op))
      result = phase.insert(b, createPhase(b, op, filter, phase), result,
                            op.getStrides());
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// The outputs of one phase.
  static Value createPhase(ImplicitLocOpBuilder &b, nn::ConvTransposeOp op,
                           ArrayRef<float> filter,
                           const nn::TransposedPhase &phase) {
    RankedTensorType type = op.getOutput().getType();
    ArrayRef<int64_t> filterShape =
        cast<RankedTensorType>(op.getFilter().getType()).getShape();
    SmallVector<int64_t> shape = {type.getDimSize(0), type.getDimSize(1)};
    llvm::append_range(shape, phase.count);
    auto phaseType = RankedTensorType::get(shape, type.getElementType());
    if (phase.isEmpty(op.getInput().getType().getShape())) {
      Value zeros = nn::createFilled(b, phaseType, 0.0);
      return op.getBias() ? addBias(b, zeros, op.getBias()) : zeros;
    }
    nn::TransposedPhase::Window window = phase.cut(b, op.getInput());
    int64_t group = op.getGroup();
    Value taps = nn::createConstant<float>(
        b, phase.selectTaps(filter, filterShape, group),
        phase.getFilterShape(filterShape, group));
    SmallVector<int64_t> ones(phase.count.size(), 1);
    return nn::ConvOp::create(b, phaseType, window.input, taps, op.getBias(),
                              ones, phase.dilations, window.padsBegin,
                              window.padsEnd, group);
  }

  static Value addBias(ImplicitLocOpBuilder &b, Value tensor, Value bias) {
    auto type = cast<RankedTensorType>(tensor.getType());
    AffineMap all = b.getMultiDimIdentityMap(type.getRank());
    AffineMap channel = AffineMap::get(type.getRank(), 0, b.getAffineDimExpr(1),
                                       b.getContext());
    return nn::createParallel(b, type, {tensor, bias}, {all, channel},
                              [](ImplicitLocOpBuilder &b, ValueRange args) {
                                return nn::createAdd(b, b.getLoc(), args[0],
                                                     args[1]);
                              });
  }
};

struct NpuSplitTransposed
    : npu::impl::NpuSplitTransposedBase<NpuSplitTransposed> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Split>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
