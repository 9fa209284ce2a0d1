//===- TransposedPhases.cpp - Transposed convolutions as plain ones -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/Transforms/TransposedPhases.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::nn;

TransposedPhase::Span TransposedPhase::getSpan(size_t i,
                                               ArrayRef<int64_t> input) const {
  int64_t extent = input[i + 2];
  int64_t size = getReach(i);
  int64_t from = std::clamp<int64_t>(start[i], 0, extent);
  return {size, from, std::clamp<int64_t>(start[i] + size, from, extent)};
}

bool TransposedPhase::isEmpty(ArrayRef<int64_t> input) const {
  for (size_t i = 0; i < taps.size(); ++i) {
    Span span = getSpan(i, input);
    if (taps[i].empty() || span.from == span.to)
      return true;
  }
  return false;
}

bool TransposedPhase::isLike(const TransposedPhase &other) const {
  return count == other.count && dilations == other.dilations &&
         start == other.start &&
         llvm::equal(taps, other.taps, [](const auto &a, const auto &b) {
           return a.size() == b.size();
         });
}

SmallVector<int64_t> TransposedPhase::getFilterShape(ArrayRef<int64_t> shape,
                                                     int64_t group) const {
  SmallVector<int64_t> selected = {shape[1] * group, shape[0] / group};
  for (const auto &some : taps)
    selected.push_back(some.size());
  return selected;
}

void TransposedPhase::forEachTap(
    ArrayRef<int64_t> shape, int64_t group,
    llvm::function_ref<void(int64_t)> visit) const {
  int64_t channels = shape[0] / group, filters = shape[1];
  int64_t count = 1;
  for (const auto &some : taps)
    count *= some.size();
  for (int64_t g = 0; g < group; ++g)
    for (int64_t m = 0; m < filters; ++m)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t tap = 0; tap < count; ++tap) {
          int64_t left = tap, index = 0, scale = 1;
          for (size_t dim = taps.size(); dim-- > 0;) {
            int64_t size = taps[dim].size();
            index += taps[dim][left % size] * scale;
            scale *= shape[dim + 2];
            left /= size;
          }
          visit(((g * channels + c) * filters + m) * scale + index);
        }
}

TransposedPhase::Window TransposedPhase::cut(ImplicitLocOpBuilder &b,
                                             Value input) const {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape());
  Window window;
  for (size_t i = 0; i < start.size(); ++i) {
    auto [size, from, to] = getSpan(i, type.getShape());
    offsets[i + 2] = from;
    sizes[i + 2] = to - from;
    window.padsBegin.push_back(from - start[i]);
    window.padsEnd.push_back(size - (from - start[i]) - (to - from));
  }
  window.input = input;
  SmallVector<int64_t> ones(type.getRank(), 1);
  if (ArrayRef<int64_t>(sizes) != type.getShape())
    window.input = tensor::ExtractSliceOp::create(
        b, RankedTensorType::get(sizes, type.getElementType()), input,
        ValueRange(), ValueRange(), ValueRange(), offsets, sizes, ones);
  return window;
}

Value TransposedPhase::insert(ImplicitLocOpBuilder &b, Value outputs,
                              Value result, ArrayRef<int64_t> strides,
                              size_t firstDim) const {
  size_t rank = cast<RankedTensorType>(result.getType()).getRank();
  SmallVector<int64_t> offsets(rank, 0), steps(rank, 1);
  llvm::copy(first, offsets.begin() + firstDim);
  llvm::copy(strides, steps.begin() + firstDim);
  return tensor::InsertSliceOp::create(
      b, outputs, result, ValueRange(), ValueRange(), ValueRange(), offsets,
      cast<RankedTensorType>(outputs.getType()).getShape(), steps);
}

namespace {
/// A phase in one dimension.
struct Line {
  int64_t first = 0, count = 0, dilation = 1, start = 0;
  SmallVector<int64_t> taps;
};
} // namespace

static Line findLine(int64_t first, int64_t kernel, int64_t stride,
                     int64_t dilation, int64_t pad, int64_t size) {
  Line line;
  line.first = first;
  line.count = (size - first - 1) / stride + 1;
  // Output o is input i times tap k where o + pad = i * stride + k * dilation.
  for (int64_t k = kernel - 1; k >= 0; --k) {
    int64_t distance = first + pad - k * dilation;
    if (distance % stride != 0)
      continue;
    int64_t input = llvm::divideFloorSigned(distance, stride);
    if (line.taps.empty())
      line.start = input;
    else if (line.taps.size() == 1)
      line.dilation = input - line.start;
    line.taps.push_back(k);
  }
  return line;
}

std::vector<TransposedPhase> nn::findPhases(ConvTransposeOp op) {
  RankedTensorType type = op.getOutput().getType();
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  std::vector<TransposedPhase> phases(1);
  for (int64_t i = 0; i < type.getRank() - 2; ++i) {
    int64_t stride = op.getStrides()[i], size = type.getDimSize(i + 2);
    std::vector<TransposedPhase> longer;
    for (const TransposedPhase &phase : phases)
      for (int64_t first = 0; first < std::min(stride, size); ++first) {
        Line line = findLine(first, filter.getDimSize(i + 2), stride,
                             op.getDilations()[i], op.getPadsBegin()[i], size);
        TransposedPhase next = phase;
        next.first.push_back(line.first);
        next.count.push_back(line.count);
        next.dilations.push_back(line.dilation);
        next.start.push_back(line.start);
        next.taps.push_back(std::move(line.taps));
        longer.push_back(std::move(next));
      }
    phases = std::move(longer);
  }
  return phases;
}
