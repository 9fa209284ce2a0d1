//===- FoldQuantization.cpp - Float layers between bytes become integer ones
//-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/nn/Transforms/TransposedPhases.h"
#include "dialects/qnn/IR/QNNDialect.h"
#include "dialects/qnn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>
#include <optional>

namespace lacuna::qnn {
#define GEN_PASS_DEF_QNNFOLDQUANTIZATION
#include "dialects/qnn/Transforms/Passes.h.inc"
} // namespace lacuna::qnn

using namespace mlir;
using namespace lacuna;
using namespace lacuna::qnn;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static Type getElementType(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

static std::optional<float> readScale(Value scale) {
  std::vector<float> values;
  if (!getElementType(scale).isF32() || !nn::readConstant(scale, values) ||
      values.size() != 1)
    return std::nullopt;
  return values[0];
}

//===----------------------------------------------------------------------===//
// What stands between two quantized tensors
//===----------------------------------------------------------------------===//

namespace {
/// A clamp on the way to a quantize.
struct Clamp {
  double lo = -std::numeric_limits<double>::infinity();
  double hi = std::numeric_limits<double>::infinity();
};

/// A float layer whose operands and result are dequantized and quantized.
struct QuantizedLayer {
  DequantizeOp input, filter;
  /// The float bias, or null; one number an output channel.
  Value bias;
  Clamp clamp;
};
} // namespace

/// Whether `op` is an elementwise minimum or maximum with constants.
static bool readClamp(linalg::GenericOp op, Clamp &clamp) {
  if (op.getNumDpsInputs() != 1 || op->getNumResults() != 1 ||
      !op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isIdentity() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return false;
  Value value = op.getBody()->getArgument(0);
  Clamp found;
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (isa<arith::ConstantOp>(inner))
      continue;
    APFloat bound(0.0f);
    if (!isa<arith::MaximumFOp, arith::MinimumFOp>(inner) ||
        !llvm::is_contained(inner.getOperands(), value))
      return false;
    Value other = inner.getOperand(inner.getOperand(0) == value ? 1 : 0);
    if (!matchPattern(other, m_ConstantFloat(&bound)) || bound.isNaN())
      return false;
    double limit = bound.convertToDouble();
    if (isa<arith::MaximumFOp>(inner))
      found = {std::max(found.lo, limit), std::max(found.hi, limit)};
    else
      found = {std::min(found.lo, limit), std::min(found.hi, limit)};
    value = inner.getResult(0);
  }
  if (op.getBody()->getTerminator()->getOperand(0) != value)
    return false;
  // What was read before comes after this one.
  clamp = {std::clamp(found.lo, clamp.lo, clamp.hi),
           std::clamp(found.hi, clamp.lo, clamp.hi)};
  return true;
}

/// Walks from `value` up through clamps.
static Value skipClamps(Value value, Clamp &clamp) {
  while (auto generic = value.getDefiningOp<linalg::GenericOp>()) {
    if (!value.hasOneUse() || !readClamp(generic, clamp))
      break;
    value = generic.getDpsInputOperand(0)->get();
  }
  return value;
}

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

/// What a bias of bytes' layer is in units of its sums: `round(bias / unit)`.
static bool readBias(Value bias, ArrayRef<float> units,
                     SmallVectorImpl<int32_t> &out) {
  std::vector<float> values;
  if (auto dequantized = bias.getDefiningOp<DequantizeOp>()) {
    std::vector<int32_t> stored, zeros;
    std::vector<float> scales;
    if (!getElementType(dequantized.getInput()).isInteger(32) ||
        !nn::readConstant(dequantized.getInput(), stored) ||
        !nn::readConstant(dequantized.getScale(), scales))
      return false;
    if (dequantized.getZeroPoint() &&
        (!nn::readConstant(dequantized.getZeroPoint(), zeros) ||
         !llvm::all_of(zeros, [](int32_t zero) { return zero == 0; })))
      return false;
    for (auto [i, value] : llvm::enumerate(stored)) {
      double scale = scales[scales.size() == 1 ? 0 : i];
      double unit = units[units.size() == 1 ? 0 : i];
      // Almost always the two are the same but for rounding.
      double steps = std::fabs(scale / unit - 1) < 1e-4
                         ? value
                         : std::nearbyint(value * scale / unit);
      if (!(std::fabs(steps) < 2147483648.0))
        return false;
      out.push_back(int32_t(steps));
    }
    return true;
  }
  if (!getElementType(bias).isF32() || !nn::readConstant(bias, values))
    return false;
  for (auto [i, value] : llvm::enumerate(values)) {
    double steps =
        std::nearbyint(double(value) / units[units.size() == 1 ? 0 : i]);
    if (!(std::fabs(steps) < 2147483648.0))
      return false;
    out.push_back(int32_t(steps));
  }
  return true;
}

namespace {
/// The scales and zero points of a layer, read.
struct LayerNumbers {
  int64_t inputZero = 0, outputZero = 0;
  SmallVector<float> units, scales;
  SmallVector<int32_t> bias;
};
} // namespace

static bool readNumbers(QuantizedLayer layer, QuantizeOp quantize,
                        LayerNumbers &numbers) {
  auto inputScale = readScale(layer.input.getScale());
  auto outputScale = readScale(quantize.getScale());
  auto inputZero =
      readZeroPoint(layer.input.getZeroPoint(), layer.input.getIsUnsigned());
  auto outputZero =
      readZeroPoint(quantize.getZeroPoint(), quantize.getIsUnsigned());
  std::vector<float> filterScales;
  if (!inputScale || !outputScale || !inputZero || !outputZero ||
      !getElementType(layer.filter.getScale()).isF32() ||
      !nn::readConstant(layer.filter.getScale(), filterScales))
    return false;
  for (float scale : filterScales) {
    // In float32, in the order in which ONNX Runtime multiplies.
    float unit = *inputScale * scale;
    numbers.units.push_back(unit);
    numbers.scales.push_back(unit / *outputScale);
    if (!(unit > 0) || !std::isfinite(numbers.scales.back()))
      return false;
  }
  numbers.inputZero = *inputZero;
  numbers.outputZero = *outputZero;
  return !layer.bias || readBias(layer.bias, numbers.units, numbers.bias);
}

template <typename T>
static Value createConstant(ImplicitLocOpBuilder &b, Type element,
                            ArrayRef<T> values, ArrayRef<int64_t> shape) {
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(RankedTensorType::get(shape, element), values));
}

