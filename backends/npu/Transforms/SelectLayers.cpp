//===- SelectLayers.cpp - What the PE array computes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/IR/NpuDialect.h"
#include "backends/npu/Transforms/Passes.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::npu {
#define GEN_PASS_DEF_NPUSELECTLAYERS
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

static Value createEmpty(PatternRewriter &rewriter, Location loc,
                         RankedTensorType type) {
  return tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                 type.getElementType());
}

/// Zero points as an attribute has them: none if all are 0.
static SmallVector<int64_t> withoutZeros(ArrayRef<int64_t> zeros) {
  if (llvm::all_of(zeros, [](int64_t zero) { return zero == 0; }))
    return {};
  return SmallVector<int64_t>(zeros);
}

/// Whether a product is one of an `npu.matmul`.
template <typename Op>
static bool isPlainProduct(Op op) {
  auto lhs = cast<RankedTensorType>(op.getLhs().getType());
  auto rhs = cast<RankedTensorType>(op.getRhs().getType());
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  return type.getNumElements() != 0 && lhs.getNumElements() != 0 &&
         lhs.getShape().drop_back() == type.getShape().drop_back() &&
         (rhs.getRank() == 2 ||
          rhs.getShape().drop_back(2) == lhs.getShape().drop_back(2));
}

/// Whether a convolution has something to multiply, and no window begins
/// beyond the input.
template <typename Op>
static bool isPlainConv(Op op) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  if (type.getNumElements() == 0 || input.getNumElements() == 0)
    return false;
  for (size_t i = 0; i < op.getStrides().size(); ++i)
    if ((type.getDimSize(i + 2) - 1) * op.getStrides()[i] -
            op.getPadsBegin()[i] >=
        input.getDimSize(i + 2))
      return false;
  return true;
}

namespace {
/// Bytes on the chip for a channel of a kernel, and of the inputs that a window
/// meets; 0: for any.
struct Room {
  int64_t kernel = 0, window = 0;

  template <typename Op>
  bool has(Op op) const {
    auto input = cast<RankedTensorType>(op.getInput().getType());
    auto filter = cast<RankedTensorType>(op.getFilter().getType());
    int64_t taps = filter.getElementTypeBitWidth() / 8,
            inputs = input.getElementTypeBitWidth() / 8;
    for (auto [i, dilation] : llvm::enumerate(op.getDilations())) {
      int64_t size = filter.getDimSize(i + 2);
      taps *= size;
      inputs *= std::min(input.getDimSize(i + 2), (size - 1) * dilation + 1);
    }
    return (kernel == 0 || taps <= kernel) && (window == 0 || inputs <= window);
  }
};

struct SelectConv : OpRewritePattern<nn::ConvOp> {
  SelectConv(MLIRContext *context, Room room)
      : OpRewritePattern(context), room(room) {}

  LogicalResult matchAndRewrite(nn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    if (!room.has(op))
      return rewriter.notifyMatchFailure(op, "does not fit on the chip");
    RankedTensorType type = op.getOutput().getType();
    if (!type.getElementType().isF32() || !isPlainConv(op))
      return rewriter.notifyMatchFailure(op, "not of floats, or empty");
    rewriter.replaceOpWithNewOp<npu::ConvOp>(
        op, type, op.getInput(), op.getFilter(), op.getBias(), ValueRange(),
        createEmpty(rewriter, op.getLoc(), type), op.getStrides(),
        op.getDilations(), op.getPadsBegin(), op.getGroup());
    return success();
  }

private:
  Room room;
};

struct SelectIntegerConv : OpRewritePattern<qnn::ConvOp> {
  SelectIntegerConv(MLIRContext *context, bool bytes, bool words, Room room)
      : OpRewritePattern(context), bytes(bytes), words(words), room(room) {}

