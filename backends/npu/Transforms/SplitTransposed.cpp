//===- SplitTransposed.cpp - Transposed convolutions without zeros -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Transforms/Passes.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/Support/MathExtras.h"

namespace lacuna::npu {
#define GEN_PASS_DEF_NPUSPLITTRANSPOSED
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;

namespace {
/// In one dimension, the outputs `first`, `first + stride`, ... and the
/// convolution of stride 1 that makes them.
struct Phase {
  int64_t first = 0, count = 0;
  /// The taps that meet these outputs, in the order of the inputs that they
  /// meet, and how far these lie apart.
  SmallVector<int64_t> taps;
  int64_t dilation = 1;
  /// The input that the first tap meets at the first output.
  int64_t start = 0;
};
} // namespace

/// The phases of a dimension with `kernel` taps, an output of `size` and
/// `pad` taken off its begin; phases that no tap meets have none.
static SmallVector<Phase> findPhases(int64_t kernel, int64_t stride,
                                     int64_t dilation, int64_t pad,
                                     int64_t size) {
  SmallVector<Phase> phases;
  for (int64_t first = 0; first < std::min(stride, size); ++first) {
    Phase phase;
    phase.first = first;
    phase.count = (size - first - 1) / stride + 1;
    // Output o is input i times tap k where o + pad = i * stride + k *
    // dilation.
    for (int64_t k = kernel - 1; k >= 0; --k) {
      int64_t distance = first + pad - k * dilation;
      if (distance % stride != 0)
        continue;
      int64_t input = llvm::divideFloorSigned(distance, stride);
      if (phase.taps.empty())
        phase.start = input;
      else if (phase.taps.size() == 1)
        phase.dilation = input - phase.start;
      phase.taps.push_back(k);
    }
    phases.push_back(phase);
  }
  return phases;
}

/// `[C, M / group, K...]` to `[M, C / group, taps...]`.
static std::vector<float> selectTaps(ArrayRef<float> filter,
                                     ArrayRef<int64_t> shape, int64_t group,
                                     ArrayRef<const Phase *> phases) {
  int64_t channels = shape[0] / group, filters = shape[1];
  std::vector<float> selected;
  SmallVector<int64_t> at(phases.size(), 0);
  int64_t taps = 1;
  for (const Phase *phase : phases)
    taps *= phase->taps.size();
  for (int64_t g = 0; g < group; ++g)
    for (int64_t m = 0; m < filters; ++m)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t tap = 0; tap < taps; ++tap) {
          int64_t left = tap, index = 0, scale = 1;
          for (size_t dim = phases.size(); dim-- > 0;) {
            int64_t count = phases[dim]->taps.size();
            index += phases[dim]->taps[left % count] * scale;
            scale *= shape[dim + 2];
            left /= count;
          }
          selected.push_back(
              filter[((g * channels + c) * filters + m) * scale + index]);
        }
  return selected;
}

/// `input` from `start` to `start + size` in each spatial dimension, with zeros
/// where it is not.
static Value cut(ImplicitLocOpBuilder &b, Value input, ArrayRef<int64_t> start,
                 ArrayRef<int64_t> size) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape());
  SmallVector<int64_t> low, high;
  for (size_t i = 0; i < start.size(); ++i) {
    int64_t extent = type.getDimSize(i + 2);
    int64_t from = std::clamp<int64_t>(start[i], 0, extent);
    int64_t to = std::clamp<int64_t>(start[i] + size[i], from, extent);
    offsets[i + 2] = from;
    sizes[i + 2] = to - from;
    low.push_back(std::min(from - start[i], size[i]));
    high.push_back(size[i] - low.back() - (to - from));
  }
  SmallVector<int64_t> shape(type.getShape());
  for (size_t i = 0; i < size.size(); ++i)
    shape[i + 2] = size[i];
  auto wanted = RankedTensorType::get(shape, type.getElementType());
  if (llvm::is_contained(sizes, 0))
    return nn::createFilled(b, wanted, 0.0);
  SmallVector<int64_t> ones(type.getRank(), 1);
  if (ArrayRef<int64_t>(sizes) != type.getShape())
    input = tensor::ExtractSliceOp::create(
        b, RankedTensorType::get(sizes, type.getElementType()), input,
        ValueRange(), ValueRange(), ValueRange(), offsets, sizes, ones);
  return nn::padTrailing(b, input, low, high,
                         nn::createScalar(b, type.getElementType(), 0.0));
}

