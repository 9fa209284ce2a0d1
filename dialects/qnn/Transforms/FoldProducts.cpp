//===- FoldProducts.cpp - Sums of products of steps are integers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/qnn/Transforms/FoldQuantization.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/TransposedPhases.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

/// The constant of one number a column that `value` adds to a product, which
/// becomes `product`.
static Value readColumnBias(Value value, Value &product) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || !value.hasOneUse() || generic.getNumDpsInputs() != 2 ||
      generic->getNumResults() != 1 ||
      generic.getBody()->getOperations().size() != 2)
    return {};
  auto add = dyn_cast<arith::AddFOp>(generic.getBody()->front());
  if (!add || !isa<BlockArgument>(add.getLhs()) ||
      !isa<BlockArgument>(add.getRhs()) || add.getLhs() == add.getRhs())
    return {};
  for (unsigned i : {0u, 1u}) {
    OpOperand *mine = generic.getDpsInputOperand(i);
    OpOperand *other = generic.getDpsInputOperand(1 - i);
    auto type = cast<RankedTensorType>(other->get().getType());
    AffineMap map = generic.getMatchingIndexingMap(other);
    if (!mine->get().getDefiningOp<nn::MatMulOp>() ||
        !generic.getMatchingIndexingMap(mine).isIdentity() ||
        type.getRank() == 0 ||
        type.getNumElements() != type.getShape().back() ||
        map.getResults().back() !=
            getAffineDimExpr(map.getNumDims() - 1, value.getContext()))
      continue;
    product = mine->get();
    return other->get();
  }
  return {};
}

namespace {
struct FoldConv : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!makesSteps(op))
      return rewriter.notifyMatchFailure(op, "does not quantize floats");
    QuantizedLayer layer;
    auto conv =
        skipClamps(op.getInput(), layer.clamp).getDefiningOp<nn::ConvOp>();
    if (!conv || !conv->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a convolution alone");
    layer.input = conv.getInput().getDefiningOp<DequantizeOp>();
    layer.filter = conv.getFilter().getDefiningOp<DequantizeOp>();
    layer.bias = conv.getBias();
    LayerNumbers numbers;
    if (!isOfSteps(layer.input) || !isOfSteps(layer.filter) ||
        (layer.filter.getAxis() != 0 &&
         cast<RankedTensorType>(layer.filter.getScale().getType()).getRank()) ||
        !readNumbers(layer, op, numbers))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    auto filterType = cast<RankedTensorType>(conv.getFilter().getType());
    int64_t filters = filterType.getDimSize(0);
    Type sumType = getSumType(layer, numbers, filters,
                              filterType.getNumElements() / filters);
    if (!sumType)
      return rewriter.notifyMatchFailure(op, "sums may not fit 32 bits");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}),
                           rewriter);
    Value bias = createBias(b, numbers, sumType);
    Value sums = qnn::ConvOp::create(
        b,
        RankedTensorType::get(conv.getOutput().getType().getShape(), sumType),
        layer.input.getInput(), layer.filter.getInput(), bias,
        layer.input.getZeroPoint(), layer.filter.getZeroPoint(),
        conv.getStrides(), conv.getDilations(), conv.getPadsBegin(),
        conv.getPadsEnd(), conv.getGroup(), layer.input.getIsUnsigned(),
        layer.filter.getIsUnsigned());
    rewriter.replaceOp(op, createRequantize(b, sums, numbers, op, layer.clamp));
    return success();
  }
};

