//===- LowerIndex.cpp - Reference lowering of sorting, scanning, scattering
//-===//
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
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;
using utils::IteratorType;

//===----------------------------------------------------------------------===//
// TopK
//===----------------------------------------------------------------------===//

/// Whether `a` comes before `b`, by value alone.
static Value comesBefore(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                         bool smallest, bool isUnsigned) {
  if (isa<FloatType>(lhs.getType())) {
    // NaN is the largest: an unordered comparison holds for it, unless the
    // other side is NaN as well.
    auto predicate =
        smallest ? arith::CmpFPredicate::ULT : arith::CmpFPredicate::UGT;
    Value number = smallest ? lhs : rhs;
    return arith::AndIOp::create(
        b, arith::CmpFOp::create(b, predicate, lhs, rhs),
        arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, number, number));
  }
  auto predicate =
      isUnsigned
          ? (smallest ? arith::CmpIPredicate::ult : arith::CmpIPredicate::ugt)
          : (smallest ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sgt);
  return arith::CmpIOp::create(b, predicate, lhs, rhs);
}

namespace {
/// Each element's rank is the number of elements that come before it; the
/// result at place r is the element of rank r.
struct LowerTopK : OpRewritePattern<TopKOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TopKOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto type = cast<RankedTensorType>(op.getInput().getType());
    auto valuesType = cast<RankedTensorType>(op.getValues().getType());
    unsigned rank = type.getRank(), axis = op.getAxis();
    bool smallest = op.getSmallest(), isUnsigned = op.getIsUnsigned();

    // Loops: every dimension, then the other element along the axis.
    AffineMap self = AffineMap::getMultiDimIdentityMap(rank + 1, getContext())
                         .dropResult(rank);
    AffineMap other = self;
    SmallVector<AffineExpr> exprs(self.getResults());
    exprs[axis] = b.getAffineDimExpr(rank);
    other = AffineMap::get(rank + 1, 0, exprs, getContext());
    SmallVector<IteratorType> iterators(rank, IteratorType::parallel);
    iterators.push_back(IteratorType::reduction);
    auto rankType = RankedTensorType::get(type.getShape(), b.getI64Type());
    Value ranks =
        linalg::GenericOp::create(
            b, rankType, ValueRange{op.getInput(), op.getInput()},
            createFilled(b, rankType, 0.0), ArrayRef{self, other, self},
            iterators,
            [&](OpBuilder &inner, Location loc, ValueRange args) {
              ImplicitLocOpBuilder b(loc, inner);
              Value before =
                  comesBefore(b, args[1], args[0], smallest, isUnsigned);
              Value after =
                  comesBefore(b, args[0], args[1], smallest, isUnsigned);
              Value earlier =
                  arith::CmpIOp::create(b, arith::CmpIPredicate::ult,
                                        linalg::IndexOp::create(b, rank),
                                        linalg::IndexOp::create(b, axis));
              Value tie = arith::AndIOp::create(
                  b, earlier,
                  arith::XOrIOp::create(b, after,
                                        arith::ConstantIntOp::create(b, 1, 1)));
              Value counts = arith::OrIOp::create(b, before, tie);
              Value one = arith::ExtUIOp::create(b, b.getI64Type(), counts);
              linalg::YieldOp::create(
                  b, arith::AddIOp::create(b, args[2], one).getResult());
            })
            .getResult(0);
    auto indicesType = cast<RankedTensorType>(op.getIndices().getType());
    auto found = linalg::GenericOp::create(
        b, TypeRange{valuesType, indicesType}, ValueRange{op.getInput(), ranks},
        ValueRange{createFilled(b, valuesType, 0.0),
                   createFilled(b, indicesType, 0.0)},
        ArrayRef{other, other, self, self}, iterators,
        [&](OpBuilder &inner, Location loc, ValueRange args) {
          ImplicitLocOpBuilder b(loc, inner);
          Value place = arith::IndexCastOp::create(
              b, b.getI64Type(), linalg::IndexOp::create(b, axis));
          Value from = arith::IndexCastOp::create(
              b, b.getI64Type(), linalg::IndexOp::create(b, rank));
          Value here = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                             args[1], place);
          linalg::YieldOp::create(
              b, ValueRange{arith::SelectOp::create(b, here, args[0], args[2]),
                            arith::SelectOp::create(b, here, from, args[3])});
        });
    rewriter.replaceOp(op, found.getResults());
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Scatter
//===----------------------------------------------------------------------===//

static Value combine(ImplicitLocOpBuilder &b, Reduction reduction, Value old,
                     Value update, bool isUnsigned) {
  bool isFloat = isa<FloatType>(old.getType());
  switch (reduction) {
  case Reduction::None:
    return update;
  case Reduction::Add:
    return createAdd(b, b.getLoc(), old, update);
  case Reduction::Mul:
    return createMul(b, b.getLoc(), old, update);
  case Reduction::Max:
    if (isFloat)
      return arith::MaximumFOp::create(b, old, update);
    return isUnsigned ? arith::MaxUIOp::create(b, old, update).getResult()
                      : arith::MaxSIOp::create(b, old, update).getResult();
  case Reduction::Min:
    if (isFloat)
      return arith::MinimumFOp::create(b, old, update);
    return isUnsigned ? arith::MinUIOp::create(b, old, update).getResult()
                      : arith::MinSIOp::create(b, old, update).getResult();
  }
  return update;
}