/// The bias of the sums; null if there is none.
static Value createBias(ImplicitLocOpBuilder &b, const LayerNumbers &numbers) {
  if (numbers.bias.empty())
    return {};
  return createConstant<int32_t>(b, b.getI32Type(), numbers.bias,
                                 {int64_t(numbers.bias.size())});
}

/// `lo` .. `hi` of floats as bounds of the bytes that they are quantized to.
static Value createClamp(ImplicitLocOpBuilder &b, Value value,
                         const Clamp &clamp, float scale, int64_t zero,
                         bool isUnsigned) {
  double least = isUnsigned ? 0 : -128, most = isUnsigned ? 255 : 127;
  auto quantize = [&](double bound) {
    double steps = std::nearbyint(float(bound) / scale) + double(zero);
    return std::clamp(steps, least, most);
  };
  double lo = std::isinf(clamp.lo) ? least : quantize(clamp.lo);
  double hi = std::isinf(clamp.hi) ? most : quantize(clamp.hi);
  auto type = cast<RankedTensorType>(value.getType());
  if (lo <= least && hi >= most)
    return value;
  return nn::createParallel(
      b, type, {value}, {b.getMultiDimIdentityMap(type.getRank())},
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value result = args[0];
        auto bound = [&](double value) -> Value {
          return arith::ConstantOp::create(
              b, b.getI8IntegerAttr(int8_t(int64_t(value))));
        };
        if (lo > least)
          result =
              isUnsigned
                  ? arith::MaxUIOp::create(b, result, bound(lo)).getResult()
                  : arith::MaxSIOp::create(b, result, bound(lo));
        if (hi < most)
          result =
              isUnsigned
                  ? arith::MinUIOp::create(b, result, bound(hi)).getResult()
                  : arith::MinSIOp::create(b, result, bound(hi));
        return result;
      });
}

