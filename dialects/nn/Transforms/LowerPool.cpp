//===- LowerPool.cpp - Reference lowering of pooling -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/Window.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;
using utils::IteratorType;

/// The least value of `type`.
static Value createLeast(ImplicitLocOpBuilder &b, Type type, bool isUnsigned) {
  if (auto floating = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(
        b,
        b.getFloatAttr(floating, APFloat::getInf(floating.getFloatSemantics(),
                                                 /*Negative=*/true)));
  unsigned width = type.getIntOrFloatBitWidth();
  return arith::ConstantOp::create(
      b, b.getIntegerAttr(type, isUnsigned ? APInt::getMinValue(width)
                                           : APInt::getSignedMinValue(width)));
}

namespace {
/// The loops over a pooling: n, c, o..., k... .
struct PoolLoops {
  PoolLoops(MLIRContext *context, const Window &window)
      : space(window.rank()), iterators(2 + 2 * space, IteratorType::parallel) {
    auto dim = [&](unsigned i) { return getAffineDimExpr(i, context); };
    SmallVector<AffineExpr> in = {dim(0), dim(1)}, kernel, out = in;
    for (size_t i = 0; i < space; ++i) {
      in.push_back(dim(2 + i) * window.strides[i] +
                   dim(2 + space + i) * window.dilations[i]);
      kernel.push_back(dim(2 + space + i));
      out.push_back(dim(2 + i));
    }
    std::fill(iterators.begin() + 2 + space, iterators.end(),
              IteratorType::reduction);
    unsigned loops = iterators.size();
    input = AffineMap::get(loops, 0, in, context);
    this->kernel = AffineMap::get(loops, 0, kernel, context);
    output = AffineMap::get(loops, 0, out, context);
  }

  size_t space;
  SmallVector<IteratorType> iterators;
  AffineMap input, kernel, output;
};

/// `input` padded so far that every window lies inside.
Value padForWindows(ImplicitLocOpBuilder &b, Value input, const Window &window,
                    ArrayRef<int64_t> output, Value value) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> end;
  for (size_t i = 0; i < window.rank(); ++i) {
    int64_t reach = (output[i + 2] - 1) * window.strides[i] + window.extent(i);
    end.push_back(std::max<int64_t>(0, reach - window.padsBegin[i] -
                                           type.getDimSize(i + 2)));
  }
  return padTrailing(b, input, window.padsBegin, end, value);
}

struct LowerMaxPool : OpRewritePattern<MaxPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaxPoolOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    Window window = getWindow(op);
    PoolLoops loops(b.getContext(), window);
    Value least = createLeast(b, type.getElementType(), op.getIsUnsigned());
    Value input =
        padForWindows(b, op.getInput(), window, type.getShape(), least);
    Value kernel =
        tensor::EmptyOp::create(b, window.kernel, type.getElementType());
    SmallVector<Value> inits = {createFilled(b, type, least)};
    SmallVector<AffineMap> maps = {loops.input, loops.kernel, loops.output};
    SmallVector<Type> types = {type};
    if (op.getIndices()) {
      RankedTensorType indices = op.getIndices().getType();
      inits.push_back(createFilled(b, indices, -1.0));
      maps.push_back(loops.output);
      types.push_back(indices);
    }
    auto body = [&](OpBuilder &inner, Location loc, ValueRange args) {
      ImplicitLocOpBuilder b(loc, inner);
      if (op.getIndices())
        linalg::YieldOp::create(
            b, takeIndexed(b, op, window, args[0], args[2], args[3]));
      else
        linalg::YieldOp::create(b, createMax(b, op, args[2], args[0]));
    };
    auto generic =
        linalg::GenericOp::create(b, types, ValueRange{input, kernel}, inits,
                                  maps, loops.iterators, body);
    rewriter.replaceOp(op, generic.getResults());
    return success();
  }

  static Value createMax(ImplicitLocOpBuilder &b, MaxPoolOp op, Value lhs,
                         Value rhs) {
    if (isa<FloatType>(lhs.getType()))
      return arith::MaximumFOp::create(b, lhs, rhs);
    if (op.getIsUnsigned())
      return arith::MaxUIOp::create(b, lhs, rhs);
    return arith::MaxSIOp::create(b, lhs, rhs);
  }

  /// Whether `value` is greater than `best`; NaN is the greatest.
  static Value createWins(ImplicitLocOpBuilder &b, MaxPoolOp op, Value value,
                          Value best) {
    if (!isa<FloatType>(value.getType()))
      return arith::CmpIOp::create(b,
                                   op.getIsUnsigned()
                                       ? arith::CmpIPredicate::ugt
                                       : arith::CmpIPredicate::sgt,
                                   value, best);
    Value greater =
        arith::CmpFOp::create(b, arith::CmpFPredicate::UGT, value, best);
    Value number =
        arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, best, best);
    return arith::AndIOp::create(b, greater, number);
  }

  /// One step: the better of `value`, here, and `best`, found at `bestIndex`.
  static SmallVector<Value> takeIndexed(ImplicitLocOpBuilder &b, MaxPoolOp op,
                                        const Window &window, Value value,
                                        Value best, Value bestIndex) {
    ArrayRef<int64_t> shape = op.getInput().getType().getShape();
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, value);
    };
    auto scale = [&](Value value, int64_t by) -> Value {
      return arith::MulIOp::create(b, value, constant(by));
    };
    auto add = [&](Value lhs, Value rhs) -> Value {
      return arith::AddIOp::create(b, lhs, rhs);
    };
    size_t space = window.rank();
    Value inside;
    SmallVector<Value> position;
    for (size_t i = 0; i < space; ++i) {
      Value at =
          add(scale(linalg::IndexOp::create(b, 2 + i), window.strides[i]),
              scale(linalg::IndexOp::create(b, 2 + space + i),
                    window.dilations[i]));
      at = arith::SubIOp::create(b, at, constant(window.padsBegin[i]));
      position.push_back(at);
      // Unsigned, a negative position is a great one.
      Value here = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, at,
                                         constant(shape[i + 2]));
      inside = inside ? arith::AndIOp::create(b, inside, here) : here;
    }
    Value index = add(scale(linalg::IndexOp::create(b, 0), shape[1]),
                      linalg::IndexOp::create(b, 1));
    int64_t plane = 1;
    for (int64_t size : shape.drop_front(2))
      plane *= size;
    index = scale(index, plane);
    int64_t step = 1;
    for (size_t i = 0; i < space; ++i) {
      size_t dim = op.getColumnMajor() ? i : space - 1 - i;
      index = add(index, scale(position[dim], step));
      step *= shape[dim + 2];
    }
    Value found = arith::IndexCastOp::create(b, b.getI64Type(), index);
    Value none = createScalar(b, b.getI64Type(), -1);
    Value first =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, bestIndex, none);
    Value wins = arith::OrIOp::create(b, first, createWins(b, op, value, best));
    Value take = arith::AndIOp::create(b, inside, wins);
    return {arith::SelectOp::create(b, take, value, best),
            arith::SelectOp::create(b, take, found, bestIndex)};
  }
};

