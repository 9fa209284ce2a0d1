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

#include <map>

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

SmallVector<int64_t> TransposedPhase::getFilterShape(ArrayRef<int64_t> shape,
                                                     int64_t group) const {
  SmallVector<int64_t> selected = {shape[1] * group, shape[0] / group};
  for (const auto &some : taps)
    selected.push_back(some.size());
  return selected;
}

void TransposedPhase::forEachTap(
    ArrayRef<int64_t> shape, int64_t group,
    llvm::function_ref<void(int64_t, int64_t)> visit) const {
  int64_t channels = shape[0] / group, filters = shape[1];
  int64_t count = 1;
  for (const auto &some : taps)
    count *= some.size();
  for (int64_t g = 0; g < group; ++g)
    for (int64_t m = 0; m < filters; ++m)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t tap = 0; tap < count; ++tap) {
          int64_t left = tap, index = 0, scale = 1;
          bool isTap = true;
          for (size_t dim = taps.size(); dim-- > 0;) {
            int64_t size = taps[dim].size();
            isTap &= taps[dim][left % size] != kNoTap;
            index += taps[dim][left % size] * scale;
            scale *= shape[dim + 2];
            left /= size;
          }
          int64_t filter = (g * channels + c) * filters + m;
          visit(isTap ? filter * scale + index : kNoTap, g * filters + m);
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
  auto type = cast<RankedTensorType>(outputs.getType());
  SmallVector<int64_t> sizes(type.getShape());
  if (wanted != count) {
    llvm::copy(before, offsets.begin() + firstDim);
    llvm::copy(wanted, sizes.begin() + firstDim);
    outputs = tensor::ExtractSliceOp::create(
        b, RankedTensorType::get(sizes, type.getElementType()), outputs,
        ValueRange(), ValueRange(), ValueRange(), offsets, sizes, steps);
  }
  llvm::copy(first, offsets.begin() + firstDim);
  llvm::copy(strides, steps.begin() + firstDim);
  return tensor::InsertSliceOp::create(b, outputs, result, ValueRange(),
                                       ValueRange(), ValueRange(), offsets,
                                       sizes, steps);
}

void TransposedPhase::align(MutableArrayRef<TransposedPhase> phases) {
  for (size_t i = 0; i < phases.front().taps.size(); ++i) {
    // How far taps lie apart says a phase with most of them.
    const TransposedPhase &longest =
        *llvm::max_element(phases, [&](const auto &a, const auto &b) {
          return a.taps[i].size() < b.taps[i].size();
        });
    int64_t size = longest.taps[i].size(), dilation = longest.dilations[i];
    int64_t start = phases.front().start[i], count = 0;
    for (const TransposedPhase &phase : phases)
      start = std::min(start, phase.start[i]);
    for (TransposedPhase &phase : phases) {
      // Zeros before the taps do not make more outputs.
      int64_t before = phase.start[i] - start;
      int64_t missing = size - phase.taps[i].size();
      int64_t zeros = std::min(missing, before / dilation);
      phase.taps[i].insert(phase.taps[i].begin(), zeros, kNoTap);
      phase.taps[i].append(missing - zeros, kNoTap);
      phase.dilations[i] = dilation;
      phase.start[i] = start;
      phase.before[i] = before - zeros * dilation;
      count = std::max(count, phase.before[i] + phase.wanted[i]);
    }
    for (TransposedPhase &phase : phases)
      phase.count[i] = count;
  }
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
        next.before.push_back(0);
        next.wanted.push_back(line.count);
        next.taps.push_back(std::move(line.taps));
        longer.push_back(std::move(next));
      }
    phases = std::move(longer);
  }
  return phases;
}

namespace {
/// Which phases are aligned along a dimension.
enum class Alignment { SameInputs, SameTaps, All };
} // namespace