/// Scales the sums of `layer` to what `quantize` gives.
static Value createRequantize(ImplicitLocOpBuilder &b, Value sums,
                              const LayerNumbers &numbers, QuantizeOp quantize,
                              const Clamp &clamp) {
  auto type = cast<RankedTensorType>(sums.getType());
  Type element = getElementType(quantize.getOutput());
  SmallVector<int64_t> shape;
  if (numbers.scales.size() > 1)
    shape.push_back(numbers.scales.size());
  Value scale = createConstant<float>(b, b.getF32Type(), numbers.scales, shape);
  Value zero =
      createConstant<int8_t>(b, element, int8_t(numbers.outputZero), {});
  Value bytes = RequantizeOp::create(
      b, RankedTensorType::get(type.getShape(), element), sums, scale, zero,
      /*axis=*/1, quantize.getIsUnsigned());
  return createClamp(b, bytes, clamp, *readScale(quantize.getScale()),
                     numbers.outputZero, quantize.getIsUnsigned());
}

static bool isByteLayer(QuantizeOp op) {
  return getElementType(op.getOutput()).isInteger(8) &&
         getElementType(op.getInput()).isF32();
}

static bool isOfBytes(DequantizeOp op) {
  return op && getElementType(op.getInput()).isInteger(8) &&
         getElementType(op.getOutput()).isF32();
}

/// Whether two constants are one, or have the same numbers.
static bool isSameConstant(Value a, Value b) {
  if (a == b)
    return true;
  auto first = a ? a.getDefiningOp<arith::ConstantOp>() : nullptr;
  auto second = b ? b.getDefiningOp<arith::ConstantOp>() : nullptr;
  return first && second && first.getValue() == second.getValue();
}

static bool isPerTensor(DequantizeOp op) {
  return cast<RankedTensorType>(op.getScale().getType()).getRank() == 0;
}

namespace {
/// Bytes that are dequantized and quantized by the same numbers stay what they
/// are: the quotient is off by less than a rounding step.
struct FoldPair : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
    std::vector<float> scales;
    if (!isOfBytes(dequantize) || !isPerTensor(dequantize) ||
        dequantize.getInput().getType() != op.getOutput().getType() ||
        dequantize.getIsUnsigned() != op.getIsUnsigned() ||
        !isSameConstant(dequantize.getScale(), op.getScale()) ||
        !isSameConstant(dequantize.getZeroPoint(), op.getZeroPoint()))
      return rewriter.notifyMatchFailure(op, "not of the same numbers");
    if (!nn::readConstant(op.getScale(), scales) || !std::isnormal(scales[0]) ||
        !std::isfinite(scales[0] * 256))
      return rewriter.notifyMatchFailure(op, "the scale may lose numbers");
    rewriter.replaceOp(op, dequantize.getInput());
    return success();
  }
};

/// Bytes are moved before they are dequantized.
template <typename MoveOp>
struct MoveBytes : OpRewritePattern<MoveOp> {
  using OpRewritePattern<MoveOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(MoveOp op,
                                PatternRewriter &rewriter) const override {
    auto dequantize = op->getOperand(0).template getDefiningOp<DequantizeOp>();
    if (!isOfBytes(dequantize) || !isPerTensor(dequantize))
      return rewriter.notifyMatchFailure(op, "not of dequantized bytes");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto bytes = RankedTensorType::get(type.getShape(),
                                       getElementType(dequantize.getInput()));
    SmallVector<Value> operands(op->getOperands());
    operands[0] = dequantize.getInput();
    Value moved;
    if constexpr (std::is_same_v<MoveOp, linalg::TransposeOp>) {
      Value empty = tensor::EmptyOp::create(
          rewriter, op.getLoc(), bytes.getShape(), bytes.getElementType());
      moved = linalg::TransposeOp::create(rewriter, op.getLoc(), operands[0],
                                          empty, op.getPermutation())
                  ->getResult(0);
    } else {
      moved = MoveOp::create(rewriter, op.getLoc(), bytes, operands[0],
                             op.getReassociationIndices());
    }
    rewriter.replaceOpWithNewOp<DequantizeOp>(
        op, type, moved, dequantize.getScale(), dequantize.getZeroPoint(),
        /*axis=*/0, dequantize.getIsUnsigned());
    return success();
  }
};