/// The index at `at` in `indices`, counted from the end of `size` if negative;
/// `inside` becomes whether it is in range.
static Value readIndex(ImplicitLocOpBuilder &b, Value indices,
                       ArrayRef<Value> at, int64_t size, Value &inside) {
  Value raw = arith::IndexCastOp::create(
      b, b.getIndexType(), tensor::ExtractOp::create(b, indices, at));
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value limit = arith::ConstantIndexOp::create(b, size);
  Value negative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, raw, zero);
  Value index = arith::SelectOp::create(
      b, negative, arith::AddIOp::create(b, raw, limit), raw);
  Value valid =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, index, limit);
  inside = inside ? arith::AndIOp::create(b, inside, valid).getResult() : valid;
  return index;
}

/// Loops over `shape`, threading a tensor that starts as `init` through `body`.
static Value createLoops(
    ImplicitLocOpBuilder &b, ArrayRef<int64_t> shape, Value init,
    function_ref<Value(ImplicitLocOpBuilder &, ArrayRef<Value>, Value)> body) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  SmallVector<Value> low, high, step;
  for (int64_t size : shape) {
    low.push_back(zero);
    high.push_back(arith::ConstantIndexOp::create(b, size));
    step.push_back(one);
  }
  scf::LoopNest nest = scf::buildLoopNest(
      b, b.getLoc(), low, high, step, init,
      [&](OpBuilder &inner, Location loc, ValueRange loops,
          ValueRange carried) -> scf::ValueVector {
        ImplicitLocOpBuilder b(loc, inner);
        return {body(b, SmallVector<Value>(loops), carried[0])};
      });
  return nest.results.empty() ? init : nest.results[0];
}

/// Combines `update` into `target` at `at` if `inside`. A place outside becomes
/// the first one, which then keeps its value: no branch is needed.
static Value updateElement(ImplicitLocOpBuilder &b, Value target,
                           MutableArrayRef<Value> at, Value inside,
                           Value update, Reduction reduction, bool isUnsigned) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  for (Value &index : at)
    if (inside)
      index = arith::SelectOp::create(b, inside, index, zero);
  Value old = tensor::ExtractOp::create(b, target, at);
  Value next = combine(b, reduction, old, update, isUnsigned);
  if (inside)
    next = arith::SelectOp::create(b, inside, next, old);
  return tensor::InsertOp::create(b, next, target, at);
}

namespace {
struct LowerScatterElements : OpRewritePattern<ScatterElementsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScatterElementsOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto type = cast<RankedTensorType>(op.getInput().getType());
    auto updates = cast<RankedTensorType>(op.getUpdates().getType());
    if (type.getNumElements() == 0 || updates.getNumElements() == 0) {
      rewriter.replaceOp(op, op.getInput());
      return success();
    }
    rewriter.replaceOp(
        op,
        createLoops(
            b, updates.getShape(), op.getInput(),
            [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops, Value target) {
              Value inside;
              SmallVector<Value> at(loops);
              at[op.getAxis()] =
                  readIndex(b, op.getIndices(), loops,
                            type.getDimSize(op.getAxis()), inside);
              Value update =
                  tensor::ExtractOp::create(b, op.getUpdates(), loops);
              return updateElement(b, target, at, inside, update,
                                   op.getReduction(), op.getIsUnsigned());
            }));
    return success();
  }
};

struct LowerScatterND : OpRewritePattern<ScatterNDOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScatterNDOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto type = cast<RankedTensorType>(op.getInput().getType());
    auto updates = cast<RankedTensorType>(op.getUpdates().getType());
    auto indices = cast<RankedTensorType>(op.getIndices().getType());
    if (type.getNumElements() == 0 || updates.getNumElements() == 0) {
      rewriter.replaceOp(op, op.getInput());
      return success();
    }
    size_t outer = indices.getRank() - 1;
    int64_t named = indices.getShape().back();
    rewriter.replaceOp(
        op,
        createLoops(
            b, updates.getShape(), op.getInput(),
            [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops, Value target) {
              Value inside;
              SmallVector<Value> at, row(loops.take_front(outer));
              row.push_back(Value());
              for (int64_t dim = 0; dim < named; ++dim) {
                row.back() = arith::ConstantIndexOp::create(b, dim);
                at.push_back(readIndex(b, op.getIndices(), row,
                                       type.getDimSize(dim), inside));
              }
              llvm::append_range(at, loops.drop_front(outer));
              Value update =
                  tensor::ExtractOp::create(b, op.getUpdates(), loops);
              return updateElement(b, target, at, inside, update,
                                   op.getReduction(), op.getIsUnsigned());
            }));
    return success();
  }
};
} // namespace

void nn::populateLowerIndexPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerTopK, LowerScatterElements, LowerScatterND>(
      patterns.getContext());
}
