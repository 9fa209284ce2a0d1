//===- InnerProduct.cpp - Lanes of inputs times filters -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Units that share the filters; each multiplies `inputLanes` values of a window
// with as many weights of `filterLanes` filters in a clock and keeps nothing.
//
// - None skipped (DianNao, DaDianNao): windows are flattened.
// - Activations skipped (Cnvlutin): each lane has a slice of the channels and
//   goes through its bricks; zeros in a brick take no clock, a brick without
//   others takes one. Lanes wait for each other after a window.
// - Weights skipped (Cambricon-X): each filter takes as many clocks as its own
//   weights ask for; PEs wait after a window, or only at the end.
// - With Winograd (NVDLA): lanes are channels of one tap, and 3x3 windows of
//   stride 1 are done four at a time with 16 products.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Models.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

namespace {

/// What all of these arrays have in common.
struct Shape {
  int64_t windows, products, filters, groups;
  /// Filters at a time, and how many times.
  int64_t filtersAtOnce, filterRounds;

  Shape(const Array &array, const ArrayTask &task)
      : windows(task.batch * task.getWindows()),
        products(task.getGroupChannels() * task.getTaps()),
        filters(task.getGroupFilters()), groups(task.groups),
        filtersAtOnce(array.getPEs() * array.filterLanes),
        filterRounds(divideCeil(filters, filtersAtOnce)) {}
};

} // namespace

/// Nothing is kept: every product reads its operands from the buffers, except
/// that an input goes to all filters at once.
static void countAccesses(ArrayTiming &timing, const ArrayTask &task,
                          const Array &array, int64_t inputs) {
  Shape shape(array, task);
  timing.inputs.bufferReads.done = inputs * shape.filterRounds;
  timing.weights.bufferReads = {timing.macs.done, timing.macs.gated,
                                timing.macs.skipped};
  timing.sums.bufferWrites.done = shape.windows * task.filters;
}

static int64_t countActivePEs(const Array &array, const Shape &shape) {
  return std::min(array.getPEs(),
                  int64_t(divideCeil(shape.filters, array.filterLanes)));
}

static void setActivePEs(ArrayTiming &timing, const Array &array,
                         const Shape &shape) {
  timing.activePEs = countActivePEs(array, shape);
  timing.averageActivePEs =
      double(divideCeil(shape.filters, array.filterLanes)) /
      double(shape.filterRounds);
}

static void addRamp(ArrayTiming &timing, const Array &array,
                    const Shape &shape) {
  int64_t fills =
      array.sync == SyncScope::Window ? shape.windows * shape.groups : 1;
  timing.buckets.ramp = fills * (array.pipelineClocks - 1 + array.passClocks);
  timing.cycles = timing.buckets.getSum();
}

static ArrayTiming timeDense(const Machine &machine, const ArrayTask &task) {
  const Array &array = machine.array;
  Shape shape(array, task);
  ArrayTiming timing;
  timing.macs = countMacs(task, Operands::None, array.gates);
  timing.buckets.compute = shape.groups * shape.windows * shape.filterRounds *
                           divideCeil(shape.products, array.inputLanes);
  setActivePEs(timing, array, shape);
  addRamp(timing, array, shape);
  countAccesses(timing, task, array,
                shape.groups * shape.windows * shape.products);
  return timing;
}

namespace {

/// A lane of Cnvlutin that goes through its part of a window in bricks.
class Lane {
public:
  explicit Lane(int64_t brick) : brick(brick), left(brick) {}

  /// `row` is null in padding.
  void take(const ZeroMask &mask, int64_t row, int64_t begin, int64_t end) {
    while (begin < end) {
      int64_t count = std::min(left, end - begin);
      if (row >= 0)
        nonzero += mask.countRange(row, begin, begin + count);
      begin += count;
      left -= count;
      if (!left)
        finishBrick();
    }
  }
  int64_t finish() {
    if (left != brick)
      finishBrick();
    return clocks;
  }

private:
  void finishBrick() {
    clocks += std::max<int64_t>(1, nonzero);
    nonzero = 0;
    left = brick;
  }

