//===- LowerNorm.cpp - Reference lowering of softmax and normalisations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;
using utils::IteratorType;

using Body = function_ref<Value(ImplicitLocOpBuilder &, ValueRange)>;

/// The map from the loops over a tensor of rank `rank` to its dimensions
/// [first, last).
static AffineMap getDims(MLIRContext *context, int64_t rank, int64_t first,
                         int64_t last) {
  SmallVector<AffineExpr> exprs;
  for (int64_t dim = first; dim < last; ++dim)
    exprs.push_back(getAffineDimExpr(dim, context));
  return AffineMap::get(rank, 0, exprs, context);
}

/// Reduces the dimensions of `operands[0]` that `kept` leaves out, in f32 or
/// wider; `maps` say how all operands are read. `body` computes the next
/// accumulator, its last argument, from the widened elements.
static Value createReduction(ImplicitLocOpBuilder &b, ArrayRef<Value> operands,
                             ArrayRef<AffineMap> maps, AffineMap kept,
                             double init, Body body) {
  auto type = cast<RankedTensorType>(operands[0].getType());
  FloatType wide = getWideType(type.getElementType());
  SmallVector<int64_t> shape;
  SmallVector<IteratorType> iterators(type.getRank(), IteratorType::reduction);
  for (AffineExpr expr : kept.getResults()) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    shape.push_back(type.getDimSize(dim));
    iterators[dim] = IteratorType::parallel;
  }
  SmallVector<AffineMap> all(maps);
  all.push_back(kept);
  auto resultType = RankedTensorType::get(shape, wide);
  return linalg::GenericOp::create(
             b, resultType, operands, createFilled(b, resultType, init), all,
             iterators,
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder scalar(loc, inner);
               SmallVector<Value> widened;
               for (Value arg : args)
                 widened.push_back(convertFloat(scalar, arg, wide));
               linalg::YieldOp::create(scalar, body(scalar, widened));
             })
      .getResult(0);
}

/// An elementwise computation in f32 or wider whose result has type `type`.
static Value createWide(ImplicitLocOpBuilder &b, RankedTensorType type,
                        ArrayRef<Value> operands, ArrayRef<AffineMap> maps,
                        Body body) {
  FloatType wide = getWideType(type.getElementType());
  return createParallel(
      b, type, operands, maps, [&](ImplicitLocOpBuilder &b, ValueRange args) {
        SmallVector<Value> widened;
        for (Value arg : args)
          widened.push_back(convertFloat(b, arg, wide));
        return convertFloat(b, body(b, widened), type.getElementType());
      });
}

static Value add(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return arith::AddFOp::create(b, lhs, rhs);
}
static Value sub(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return arith::SubFOp::create(b, lhs, rhs);
}
static Value mul(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return arith::MulFOp::create(b, lhs, rhs);
}
static Value div(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return arith::DivFOp::create(b, lhs, rhs);
}

/// 1 / sqrt(variance + epsilon)
static Value createInverse(ImplicitLocOpBuilder &b, Value variance,
                           double epsilon) {
  Value shifted =
      add(b, variance, createScalar(b, variance.getType(), epsilon));
  return div(b, createScalar(b, variance.getType(), 1.0),
             math::SqrtOp::create(b, shifted));
}

/// The constant 1 / sqrt(variance + epsilon); null if the variance is not one,
/// or not float32.
static Value createKnownInverse(ImplicitLocOpBuilder &b, Value variance,
                                float epsilon) {
  std::vector<float> values;
  if (!getElementTypeOrSelf(variance).isF32() ||
      !nn::readConstant(variance, values))
    return {};
  for (float &value : values)
    value = 1.0f / std::sqrt(value + epsilon);
  return nn::createConstant<float>(
      b, values, cast<RankedTensorType>(variance.getType()).getShape());
}

/// Divides every element by `count`.
static Value createMean(ImplicitLocOpBuilder &b, Value sum, int64_t count) {
  auto type = cast<RankedTensorType>(sum.getType());
  return createParallel(b, type, sum, b.getMultiDimIdentityMap(type.getRank()),
                        [&](ImplicitLocOpBuilder &b, ValueRange args) {
                          return div(b, args[0],
                                     createScalar(b, args[0].getType(), count));
                        });
}

/// The mean of `input` over all but its leading `kept` dimensions.
static Value createMeanOfTrailing(ImplicitLocOpBuilder &b, Value input,
                                  int64_t kept, int64_t count) {
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  Value sum = createReduction(b, input, b.getMultiDimIdentityMap(rank),
                              getDims(b.getContext(), rank, 0, kept), 0.0,
                              [](ImplicitLocOpBuilder &b, ValueRange args) {
                                return add(b, args[1], args[0]);
                              });
  return createMean(b, sum, count);
}