/// A transposed convolution is plain ones, each of which makes some of the
/// outputs.
struct FoldConvTranspose : OpRewritePattern<QuantizeOp> {
  FoldConvTranspose(MLIRContext *context, const nn::AlignmentCosts &costs)
      : OpRewritePattern(context), machineCosts(costs) {}

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!makesSteps(op))
      return rewriter.notifyMatchFailure(op, "does not quantize floats");
    QuantizedLayer layer;
    auto conv = skipClamps(op.getInput(), layer.clamp)
                    .getDefiningOp<nn::ConvTransposeOp>();
    if (!conv || !conv->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a convolution alone");
    layer.input = conv.getInput().getDefiningOp<DequantizeOp>();
    layer.filter = conv.getFilter().getDefiningOp<DequantizeOp>();
    layer.bias = conv.getBias();
    // Filters are the second dimension, of each group anew.
    LayerNumbers numbers;
    if (!isOfSteps(layer.input) || !isOfSteps(layer.filter) ||
        (!isPerTensor(layer.filter) &&
         (layer.filter.getAxis() != 1 || conv.getGroup() != 1)) ||
        !readNumbers(layer, op, numbers) ||
        !layer.filter.getInput().getDefiningOp<arith::ConstantOp>())
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(conv.getFilter().getType()).getShape();
    Type sumType =
        getSumType(layer, numbers, shape[1],
                   llvm::product_of(shape.drop_front(2), int64_t(1)));
    if (!sumType)
      return rewriter.notifyMatchFailure(op, "sums may not fit 32 bits");
    std::vector<nn::TransposedPhase> phases = nn::findPhases(conv);
    if (llvm::any_of(phases, [&](const nn::TransposedPhase &phase) {
          return phase.isEmpty(conv.getInput().getType().getShape());
        }))
      return rewriter.notifyMatchFailure(op, "some outputs meet no input");
    RankedTensorType type = op.getOutput().getType();
    nn::AlignmentCosts costs = machineCosts;
    costs.inputBits =
        getElementType(layer.input.getInput()).getIntOrFloatBitWidth();
    costs.outputBits = type.getElementTypeBitWidth();
    costs.allowsZeroTaps =
        !layer.filter.getZeroPoint() ||
        layer.filter.getZeroPoint().getDefiningOp<arith::ConstantOp>();

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}),
                           rewriter);
    Value result =
        tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
    for (const nn::AlignedPhases &aligned :
         nn::alignPhases(conv, phases, costs)) {
      Value steps = visitStepType(
          getElementType(layer.filter.getInput()), [&](auto type) {
            return createPhases<decltype(type)>(b, op, conv, layer, numbers,
                                                sumType, aligned);
          });
      result = nn::insertPhases(b, aligned, steps, result, conv.getStrides());
    }
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// One convolution for phases that differ in their taps alone, which are
  /// stored as T.
  template <typename T>
  static Value createPhases(ImplicitLocOpBuilder &b, QuantizeOp op,
                            nn::ConvTransposeOp conv, QuantizedLayer layer,
                            const LayerNumbers &numbers, Type sumType,
                            ArrayRef<nn::TransposedPhase> phases) {
    nn::TransposedPhase::Window window =
        phases.front().cut(b, layer.input.getInput());
    RankedTensorType type = op.getOutput().getType();
    ArrayRef<int64_t> filterShape =
        cast<RankedTensorType>(conv.getFilter().getType()).getShape();
    SmallVector<int64_t> tapsShape =
        phases.front().getFilterShape(filterShape, conv.getGroup());
    Type element = getElementType(layer.filter.getInput());
    Value filterZero = layer.filter.getZeroPoint();
    std::vector<T> filter, taps, zeros;
    nn::readConstant(layer.filter.getInput(), filter);
    if (!filterZero || !nn::readConstant(filterZero, zeros))
      zeros = {0};
    LayerNumbers all = numbers;
    all.bias.clear();
    all.scales.clear();
    for (const nn::TransposedPhase &phase : phases) {
      llvm::append_range(taps, phase.selectTaps<T>(filter, filterShape,
                                                   conv.getGroup(), zeros));
      llvm::append_range(all.bias, numbers.bias);
      if (numbers.scales.size() > 1)
        llvm::append_range(all.scales, numbers.scales);
    }
    if (all.scales.empty())
      all.scales = numbers.scales;
    tapsShape[0] *= phases.size();
    Value bias = createBias(b, all, sumType);
    if (phases.size() > 1 && zeros.size() > 1) {
      std::vector<T> repeated;
      for (size_t i = 0; i < phases.size(); ++i)
        llvm::append_range(repeated, zeros);
      filterZero =
          createConstant<T>(b, element, repeated, {int64_t(repeated.size())});
    }
    SmallVector<int64_t> shape = {type.getDimSize(0), tapsShape[0]};
    llvm::append_range(shape, phases.front().count);
    SmallVector<int64_t> ones(phases.front().count.size(), 1);
    Value sums = qnn::ConvOp::create(
        b, RankedTensorType::get(shape, sumType), window.input,
        createConstant<T>(b, element, taps, tapsShape), bias,
        layer.input.getZeroPoint(), filterZero, ones, phases.front().dilations,
        window.padsBegin, window.padsEnd, conv.getGroup(),
        layer.input.getIsUnsigned(), layer.filter.getIsUnsigned());
    return createRequantize(b, sums, all, op, layer.clamp);
  }

  nn::AlignmentCosts machineCosts;
};

