//===- LowerConv.cpp - Reference lowering of convolutions and matmul -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;
using utils::IteratorType;

/// A tensor of shape [outer, channels, space...] whose channels are spread over
/// `shape`: what a convolution accumulates into, holding the bias or zero.
static Value createAccumulator(ImplicitLocOpBuilder &b, RankedTensorType type,
                               Value bias) {
  if (!bias)
    return createFilled(b, type, 0.0);
  int64_t rank = type.getRank();
  Value empty =
      tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  AffineMap biasMap = AffineMap::get(rank, 0, b.getAffineDimExpr(1));
  SmallVector<IteratorType> iterators(rank, IteratorType::parallel);
  return linalg::GenericOp::create(
             b, type, bias, empty,
             ArrayRef{biasMap, b.getMultiDimIdentityMap(rank)}, iterators,
             [](OpBuilder &b, Location loc, ValueRange args) {
               linalg::YieldOp::create(b, loc, args[0]);
             })
      .getResult(0);
}

/// `shape` with dimension `dim` split into `group` and the rest.
static SmallVector<int64_t> splitDim(ArrayRef<int64_t> shape, size_t dim,
                                     int64_t group) {
  SmallVector<int64_t> split(shape.take_front(dim));
  split.append({group, shape[dim] / group});
  llvm::append_range(split, shape.drop_front(dim + 1));
  return split;
}

namespace {
struct LowerConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    size_t space = type.getRank() - 2;
    int64_t group = op.getGroup();

    Value zero = createScalar(b, type.getElementType(), 0.0);
    Value input =
        padTrailing(b, op.getInput(), op.getPadsBegin(), op.getPadsEnd(), zero);
    auto inputShape = cast<RankedTensorType>(input.getType()).getShape();
    input = reshapeTo(b, input, splitDim(inputShape, 1, group));
    Value filter =
        reshapeTo(b, op.getFilter(),
                  splitDim(op.getFilter().getType().getShape(), 0, group));
    SmallVector<int64_t> grouped = splitDim(type.getShape(), 1, group);
    auto groupedType = RankedTensorType::get(grouped, type.getElementType());
    Value accumulator =
        reshapeTo(b, createAccumulator(b, type, op.getBias()), grouped);

    // Loops: n, g, m, o..., c, k...
    unsigned loops = 4 + 2 * space;
    auto dim = [&](unsigned i) { return b.getAffineDimExpr(i); };
    unsigned firstOut = 3, channel = 3 + space, firstKernel = 4 + space;
    SmallVector<AffineExpr> in = {dim(0), dim(1), dim(channel)};
    SmallVector<AffineExpr> weights = {dim(1), dim(2), dim(channel)};
    SmallVector<AffineExpr> out = {dim(0), dim(1), dim(2)};
    for (size_t i = 0; i < space; ++i) {
      in.push_back(dim(firstOut + i) * op.getStrides()[i] +
                   dim(firstKernel + i) * op.getDilations()[i]);
      weights.push_back(dim(firstKernel + i));
      out.push_back(dim(firstOut + i));
    }
    SmallVector<IteratorType> iterators(loops, IteratorType::parallel);
    std::fill(iterators.begin() + channel, iterators.end(),
              IteratorType::reduction);
    auto maps = AffineMap::inferFromExprList(
        ArrayRef<ArrayRef<AffineExpr>>{in, weights, out}, b.getContext());
    Value result = linalg::GenericOp::create(
                       b, groupedType, ValueRange{input, filter}, accumulator,
                       maps, iterators, multiplyAccumulateBody)
                       .getResult(0);
    rewriter.replaceOp(op, reshapeTo(b, result, type.getShape()));
    return success();
  }
};