  int64_t brick, left;
  int64_t nonzero = 0, clocks = 0;
};

} // namespace

static ArrayTiming timeSkippingActivations(const Machine &machine,
                                           const ArrayTask &task) {
  const Array &array = machine.array;
  Shape shape(array, task);
  int64_t lanes = array.inputLanes, channels = task.getGroupChannels();
  const ZeroMask &mask = *task.activations;
  const auto &[depth, height, width] = task.space;

  ArrayTiming timing;
  timing.macs = countMacs(task, array.skips, array.gates);
  int64_t elapsed = 0, work = 0;
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t od = 0; od < depth.output; ++od)
      for (int64_t oh = 0; oh < height.output; ++oh)
        for (int64_t ow = 0; ow < width.output; ++ow)
          for (int64_t group = 0; group < task.groups; ++group) {
            int64_t slowest = 0, sum = 0;
            for (int64_t lane = 0; lane < lanes; ++lane) {
              Lane each(array.brick);
              int64_t begin = lane * channels / lanes,
                      end = (lane + 1) * channels / lanes;
              for (int64_t kd = 0; kd < depth.kernel; ++kd)
                for (int64_t kh = 0; kh < height.kernel; ++kh)
                  for (int64_t kw = 0; kw < width.kernel; ++kw) {
                    int64_t d = depth.getPosition(od, kd);
                    int64_t h = height.getPosition(oh, kh);
                    int64_t w = width.getPosition(ow, kw);
                    bool inside = depth.isInside(d) && height.isInside(h) &&
                                  width.isInside(w);
                    int64_t position =
                        ((b * depth.input + d) * height.input + h) *
                            width.input +
                        w;
                    each.take(mask,
                              inside ? position * task.groups + group : -1,
                              begin, end);
                  }
              int64_t clocks = each.finish();
              slowest = std::max(slowest, clocks);
              sum += clocks;
            }
            elapsed += slowest;
            work += divideCeil(sum, lanes);
          }
  timing.buckets.compute = work * shape.filterRounds;
  timing.buckets.imbalance = (elapsed - work) * shape.filterRounds;
  setActivePEs(timing, array, shape);
  addRamp(timing, array, shape);
  int64_t inputs = 0;
  if (shape.filters)
    inputs = (timing.macs.done + timing.macs.gated) / shape.filters;
  countAccesses(timing, task, array, inputs);
  // An offset of 4 bits with every value.
  timing.metadataWords = divideCeil(inputs * shape.filterRounds, 4);
  return timing;
}

static ArrayTiming timeSkippingWeights(const Machine &machine,
                                       const ArrayTask &task) {
  const Array &array = machine.array;
  Shape shape(array, task);
  int64_t taps = task.getTaps(), units = array.getPEs();
  ArrayTiming timing;
  timing.macs = countMacs(task, array.skips, array.gates);

  int64_t elapsed = 0, work = 0;
  for (int64_t group = 0; group < task.groups; ++group) {
    // Clocks of each unit in all rounds, for units that need not wait.
    std::vector<int64_t> totals(units);
    int64_t waiting = 0, even = 0;
    for (int64_t first = 0; first < shape.filters;
         first += shape.filtersAtOnce) {
      int64_t slowest = 0, sum = 0, active = 0;
      for (int64_t unit = 0; unit < units; ++unit) {
        // Filters of a unit are done in step.
        int64_t clocks = 0;
        for (int64_t lane = 0; lane < array.filterLanes; ++lane) {
          int64_t f = first + unit * array.filterLanes + lane;
          if (f >= shape.filters)
            break;
          int64_t nonzero = 0;
          for (int64_t tap = 0; tap < taps; ++tap)
            nonzero += task.weights->countRow(
                (group * shape.filters + f) * taps + tap);
          // Even a filter of zeros gives its output.
          clocks = std::max<int64_t>(
              {clocks, 1, int64_t(divideCeil(nonzero, array.inputLanes))});
        }
        slowest = std::max(slowest, clocks);
        sum += clocks;
        active += clocks != 0;
        totals[unit] += clocks;
      }
      waiting += slowest;
      even += divideCeil(sum, active);
    }
    if (array.sync == SyncScope::Layer) {
      waiting = *std::max_element(totals.begin(), totals.end());
      even = std::min(even, waiting);
    }
    elapsed += waiting * shape.windows;
    work += even * shape.windows;
  }
  timing.buckets.compute = work;
  timing.buckets.imbalance = elapsed - work;
  setActivePEs(timing, array, shape);
  addRamp(timing, array, shape);
  countAccesses(timing, task, array,
                shape.groups * shape.windows * shape.products);
  // A bit for every weight, skipped or not.
  timing.metadataWords =
      divideCeil(shape.windows * task.filters * shape.products, 16);
  return timing;
}

