//===- LowerToNN.cpp - The reference lowering of qnn -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/qnn/IR/QNNDialect.h"
#include "dialects/qnn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>

namespace lacuna::qnn {
#define GEN_PASS_DEF_QNNLOWERTONN
#include "dialects/qnn/Transforms/Passes.h.inc"
} // namespace lacuna::qnn

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

//===----------------------------------------------------------------------===//
// What the lowerings share
//===----------------------------------------------------------------------===//

using ScalarBuilder =
    function_ref<Value(ImplicitLocOpBuilder &b, ValueRange args)>;

/// Computes a tensor of `type` element by element from `input`, which has its
/// shape, and `parameters`, which have it too, or are one value each, or one an
/// index of `axis`.
static Value createGeneric(ImplicitLocOpBuilder &b, RankedTensorType type,
                           Value input, ValueRange parameters, int64_t axis,
                           ScalarBuilder body) {
  int64_t rank = type.getRank();
  AffineMap all = b.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps = {all};
  SmallVector<Value> operands = {input};
  for (Value parameter : parameters) {
    auto given = cast<RankedTensorType>(parameter.getType());
    operands.push_back(parameter);
    maps.push_back(given.getShape() == type.getShape() ? all
                   : given.getRank() == 1
                       ? AffineMap::get(rank, 0, b.getAffineDimExpr(axis))
                       : AffineMap::get(rank, 0, b.getContext()));
  }
  maps.push_back(all);
  Value empty =
      tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  return linalg::GenericOp::create(
             b, type, operands, empty, maps,
             SmallVector<utils::IteratorType>(rank,
                                              utils::IteratorType::parallel),
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, inner);
               linalg::YieldOp::create(b, body(b, args.drop_back()));
             })
      .getResult(0);
}

/// A scalar integer as one of `type`.
static Value widen(ImplicitLocOpBuilder &b, Value value, bool isUnsigned,
                   Type type) {
  if (value.getType() == type)
    return value;
  if (isUnsigned)
    return arith::ExtUIOp::create(b, type, value);
  return arith::ExtSIOp::create(b, type, value);
}

/// The same in 32 bits.
static Value widen(ImplicitLocOpBuilder &b, Value value, bool isUnsigned) {
  return widen(b, value, isUnsigned, b.getI32Type());
}

/// `input` as integers of type `to`, less its zero point if there is one.
static Value widenTensor(ImplicitLocOpBuilder &b, Value input, Value zeroPoint,
                         int64_t axis, bool isUnsigned, Type to) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<Value> parameters;
  if (zeroPoint)
    parameters.push_back(zeroPoint);
  return createGeneric(b, RankedTensorType::get(type.getShape(), to), input,
                       parameters, axis,
                       [&](ImplicitLocOpBuilder &b, ValueRange args) {
                         Value value = widen(b, args[0], isUnsigned, to);
                         if (args.size() == 1)
                           return value;
                         return arith::SubIOp::create(
                                    b, value, widen(b, args[1], isUnsigned, to))
                             .getResult();
                       });
}

static Value createFloat(ImplicitLocOpBuilder &b, double value) {
  return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
}

/// `saturate(round(value) + zeroPoint)` as an integer of type `to`. The sum is
/// clamped as a float, so that no conversion can overflow; a NaN becomes the
/// least value.
static Value roundAndSaturate(ImplicitLocOpBuilder &b, Value value,
                              Value zeroPoint, IntegerType to,
                              bool isUnsigned) {
  Value rounded = math::RoundEvenOp::create(b, value);
  if (zeroPoint) {
    Value offset = arith::SIToFPOp::create(b, b.getF32Type(),
                                           widen(b, zeroPoint, isUnsigned));
    rounded = arith::AddFOp::create(b, rounded, offset);
  }
  unsigned bits = to.getWidth() - (isUnsigned ? 0 : 1);
  double least = isUnsigned ? 0 : -std::ldexp(1.0, bits);
  double most = std::ldexp(1.0, bits) - 1;
  // maxnum takes the number if the other side is NaN.
  Value low = arith::MaxNumFOp::create(b, rounded, createFloat(b, least));
  Value clamped = arith::MinNumFOp::create(b, low, createFloat(b, most));
  Value wide = arith::FPToSIOp::create(b, b.getI32Type(), clamped);
  if (to == b.getI32Type())
    return wide;
  return arith::TruncIOp::create(b, to, wide);
}