struct LowerAvgPool : OpRewritePattern<AvgPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  /// How many elements count in each window along dimension `dim`.
  static Value createCounts(ImplicitLocOpBuilder &b, const Window &window,
                            size_t dim, int64_t input, int64_t output,
                            bool includePad, FloatType type) {
    int64_t low = includePad ? -window.padsBegin[dim] : 0;
    int64_t high = includePad ? input + window.padsEnd[dim] : input;
    SmallVector<Attribute> counts;
    for (int64_t o = 0; o < output; ++o) {
      int64_t start = o * window.strides[dim] - window.padsBegin[dim];
      int64_t count = 0;
      for (int64_t k = 0; k < window.kernel[dim]; ++k) {
        int64_t at = start + k * window.dilations[dim];
        count += at >= low && at < high;
      }
      counts.push_back(b.getFloatAttr(type, count));
    }
    return arith::ConstantOp::create(
        b,
        DenseElementsAttr::get(RankedTensorType::get({output}, type), counts));
  }

  LogicalResult matchAndRewrite(AvgPoolOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    Window window = getWindow(op);
    PoolLoops loops(b.getContext(), window);
    FloatType wide = getWideType(type.getElementType());
    auto sumType = RankedTensorType::get(type.getShape(), wide);
    Value zero = createScalar(b, type.getElementType(), 0.0);
    Value input =
        padForWindows(b, op.getInput(), window, type.getShape(), zero);
    Value kernel =
        tensor::EmptyOp::create(b, window.kernel, type.getElementType());
    Value sum =
        linalg::GenericOp::create(
            b, sumType, ValueRange{input, kernel},
            createFilled(b, sumType, 0.0),
            ArrayRef{loops.input, loops.kernel, loops.output}, loops.iterators,
            [&](OpBuilder &inner, Location loc, ValueRange args) {
              ImplicitLocOpBuilder b(loc, inner);
              linalg::YieldOp::create(
                  b,
                  createAdd(b, loc, args[2], convertFloat(b, args[0], wide)));
            })
            .getResult(0);

    SmallVector<Value> operands = {sum};
    int64_t rank = type.getRank();
    SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(rank)};
    for (size_t i = 0; i < window.rank(); ++i) {
      operands.push_back(
          createCounts(b, window, i, op.getInput().getType().getDimSize(i + 2),
                       type.getDimSize(i + 2), op.getCountIncludePad(), wide));
      maps.push_back(AffineMap::get(rank, 0, b.getAffineDimExpr(i + 2)));
    }
    rewriter.replaceOp(
        op,
        createParallel(b, type, operands, maps,
                       [&](ImplicitLocOpBuilder &b, ValueRange args) {
                         Value count = args[1];
                         for (Value more : args.drop_front(2))
                           count = arith::MulFOp::create(b, count, more);
                         Value mean = arith::DivFOp::create(b, args[0], count);
                         return convertFloat(b, mean, type.getElementType());
                       }));
    return success();
  }
};