static ArrayTiming timeByTaps(const Machine &machine, const ArrayTask &task) {
  const Array &array = machine.array;
  Shape shape(array, task);
  const auto &[depth, height, width] = task.space;
  ArrayTiming timing;
  timing.macs = countMacs(task, Operands::None, array.gates);
  int64_t steps = task.batch * task.groups * depth.output * depth.kernel *
                  divideCeil(task.getGroupChannels(), array.inputLanes) *
                  shape.filterRounds;
  int64_t direct = height.output * width.output * height.kernel * width.kernel;
  auto isThree = [](const SpatialDimension &dimension) {
    return dimension.kernel == 3 && dimension.stride == 1 &&
           dimension.dilation == 1;
  };
  constexpr int64_t kTileProducts = 16;
  int64_t winograd = divideCeil(height.output, 2) *
                     divideCeil(width.output, 2) * kTileProducts;
  int64_t products = direct;
  if (isThree(height) && isThree(width) && winograd < direct) {
    products = winograd;
    // A transformed value is zero only if many are: none are gated.
    int64_t all = timing.macs.getSum();
    timing.macs.gated = timing.macs.skipped = 0;
    timing.macs.done =
        std::min(all, task.batch * depth.countInside() * task.filters *
                          task.getGroupChannels() * winograd);
    timing.macs.saved = all - timing.macs.done;
  }
  timing.buckets.compute = steps * products;
  setActivePEs(timing, array, shape);
  addRamp(timing, array, shape);
  countAccesses(timing, task, array,
                task.batch * task.channels * depth.output * depth.kernel *
                    products);
  return timing;
}

Expected<ArrayTiming> timeInnerProduct(const Machine &machine,
                                       const ArrayTask &task) {
  const Array &array = machine.array;
  if (array.winograd && array.skips != Operands::None)
    return createStringError("machine '" + machine.name +
                             "': Winograd mixes values, so that no zeros are "
                             "left to skip");
  if (array.winograd)
    return timeByTaps(machine, task);
  switch (array.skips) {
  case Operands::None:
    return timeDense(machine, task);
  case Operands::Activations:
    if (array.brick < 1)
      return createStringError("machine '" + machine.name + "' has bricks of " +
                               Twine(array.brick) + " values");
    // Fewer channels than lanes cannot be cut into slices: images run dense.
    if (!task.activations || task.getGroupChannels() < array.inputLanes)
      break;
    return timeSkippingActivations(machine, task);
  case Operands::Weights:
    if (!task.weights)
      break;
    return timeSkippingWeights(machine, task);
  case Operands::Both:
    return createStringError("machine '" + machine.name +
                             "': lanes that skip zeros of both operands are "
                             "the dataflow 'intersection'");
  }
  return timeDense(machine, task);
}

} // namespace lacuna::npu