struct FoldConv : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!isByteLayer(op))
      return rewriter.notifyMatchFailure(op, "does not make bytes of floats");
    QuantizedLayer layer;
    auto conv =
        skipClamps(op.getInput(), layer.clamp).getDefiningOp<nn::ConvOp>();
    if (!conv || !conv->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a convolution alone");
    layer.input = conv.getInput().getDefiningOp<DequantizeOp>();
    layer.filter = conv.getFilter().getDefiningOp<DequantizeOp>();
    layer.bias = conv.getBias();
    LayerNumbers numbers;
    if (!isOfBytes(layer.input) || !isOfBytes(layer.filter) ||
        (layer.filter.getAxis() != 0 &&
         cast<RankedTensorType>(layer.filter.getScale().getType()).getRank()) ||
        !readNumbers(layer, op, numbers))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}),
                           rewriter);
    Value bias = createBias(b, numbers);
    Value sums = qnn::ConvOp::create(
        b,
        RankedTensorType::get(conv.getOutput().getType().getShape(),
                              b.getI32Type()),
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
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!isByteLayer(op))
      return rewriter.notifyMatchFailure(op, "does not make bytes of floats");
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
    std::vector<int8_t> filter;
    if (!isOfBytes(layer.input) || !isOfBytes(layer.filter) ||
        (!isPerTensor(layer.filter) &&
         (layer.filter.getAxis() != 1 || conv.getGroup() != 1)) ||
        !readNumbers(layer, op, numbers) ||
        !nn::readConstant(layer.filter.getInput(), filter))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    std::vector<nn::TransposedPhase> phases = nn::findPhases(conv);
    if (llvm::any_of(phases, [&](const nn::TransposedPhase &phase) {
          return phase.isEmpty(conv.getInput().getType().getShape());
        }))
      return rewriter.notifyMatchFailure(op, "some outputs meet no input");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}),
                           rewriter);
    RankedTensorType type = op.getOutput().getType();
    Value result =
        tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
    for (ArrayRef<nn::TransposedPhase> left = phases; !left.empty();) {
      ArrayRef<nn::TransposedPhase> alike =
          left.take_while([&](const nn::TransposedPhase &phase) {
            return &phase == left.begin() ||
                   (conv.getGroup() == 1 && phase.isLike(left.front()));
          });
      left = left.drop_front(alike.size());
      Value bytes = createPhases(b, op, conv, layer, numbers, filter, alike);
      result = insertPhases(b, conv, alike, bytes, result);
    }
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// One convolution for phases that differ in their taps alone.
  static Value createPhases(ImplicitLocOpBuilder &b, QuantizeOp op,
                            nn::ConvTransposeOp conv, QuantizedLayer layer,
                            const LayerNumbers &numbers,
                            ArrayRef<int8_t> filter,
                            ArrayRef<nn::TransposedPhase> phases) {
    nn::TransposedPhase::Window window =
        phases.front().cut(b, layer.input.getInput());
    RankedTensorType type = op.getOutput().getType();
    ArrayRef<int64_t> filterShape =
        cast<RankedTensorType>(conv.getFilter().getType()).getShape();
    SmallVector<int64_t> tapsShape =
        phases.front().getFilterShape(filterShape, conv.getGroup());
    std::vector<int8_t> taps;
    LayerNumbers all = numbers;
    all.bias.clear();
    all.scales.clear();
    for (const nn::TransposedPhase &phase : phases) {
      llvm::append_range(
          taps, phase.selectTaps<int8_t>(filter, filterShape, conv.getGroup()));
      llvm::append_range(all.bias, numbers.bias);
      if (numbers.scales.size() > 1)
        llvm::append_range(all.scales, numbers.scales);
    }
    if (all.scales.empty())
      all.scales = numbers.scales;
    tapsShape[0] *= phases.size();
    Value bias = createBias(b, all), filterZero = layer.filter.getZeroPoint();
    std::vector<int8_t> zeros;
    if (filterZero && phases.size() > 1 &&
        nn::readConstant(filterZero, zeros) && zeros.size() > 1) {
      std::vector<int8_t> repeated;
      for (size_t i = 0; i < phases.size(); ++i)
        llvm::append_range(repeated, zeros);
      filterZero = createConstant<int8_t>(b, b.getI8Type(), repeated,
                                          {int64_t(repeated.size())});
    }
    SmallVector<int64_t> shape = {type.getDimSize(0), tapsShape[0]};
    llvm::append_range(shape, phases.front().count);
    SmallVector<int64_t> ones(phases.front().count.size(), 1);
    Value sums = qnn::ConvOp::create(
        b, RankedTensorType::get(shape, b.getI32Type()), window.input,
        createConstant<int8_t>(b, b.getI8Type(), taps, tapsShape), bias,
        layer.input.getZeroPoint(), filterZero, ones, phases.front().dilations,
        window.padsBegin, window.padsEnd, conv.getGroup(),
        layer.input.getIsUnsigned(), layer.filter.getIsUnsigned());
    return createRequantize(b, sums, all, op, layer.clamp);
  }

  static Value insertPhases(ImplicitLocOpBuilder &b, nn::ConvTransposeOp conv,
                            ArrayRef<nn::TransposedPhase> phases, Value bytes,
                            Value result) {
    if (phases.size() == 1)
      return phases.front().insert(b, bytes, result, conv.getStrides());
    auto type = cast<RankedTensorType>(bytes.getType());
    SmallVector<int64_t> shape(type.getShape()), offsets(type.getRank(), 0),
        ones(type.getRank(), 1);
    shape[1] /= phases.size();
    for (const nn::TransposedPhase &phase : phases) {
      Value outputs = tensor::ExtractSliceOp::create(
          b, RankedTensorType::get(shape, type.getElementType()), bytes,
          ValueRange(), ValueRange(), ValueRange(), offsets, shape, ones);
      result = phase.insert(b, outputs, result, conv.getStrides());
      offsets[1] += shape[1];
    }
    return result;
  }
};

