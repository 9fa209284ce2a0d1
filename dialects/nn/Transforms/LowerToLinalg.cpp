//===- LowerToLinalg.cpp - The reference lowering of nn -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/nn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::nn {
#define GEN_PASS_DEF_NNLOWERTOLINALG
#include "dialects/nn/Transforms/Passes.h.inc"
} // namespace lacuna::nn

using namespace mlir;
using namespace lacuna;

Value nn::createScalar(ImplicitLocOpBuilder &b, Type type, double value) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return arith::ConstantOp::create(
        b, b.getIntegerAttr(integer, static_cast<int64_t>(value)));
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

Value nn::createFilled(ImplicitLocOpBuilder &b, RankedTensorType type,
                       Value value) {
  Value empty =
      tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  return linalg::FillOp::create(b, value, empty).getResult(0);
}

Value nn::createFilled(ImplicitLocOpBuilder &b, RankedTensorType type,
                       double value) {
  return createFilled(b, type, createScalar(b, type.getElementType(), value));
}

Value nn::padTrailing(ImplicitLocOpBuilder &b, Value tensor,
                      ArrayRef<int64_t> begin, ArrayRef<int64_t> end,
                      Value value) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t leading = type.getRank() - begin.size();
  SmallVector<OpFoldResult> low(type.getRank(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> high = low, offsets = low;
  SmallVector<OpFoldResult> sizes, strides(type.getRank(), b.getIndexAttr(1));
  SmallVector<int64_t> cropped(type.getShape()), padded(type.getShape());
  bool crops = false, pads = false;
  for (size_t i = 0; i < begin.size(); ++i) {
    int64_t dim = leading + i;
    int64_t cropBegin = std::max<int64_t>(0, -begin[i]);
    int64_t cropEnd = std::max<int64_t>(0, -end[i]);
    offsets[dim] = b.getIndexAttr(cropBegin);
    cropped[dim] -= cropBegin + cropEnd;
    low[dim] = b.getIndexAttr(std::max<int64_t>(0, begin[i]));
    high[dim] = b.getIndexAttr(std::max<int64_t>(0, end[i]));
    padded[dim] += begin[i] + end[i];
    crops |= cropBegin || cropEnd;
    pads |= begin[i] > 0 || end[i] > 0;
  }
  if (crops) {
    for (int64_t size : cropped)
      sizes.push_back(b.getIndexAttr(size));
    tensor = tensor::ExtractSliceOp::create(
        b, RankedTensorType::get(cropped, type.getElementType()), tensor,
        offsets, sizes, strides);
  }
  if (!pads)
    return tensor;
  return tensor::PadOp::create(
      b, RankedTensorType::get(padded, type.getElementType()), tensor, low,
      high, value);
}

Value nn::reshapeTo(ImplicitLocOpBuilder &b, Value tensor,
                    ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getShape() == shape)
    return tensor;
  auto result = RankedTensorType::get(shape, type.getElementType());
  auto dims = RankedTensorType::get({int64_t(shape.size())}, b.getIndexType());
  Value target =
      arith::ConstantOp::create(b, DenseIntElementsAttr::get(dims, shape));
  return tensor::ReshapeOp::create(b, result, tensor, target);
}

Value nn::createAdd(OpBuilder &b, Location loc, Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType()))
    return arith::AddFOp::create(b, loc, lhs, rhs);
  return arith::AddIOp::create(b, loc, lhs, rhs);
}

Value nn::createMul(OpBuilder &b, Location loc, Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType()))
    return arith::MulFOp::create(b, loc, lhs, rhs);
  return arith::MulIOp::create(b, loc, lhs, rhs);
}

FloatType nn::getWideType(Type type) {
  return type.isF64() ? cast<FloatType>(type)
                      : Float32Type::get(type.getContext());
}

Value nn::convertFloat(ImplicitLocOpBuilder &b, Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (value.getType().getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(b, type, value);
  return arith::TruncFOp::create(b, type, value);
}

Value nn::createParallel(
    ImplicitLocOpBuilder &b, RankedTensorType type, ArrayRef<Value> operands,
    ArrayRef<AffineMap> maps,
    function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body) {
  SmallVector<AffineMap> all(maps);
  all.push_back(b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  Value empty =
      tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  return linalg::GenericOp::create(
             b, type, operands, empty, all, iterators,
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder scalar(loc, inner);
               linalg::YieldOp::create(scalar, body(scalar, args.drop_back()));
             })
      .getResult(0);
}

void nn::multiplyAccumulateBody(OpBuilder &b, Location loc, ValueRange args) {
  Value product = createMul(b, loc, args[0], args[1]);
  linalg::YieldOp::create(b, loc, createAdd(b, loc, args[2], product));
}

namespace {
struct NNLowerToLinalg : nn::impl::NNLowerToLinalgBase<NNLowerToLinalg> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    nn::populateSumInFloatPatterns(patterns, /*benefit=*/2);
    nn::populateLowerConvPatterns(patterns);
    nn::populateLowerIndexPatterns(patterns);
    nn::populateLowerNormPatterns(patterns);
    nn::populateLowerPoolPatterns(patterns);
    nn::populateLowerRecurrentPatterns(patterns);
    nn::populateLowerResizePatterns(patterns);
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();

    WalkResult result = getOperation()->walk([](Operation *op) {
      if (!isa_and_nonnull<nn::NNDialect>(op->getDialect()))
        return WalkResult::advance();
      op->emitOpError("has no reference lowering");
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
