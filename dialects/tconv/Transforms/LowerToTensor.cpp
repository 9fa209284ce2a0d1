//===- LowerToTensor.cpp - The reference lowering of tconv -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/tconv/IR/TConvDialect.h"
#include "dialects/tconv/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::tconv {
#define GEN_PASS_DEF_TCONVLOWERTOTENSOR
#include "dialects/tconv/Transforms/Passes.h.inc"
} // namespace lacuna::tconv

using namespace mlir;
using namespace lacuna;
using namespace lacuna::tconv;

/// Lines that would move in more pieces move in a loop, or at once and by way
/// of another tensor.
static constexpr int64_t kMostMoves = 4;

namespace {
/// A place in a tensor: all of it but for some indices of dimension `axis`.
struct Part {
  SmallVector<OpFoldResult> offsets, sizes, strides;

  Part(OpBuilder &b, RankedTensorType type, int64_t axis, OpFoldResult offset,
       int64_t size)
      : offsets(type.getRank(), b.getIndexAttr(0)),
        strides(type.getRank(), b.getIndexAttr(1)) {
    for (int64_t each : type.getShape())
      sizes.push_back(b.getIndexAttr(each));
    offsets[axis] = offset;
    sizes[axis] = b.getIndexAttr(size);
  }

  Value take(ImplicitLocOpBuilder &b, Value from) const {
    return tensor::ExtractSliceOp::create(b, from, offsets, sizes, strides);
  }
  Value put(ImplicitLocOpBuilder &b, Value what, Value into) const {
    return tensor::InsertSliceOp::create(b, what, into, offsets, sizes,
                                         strides);
  }
};
} // namespace

/// Element `column` of row `row` of `bounds`, as an index.
static Value readBound(ImplicitLocOpBuilder &b, Value bounds, int64_t row,
                       int64_t column) {
  SmallVector<Value> at = {arith::ConstantIndexOp::create(b, row),
                           arith::ConstantIndexOp::create(b, column)};
  Value bound = tensor::ExtractOp::create(b, bounds, at);
  return arith::IndexCastOp::create(b, b.getIndexType(), bound);
}

/// `line` without its first `count` frames, moved by so many at once: what is
/// read and what is written never overlap.
static Value shift(ImplicitLocOpBuilder &b, Value line, int64_t axis,
                   int64_t count, bool useLoops) {
  auto type = cast<RankedTensorType>(line.getType());
  int64_t kept = type.getDimSize(axis) - count, at = 0;
  if (int64_t whole = kept - kept % count; whole > kMostMoves * count) {
    if (!useLoops) {
      Value all =
          Part(b, type, axis, b.getIndexAttr(count), kept).take(b, line);
      auto partType = cast<RankedTensorType>(all.getType());
      Value empty = tensor::EmptyOp::create(b, partType.getShape(),
                                            type.getElementType());
      Value copy = linalg::CopyOp::create(b, all, empty).getResult(0);
      return Part(b, type, axis, b.getIndexAttr(0), kept).put(b, copy, line);
    }
    auto index = [&](int64_t value) {
      return arith::ConstantIndexOp::create(b, value).getResult();
    };
    Value step = index(count);
    auto loop = scf::ForOp::create(
        b, index(0), index(whole), step, ValueRange(line),
        [&](OpBuilder &inner, Location loc, Value to, ValueRange lines) {
          ImplicitLocOpBuilder b(loc, inner);
          Value from = arith::AddIOp::create(b, to, step);
          Value part = Part(b, type, axis, from, count).take(b, lines.front());
          scf::YieldOp::create(
              b, Part(b, type, axis, to, count).put(b, part, lines.front()));
        });
    line = loop.getResult(0);
    at = whole;
  }
  for (; at < kept; at += count) {
    int64_t size = std::min(count, kept - at);
    Value part =
        Part(b, type, axis, b.getIndexAttr(at + count), size).take(b, line);
    line = Part(b, type, axis, b.getIndexAttr(at), size).put(b, part, line);
  }
  return line;
}