  LogicalResult matchAndRewrite(qnn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    if (!room.has(op))
      return rewriter.notifyMatchFailure(op, "does not fit on the chip");
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    auto inputZero =
        qnn::readZeroPoint(op.getInputZeroPoint(), op.getInputUnsigned());
    auto weightZeros =
        qnn::readZeroPoints(op.getFilterZeroPoint(), op.getFilterUnsigned());
    if (!inputZero || !weightZeros || !isPlainConv(op))
      return rewriter.notifyMatchFailure(op, "zero points are not known");
    bool wideInput = isWord(op.getInput()), wideFilter = isWord(op.getFilter());
    if (!(wideInput || wideFilter ? words : bytes))
      return rewriter.notifyMatchFailure(op, "the array has no such products");
    if (!type.getElementType().isInteger(32) ||
        (wideFilter && op.getFilterUnsigned()))
      return rewriter.notifyMatchFailure(op, "no sums or filters of an array");
    Value input = op.getInput();
    bool isUnsigned = op.getInputUnsigned();
    if (wideInput && isUnsigned) {
      input = makeSigned(rewriter, op.getLoc(), input);
      *inputZero += std::numeric_limits<int16_t>::min();
      isUnsigned = false;
    }
    rewriter.replaceOpWithNewOp<npu::ConvOp>(
        op, type, input, op.getFilter(), op.getBias(), ValueRange(),
        createEmpty(rewriter, op.getLoc(), type), op.getStrides(),
        op.getDilations(), op.getPadsBegin(), op.getGroup(), *inputZero,
        withoutZeros(*weightZeros), isUnsigned, op.getFilterUnsigned());
    return success();
  }

private:
  bool bytes, words;
  Room room;

  static bool isWord(Value value) {
    return cast<RankedTensorType>(value.getType())
        .getElementType()
        .isInteger(16);
  }

  /// Unsigned 16 bits less 32768.
  static Value makeSigned(PatternRewriter &rewriter, Location loc,
                          Value words) {
    ImplicitLocOpBuilder b(loc, rewriter);
    auto type = cast<RankedTensorType>(words.getType());
    return nn::createParallel(
        b, type, {words}, {b.getMultiDimIdentityMap(type.getRank())},
        [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          constexpr int16_t kSign = std::numeric_limits<int16_t>::min();
          return arith::XOrIOp::create(
              b, args[0],
              arith::ConstantOp::create(b, b.getI16IntegerAttr(kSign)));
        });
  }
};

struct SelectMatMul : OpRewritePattern<nn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    if (!type.getElementType().isF32() || op.getTransposeLhs() ||
        !isPlainProduct(op))
      return rewriter.notifyMatchFailure(op, "not of floats, or broadcast");
    rewriter.replaceOpWithNewOp<npu::MatMulOp>(
        op, type, op.getLhs(), op.getRhs(), /*bias=*/Value(), ValueRange(),
        createEmpty(rewriter, op.getLoc(), type), op.getTransposeRhs());
    return success();
  }
};

struct SelectByteMatMul : OpRewritePattern<qnn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(qnn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    auto lhsZero =
        qnn::readZeroPoint(op.getLhsZeroPoint(), op.getLhsUnsigned());
    auto rhsZeros =
        qnn::readZeroPoints(op.getRhsZeroPoint(), op.getRhsUnsigned());
    if (!lhsZero || !rhsZeros || !isPlainProduct(op))
      return rewriter.notifyMatchFailure(op, "zero points are not known");
    rewriter.replaceOpWithNewOp<npu::MatMulOp>(
        op, type, op.getLhs(), op.getRhs(), /*bias=*/Value(), ValueRange(),
        createEmpty(rewriter, op.getLoc(), type), /*transpose_rhs=*/false,
        *lhsZero, withoutZeros(*rhsZeros), op.getLhsUnsigned(),
        op.getRhsUnsigned());
    return success();
  }
};

struct NpuSelectLayers : npu::impl::NpuSelectLayersBase<NpuSelectLayers> {
  using NpuSelectLayersBase::NpuSelectLayersBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    Room room{kernelBytes, windowBytes};
    if (floats)
      patterns.add<SelectConv>(&getContext(), room)
          .add<SelectMatMul>(&getContext());
    patterns.add<SelectIntegerConv>(&getContext(), bytes, words, room);
    if (bytes)
      patterns.add<SelectByteMatMul>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
