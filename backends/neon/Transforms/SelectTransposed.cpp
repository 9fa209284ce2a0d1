//===- SelectTransposed.cpp - Transposed convolutions as kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each phase of a transposed convolution is a kernel that reads a part of the
// same padded input and writes each so many-th pixel of the result: nothing is
// multiplied by the zeros between inputs, and nothing is moved.
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/ChannelsLast.h"
#include "backends/neon/Transforms/SelectFloatKernel.h"

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/Transforms/Lowering.h"
#include "dialects/nn/Transforms/TransposedPhases.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;

/// Each phase is a layer of its own, and bufferization compares each with all
/// others.
static constexpr size_t kMostPhases = 16;

namespace {
/// The input with what all phases meet around it, and where in it the first
/// element of the input is.
struct PaddedInput {
  Value input;
  SmallVector<int64_t> begin;
};

struct SelectConvTranspose : SelectFloatKernel<nn::ConvTransposeOp> {
  using SelectFloatKernel::SelectFloatKernel;

  LogicalResult matchAndRewrite(nn::ConvTransposeOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getOutput().getType();
    auto filter = cast<RankedTensorType>(op.getFilter().getType());
    if (!isSupported(type) || filter.getNumElements() == 0 ||
        op.getInput().getType().getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "not of floats, or empty");
    if (type.getElementType().isF16() &&
        filter.getDimSize(0) == int64_t(op.getGroup()) &&
        filter.getNumElements() > filter.getDimSize(0) * kMostTapsOfHalves)
      return rewriter.notifyMatchFailure(op, "too many taps for halves");
    if (type.getElementType().isF16())
      return rewrite<uint16_t>(op, rewriter);
    return rewrite<float>(op, rewriter);
  }

private:
  template <typename T>
  static LogicalResult rewrite(nn::ConvTransposeOp op,
                               PatternRewriter &rewriter);
  static PaddedInput pad(ImplicitLocOpBuilder &b, nn::ConvTransposeOp op,
                         ArrayRef<nn::TransposedPhase> phases);
  static Value cut(ImplicitLocOpBuilder &b, const nn::TransposedPhase &phase,
                   const PaddedInput &padded);
  static Value createUnmet(ImplicitLocOpBuilder &b, RankedTensorType type,
                           Value bias);
};
} // namespace

/// Whether the stride steps over all of these outputs.
static bool hasNoTaps(const nn::TransposedPhase &phase) {
  return llvm::any_of(phase.taps,
                      [](const auto &taps) { return taps.empty(); });
}

PaddedInput SelectConvTranspose::pad(ImplicitLocOpBuilder &b,
                                     nn::ConvTransposeOp op,
                                     ArrayRef<nn::TransposedPhase> phases) {
  RankedTensorType type = op.getInput().getType();
  PaddedInput padded;
  SmallVector<int64_t> end(type.getRank() - 2, 0);
  padded.begin = end;
  for (const nn::TransposedPhase &phase : phases) {
    if (hasNoTaps(phase))
      continue;
    for (size_t i = 0; i < end.size(); ++i) {
      padded.begin[i] = std::max(padded.begin[i], -phase.start[i]);
      end[i] = std::max(end[i], phase.start[i] + phase.getReach(i) -
                                    type.getDimSize(i + 2));
    }
  }
  padded.input =
      padSpatial(b, toChannelsLast(b, op.getInput()), padded.begin, end, 0.0);
  return padded;
}

/// What the taps of `phase` meet.
Value SelectConvTranspose::cut(ImplicitLocOpBuilder &b,
                               const nn::TransposedPhase &phase,
                               const PaddedInput &padded) {
  auto type = cast<RankedTensorType>(padded.input.getType());
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape());
  SmallVector<int64_t> ones(type.getRank(), 1);
  for (size_t i = 0; i < phase.start.size(); ++i) {
    offsets[i + 1] = phase.start[i] + padded.begin[i];
    sizes[i + 1] = phase.getReach(i);
  }
  if (ArrayRef<int64_t>(sizes) == type.getShape())
    return padded.input;
  return tensor::ExtractSliceOp::create(
      b, RankedTensorType::get(sizes, type.getElementType()), padded.input,
      ValueRange(), ValueRange(), ValueRange(), offsets, sizes, ones);
}

/// Outputs that no tap meets, with channels last.
Value SelectConvTranspose::createUnmet(ImplicitLocOpBuilder &b,
                                       RankedTensorType type, Value bias) {
  if (!bias)
    return nn::createFilled(b, type, 0.0);
  Value empty =
      tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  SmallVector<int64_t> added;
  for (int64_t i = 0; i < type.getRank() - 1; ++i)
    added.push_back(i);
  return linalg::BroadcastOp::create(b, bias, empty, added)->getResult(0);
}

template <typename T>
LogicalResult SelectConvTranspose::rewrite(nn::ConvTransposeOp op,
                                           PatternRewriter &rewriter) {
  std::vector<T> filter;
  if (!nn::readConstant(op.getFilter(), filter))
    return rewriter.notifyMatchFailure(op, "filters are not constant");
  RankedTensorType type = op.getOutput().getType();
  ArrayRef<int64_t> filterShape =
      cast<RankedTensorType>(op.getFilter().getType()).getShape();
  int64_t group = op.getGroup();
  ImplicitLocOpBuilder b(op.getLoc(), rewriter);
  std::vector<nn::TransposedPhase> phases = nn::findPhases(op);
  if (phases.size() > kMostPhases)
    return rewriter.notifyMatchFailure(op, "too many phases");
  PaddedInput padded = pad(b, op, phases);
  Value result = createEmptyChannelsLast(b, type);
  for (const nn::TransposedPhase &phase : phases) {
    SmallVector<int64_t> shape = {type.getDimSize(0)};
    llvm::append_range(shape, phase.count);
    shape.push_back(type.getDimSize(1));
    Value outputs;
    if (hasNoTaps(phase)) {
      outputs = createUnmet(
          b, RankedTensorType::get(shape, type.getElementType()), op.getBias());
    } else {
      ConvParts parts;
      parts.input = cut(b, phase, padded);
      parts.weights = nn::createConstant<T>(
          b, phase.selectTaps<T>(filter, filterShape, group),
          phase.getFilterShape(filterShape, group));
      parts.bias = op.getBias();
      parts.init = tensor::EmptyOp::create(b, shape, type.getElementType());
      parts.strides.assign(phase.count.size(), 1);
      parts.dilations = phase.dilations;
      parts.group = group;
      outputs = createConv(b, parts);
    }
    result = phase.insert(b, outputs, result, op.getStrides(),
                          /*firstDim=*/1);
  }
  rewriter.replaceOp(op, toChannelsFirst(b, result));
  return success();
}

void neon::populateSelectTransposed(RewritePatternSet &patterns, bool fp16) {
  patterns.add<SelectConvTranspose>(patterns.getContext(), fp16);
}