/// A product with a constant matrix is a convolution whose pixels are the rows.
struct FoldMatMul : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!isByteLayer(op))
      return rewriter.notifyMatchFailure(op, "does not make bytes of floats");
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
    std::vector<int8_t> weights;
    LayerNumbers numbers;
    if (lhs.getRank() != 2 || rhs.getRank() != 2 || !isOfBytes(layer.input) ||
        !isOfBytes(layer.filter) ||
        !nn::readConstant(layer.filter.getInput(), weights) ||
        !readNumbers(layer, op, numbers))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    bool transposed = matmul.getTransposeRhs();
    if (numbers.scales.size() > 1 &&
        layer.filter.getAxis() != (transposed ? 0 : 1))
      return rewriter.notifyMatchFailure(op, "scales are not per column");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({matmul.getLoc(), op.getLoc()}),
                           rewriter);
    int64_t rows = lhs.getDimSize(0), depth = lhs.getDimSize(1);
    int64_t columns = rhs.getDimSize(transposed ? 0 : 1);
    SmallVector<int8_t> filter(weights.size());
    for (int64_t n = 0; n < columns; ++n)
      for (int64_t k = 0; k < depth; ++k)
        filter[n * depth + k] =
            weights[transposed ? n * depth + k : k * columns + n];
    Type byte = b.getI8Type();
    SmallVector<ReassociationIndices> groups = {{0}, {1, 2}};
    Value input = tensor::ExpandShapeOp::create(
        b, RankedTensorType::get({rows, depth, 1}, byte),
        layer.input.getInput(), groups);
    Value bias = createBias(b, numbers);
    int64_t one[] = {1}, zero[] = {0};
    Value sums = qnn::ConvOp::create(
        b, RankedTensorType::get({rows, columns, 1}, b.getI32Type()), input,
        createConstant<int8_t>(b, byte, filter, {columns, depth, 1}), bias,
        layer.input.getZeroPoint(), layer.filter.getZeroPoint(), one, one, zero,
        zero, /*group=*/1, layer.input.getIsUnsigned(),
        layer.filter.getIsUnsigned());
    Value bytes = createRequantize(b, sums, numbers, op, layer.clamp);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, RankedTensorType::get({rows, columns}, byte), bytes, groups);
    return success();
  }
};

/// Whether `op` adds its two inputs element by element.
static bool isSum(linalg::GenericOp op) {
  if (!op || op.getNumDpsInputs() != 2 || op->getNumResults() != 1 ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }) ||
      op.getBody()->getOperations().size() != 2)
    return false;
  auto add = dyn_cast<arith::AddFOp>(op.getBody()->front());
  Block *body = op.getBody();
  return add && op.getBody()->getTerminator()->getOperand(0) == add &&
         llvm::is_contained(add->getOperands(), body->getArgument(0)) &&
         llvm::is_contained(add->getOperands(), body->getArgument(1));
}