struct LowerConvTranspose : OpRewritePattern<ConvTransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvTransposeOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    size_t space = type.getRank() - 2;
    int64_t group = op.getGroup();

    // Scatter into the untrimmed result, then trim, then add the bias.
    SmallVector<int64_t> full(type.getShape());
    SmallVector<int64_t> trimBegin, trimEnd;
    for (size_t i = 0; i < space; ++i) {
      full[i + 2] += op.getPadsBegin()[i] + op.getPadsEnd()[i];
      trimBegin.push_back(-op.getPadsBegin()[i]);
      trimEnd.push_back(-op.getPadsEnd()[i]);
    }
    SmallVector<int64_t> grouped = splitDim(full, 1, group);
    auto groupedType = RankedTensorType::get(grouped, type.getElementType());
    Value input =
        reshapeTo(b, op.getInput(),
                  splitDim(op.getInput().getType().getShape(), 1, group));
    Value filter =
        reshapeTo(b, op.getFilter(),
                  splitDim(op.getFilter().getType().getShape(), 0, group));

    // Loops: n, g, m, c, d..., k...
    unsigned loops = 4 + 2 * space;
    auto dim = [&](unsigned i) { return b.getAffineDimExpr(i); };
    unsigned firstIn = 4, firstKernel = 4 + space;
    SmallVector<AffineExpr> in = {dim(0), dim(1), dim(3)};
    SmallVector<AffineExpr> weights = {dim(1), dim(3), dim(2)};
    SmallVector<AffineExpr> out = {dim(0), dim(1), dim(2)};
    for (size_t i = 0; i < space; ++i) {
      in.push_back(dim(firstIn + i));
      weights.push_back(dim(firstKernel + i));
      out.push_back(dim(firstIn + i) * op.getStrides()[i] +
                    dim(firstKernel + i) * op.getDilations()[i]);
    }
    SmallVector<IteratorType> iterators(loops, IteratorType::reduction);
    std::fill(iterators.begin(), iterators.begin() + 3, IteratorType::parallel);
    auto maps = AffineMap::inferFromExprList(
        ArrayRef<ArrayRef<AffineExpr>>{in, weights, out}, b.getContext());
    Value result =
        linalg::GenericOp::create(b, groupedType, ValueRange{input, filter},
                                  createFilled(b, groupedType, 0.0), maps,
                                  iterators, multiplyAccumulateBody)
            .getResult(0);
    Value zero = createScalar(b, type.getElementType(), 0.0);
    result =
        padTrailing(b, reshapeTo(b, result, full), trimBegin, trimEnd, zero);
    if (op.getBias()) {
      Value bias = createAccumulator(b, type, op.getBias());
      AffineMap same = b.getMultiDimIdentityMap(type.getRank());
      SmallVector<IteratorType> all(type.getRank(), IteratorType::parallel);
      result = linalg::GenericOp::create(
                   b, type, result, bias, ArrayRef{same, same}, all,
                   [](OpBuilder &b, Location loc, ValueRange args) {
                     linalg::YieldOp::create(
                         b, loc, createAdd(b, loc, args[0], args[1]));
                   })
                   .getResult(0);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LowerMatMul : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatMulOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    unsigned batchRank = type.getRank() - 2;
    AffineExpr m = b.getAffineDimExpr(batchRank);
    AffineExpr n = b.getAffineDimExpr(batchRank + 1);
    AffineExpr k = b.getAffineDimExpr(batchRank + 2);
    auto operandMap = [&](Value operand, AffineExpr row, AffineExpr column,
                          bool transposed) {
      auto operandType = cast<RankedTensorType>(operand.getType());
      int64_t missing = type.getRank() - operandType.getRank();
      SmallVector<AffineExpr> exprs;
      for (int64_t i = 0; i < operandType.getRank() - 2; ++i)
        exprs.push_back(operandType.getDimSize(i) == 1
                            ? b.getAffineConstantExpr(0)
                            : b.getAffineDimExpr(i + missing));
      if (transposed)
        std::swap(row, column);
      exprs.append({row, column});
      return AffineMap::get(batchRank + 3, 0, exprs, b.getContext());
    };
    SmallVector<AffineExpr> out;
    for (unsigned i = 0; i < batchRank + 2; ++i)
      out.push_back(b.getAffineDimExpr(i));
    SmallVector<AffineMap> maps = {
        operandMap(op.getLhs(), m, k, op.getTransposeLhs()),
        operandMap(op.getRhs(), k, n, op.getTransposeRhs()),
        AffineMap::get(batchRank + 3, 0, out, b.getContext())};
    SmallVector<IteratorType> iterators(batchRank + 2, IteratorType::parallel);
    iterators.push_back(IteratorType::reduction);
    rewriter.replaceOp(op, linalg::GenericOp::create(b, type, op.getOperands(),
                                                     createFilled(b, type, 0.0),
                                                     maps, iterators,
                                                     multiplyAccumulateBody)
                               .getResult(0));
    return success();
  }
};
} // namespace

void nn::populateLowerConvPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerConv, LowerConvTranspose, LowerMatMul>(
      patterns.getContext());
}
