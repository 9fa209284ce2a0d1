//===- SplitWords.cpp - 16 bits as two times 8 -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Transforms/Passes.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/Support/MathExtras.h"

namespace lacuna::npu {
#define GEN_PASS_DEF_NPUSPLITWORDS
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;

constexpr unsigned kHalf = 8;

static RankedTensorType getTensor(Value value) {
  return cast<RankedTensorType>(value.getType());
}
static bool isWord(Value value) {
  return getTensor(value).getElementType().isInteger(16);
}

namespace {
/// Bytes that make up integers, each of which counts `1 << shift` times.
struct Part {
  unsigned shift = 0;
  bool isUnsigned = false;
  /// One, or one a filter.
  SmallVector<int64_t> zeros;
};
} // namespace

static int64_t getHalf(int64_t word, unsigned shift) {
  return shift ? word >> kHalf : word & 0xff;
}

/// The lower and the upper half of words; bytes are one part.
static SmallVector<Part, 2> split(Value value, bool isUnsigned,
                                  ArrayRef<int64_t> zeros) {
  if (!isWord(value))
    return {{0, isUnsigned, SmallVector<int64_t>(zeros)}};
  SmallVector<Part, 2> parts = {{0, /*isUnsigned=*/true, {}},
                                {kHalf, isUnsigned, {}}};
  for (Part &part : parts)
    for (int64_t zero : zeros)
      part.zeros.push_back(getHalf(zero, part.shift));
  return parts;
}

/// The weights of a part of `filter`, which is a constant.
static std::vector<int8_t> readWeights(Value filter, const Part &part) {
  std::vector<int8_t> bytes;
  std::vector<int16_t> words;
  if (!nn::readConstant(filter, words)) {
    nn::readConstant(filter, bytes);
    return bytes;
  }
  for (int16_t word : words)
    bytes.push_back(int8_t(getHalf(word, part.shift)));
  return bytes;
}

/// The greatest magnitude that a sum of `input` times a filter may have.
static int64_t getMostSum(const Part &input, const Part &filter,
                          ArrayRef<int8_t> weights, int64_t filters) {
  int64_t least = input.isUnsigned ? 0 : INT8_MIN, zero = input.zeros.front();
  int64_t reach = std::max(zero - least, least + UINT8_MAX - zero);
  size_t each = weights.size() / filters;
  int64_t most = 0;
  for (int64_t i = 0; i < filters; ++i) {
    int64_t zero = filter.zeros[filter.zeros.size() == 1 ? 0 : i], sum = 0;
    for (int8_t byte : weights.slice(i * each, each))
      sum +=
          std::abs((filter.isUnsigned ? int64_t(uint8_t(byte)) : byte) - zero);
    most = std::max(most, reach * sum);
  }
  return most;
}

/// The zero points of `part`; null if all are 0.
static Value createZeroPoints(ImplicitLocOpBuilder &b, const Part &part) {
  SmallVector<int8_t> zeros(part.zeros.begin(), part.zeros.end());
  if (llvm::all_of(zeros, [](int8_t zero) { return zero == 0; }))
    return {};
  SmallVector<int64_t> shape;
  if (zeros.size() > 1)
    shape.push_back(zeros.size());
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(RankedTensorType::get(shape, b.getI8Type()),
                                ArrayRef<int8_t>(zeros)));
}

/// A part of what is computed.
static Value createBytes(ImplicitLocOpBuilder &b, Value input,
                         const Part &part) {
  if (!isWord(input))
    return input;
  RankedTensorType type = getTensor(input);
  return nn::createParallel(
      b, RankedTensorType::get(type.getShape(), b.getI8Type()), {input},
      {b.getMultiDimIdentityMap(type.getRank())},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value half = args[0];
        if (part.shift) {
          Value by = arith::ConstantOp::create(b, b.getI16IntegerAttr(kHalf));
          half = arith::ShRUIOp::create(b, half, by);
        }
        return arith::TruncIOp::create(b, b.getI8Type(), half);
      });
}

/// The sums of all parts, each shifted by as many bits as it says.
static Value createSum(ImplicitLocOpBuilder &b, RankedTensorType type,
                       ArrayRef<Value> sums, ArrayRef<unsigned> shifts) {
  SmallVector<AffineMap> maps(sums.size(),
                              b.getMultiDimIdentityMap(type.getRank()));
  return nn::createParallel(
      b, type, sums, maps,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Type element = type.getElementType();
        Value result;
        for (auto [sum, shift] : llvm::zip_equal(args, shifts)) {
          Value term = sum;
          if (term.getType() != element)
            term = arith::ExtSIOp::create(b, element, term);
          if (shift) {
            Value by =
                arith::ConstantOp::create(b, b.getIntegerAttr(element, shift));
            term = arith::ShLIOp::create(b, term, by);
          }
          result = result ? arith::AddIOp::create(b, result, term).getResult()
                          : term;
        }
        return result;
      });
}