/// A product with a constant matrix is a convolution whose pixels are the rows.
struct FoldMatMul : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!makesSteps(op))
      return rewriter.notifyMatchFailure(op, "does not quantize floats");
    QuantizedLayer layer;
    Value product = skipClamps(op.getInput(), layer.clamp);
    layer.bias = readColumnBias(product, product);
    auto matmul = product.getDefiningOp<nn::MatMulOp>();
    if (!matmul || !matmul->hasOneUse() || matmul.getTransposeLhs())
      return rewriter.notifyMatchFailure(op, "not of a product alone");
    layer.input = matmul.getLhs().getDefiningOp<DequantizeOp>();
    layer.filter = matmul.getRhs().getDefiningOp<DequantizeOp>();
    auto lhs = cast<RankedTensorType>(matmul.getLhs().getType());
    auto rhs = cast<RankedTensorType>(matmul.getRhs().getType());
    LayerNumbers numbers;
    bool transposed = matmul.getTransposeRhs();
    if (lhs.getRank() != 2 || rhs.getRank() != 2 || !isOfSteps(layer.input) ||
        !isOfSteps(layer.filter) ||
        (!isPerTensor(layer.filter) &&
         layer.filter.getAxis() != (transposed ? 0 : 1)) ||
        !layer.filter.getInput().getDefiningOp<arith::ConstantOp>() ||
        !readNumbers(layer, op, numbers))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    Type sumType =
        getSumType(layer, numbers, rhs.getDimSize(transposed ? 0 : 1),
                   transposed ? lhs.getDimSize(1) : 1);
    if (!sumType)
      return rewriter.notifyMatchFailure(op, "sums may not fit 32 bits");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({matmul.getLoc(), op.getLoc()}),
                           rewriter);
    int64_t rows = lhs.getDimSize(0), depth = lhs.getDimSize(1);
    int64_t columns = rhs.getDimSize(transposed ? 0 : 1);
    Value filter =
        visitStepType(getElementType(layer.filter.getInput()), [&](auto type) {
          return createFilter<decltype(type)>(b, layer.filter.getInput(),
                                              {columns, depth, 1}, transposed);
        });
    SmallVector<ReassociationIndices> groups = {{0}, {1, 2}};
    Value input = tensor::ExpandShapeOp::create(
        b,
        RankedTensorType::get({rows, depth, 1},
                              getElementType(layer.input.getInput())),
        layer.input.getInput(), groups);
    Value bias = createBias(b, numbers, sumType);
    int64_t one[] = {1}, zero[] = {0};
    Value sums = qnn::ConvOp::create(
        b, RankedTensorType::get({rows, columns, 1}, sumType), input, filter,
        bias, layer.input.getZeroPoint(), layer.filter.getZeroPoint(), one, one,
        zero, zero, /*group=*/1, layer.input.getIsUnsigned(),
        layer.filter.getIsUnsigned());
    Value steps = createRequantize(b, sums, numbers, op, layer.clamp);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, op.getOutput().getType(), steps, groups);
    return success();
  }