/// The residual of a network: operands and result are bytes.
struct FoldAdd : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!isByteLayer(op))
      return rewriter.notifyMatchFailure(op, "does not make bytes of floats");
    Clamp clamp;
    auto sum =
        skipClamps(op.getInput(), clamp).getDefiningOp<linalg::GenericOp>();
    if (!isSum(sum) || !sum->hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of a sum alone");
    auto lhs = sum.getDpsInputOperand(0)->get().getDefiningOp<DequantizeOp>();
    auto rhs = sum.getDpsInputOperand(1)->get().getDefiningOp<DequantizeOp>();
    auto scale = readScale(op.getScale());
    auto zero = readZeroPoint(op.getZeroPoint(), op.getIsUnsigned());
    if (!isOfBytes(lhs) || !isOfBytes(rhs) || !isPerTensor(lhs) ||
        !isPerTensor(rhs) || !scale || !zero)
      return rewriter.notifyMatchFailure(op, "operands are not quantized");

    ImplicitLocOpBuilder b(rewriter.getFusedLoc({sum.getLoc(), op.getLoc()}),
                           rewriter);
    auto getZero = [&](Value given) {
      return given ? given : createConstant<int8_t>(b, b.getI8Type(), {0}, {});
    };
    Value lhsZero = getZero(lhs.getZeroPoint());
    Value rhsZero = getZero(rhs.getZeroPoint());
    Value outputZero = getZero(op.getZeroPoint());
    Value bytes = qnn::AddOp::create(
        b, op.getOutput().getType(), lhs.getInput(), rhs.getInput(),
        lhs.getScale(), rhs.getScale(), op.getScale(), lhsZero, rhsZero,
        outputZero, lhs.getIsUnsigned(), rhs.getIsUnsigned(),
        op.getIsUnsigned());
    rewriter.replaceOp(
        op, createClamp(b, bytes, clamp, *scale, *zero, op.getIsUnsigned()));
    return success();
  }
};

/// An average is a convolution of each channel by ones, requantized by one over
/// their number more: its sum is exact.
struct FoldAverage : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!isByteLayer(op))
      return rewriter.notifyMatchFailure(op, "does not make bytes of floats");
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
    if (!isOfBytes(input) || !isPerTensor(input) || !outputScale || !outputZero)
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    auto inputScale = readScale(input.getScale());
    if (!inputScale)
      return rewriter.notifyMatchFailure(op, "the scale is not known");
    int64_t count = llvm::product_of(pool.getKernel(), int64_t(1));
    float scale = double(*inputScale) / (double(*outputScale) * count);
    if (!(scale > 0) || !std::isfinite(scale))
      return rewriter.notifyMatchFailure(op, "the scale may lose numbers");
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

/// The greatest of bytes is found before they are dequantized.
struct MoveMaximum : OpRewritePattern<nn::MaxPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MaxPoolOp op,
                                PatternRewriter &rewriter) const override {
    auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
    if (!isOfBytes(dequantize) || !isPerTensor(dequantize) || op.getIndices())
      return rewriter.notifyMatchFailure(op, "not of dequantized bytes");
    auto scale = readScale(dequantize.getScale());
    if (!scale || !(*scale > 0) || !std::isfinite(*scale * 256))
      return rewriter.notifyMatchFailure(op, "the scale may turn the order");
    // A window of nothing but padding is the least float.
    for (size_t i = 0; i < op.getKernel().size(); ++i)
      if (std::max(op.getPadsBegin()[i], op.getPadsEnd()[i]) >=
          op.getKernel()[i])
        return rewriter.notifyMatchFailure(op, "a window may be all padding");
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    Value bytes =
        nn::MaxPoolOp::create(
            rewriter, op.getLoc(),
            RankedTensorType::get(type.getShape(),
                                  getElementType(dequantize.getInput())),
            /*indices=*/Type(), dequantize.getInput(), op.getKernel(),
            op.getStrides(), op.getDilations(), op.getPadsBegin(),
            op.getPadsEnd(), op.getCeilMode(), op.getColumnMajor(),
            dequantize.getIsUnsigned())
            .getOutput();
    rewriter.replaceOpWithNewOp<DequantizeOp>(
        op, type, bytes, dequantize.getScale(), dequantize.getZeroPoint(),
        /*axis=*/0, dequantize.getIsUnsigned());
    return success();
  }
};

struct QNNFoldQuantization
    : qnn::impl::QNNFoldQuantizationBase<QNNFoldQuantization> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldAdd, FoldAverage, FoldConv, FoldConvTranspose, FoldMatMul,
                 FoldPair, MoveMaximum, MoveBytes<linalg::TransposeOp>,
                 MoveBytes<tensor::CollapseShapeOp>,
                 MoveBytes<tensor::ExpandShapeOp>>(&getContext());
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
