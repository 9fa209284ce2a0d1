//===- ArrayTask.cpp - What an array is asked to do -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/ArrayTask.h"

#include "backends/npu/Array/Intersect.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

int64_t SpatialDimension::countInside() const {
  int64_t pairs = 0;
  for (int64_t tap = 0; tap < kernel; ++tap) {
    // Windows from the first that reaches 0 to the last that is below input.
    int64_t offset = tap * dilation - padBefore;
    int64_t first = offset >= 0 ? 0 : divideCeil(-offset, stride);
    int64_t last =
        offset >= input
            ? -1
            : std::min<int64_t>(output - 1, (input - 1 - offset) / stride);
    pairs += std::max<int64_t>(0, last - first + 1);
  }
  return pairs;
}

SpatialDimension SpatialDimension::make(int64_t input, int64_t kernel,
                                        int64_t stride, int64_t pad) {
  SpatialDimension dimension;
  dimension.input = input;
  dimension.kernel = kernel;
  dimension.stride = stride;
  dimension.padBefore = dimension.padAfter = pad;
  dimension.output = (input + 2 * pad - kernel) / stride + 1;
  return dimension;
}

int64_t ArrayTask::getTaps() const {
  return space[0].kernel * space[1].kernel * space[2].kernel;
}

int64_t ArrayTask::getInputs() const {
  return space[0].input * space[1].input * space[2].input;
}

int64_t ArrayTask::getWindows() const {
  return space[0].output * space[1].output * space[2].output;
}

int64_t ArrayTask::getMacs() const {
  return batch * filters * getGroupChannels() * space[0].countInside() *
         space[1].countInside() * space[2].countInside();
}

int64_t ArrayTask::getPaddingMacs() const {
  return batch * filters * getGroupChannels() * getWindows() * getTaps() -
         getMacs();
}

/// The product, or nothing if it exceeds `limit`.
static std::optional<int64_t> multiply(ArrayRef<int64_t> factors,
                                       int64_t limit) {
  int64_t product = 1;
  for (int64_t factor : factors) {
    std::optional<int64_t> next = checkedMul(product, factor);
    if (!next || *next > limit)
      return std::nullopt;
    product = *next;
  }
  return product;
}

Error ArrayTask::check() const {
  constexpr int64_t kExtent = int64_t(1) << 31;
  auto checkExtent = [&](const Twine &what, int64_t value,
                         int64_t least) -> Error {
    if (value >= least && value <= kExtent)
      return Error::success();
    return createStringError(what + " is " + Twine(value) +
                             "; it must lie between " + Twine(least) + " and " +
                             Twine(kExtent));
  };
  struct Named {
    const char *name;
    int64_t value, least;
  };
  for (const Named &named : {Named{"the batch", batch, 1},
                             {"the number of groups", groups, 1},
                             {"the number of channels", channels, 1},
                             {"the number of filters", filters, 1}})
    if (Error error = checkExtent(named.name, named.value, named.least))
      return error;
  if (channels % groups || filters % groups)
    return createStringError(Twine(channels) + " channels and " +
                             Twine(filters) + " filters do not divide into " +
                             Twine(groups) + " groups");
  for (auto [index, dimension] : enumerate(space))
    for (const Named &named : {Named{"input", dimension.input, 1},
                               {"kernel", dimension.kernel, 1},
                               {"stride", dimension.stride, 1},
                               {"dilation", dimension.dilation, 1},
                               {"padding before", dimension.padBefore, 0},
                               {"padding after", dimension.padAfter, 0},
                               {"output", dimension.output, 1}})
      if (Error error = checkExtent(Twine("the ") + named.name +
                                        " of dimension " + Twine(index),
                                    named.value, named.least))
        return error;

  // Models walk over positions and count products.
  constexpr int64_t kPositions = int64_t(1) << 28, kMacs = int64_t(1) << 52;
  const auto &[depth, height, width] = space;
  if (!multiply({batch, groups, depth.input, height.input, width.input},
                kPositions) ||
      !multiply({batch, depth.output, height.output, width.output},
                kPositions) ||
      !multiply({batch, channels, depth.input, height.input, width.input},
                int64_t(1) << 36) ||
      !multiply({filters, depth.kernel, height.kernel, width.kernel},
                kPositions) ||
      !multiply({filters, depth.kernel, height.kernel, width.kernel,
                 getGroupChannels()},
                int64_t(1) << 36) ||
      !multiply({batch, filters, depth.output, height.output, width.output,
                 depth.kernel, height.kernel, width.kernel, getGroupChannels()},
                kMacs))
    return createStringError(
        "the task is too large to be timed; cut it into tiles");

  auto checkMask = [&](const char *what, const ZeroMask *mask,
                       int64_t rows) -> Error {
    if (!mask ||
        (mask->getRows() == rows && mask->getColumns() == getGroupChannels()))
      return Error::success();
    return createStringError(Twine("the mask of ") + what + " is " +
                             Twine(mask->getRows()) + " x " +
                             Twine(mask->getColumns()) + "; the task needs " +
                             Twine(rows) + " x " + Twine(getGroupChannels()));
  };
  for (const ZeroMask *mask : {activations, activationOutliers})
    if (Error error = checkMask("activations", mask, getActivationRows()))
      return error;
  for (const ZeroMask *mask : {weights, weightOutliers})
    if (Error error = checkMask("weights", mask, getWeightRows()))
      return error;
  return Error::success();
}