namespace {
struct Split : OpRewritePattern<nn::ConvTransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvTransposeOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    auto filterType = cast<RankedTensorType>(op.getFilter().getType());
    std::vector<float> filter;
    if (!type.getElementType().isF32() || type.getNumElements() == 0 ||
        op.getInput().getType().getNumElements() == 0 ||
        !nn::readConstant(op.getFilter(), filter))
      return rewriter.notifyMatchFailure(op, "filters are no constant floats");
    size_t space = type.getRank() - 2;
    int64_t group = op.getGroup();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);

    SmallVector<SmallVector<Phase>> phases;
    for (size_t i = 0; i < space; ++i)
      phases.push_back(findPhases(
          filterType.getDimSize(i + 2), op.getStrides()[i],
          op.getDilations()[i], op.getPadsBegin()[i], type.getDimSize(i + 2)));
    Value result =
        tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
    SmallVector<size_t> at(space, 0);
    while (true) {
      SmallVector<const Phase *> chosen;
      for (size_t i = 0; i < space; ++i)
        chosen.push_back(&phases[i][at[i]]);
      result = insertPhase(b, op, filter, group, chosen, result);
      size_t dim = space;
      while (dim-- > 0 && ++at[dim] == phases[dim].size())
        at[dim] = 0;
      if (dim == size_t(-1))
        break;
    }
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// `result` with the outputs of one phase in each dimension.
  static Value insertPhase(ImplicitLocOpBuilder &b, nn::ConvTransposeOp op,
                           ArrayRef<float> filter, int64_t group,
                           ArrayRef<const Phase *> phases, Value result) {
    auto type = cast<RankedTensorType>(result.getType());
    auto filterType = cast<RankedTensorType>(op.getFilter().getType());
    SmallVector<int64_t> shape = {type.getDimSize(0), type.getDimSize(1)};
    SmallVector<int64_t> offsets = {0, 0}, steps = {1, 1};
    SmallVector<int64_t> kernel, starts, sizes, dilations;
    for (auto [phase, stride] : llvm::zip_equal(phases, op.getStrides())) {
      shape.push_back(phase->count);
      offsets.push_back(phase->first);
      steps.push_back(stride);
      kernel.push_back(phase->taps.size());
      starts.push_back(phase->start);
      dilations.push_back(phase->dilation);
      sizes.push_back(phase->count + (kernel.back() - 1) * phase->dilation);
    }
    auto phaseType = RankedTensorType::get(shape, type.getElementType());
    Value outputs;
    if (llvm::is_contained(kernel, 0)) {
      outputs = nn::createFilled(b, phaseType, 0.0);
      if (op.getBias())
        outputs = addBias(b, outputs, op.getBias());
    } else {
      SmallVector<int64_t> filterShape = {type.getDimSize(1),
                                          filterType.getDimSize(0) / group};
      filterShape.append(kernel);
      Value taps = nn::createConstant<float>(
          b, selectTaps(filter, filterType.getShape(), group, phases),
          filterShape);
      SmallVector<int64_t> ones(kernel.size(), 1), zeros(kernel.size(), 0);
      outputs = nn::ConvOp::create(
          b, phaseType, cut(b, op.getInput(), starts, sizes), taps,
          op.getBias(), ones, dilations, zeros, zeros, group);
    }
    return tensor::InsertSliceOp::create(b, outputs, result, ValueRange(),
                                         ValueRange(), ValueRange(), offsets,
                                         shape, steps);
  }

  static Value addBias(ImplicitLocOpBuilder &b, Value tensor, Value bias) {
    auto type = cast<RankedTensorType>(tensor.getType());
    AffineMap all = b.getMultiDimIdentityMap(type.getRank());
    AffineMap channel = AffineMap::get(type.getRank(), 0, b.getAffineDimExpr(1),
                                       b.getContext());
    return nn::createParallel(b, type, {tensor, bias}, {all, channel},
                              [](ImplicitLocOpBuilder &b, ValueRange args) {
                                return nn::createAdd(b, b.getLoc(), args[0],
                                                     args[1]);
                              });
  }
};

struct NpuSplitTransposed
    : npu::impl::NpuSplitTransposedBase<NpuSplitTransposed> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Split>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