struct LowerMaxUnpool : OpRewritePattern<MaxUnpoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaxUnpoolOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    int64_t inputs = op.getInput().getType().getNumElements();
    int64_t outputs = type.getNumElements();
    Value input = reshapeTo(b, op.getInput(), {inputs});
    Value indices = reshapeTo(b, op.getIndices(), {inputs});
    Value result = createFilled(
        b, RankedTensorType::get({outputs}, type.getElementType()), 0.0);
    Value zero = arith::ConstantIndexOp::create(b, 0);
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value count = arith::ConstantIndexOp::create(b, inputs);
    Value limit = arith::ConstantIndexOp::create(b, outputs);
    auto loop = scf::ForOp::create(
        b, zero, count, one, result,
        [&](OpBuilder &inner, Location loc, Value i, ValueRange carried) {
          ImplicitLocOpBuilder b(loc, inner);
          Value at = arith::IndexCastOp::create(
              b, b.getIndexType(), tensor::ExtractOp::create(b, indices, i));
          // Unsigned, a negative index is a great one.
          Value inside =
              arith::CmpIOp::create(b, arith::CmpIPredicate::ult, at, limit);
          auto insert = scf::IfOp::create(
              b, inside,
              [&](OpBuilder &inner, Location loc) {
                ImplicitLocOpBuilder b(loc, inner);
                Value element = tensor::ExtractOp::create(b, input, i);
                Value next =
                    tensor::InsertOp::create(b, element, carried[0], at);
                scf::YieldOp::create(b, next);
              },
              [&](OpBuilder &inner, Location loc) {
                scf::YieldOp::create(inner, loc, carried[0]);
              });
          scf::YieldOp::create(b, insert.getResult(0));
        });
    rewriter.replaceOp(op, reshapeTo(b, loop.getResult(0), type.getShape()));
    return success();
  }
};
} // namespace

void nn::populateLowerPoolPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerMaxPool, LowerAvgPool, LowerMaxUnpool>(
      patterns.getContext());
}