/// A scalar float or integer in float32.
static Value toFloat(ImplicitLocOpBuilder &b, Value value) {
  Type type = b.getF32Type();
  if (isa<IntegerType>(value.getType()))
    return arith::SIToFPOp::create(b, type, value);
  unsigned bits = value.getType().getIntOrFloatBitWidth();
  if (bits < 32)
    return arith::ExtFOp::create(b, type, value);
  if (bits > 32)
    return arith::TruncFOp::create(b, type, value);
  return value;
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {
/// Quantize divides by its scale, Requantize multiplies.
template <typename ScaleOp>
struct LowerToSteps : OpRewritePattern<ScaleOp> {
  using OpRewritePattern<ScaleOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ScaleOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    SmallVector<Value> parameters = {op.getScale()};
    if (op.getZeroPoint())
      parameters.push_back(op.getZeroPoint());
    rewriter.replaceOp(
        op, createGeneric(b, type, op.getInput(), parameters, op.getAxis(),
                          [&](ImplicitLocOpBuilder &b, ValueRange args) {
                            Value value = toFloat(b, args[0]);
                            if constexpr (std::is_same_v<ScaleOp, QuantizeOp>)
                              value = arith::DivFOp::create(b, value, args[1]);
                            else
                              value = arith::MulFOp::create(b, value, args[1]);
                            return roundAndSaturate(
                                b, value, args.size() > 2 ? args[2] : Value(),
                                cast<IntegerType>(type.getElementType()),
                                op.getIsUnsigned());
                          }));
    return success();
  }
};

struct LowerDequantize : OpRewritePattern<DequantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DequantizeOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    SmallVector<Value> parameters = {op.getScale()};
    if (op.getZeroPoint())
      parameters.push_back(op.getZeroPoint());
    rewriter.replaceOp(
        op, createGeneric(
                b, type, op.getInput(), parameters, op.getAxis(),
                [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                  Value value = widen(b, args[0], op.getIsUnsigned());
                  if (args.size() > 2)
                    value = arith::SubIOp::create(
                        b, value, widen(b, args[2], op.getIsUnsigned()));
                  Value product =
                      arith::MulFOp::create(b, toFloat(b, value), args[1]);
                  unsigned bits = type.getElementTypeBitWidth();
                  if (bits < 32)
                    return arith::TruncFOp::create(b, type.getElementType(),
                                                   product);
                  if (bits > 32)
                    return arith::ExtFOp::create(b, type.getElementType(),
                                                 product);
                  return product;
                }));
    return success();
  }
};

struct LowerAdd : OpRewritePattern<qnn::AddOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(qnn::AddOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto to = cast<IntegerType>(op.getOutput().getType().getElementType());
    auto body = [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
      auto dequantize = [&](Value value, Value scale, Value zeroPoint,
                            bool isUnsigned) {
        Value wide = widen(b, value, isUnsigned);
        Value steps =
            arith::SubIOp::create(b, wide, widen(b, zeroPoint, isUnsigned));
        return arith::MulFOp::create(b, toFloat(b, steps), scale);
      };
      Value lhs = dequantize(args[0], args[2], args[5], op.getLhsUnsigned());
      Value rhs = dequantize(args[1], args[3], args[6], op.getRhsUnsigned());
      Value sum = arith::AddFOp::create(b, lhs, rhs);
      return roundAndSaturate(b, arith::DivFOp::create(b, sum, args[4]),
                              args[7], to, op.getIsUnsigned());
    };
    rewriter.replaceOp(op,
                       createGeneric(b, op.getOutput().getType(), op.getLhs(),
                                     op.getOperands().drop_front(),
                                     /*axis=*/0, body));
    return success();
  }
};

struct LowerLookup : OpRewritePattern<LookupOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LookupOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = op.getOutput().getType();
    rewriter.replaceOp(
        op, nn::createParallel(
                b, type, {op.getInput()},
                {b.getMultiDimIdentityMap(type.getRank())},
                [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                  Value index = arith::IndexCastUIOp::create(
                      b, b.getIndexType(), args[0]);
                  return tensor::ExtractOp::create(b, op.getTable(), index);
                }));
    return success();
  }
};

struct LowerConv : OpRewritePattern<qnn::ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(qnn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type sum = op.getOutput().getType().getElementType();
    Value input = widenTensor(b, op.getInput(), op.getInputZeroPoint(), 0,
                              op.getInputUnsigned(), sum);
    Value filter = widenTensor(b, op.getFilter(), op.getFilterZeroPoint(), 0,
                               op.getFilterUnsigned(), sum);
    rewriter.replaceOpWithNewOp<nn::ConvOp>(
        op, op.getOutput().getType(), input, filter, op.getBias(),
        op.getStrides(), op.getDilations(), op.getPadsBegin(), op.getPadsEnd(),
        op.getGroup());
    return success();
  }
};

struct LowerMatMul : OpRewritePattern<qnn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(qnn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    int64_t row = cast<RankedTensorType>(op.getLhs().getType()).getRank() - 2;
    int64_t column =
        cast<RankedTensorType>(op.getRhs().getType()).getRank() - 1;
    Type sum = op.getOutput().getType().getElementType();
    Value lhs = widenTensor(b, op.getLhs(), op.getLhsZeroPoint(), row,
                            op.getLhsUnsigned(), sum);
    Value rhs = widenTensor(b, op.getRhs(), op.getRhsZeroPoint(), column,
                            op.getRhsUnsigned(), sum);
    rewriter.replaceOpWithNewOp<nn::MatMulOp>(op, op.getOutput().getType(), lhs,
                                              rhs, /*transpose_lhs=*/false,
                                              /*transpose_rhs=*/false);
    return success();
  }
};

struct QNNLowerToNN : qnn::impl::QNNLowerToNNBase<QNNLowerToNN> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns
        .add<LowerToSteps<QuantizeOp>, LowerToSteps<RequantizeOp>,
             LowerDequantize, LowerAdd, LowerConv, LowerLookup, LowerMatMul>(
            &getContext());
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
