//===- SelectKernels.cpp - What gets a kernel of its own -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Transforms/ChannelsLast.h"
#include "backends/neon/Transforms/Passes.h"
#include "backends/neon/Transforms/SelectFloatKernel.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/Window.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONSELECTKERNELS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

Value neon::createConv(ImplicitLocOpBuilder &b, const ConvParts &parts) {
  auto filter = cast<RankedTensorType>(parts.weights.getType());
  int64_t channels =
      cast<RankedTensorType>(parts.input.getType()).getShape().back();
  bool depthwise = parts.group > 1 && parts.group == channels &&
                   parts.group == filter.getDimSize(0);
  auto conv = neon::ConvOp::create(
      b, parts.init.getType(), parts.input, parts.weights, parts.bias,
      parts.scale, /*residual=*/Value(), parts.init,
      filter.getShape().drop_front(2), parts.strides, parts.dilations,
      parts.group, depthwise, /*tile=*/DenseI64ArrayAttr(),
      /*lo=*/FloatAttr(), /*hi=*/FloatAttr(), parts.zeroPoint,
      parts.inputUnsigned, parts.outputUnsigned, /*form=*/StringAttr());
  return conv.getResult();
}

/// A sum of products as a convolution over one row of pixels, with `weights` of
/// `[columns][depth]`.
template <typename T>
static ConvParts createRowParts(ImplicitLocOpBuilder &b, Value lhs,
                                RankedTensorType type, ArrayRef<T> weights) {
  auto lhsType = cast<RankedTensorType>(lhs.getType());
  int64_t columns = type.getShape().back(), depth = lhsType.getShape().back();
  int64_t rows = type.getNumElements() / columns;
  ConvParts parts;
  parts.input = reshape(
      b, lhs,
      RankedTensorType::get({1, rows, depth}, lhsType.getElementType()));
  parts.weights = nn::createConstant(b, weights, {columns, depth, 1});
  parts.init =
      tensor::EmptyOp::create(b, {1, rows, columns}, type.getElementType());
  parts.strides = parts.dilations = {1};
  return parts;
}

/// `[depth][columns]` to `[columns][depth]`.
template <typename T>
static std::vector<T> transposed(ArrayRef<T> values, int64_t columns) {
  int64_t depth = values.size() / columns;
  std::vector<T> result(values.size());
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t n = 0; n < columns; ++n)
      result[n * depth + k] = values[k * columns + n];
  return result;
}

namespace {
/// nn.conv of floats with constant filters.
struct SelectConv : SelectFloatKernel<nn::ConvOp> {
  using SelectFloatKernel::SelectFloatKernel;

  LogicalResult matchAndRewrite(nn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    auto filter = cast<RankedTensorType>(op.getFilter().getType());
    if (!isSupported(type))
      return rewriter.notifyMatchFailure(op, "not of floats, or empty");
    if (type.getElementType().isF16() && filter.getDimSize(1) == 1 &&
        filter.getNumElements() > filter.getDimSize(0) * kMostTapsOfHalves)
      return rewriter.notifyMatchFailure(op, "too many taps for halves");
    if (!op.getFilter().getDefiningOp<arith::ConstantOp>())
      return rewriter.notifyMatchFailure(op, "filters are not constant");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    ConvParts parts;
    parts.input = padSpatial(b, toChannelsLast(b, op.getInput()),
                             op.getPadsBegin(), op.getPadsEnd(), 0.0);
    parts.weights = op.getFilter();
    parts.bias = op.getBias();
    parts.init = createEmptyChannelsLast(b, type);
    parts.strides = SmallVector<int64_t>(op.getStrides());
    parts.dilations = SmallVector<int64_t>(op.getDilations());
    parts.group = op.getGroup();
    rewriter.replaceOp(op, toChannelsFirst(b, createConv(b, parts)));
    return success();
  }
};

/// nn.matmul of floats with a constant matrix: a convolution over one row.
struct SelectMatMul : SelectFloatKernel<nn::MatMulOp> {
  using SelectFloatKernel::SelectFloatKernel;

