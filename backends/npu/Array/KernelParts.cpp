//===- KernelParts.cpp - Kernels that PEs cannot hold, in parts -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/KernelParts.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

namespace {
/// A part of a dimension: of the taps of its kernel, and of its inputs.
struct Range {
  int64_t first = 0, count = 1;
};
using Box = std::array<Range, 3>;
} // namespace

std::array<int64_t, 3> findKernelBox(const ArrayTask &task, int64_t taps) {
  std::array<int64_t, 3> box;
  for (size_t i = 0; i < 3; ++i)
    box[i] = task.space[i].kernel;
  if (!taps)
    return box;
  for (size_t i = 3; i-- > 0;) {
    box[i] = std::clamp<int64_t>(taps, 1, box[i]);
    taps /= box[i];
  }
  return box;
}

/// About equal parts of at most `most`.
static SmallVector<Range> cut(int64_t size, int64_t most) {
  int64_t count = divideCeil(size, most);
  SmallVector<Range> parts;
  for (int64_t i = 0; i < count; ++i) {
    int64_t first = size * i / count;
    parts.push_back({first, size * (i + 1) / count - first});
  }
  return parts;
}

/// Makes `space` one of these taps alone; gives the inputs that its windows
/// meet, at least one.
static Range restrict(SpatialDimension &space, const Range &taps) {
  space.padBefore -= taps.first * space.dilation;
  space.padAfter -= (space.kernel - taps.first - taps.count) * space.dilation;
  space.kernel = taps.count;
  int64_t last = space.getPosition(space.output - 1, space.kernel - 1);
  int64_t first = std::clamp<int64_t>(-space.padBefore, 0, space.input - 1);
  int64_t end = std::clamp<int64_t>(last + 1, first + 1, space.input);
  space.padBefore += first;
  space.padAfter += space.input - end;
  space.input = end - first;
  return {first, end - first};
}

/// The rows `[outer][d][h][w][inner]` of a mask that lie in `box`, of `all`.
static ZeroMask selectRows(const ZeroMask &mask, int64_t outer,
                           const std::array<int64_t, 3> &all, const Box &box,
                           int64_t inner) {
  ZeroMask selected(outer * box[0].count * box[1].count * box[2].count * inner,
                    mask.getColumns());
  int64_t to = 0;
  auto contains = [](const Range &range, int64_t at) {
    return at >= range.first && at < range.first + range.count;
  };
  for (int64_t row = 0; row < mask.getRows(); ++row) {
    int64_t at = row / inner;
    bool isInside = true;
    for (size_t i = 3; i-- > 0; at /= all[i])
      isInside &= contains(box[i], at % all[i]);
    if (!isInside)
      continue;
    for (int64_t word = 0; word < mask.getWordsPerRow(); ++word)
      selected.setWord(to, word, mask.getRow(row)[word]);
    ++to;
  }
  return selected;
}

static Expected<ArrayTiming>
timeKernelPart(const ArrayTask &task, const Box &taps,
               function_ref<Expected<ArrayTiming>(const ArrayTask &)> time) {
  ArrayTask part = task;
  Box inputs;
  std::array<int64_t, 3> allTaps, allInputs;
  for (size_t i = 0; i < 3; ++i) {
    allTaps[i] = task.space[i].kernel;
    allInputs[i] = task.space[i].input;
    inputs[i] = restrict(part.space[i], taps[i]);
  }
  std::array<ZeroMask, 4> masks;
  auto select = [&](const ZeroMask *&mask, ZeroMask &to, bool isOfWeights) {
    if (!mask)
      return;
    to = isOfWeights
             ? selectRows(*mask, task.filters, allTaps, taps, 1)
             : selectRows(*mask, task.batch, allInputs, inputs, task.groups);
    mask = &to;
  };
  select(part.activations, masks[0], false);
  select(part.activationOutliers, masks[1], false);
  select(part.weights, masks[2], true);
  select(part.weightOutliers, masks[3], true);
  return time(part);
}

Expected<ArrayTiming>
timeKernelParts(const ArrayTask &task, const std::array<int64_t, 3> &box,
                function_ref<Expected<ArrayTiming>(const ArrayTask &)> time) {
  if (task.space[0].kernel <= box[0] && task.space[1].kernel <= box[1] &&
      task.space[2].kernel <= box[2])
    return time(task);
  ArrayTiming timing;
  bool isFirst = true;
  for (const Range &depth : cut(task.space[0].kernel, box[0]))
    for (const Range &height : cut(task.space[1].kernel, box[1]))
      for (const Range &width : cut(task.space[2].kernel, box[2])) {
        Expected<ArrayTiming> part =
            timeKernelPart(task, {depth, height, width}, time);
        if (!part)
          return part;
        if (!isFirst)
          part->sums.bufferReads.done += task.getSums();
        timing.add(*part);
        isFirst = false;
      }
  return timing;
}

} // namespace lacuna::npu
