//===- LowerResize.cpp - Reference lowering of resampling -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;
using utils::IteratorType;

namespace {
/// One dimension after the other: each step reads its neighbours and weights
/// from two constant tables.
struct LowerResize : OpRewritePattern<ResizeOp> {
  using OpRewritePattern::OpRewritePattern;

  static Value createFloats(ImplicitLocOpBuilder &b, ArrayRef<int64_t> shape,
                            FloatType type, ArrayRef<double> values) {
    SmallVector<Attribute> attrs;
    for (double value : values)
      attrs.push_back(b.getFloatAttr(type, value));
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(RankedTensorType::get(shape, type), attrs));
  }

  /// The element of `source` whose index is that of the loops over a tensor,
  /// but `index` in dimension `dim`.
  static Value createRead(ImplicitLocOpBuilder &b, Value source, int64_t dim,
                          Value index) {
    SmallVector<Value> at;
    int64_t rank = cast<RankedTensorType>(source.getType()).getRank();
    for (int64_t i = 0; i < rank; ++i) {
      if (i == dim)
        at.push_back(arith::IndexCastOp::create(b, b.getIndexType(), index));
      else
        at.push_back(linalg::IndexOp::create(b, i));
    }
    return tensor::ExtractOp::create(b, source, at);
  }

  /// Nearest neighbours along `dim`.
  static Value createNearest(ImplicitLocOpBuilder &b, ResizeOp op, Value source,
                             RankedTensorType type, int64_t dim,
                             const ResizeOp::Table &table) {
    // An element outside the input is marked by -1.
    SmallVector<int64_t> indices(table.indices);
    for (auto [index, weight] : llvm::zip(indices, table.weights))
      if (weight == 0)
        index = -1;
    Type element = type.getElementType();
    auto tableType =
        RankedTensorType::get(type.getDimSize(dim), b.getI64Type());
    Value indexTable = arith::ConstantOp::create(
        b, DenseIntElementsAttr::get(tableType, indices));
    bool anyOutside = llvm::is_contained(indices, -1);
    return createParallel(
        b, type, indexTable,
        AffineMap::get(type.getRank(), 0, b.getAffineDimExpr(dim)),
        [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          if (!anyOutside)
            return createRead(b, source, dim, args[0]);
          Value zero = createScalar(b, b.getI64Type(), 0);
          Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::sge,
                                               args[0], zero);
          Value index = arith::SelectOp::create(b, inside, args[0], zero);
          Value read = createRead(b, source, dim, index);
          Value other =
              createScalar(b, element, op.getExtrapolation().convertToDouble());
          return arith::SelectOp::create(b, inside, read, other);
        });
  }

  /// Weighted sums along `dim`.
  static Value createWeighted(ImplicitLocOpBuilder &b, ResizeOp op,
                              Value source, RankedTensorType type, int64_t dim,
                              const ResizeOp::Table &table) {
    int64_t rank = type.getRank(), size = type.getDimSize(dim);
    auto wide = cast<FloatType>(type.getElementType());
    // What a sum starts with: elements outside the input have no other part.
    SmallVector<double> starts(size, 0.0);
    for (int64_t x = 0; x < size; ++x)
      if (llvm::all_of(
              ArrayRef(table.weights).slice(x * table.taps, table.taps),
              [](double weight) { return weight == 0; }))
        starts[x] = op.getExtrapolation().convertToDouble();
    Value init = createParallel(
        b, type, createFloats(b, size, wide, starts),
        AffineMap::get(rank, 0, b.getAffineDimExpr(dim)),
        [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; });

    SmallVector<int64_t> tableShape = {size, table.taps};
    Value indices = arith::ConstantOp::create(
        b, DenseIntElementsAttr::get(
               RankedTensorType::get(tableShape, b.getI64Type()),
               ArrayRef(table.indices)));
    Value weights = createFloats(b, tableShape, wide, table.weights);
    AffineMap tableMap = AffineMap::get(
        rank + 1, 0, {b.getAffineDimExpr(dim), b.getAffineDimExpr(rank)},
        b.getContext());
    AffineMap outMap = b.getMultiDimIdentityMap(rank + 1).dropResult(rank);
    SmallVector<IteratorType> iterators(rank, IteratorType::parallel);
    iterators.push_back(IteratorType::reduction);
    return linalg::GenericOp::create(
               b, type, ValueRange{indices, weights}, init,
               ArrayRef{tableMap, tableMap, outMap}, iterators,
               [&](OpBuilder &inner, Location loc, ValueRange args) {
                 ImplicitLocOpBuilder b(loc, inner);
                 Value element = createRead(b, source, dim, args[0]);
                 Value product = arith::MulFOp::create(b, args[1], element);
                 Value sum = arith::AddFOp::create(b, args[2], product);
                 // A neighbour that does not count may be infinite.
                 Value counts =
                     arith::CmpFOp::create(b, arith::CmpFPredicate::ONE,
                                           args[1], createScalar(b, wide, 0.0));
                 Value next = arith::SelectOp::create(b, counts, sum, args[2]);
                 linalg::YieldOp::create(b, next);
               })
        .getResult(0);
  }

  static Value createConversion(ImplicitLocOpBuilder &b, Value tensor,
                                Type element) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (type.getElementType() == element)
      return tensor;
    return createParallel(b, RankedTensorType::get(type.getShape(), element),
                          tensor, b.getMultiDimIdentityMap(type.getRank()),
                          [&](ImplicitLocOpBuilder &b, ValueRange args) {
                            return convertFloat(b, args[0], element);
                          });
  }

  LogicalResult matchAndRewrite(ResizeOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto output = cast<RankedTensorType>(op.getOutput().getType());
    Type element = output.getElementType();
    bool isNearest = op.getMode() == ResizeMode::Nearest;
    Value value = op.getInput();
    if (!isNearest)
      value = createConversion(b, value, getWideType(element));
    for (int64_t dim = 0; dim < output.getRank(); ++dim) {
      ResizeOp::Table table = op.getTable(dim);
      if (table.isIdentity)
        continue;
      auto type = cast<RankedTensorType>(value.getType());
      SmallVector<int64_t> shape(type.getShape());
      shape[dim] = output.getDimSize(dim);
      type = RankedTensorType::get(shape, type.getElementType());
      value = isNearest ? createNearest(b, op, value, type, dim, table)
                        : createWeighted(b, op, value, type, dim, table);
    }
    rewriter.replaceOp(op, createConversion(b, value, element));
    return success();
  }
};
} // namespace

void nn::populateLowerResizePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerResize>(patterns.getContext());
}