static std::vector<AlignedPhases> alignPhases(ArrayRef<TransposedPhase> phases,
                                              ArrayRef<Alignment> alignments,
                                              ArrayRef<int64_t> input) {
  std::vector<AlignedPhases> aligned;
  std::map<std::vector<int64_t>, size_t> places;
  for (const TransposedPhase &phase : phases) {
    std::vector<int64_t> key;
    for (auto [i, alignment] : llvm::enumerate(alignments)) {
      if (alignment != Alignment::All)
        key.push_back(phase.taps[i].size());
      if (alignment == Alignment::SameInputs)
        llvm::append_values(key, phase.count[i], phase.dilations[i],
                            phase.start[i]);
    }
    if (phase.isEmpty(input)) {
      aligned.push_back({phase});
      continue;
    }
    auto [place, isNew] = places.try_emplace(std::move(key), aligned.size());
    if (isNew)
      aligned.emplace_back();
    aligned[place->second].push_back(phase);
  }
  for (AlignedPhases &some : aligned)
    TransposedPhase::align(some);
  return aligned;
}

/// The time that `phases` take, in products.
static double getCost(ConvTransposeOp op, const AlignedPhases &phases,
                      const AlignmentCosts &costs) {
  RankedTensorType input = op.getInput().getType();
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  const TransposedPhase &phase = phases.front();
  if (phase.isEmpty(input.getShape()))
    return 0;
  double pixels = input.getDimSize(0), taps = 1;
  double inputs = double(input.getDimSize(0)) * input.getDimSize(1);
  for (size_t i = 0; i < phase.count.size(); ++i) {
    pixels *= phase.count[i];
    taps *= phase.taps[i].size();
    inputs *= phase.countInputs(i, input.getShape());
  }
  double products = pixels * taps * phases.size() * filter.getDimSize(0) *
                    filter.getDimSize(1);
  double outputs =
      pixels * phases.size() * op.getOutput().getType().getDimSize(1);
  double loaded = inputs * costs.inputBits / 8;
  // Half the memory is for outputs, and half of the inputs for the next tile:
  // the array waits for the first one.
  double first = std::min<double>(loaded, costs.memoryBytes / 4);
  // Phases are copied to their places, from DRAM if they are many.
  double copied = phases.size() > 1 ? outputs * costs.outputBits / 8 : 0;
  if (copied > costs.memoryBytes)
    copied *= 2;
  return std::max(products, (loaded - first) * costs.productsPerByte) +
         (first + copied) * costs.productsPerByte;
}

std::vector<AlignedPhases> nn::alignPhases(ConvTransposeOp op,
                                           ArrayRef<TransposedPhase> phases,
                                           const AlignmentCosts &costs) {
  std::vector<AlignedPhases> best;
  if (op.getGroup() != 1) {
    for (const TransposedPhase &phase : phases)
      best.push_back({phase});
    return best;
  }
  size_t kinds = costs.allowsZeroTaps ? 3 : 2;
  size_t rank = op.getStrides().size();
  double least = 0;
  SmallVector<size_t> choices(rank, kinds);
  for (size_t choice = 0, end = llvm::product_of(choices, size_t(1));
       choice < end; ++choice) {
    SmallVector<Alignment> alignments;
    for (size_t i = 0, left = choice; i < rank; ++i, left /= kinds)
      alignments.push_back(Alignment(left % kinds));
    std::vector<AlignedPhases> aligned =
        ::alignPhases(phases, alignments, op.getInput().getType().getShape());
    double cost = 0;
    for (const AlignedPhases &some : aligned)
      cost += getCost(op, some, costs);
    if (choice == 0 || cost < least) {
      least = cost;
      best = std::move(aligned);
    }
  }
  return best;
}

Value nn::insertPhases(ImplicitLocOpBuilder &b, const AlignedPhases &phases,
                       Value outputs, Value result, ArrayRef<int64_t> strides) {
  if (phases.size() == 1)
    return phases.front().insert(b, outputs, result, strides);
  auto type = cast<RankedTensorType>(outputs.getType());
  SmallVector<int64_t> shape(type.getShape()), offsets(type.getRank(), 0),
      ones(type.getRank(), 1);
  shape[1] /= phases.size();
  for (const TransposedPhase &phase : phases) {
    Value some = tensor::ExtractSliceOp::create(
        b, RankedTensorType::get(shape, type.getElementType()), outputs,
        ValueRange(), ValueRange(), ValueRange(), offsets, shape, ones);
    result = phase.insert(b, some, result, strides);
    offsets[1] += shape[1];
  }
  return result;
}
