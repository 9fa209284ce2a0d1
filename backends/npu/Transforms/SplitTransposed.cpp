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
  Split(MLIRContext *context, const nn::AlignmentCosts &costs)
      : OpRewritePattern(context), costs(costs) {}

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
    for (const nn::AlignedPhases &phases :
         nn::alignPhases(op, nn::findPhases(op), costs))
      result = nn::insertPhases(b, phases, createPhases(b, op, filter, phases),
                                result, op.getStrides());
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// The outputs of phases that are one convolution.
  static Value createPhases(ImplicitLocOpBuilder &b, nn::ConvTransposeOp op,
                            ArrayRef<float> filter,
                            const nn::AlignedPhases &phases) {
    RankedTensorType type = op.getOutput().getType();
    ArrayRef<int64_t> filterShape =
        cast<RankedTensorType>(op.getFilter().getType()).getShape();
    const nn::TransposedPhase &phase = phases.front();
    int64_t count = phases.size();
    SmallVector<int64_t> shape = {type.getDimSize(0),
                                  type.getDimSize(1) * count};
    llvm::append_range(shape, phase.count);
    auto phaseType = RankedTensorType::get(shape, type.getElementType());
    if (phase.isEmpty(op.getInput().getType().getShape())) {
      Value zeros = nn::createFilled(b, phaseType, 0.0);
      return op.getBias() ? addBias(b, zeros, op.getBias()) : zeros;
    }
    nn::TransposedPhase::Window window = phase.cut(b, op.getInput());
    int64_t group = op.getGroup();
    SmallVector<int64_t> tapsShape = phase.getFilterShape(filterShape, group);
    tapsShape[0] *= count;
    std::vector<float> taps;
    for (const nn::TransposedPhase &each : phases)
      llvm::append_range(taps, each.selectTaps(filter, filterShape, group));
    Value bias = op.getBias();
    if (bias && count > 1)
      bias = repeat(b, bias, count);
    SmallVector<int64_t> ones(phase.count.size(), 1);
    return nn::ConvOp::create(b, phaseType, window.input,
                              nn::createConstant<float>(b, taps, tapsShape),
                              bias, ones, phase.dilations, window.padsBegin,
                              window.padsEnd, group);
  }

  static Value repeat(ImplicitLocOpBuilder &b, Value bias, int64_t count) {
    std::vector<float> values, repeated;
    if (!nn::readConstant(bias, values))
      return tensor::ConcatOp::create(b, /*dim=*/0,
                                      SmallVector<Value>(count, bias));
    for (int64_t i = 0; i < count; ++i)
      llvm::append_range(repeated, values);
    return nn::createConstant<float>(b, repeated, {int64_t(repeated.size())});
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

  nn::AlignmentCosts costs;
};

struct NpuSplitTransposed
    : npu::impl::NpuSplitTransposedBase<NpuSplitTransposed> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    nn::AlignmentCosts costs;
    costs.productsPerByte = productsPerByte;
    costs.memoryBytes = memoryBytes;
    costs.inputBits = costs.outputBits = 32;
    patterns.add<Split>(&getContext(), costs);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