/// How many windows use each position of an input.
static std::vector<int64_t> countUses(const SpatialDimension &dimension) {
  std::vector<int64_t> uses(dimension.input);
  for (int64_t window = 0; window < dimension.output; ++window)
    for (int64_t tap = 0; tap < dimension.kernel; ++tap) {
      int64_t position = dimension.getPosition(window, tap);
      if (dimension.isInside(position))
        ++uses[position];
    }
  return uses;
}

/// How many windows have each tap inside.
static std::vector<int64_t> countTaps(const SpatialDimension &dimension) {
  std::vector<int64_t> taps(dimension.kernel);
  for (int64_t tap = 0; tap < dimension.kernel; ++tap) {
    SpatialDimension one = dimension;
    one.padBefore -= tap * dimension.dilation;
    one.kernel = 1;
    taps[tap] = one.countInside();
  }
  return taps;
}

/// Sum over [outer][0][1][2][inner] of the non-zero values in a row times how
/// often it is used.
static int64_t sumRows(const ZeroMask &mask, int64_t outer, int64_t inner,
                       const std::array<std::vector<int64_t>, 3> &uses) {
  int64_t sum = 0, row = 0;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t x : uses[0])
      for (int64_t y : uses[1])
        for (int64_t z : uses[2])
          for (int64_t i = 0; i < inner; ++i, ++row)
            sum += mask.countRow(row) * x * y * z;
  return sum;
}

int64_t countNonzeroMacs(const ArrayTask &task, Operands operands) {
  const ZeroMask *activations =
      int(operands) & int(Operands::Activations) ? task.activations : nullptr;
  const ZeroMask *weights =
      int(operands) & int(Operands::Weights) ? task.weights : nullptr;
  if (activations && weights) {
    int64_t sum = 0;
    forEachWindowCount(task, *activations, *weights,
                       [&](int64_t, int64_t, ArrayRef<int32_t> counts) {
                         for (int32_t count : counts)
                           sum += count;
                       });
    return sum;
  }
  if (activations)
    return task.getGroupFilters() *
           sumRows(*activations, task.batch, task.groups,
                   {countUses(task.space[0]), countUses(task.space[1]),
                    countUses(task.space[2])});
  if (weights)
    return task.batch *
           sumRows(*weights, task.filters, 1,
                   {countTaps(task.space[0]), countTaps(task.space[1]),
                    countTaps(task.space[2])});
  return task.getMacs();
}

MacCounts countMacs(const ArrayTask &task, Operands skips, Operands gates) {
  MacCounts macs;
  Operands both = Operands(int(skips) | int(gates));
  int64_t all = task.getMacs();
  int64_t kept = countNonzeroMacs(task, skips);
  macs.done = both == skips ? kept : countNonzeroMacs(task, both);
  macs.gated = kept - macs.done;
  macs.skipped = all - kept;
  macs.padding = task.getPaddingMacs();
  return macs;
}

} // namespace lacuna::npu