/// The mean of the squares of `input`, or of its distances from `mean` if there
/// is one, over all but the leading `kept` dimensions.
static Value createMeanSquare(ImplicitLocOpBuilder &b, Value input, Value mean,
                              int64_t kept, int64_t count) {
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  AffineMap outer = getDims(b.getContext(), rank, 0, kept);
  SmallVector<Value> operands = {input};
  SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(rank)};
  if (mean) {
    operands.push_back(mean);
    maps.push_back(outer);
  }
  Value sum =
      createReduction(b, operands, maps, outer, 0.0,
                      [&](ImplicitLocOpBuilder &b, ValueRange args) {
                        Value distance =
                            mean ? sub(b, args[0], args[1]) : args[0];
                        return add(b, args.back(), mul(b, distance, distance));
                      });
  return createMean(b, sum, count);
}

namespace {
struct LowerSoftmax : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    int64_t rank = type.getRank();
    AffineMap same = b.getMultiDimIdentityMap(rank);
    AffineMap outer = same.dropResult(op.getAxis());
    Value max = createReduction(
        b, op.getInput(), same, outer, -std::numeric_limits<double>::infinity(),
        [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          return arith::MaximumFOp::create(b, args[1], args[0]);
        });
    Value sum =
        createReduction(b, {op.getInput(), max}, {same, outer}, outer, 0.0,
                        [](ImplicitLocOpBuilder &b, ValueRange args) {
                          Value power =
                              math::ExpOp::create(b, sub(b, args[0], args[1]));
                          return add(b, args[2], power);
                        });
    rewriter.replaceOp(
        op,
        createWide(b, type, {op.getInput(), max, sum}, {same, outer, outer},
                   [&](ImplicitLocOpBuilder &b, ValueRange args) {
                     Value shifted = sub(b, args[0], args[1]);
                     if (op.getLog())
                       return sub(b, shifted, math::LogOp::create(b, args[2]));
                     return div(b, math::ExpOp::create(b, shifted), args[2]);
                   }));
    return success();
  }
};

struct LowerBatchNorm : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    int64_t rank = type.getRank();
    AffineMap channel = getDims(b.getContext(), rank, 1, 2);
    double epsilon = op.getEpsilon().convertToDouble();
    // As a rule the variance is known, and no root is left to take.
    Value known = createKnownInverse(b, op.getVariance(), epsilon);
    rewriter.replaceOp(
        op, createWide(b, type,
                       {op.getInput(), op.getScale(), op.getBias(),
                        op.getMean(), known ? known : op.getVariance()},
                       {b.getMultiDimIdentityMap(rank), channel, channel,
                        channel, channel},
                       [&](ImplicitLocOpBuilder &b, ValueRange args) {
                         Value inverse =
                             known ? args[4]
                                   : createInverse(b, args[4], epsilon);
                         Value centred = sub(b, args[0], args[3]);
                         Value normal = mul(b, centred, inverse);
                         return add(b, mul(b, normal, args[1]), args[2]);
                       }));
    return success();
  }
};

struct LowerInstanceNorm : OpRewritePattern<InstanceNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(InstanceNormOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    int64_t rank = type.getRank(), count = 1;
    for (int64_t size : type.getShape().drop_front(2))
      count *= size;
    Value mean = createMeanOfTrailing(b, op.getInput(), 2, count);
    Value variance = createMeanSquare(b, op.getInput(), mean, 2, count);
    AffineMap outer = getDims(b.getContext(), rank, 0, 2);
    AffineMap channel = getDims(b.getContext(), rank, 1, 2);
    double epsilon = op.getEpsilon().convertToDouble();
    rewriter.replaceOp(
        op,
        createWide(
            b, type,
            {op.getInput(), mean, variance, op.getScale(), op.getBias()},
            {b.getMultiDimIdentityMap(rank), outer, outer, channel, channel},
            [&](ImplicitLocOpBuilder &b, ValueRange args) {
              Value inverse = createInverse(b, args[2], epsilon);
              Value centred = sub(b, args[0], args[1]);
              Value normal = mul(b, centred, inverse);
              return add(b, mul(b, normal, args[3]), args[4]);
            }));
    return success();
  }
};

