//===- SelectKernels.cpp - What gets a kernel of its own -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Packing.h"
#include "backends/neon/Tiles.h"
#include "backends/neon/Transforms/ChannelsLast.h"
#include "backends/neon/Transforms/Passes.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/Window.h"

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

namespace {
/// nn.conv of floats with constant filters.
struct SelectConv : OpRewritePattern<nn::ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    auto filterType = cast<RankedTensorType>(op.getFilter().getType());
    std::vector<float> values;
    if (!type.getElementType().isF32() || type.getNumElements() == 0 ||
        filterType.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "not of floats, or empty");
    if (!readConstant(op.getFilter(), values))
      return rewriter.notifyMatchFailure(op, "filters are not constant");

    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    ArrayRef<int64_t> filterShape = filterType.getShape();
    Filters filters{values, filterShape[0], filterShape[1],
                    llvm::product_of(filterShape.drop_front(2), int64_t(1)),
                    int64_t(op.getGroup())};
    bool depthwise = op.isDepthwise() && filters.channels == 1 &&
                     filters.filters == filters.groups;
    Tile tile;
    if (!depthwise)
      tile = chooseTileF32({type.getNumElements() / filters.filters, 1,
                            filters.taps * filters.channels,
                            filters.filters / filters.groups});
    Value weights =
        createConstant(b, depthwise ? packDepthwiseF32(filters)
                                    : packF32(filters, tile.columns));
    Value input = padSpatial(b, toChannelsLast(b, op.getInput()),
                             op.getPadsBegin(), op.getPadsEnd(), 0.0);
    Value init = createEmptyChannelsLast(b, type);
    auto conv = neon::ConvOp::create(
        b, init.getType(), input, weights, op.getBias(), /*scale=*/Value(),
        /*residual=*/Value(), init, filterShape.drop_front(2), op.getStrides(),
        op.getDilations(), op.getGroup(), depthwise,
        depthwise ? 0 : tile.columns, /*lo=*/FloatAttr(), /*hi=*/FloatAttr(),
        /*zero_point=*/0, /*input_unsigned=*/false, /*output_unsigned=*/false,
        /*form=*/StringAttr());
    rewriter.replaceOp(op, toChannelsFirst(b, conv.getResult()));
    return success();
  }
};

/// nn.matmul of floats with a constant matrix: a convolution over one row.
struct SelectMatMul : OpRewritePattern<nn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    auto lhs = cast<RankedTensorType>(op.getLhs().getType());
    auto rhs = cast<RankedTensorType>(op.getRhs().getType());
    std::vector<float> values;
    if (!type.getElementType().isF32() || type.getNumElements() == 0 ||
        rhs.getNumElements() == 0 || rhs.getRank() != 2 || op.getTransposeLhs())
      return rewriter.notifyMatchFailure(op, "not a product with a matrix");
    if (!readConstant(op.getRhs(), values))
      return rewriter.notifyMatchFailure(op, "the matrix is not constant");

    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    int64_t columns = type.getShape().back(), depth = lhs.getShape().back();
    int64_t rows = type.getNumElements() / columns;
    if (!op.getTransposeRhs()) {
      std::vector<float> filters(values.size());
      for (int64_t k = 0; k < depth; ++k)
        for (int64_t n = 0; n < columns; ++n)
          filters[n * depth + k] = values[k * columns + n];
      values = std::move(filters);
    }
    Tile tile = chooseTileF32({rows, 1, depth, columns});
    Value weights = createConstant(
        b, packF32({values, columns, depth, 1, 1}, tile.columns));
    Type element = type.getElementType();
    Value input = reshape(b, op.getLhs(),
                          RankedTensorType::get({1, rows, depth}, element));
    auto rowType = RankedTensorType::get({1, rows, columns}, element);
    Value init = tensor::EmptyOp::create(b, rowType.getShape(), element);
    int64_t one[] = {1};
    auto conv = neon::ConvOp::create(
        b, rowType, input, weights, /*bias=*/Value(), /*scale=*/Value(),
        /*residual=*/Value(), init, one, one, one, /*group=*/1,
        /*depthwise=*/false, tile.columns, /*lo=*/FloatAttr(),
        /*hi=*/FloatAttr(), /*zero_point=*/0, /*input_unsigned=*/false,
        /*output_unsigned=*/false, /*form=*/StringAttr());
    rewriter.replaceOp(op, reshape(b, conv.getResult(), type));
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

struct SelectMaxPool : OpRewritePattern<nn::MaxPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MaxPoolOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    if (!type.getElementType().isF32() || type.getNumElements() == 0 ||
        op.getIndices())
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
struct SelectAvgPool : OpRewritePattern<nn::AvgPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::AvgPoolOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    nn::Window window = nn::getWindow(op);
    if (!type.getElementType().isF32() || type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "not of floats, or empty");
    SmallVector<int64_t> ends = getReachedPads(op, window);
    for (size_t i = 0; i < window.rank(); ++i)
      if (window.padsBegin[i] + ends[i] &&
          (!op.getCountIncludePad() || ends[i] > window.padsEnd[i]))
        return rewriter.notifyMatchFailure(op, "windows count unlike numbers");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value input = padSpatial(b, toChannelsLast(b, op.getInput()),
                             window.padsBegin, ends, 0.0);
    Value init = createEmptyChannelsLast(b, type);
    double factor = 1.0 / llvm::product_of(window.kernel, int64_t(1));
    auto pool = neon::PoolOp::create(
        b, init.getType(), input, init, window.kernel, window.strides,
        window.dilations, /*average=*/true, APFloat(factor));
    rewriter.replaceOp(op, toChannelsFirst(b, pool.getResult()));
    return success();
  }
};

struct NeonSelectKernels
    : neon::impl::NeonSelectKernelsBase<NeonSelectKernels> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SelectConv, SelectMatMul, SelectMaxPool, SelectAvgPool>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
