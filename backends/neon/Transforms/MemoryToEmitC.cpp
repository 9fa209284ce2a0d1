//===- MemoryToEmitC.cpp - Memory as pointers and indices -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A memref becomes a pointer to its element [0, 0, ...]: the offset of its
// layout is in the pointer, its strides go into the index.
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/EmitCPatterns.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace lacuna;

/// The strides of `type`, if all are known.
static std::optional<SmallVector<int64_t>> getStaticStrides(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)) ||
      llvm::any_of(strides, ShapedType::isDynamic))
    return std::nullopt;
  return strides;
}

/// sum of index * stride, where an index is a number or a value.
static Value linearize(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> index,
                       ArrayRef<int64_t> strides) {
  Type type = b.getI64Type();
  int64_t constant = 0;
  Value sum;
  for (auto [at, stride] : llvm::zip_equal(index, strides)) {
    if (std::optional<int64_t> number = getConstantIntValue(at)) {
      constant += *number * stride;
      continue;
    }
    Value term = cast<Value>(at);
    if (stride == 0)
      continue;
    if (stride != 1)
      term = emitc::MulOp::create(b, loc, type, term,
                                  neon::createLiteral(b, loc, type, stride));
    sum =
        sum ? emitc::AddOp::create(b, loc, type, sum, term).getResult() : term;
  }
  if (!sum)
    return neon::createLiteral(b, loc, type, constant);
  if (constant)
    sum = emitc::AddOp::create(b, loc, type, sum,
                               neon::createLiteral(b, loc, type, constant));
  return sum;
}

/// Constant indices stay constant.
static SmallVector<OpFoldResult> foldIndices(ValueRange original,
                                             ValueRange converted) {
  SmallVector<OpFoldResult> index;
  for (auto [before, after] : llvm::zip_equal(original, converted)) {
    if (std::optional<int64_t> number = getConstantIntValue(before))
      index.push_back(
          IntegerAttr::get(IndexType::get(before.getContext()), *number));
    else
      index.push_back(after);
  }
  return index;
}

static Value createElement(OpBuilder &b, Location loc, Value pointer,
                           ArrayRef<OpFoldResult> index,
                           ArrayRef<int64_t> strides) {
  return emitc::SubscriptOp::create(
      b, loc, cast<TypedValue<emitc::PointerType>>(pointer),
      linearize(b, loc, index, strides));
}

namespace {
struct LoadToSubscript : OpConversionPattern<memref::LoadOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(memref::LoadOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto strides = getStaticStrides(op.getMemRefType());
    if (!strides)
      return rewriter.notifyMatchFailure(op, "strides are not known");
    Value element = createElement(
        rewriter, op.getLoc(), adaptor.getMemref(),
        foldIndices(op.getIndices(), adaptor.getIndices()), *strides);
    rewriter.replaceOpWithNewOp<emitc::LoadOp>(
        op, cast<emitc::LValueType>(element.getType()).getValueType(), element);
    return success();
  }
};

struct StoreToAssign : OpConversionPattern<memref::StoreOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(memref::StoreOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto strides = getStaticStrides(op.getMemRefType());
    if (!strides)
      return rewriter.notifyMatchFailure(op, "strides are not known");
    Value element = createElement(
        rewriter, op.getLoc(), adaptor.getMemref(),
        foldIndices(op.getIndices(), adaptor.getIndices()), *strides);
    rewriter.replaceOpWithNewOp<emitc::AssignOp>(op, element,
                                                 adaptor.getValue());
    return success();
  }
};

/// The place `offset` bytes into the arena or the weights, as elements.
struct ViewToCall : OpConversionPattern<memref::ViewOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(memref::ViewOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type =
        cast<emitc::PointerType>(getTypeConverter()->convertType(op.getType()));
    rewriter.replaceOpWithNewOp<emitc::CallOpaqueOp>(
        op, type, "at", ValueRange{adaptor.getSource(), adaptor.getByteShift()},
        ArrayAttr(), rewriter.getArrayAttr(TypeAttr::get(type.getPointee())));
    return success();
  }
};

struct SubViewToPointer : OpConversionPattern<memref::SubViewOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(memref::SubViewOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto strides = getStaticStrides(op.getSourceType());
    if (!strides)
      return rewriter.notifyMatchFailure(op, "strides are not known");
    // The offsets of the operation, dynamic ones converted.
    SmallVector<OpFoldResult> offsets;
    auto dynamic = adaptor.getOffsets().begin();
    for (int64_t offset : op.getStaticOffsets())
      offsets.push_back(ShapedType::isDynamic(offset)
                            ? OpFoldResult(*dynamic++)
                            : rewriter.getIndexAttr(offset));
    Value shift = linearize(rewriter, op.getLoc(), offsets, *strides);
    rewriter.replaceOpWithNewOp<emitc::AddOp>(op, adaptor.getSource().getType(),
                                              adaptor.getSource(), shift);
    return success();
  }
};

/// A view that begins where its source does.
template <typename Op>
struct ViewToSource : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult
  matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getOperands().front());
    return success();
  }
};

struct ReinterpretCastToPointer
    : OpConversionPattern<memref::ReinterpretCastOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(memref::ReinterpretCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto source = dyn_cast<MemRefType>(op.getSource().getType());
    if (!source || !source.getLayout().isIdentity())
      return rewriter.notifyMatchFailure(op, "source may have an offset");
    OpFoldResult offset = rewriter.getIndexAttr(op.getStaticOffsets().front());
    if (!adaptor.getOffsets().empty())
      offset = adaptor.getOffsets().front();
    Value shift = linearize(rewriter, op.getLoc(), offset, {1});
    rewriter.replaceOpWithNewOp<emitc::AddOp>(op, adaptor.getSource().getType(),
                                              adaptor.getSource(), shift);
    return success();
  }
};
} // namespace

void neon::populateMemoryToEmitCPatterns(RewritePatternSet &patterns,
                                         const TypeConverter &types) {
  patterns
      .add<LoadToSubscript, StoreToAssign, ViewToCall, SubViewToPointer,
           ReinterpretCastToPointer, ViewToSource<memref::CastOp>,
           ViewToSource<memref::CollapseShapeOp>,
           ViewToSource<memref::ExpandShapeOp>, ViewToSource<memref::ReshapeOp>,
           ViewToSource<memref::TransposeOp>>(types, patterns.getContext());
}