struct LowerLayerNorm : OpRewritePattern<LayerNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LayerNormOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    int64_t rank = type.getRank(), axis = op.getAxis(), count = 1;
    for (int64_t size : type.getShape().drop_front(axis))
      count *= size;
    Value mean;
    if (!op.getRms())
      mean = createMeanOfTrailing(b, op.getInput(), axis, count);
    Value square = createMeanSquare(b, op.getInput(), mean, axis, count);
    auto outerType = cast<RankedTensorType>(square.getType());
    double epsilon = op.getEpsilon().convertToDouble();
    Value inverse =
        createParallel(b, outerType, square, b.getMultiDimIdentityMap(axis),
                       [&](ImplicitLocOpBuilder &b, ValueRange args) {
                         return createInverse(b, args[0], epsilon);
                       });

    AffineMap outer = getDims(b.getContext(), rank, 0, axis);
    AffineMap inner = getDims(b.getContext(), rank, axis, rank);
    SmallVector<Value> operands = {op.getInput(), inverse, op.getScale()};
    SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(rank), outer,
                                   inner};
    if (mean) {
      operands.push_back(mean);
      maps.push_back(outer);
    }
    if (op.getBias()) {
      operands.push_back(op.getBias());
      maps.push_back(inner);
    }
    SmallVector<Value> results = {createWide(
        b, type, operands, maps, [&](ImplicitLocOpBuilder &b, ValueRange args) {
          Value centred = mean ? sub(b, args[0], args[3]) : args[0];
          Value scaled = mul(b, mul(b, centred, args[1]), args[2]);
          return op.getBias() ? add(b, scaled, args.back()) : scaled;
        })};
    if (!op.getStatistics().empty())
      results.append({mean, inverse});
    rewriter.replaceOp(op, results);
    return success();
  }
};

struct LowerLrn : OpRewritePattern<LrnOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LrnOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    int64_t rank = type.getRank();
    FloatType wide = getWideType(type.getElementType());
    auto wideType = RankedTensorType::get(type.getShape(), wide);
    AffineMap same = b.getMultiDimIdentityMap(rank);

    Value zero = createScalar(b, type.getElementType(), 0.0);
    int64_t size = op.getSize();
    int64_t before = (size - 1) / 2, after = size - 1 - before;
    // The rest of a window that is wider than the input is zero.
    before = std::min(before, type.getDimSize(1));
    after = std::min(after, type.getDimSize(1));
    SmallVector<int64_t> padBegin(rank - 1, 0), padEnd(rank - 1, 0);
    padBegin[0] = before;
    padEnd[0] = after;
    Value padded = padTrailing(b, op.getInput(), padBegin, padEnd, zero);
    // Loops: those over the result, then the window.
    SmallVector<AffineExpr> in, out;
    for (int64_t i = 0; i < rank; ++i)
      out.push_back(b.getAffineDimExpr(i));
    in = out;
    in[1] = in[1] + b.getAffineDimExpr(rank);
    SmallVector<IteratorType> iterators(rank, IteratorType::parallel);
    iterators.push_back(IteratorType::reduction);
    Value window =
        tensor::EmptyOp::create(b, {before + after + 1}, type.getElementType());
    Value sum =
        linalg::GenericOp::create(
            b, wideType, ValueRange{padded, window},
            createFilled(b, wideType, 0.0),
            ArrayRef{AffineMap::get(rank + 1, 0, in, b.getContext()),
                     AffineMap::get(rank + 1, 0, b.getAffineDimExpr(rank)),
                     AffineMap::get(rank + 1, 0, out, b.getContext())},
            iterators,
            [&](OpBuilder &inner, Location loc, ValueRange args) {
              ImplicitLocOpBuilder b(loc, inner);
              Value element = convertFloat(b, args[0], wide);
              linalg::YieldOp::create(
                  b, add(b, args[2], mul(b, element, element)));
            })
            .getResult(0);
    double factor = op.getAlpha().convertToDouble() / size;
    double beta = op.getBeta().convertToDouble();
    double bias = op.getBias().convertToDouble();
    rewriter.replaceOp(
        op, createWide(b, type, {op.getInput(), sum}, {same, same},
                       [&](ImplicitLocOpBuilder &b, ValueRange args) {
                         auto constant = [&](double value) {
                           return createScalar(b, wide, value);
                         };
                         Value base = add(b, constant(bias),
                                          mul(b, constant(factor), args[1]));
                         Value power =
                             math::PowFOp::create(b, base, constant(beta));
                         return div(b, args[0], power);
                       }));
    return success();
  }
};
} // namespace

void nn::populateLowerNormPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerSoftmax, LowerBatchNorm, LowerInstanceNorm, LowerLayerNorm,
               LowerLrn>(patterns.getContext());
}