/// The bias of sums of 32 bits, which may have been that of 64; none if it is
/// not known.
static std::optional<std::vector<int32_t>> readBias(Value bias) {
  std::vector<int32_t> narrow;
  std::vector<int64_t> wide;
  if (!bias || nn::readConstant(bias, narrow))
    return narrow;
  if (!nn::readConstant(bias, wide) ||
      !llvm::all_of(wide, [](int64_t value) { return llvm::isInt<32>(value); }))
    return std::nullopt;
  narrow.assign(wide.begin(), wide.end());
  return narrow;
}

namespace {
struct SplitConv : OpRewritePattern<qnn::ConvOp> {
  SplitConv(MLIRContext *context, bool bytesOnly)
      : OpRewritePattern(context), bytesOnly(bytesOnly) {}

  LogicalResult matchAndRewrite(qnn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = getTensor(op.getOutput());
    Value input = op.getInput(), filter = op.getFilter();
    if (!isWord(input) && !isWord(filter))
      return rewriter.notifyMatchFailure(op, "of bytes");
    bool isWide = type.getElementType().isInteger(64);
    if (!bytesOnly && !isWide && !(isWord(filter) && op.getFilterUnsigned()))
      return rewriter.notifyMatchFailure(op, "the array can do it");
    auto inputZero =
        qnn::readZeroPoint(op.getInputZeroPoint(), op.getInputUnsigned());
    auto zeros =
        qnn::readZeroPoints(op.getFilterZeroPoint(), op.getFilterUnsigned());
    auto bias = readBias(op.getBias());
    if (!inputZero || !zeros || !bias || type.getNumElements() == 0 ||
        !filter.getDefiningOp<arith::ConstantOp>())
      return rewriter.notifyMatchFailure(op, "filters or bias are not known");
    auto inputs = split(input, op.getInputUnsigned(), *inputZero);
    auto filters = split(filter, op.getFilterUnsigned(), *zeros);
    SmallVector<std::vector<int8_t>, 2> weights;
    for (const Part &part : filters)
      weights.push_back(readWeights(filter, part));
    int64_t mostBias = 0;
    for (int32_t value : *bias)
      mostBias = std::max(mostBias, std::abs(int64_t(value)));
    // Sums of 32 bits wrap around, in parts as in the whole.
    if (isWide)
      for (const Part &of : inputs)
        for (auto [part, bytes] : llvm::zip_equal(filters, weights))
          if (getMostSum(of, part, bytes, type.getDimSize(1)) + mostBias >
              INT32_MAX)
            return rewriter.notifyMatchFailure(op, "parts may need 64 bits");

    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value added;
    if (op.getBias())
      added = nn::createConstant<int32_t>(b, *bias, {type.getDimSize(1)});
    SmallVector<Value> filterValues, sums;
    SmallVector<unsigned> shifts;
    for (auto [part, bytes] : llvm::zip_equal(filters, weights))
      filterValues.push_back(isWord(filter)
                                 ? nn::createConstant<int8_t>(
                                       b, bytes, getTensor(filter).getShape())
                                 : filter);
    for (const Part &of : inputs) {
      Value bytes = createBytes(b, input, of);
      for (auto [part, each] : llvm::zip_equal(filters, filterValues)) {
        shifts.push_back(of.shift + part.shift);
        sums.push_back(qnn::ConvOp::create(
            b, RankedTensorType::get(type.getShape(), b.getI32Type()), bytes,
            each, shifts.back() ? Value() : added, createZeroPoints(b, of),
            createZeroPoints(b, part), op.getStrides(), op.getDilations(),
            op.getPadsBegin(), op.getPadsEnd(), op.getGroup(), of.isUnsigned,
            part.isUnsigned));
      }
    }
    rewriter.replaceOp(op, createSum(b, type, sums, shifts));
    return success();
  }

private:
  bool bytesOnly;
};

struct NpuSplitWords : npu::impl::NpuSplitWordsBase<NpuSplitWords> {
  using NpuSplitWordsBase::NpuSplitWordsBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SplitConv>(&getContext(), bytesOnly);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