  LogicalResult matchAndRewrite(nn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    auto rhs = cast<RankedTensorType>(op.getRhs().getType());
    if (!isSupported(type) || rhs.getNumElements() == 0 || rhs.getRank() != 2 ||
        op.getTransposeLhs())
      return rewriter.notifyMatchFailure(op, "not a product with a matrix");
    if (type.getElementType().isF16())
      return rewrite<uint16_t>(op, rewriter);
    return rewrite<float>(op, rewriter);
  }

private:
  template <typename T>
  LogicalResult rewrite(nn::MatMulOp op, PatternRewriter &rewriter) const {
    RankedTensorType type = op.getOutput().getType();
    std::vector<T> values;
    if (!nn::readConstant(op.getRhs(), values))
      return rewriter.notifyMatchFailure(op, "the matrix is not constant");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    if (!op.getTransposeRhs())
      values = transposed<T>(values, type.getShape().back());
    ConvParts parts = createRowParts<T>(b, op.getLhs(), type, values);
    rewriter.replaceOp(op, reshape(b, createConv(b, parts), type));
    return success();
  }
};

/// Ends of padding so that every window lies inside the padded input.
template <typename Op>
SmallVector<int64_t> getReachedPads(Op op, const nn::Window &window) {
  SmallVector<int64_t> ends;
  for (size_t i = 0; i < window.rank(); ++i) {
    int64_t reach =
        (op.getOutput().getType().getDimSize(i + 2) - 1) * window.strides[i] +
        window.extent(i);
    ends.push_back(
        std::max<int64_t>(0, reach - window.padsBegin[i] -
                                 op.getInput().getType().getDimSize(i + 2)));
  }
  return ends;
}

struct SelectMaxPool : SelectFloatKernel<nn::MaxPoolOp> {
  using SelectFloatKernel::SelectFloatKernel;

  LogicalResult matchAndRewrite(nn::MaxPoolOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    if (!isSupported(type) || op.getIndices())
      return rewriter.notifyMatchFailure(op, "not of floats, or with indices");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    nn::Window window = nn::getWindow(op);
    Value input = padSpatial(b, toChannelsLast(b, op.getInput()),
                             window.padsBegin, getReachedPads(op, window),
                             -std::numeric_limits<double>::infinity());
    Value init = createEmptyChannelsLast(b, type);
    auto pool = neon::PoolOp::create(
        b, init.getType(), input, init, window.kernel, window.strides,
        window.dilations, /*average=*/false, APFloat(1.0));
    rewriter.replaceOp(op, toChannelsFirst(b, pool.getResult()));
    return success();
  }
};

/// An average whose windows all count the same number of elements.
struct SelectAvgPool : SelectFloatKernel<nn::AvgPoolOp> {
  using SelectFloatKernel::SelectFloatKernel;

  LogicalResult matchAndRewrite(nn::AvgPoolOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    nn::Window window = nn::getWindow(op);
    if (!isSupported(type))
      return rewriter.notifyMatchFailure(op, "not of floats, or empty");
    int64_t taps = llvm::product_of(window.kernel, int64_t(1));
    if (type.getElementType().isF16() && taps > kMostTapsOfHalves)
      return rewriter.notifyMatchFailure(op, "too many taps for halves");
    SmallVector<int64_t> ends = getReachedPads(op, window);
    for (size_t i = 0; i < window.rank(); ++i)
      if (window.padsBegin[i] + ends[i] &&
          (!op.getCountIncludePad() || ends[i] > window.padsEnd[i]))
        return rewriter.notifyMatchFailure(op, "windows count unlike numbers");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value input = padSpatial(b, toChannelsLast(b, op.getInput()),
                             window.padsBegin, ends, 0.0);
    Value init = createEmptyChannelsLast(b, type);
    double factor = 1.0 / taps;
    auto pool = neon::PoolOp::create(
        b, init.getType(), input, init, window.kernel, window.strides,
        window.dilations, /*average=*/true, APFloat(factor));
    rewriter.replaceOp(op, toChannelsFirst(b, pool.getResult()));
    return success();
  }
};

/// Softmax of floats, over the middle one of three dimensions.
struct SelectSoftmax : OpRewritePattern<nn::SoftmaxOp> {
  explicit SelectSoftmax(MLIRContext *context)
      : OpRewritePattern(context, kKernelBenefit) {}

  LogicalResult matchAndRewrite(nn::SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    if (!type.getElementType().isF32() || type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "not of floats, or empty");
    ArrayRef<int64_t> shape = type.getShape();
    auto count = [](ArrayRef<int64_t> sizes) {
      return llvm::product_of(sizes, int64_t(1));
    };
    int64_t axis = op.getAxis();
    auto of = RankedTensorType::get({count(shape.take_front(axis)), shape[axis],
                                     count(shape.drop_front(axis + 1))},
                                    type.getElementType());
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value input = reshape(b, op.getInput(), of);
    Value init = tensor::EmptyOp::create(b, of.getShape(), of.getElementType());
    auto softmax = neon::SoftmaxOp::create(b, of, input, init, op.getLog());
    rewriter.replaceOp(op, reshape(b, softmax.getResult(), type));
    return success();
  }
};

struct NeonSelectKernels
    : neon::impl::NeonSelectKernelsBase<NeonSelectKernels> {
  using NeonSelectKernelsBase::NeonSelectKernelsBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SelectConv, SelectMatMul, SelectMaxPool, SelectAvgPool>(
        &getContext(), fp16);
    nn::populateSumInFloatPatterns(patterns, kKernelBenefit - 1);
    if (softmax)
      patterns.add<SelectSoftmax>(&getContext());
    populateSelectTransposed(patterns, fp16);
    populateSelectByteKernels(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