private:
  /// The columns of a matrix of steps that are stored as T, or its rows.
  template <typename T>
  static Value createFilter(ImplicitLocOpBuilder &b, Value matrix,
                            ArrayRef<int64_t> shape, bool ofRows) {
    std::vector<T> weights;
    nn::readConstant(matrix, weights);
    int64_t columns = shape[0], depth = shape[1];
    SmallVector<T> filter(weights.size());
    for (int64_t n = 0; n < columns; ++n)
      for (int64_t k = 0; k < depth; ++k)
        filter[n * depth + k] =
            weights[ofRows ? n * depth + k : k * columns + n];
    return createConstant<T>(b, getElementType(matrix), filter, shape);
  }
};

/// An average is a convolution of each channel by ones, requantized by one over
/// their number more: its sum is exact.
struct FoldAverage : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!makesSteps(op))
      return rewriter.notifyMatchFailure(op, "does not quantize floats");
    Clamp clamp;
    auto pool = skipClamps(op.getInput(), clamp).getDefiningOp<nn::AvgPoolOp>();
    if (!pool || !pool->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of an average alone");
    auto isZero = [](int64_t pad) { return pad == 0; };
    if (pool.getCeilMode() || !llvm::all_of(pool.getPadsBegin(), isZero) ||
        !llvm::all_of(pool.getPadsEnd(), isZero))
      return rewriter.notifyMatchFailure(op, "windows differ in size");
    auto input = pool.getInput().getDefiningOp<DequantizeOp>();
    auto outputScale = readScale(op.getScale());
    LayerNumbers numbers;
    auto outputZero = readZeroPoint(op.getZeroPoint(), op.getIsUnsigned());
    if (!isOfSteps(input) || !isPerTensor(input) || !outputScale || !outputZero)
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    auto inputScale = readScale(input.getScale());
    if (!inputScale)
      return rewriter.notifyMatchFailure(op, "the scale is not known");
    int64_t count = llvm::product_of(pool.getKernel(), int64_t(1));
    float scale = double(*inputScale) / (double(*outputScale) * count);
    if (!(scale > 0) || !std::isfinite(scale))
      return rewriter.notifyMatchFailure(op, "the scale may lose numbers");
    Type inputType = getElementType(input.getInput());
    StepRange range = getStepRange(inputType, input.getIsUnsigned());
    if (count >
        std::numeric_limits<int32_t>::max() / (range.most - range.least))
      return rewriter.notifyMatchFailure(op, "sums may not fit 32 bits");
    numbers.scales.push_back(scale);
    numbers.outputZero = *outputZero;

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({pool.getLoc(), op.getLoc()}),
                           rewriter);
    RankedTensorType type = pool.getOutput().getType();
    int64_t channels = type.getDimSize(1);
    SmallVector<int64_t> shape = {channels, 1};
    llvm::append_range(shape, pool.getKernel());
    SmallVector<int8_t> ones(channels * count, 1);
    Value sums = qnn::ConvOp::create(
        b, RankedTensorType::get(type.getShape(), b.getI32Type()),
        input.getInput(), createConstant<int8_t>(b, b.getI8Type(), ones, shape),
        /*bias=*/Value(), input.getZeroPoint(), /*filter_zero_point=*/Value(),
        pool.getStrides(), pool.getDilations(), pool.getPadsBegin(),
        pool.getPadsEnd(), channels, input.getIsUnsigned(),
        /*filter_unsigned=*/false);
    rewriter.replaceOp(op, createRequantize(b, sums, numbers, op, clamp));
    return success();
  }
};
} // namespace

void qnn::populateFoldProducts(RewritePatternSet &patterns,
                               const nn::AlignmentCosts &costs) {
  patterns.add<FoldAverage, FoldConv, FoldMatMul>(patterns.getContext());
  patterns.add<FoldConvTranspose>(patterns.getContext(), costs);
}