/// Replaces the frames from `first` up to `end` of the last `count` of `line`.
static Value fillFrames(ImplicitLocOpBuilder &b, PushOp op, Value line,
                        int64_t count, Value first, Value end) {
  auto type = cast<RankedTensorType>(line.getType());
  int64_t axis = op.getAxis();
  Value fill = arith::ConstantOp::create(b, *op.getFill());
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value front =
      arith::ConstantIndexOp::create(b, type.getDimSize(axis) - count);
  auto loop = scf::ForOp::create(
      b, first, end, one, ValueRange(line),
      [&](OpBuilder &inner, Location loc, Value frame, ValueRange lines) {
        ImplicitLocOpBuilder b(loc, inner);
        Value at = arith::AddIOp::create(b, front, frame);
        Part part(b, type, axis, at, 1);
        Value old = part.take(b, lines.front());
        Value filled = linalg::FillOp::create(b, fill, old).getResult(0);
        scf::YieldOp::create(b, part.put(b, filled, lines.front()));
      });
  return loop.getResult(0);
}

/// `op.getFrames()` with those outside of the bounds replaced: a loop without
/// bounds of its own, as vector units want it.
static Value select(ImplicitLocOpBuilder &b, PushOp op) {
  RankedTensorType type = op.getFrames().getType();
  MLIRContext *context = b.getContext();
  auto getBound = [&](int64_t column) {
    AffineExpr at[] = {getAffineConstantExpr(*op.getRow(), context),
                       getAffineConstantExpr(column, context)};
    return AffineMap::get(type.getRank(), 0, at, context);
  };
  Value operands[] = {op.getFrames(), op.getBounds(), op.getBounds()};
  AffineMap maps[] = {b.getMultiDimIdentityMap(type.getRank()), getBound(0),
                      getBound(1)};
  return nn::createParallel(
      b, type, operands, maps,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value frame = linalg::IndexOp::create(b, op.getAxis());
        Value number = arith::IndexCastOp::create(b, b.getI64Type(), frame);
        Value begun = arith::CmpIOp::create(b, arith::CmpIPredicate::sge,
                                            number, args[1]);
        Value lasts = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                            number, args[2]);
        Value counts = arith::AndIOp::create(b, begun, lasts);
        Value fill = arith::ConstantOp::create(b, *op.getFill());
        return arith::SelectOp::create(b, counts, args[0], fill);
      });
}

namespace {
struct LowerPush : OpRewritePattern<PushOp> {
  LowerPush(MLIRContext *context, bool selectFrames)
      : OpRewritePattern(context), selectFrames(selectFrames) {}

  LogicalResult matchAndRewrite(PushOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto type = op.getLine().getType();
    int64_t axis = op.getAxis();
    int64_t count = op.getFrames().getType().getDimSize(axis);
    {
      OpBuilder::InsertionGuard guard(b);
      // The frames are made after this, in the place that it leaves.
      b.setInsertionPointAfterValue(op.getLine());
      Value moved =
          shift(b, op.getLine(), axis, count, /*useLoops=*/!selectFrames);
      rewriter.modifyOpInPlace(op, [&] { op.getLineMutable().assign(moved); });
    }
    int64_t front = type.getDimSize(axis) - count;
    bool selects = selectFrames && op.getBounds();
    Value frames = selects ? select(b, op) : Value(op.getFrames());
    Value line = Part(b, type, axis, b.getIndexAttr(front), count)
                     .put(b, frames, op.getLine());
    if (op.getBounds() && !selects) {
      Value zero = arith::ConstantIndexOp::create(b, 0);
      Value all = arith::ConstantIndexOp::create(b, count);
      Value first = readBound(b, op.getBounds(), *op.getRow(), 0);
      Value end = readBound(b, op.getBounds(), *op.getRow(), 1);
      line = fillFrames(b, op, line, count, zero, first);
      line = fillFrames(b, op, line, count, end, all);
    }
    rewriter.replaceOp(op, line);
    return success();
  }

private:
  bool selectFrames;
};

struct LowerKeep : OpRewritePattern<KeepOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(KeepOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value zero = arith::ConstantIndexOp::create(b, 0);
    Value before = readBound(b, op.getBounds(), op.getRow(), 0);
    Value counts =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, before, zero);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, counts, op.getChanged(),
                                                 op.getState());
    return success();
  }
};

struct TConvLowerToTensor
    : lacuna::tconv::impl::TConvLowerToTensorBase<TConvLowerToTensor> {
  using TConvLowerToTensorBase::TConvLowerToTensorBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerPush>(&getContext(), selectFrames);
    patterns.add<LowerKeep>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
