//===- Cartesian.cpp - Every input with every weight -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SCNN. Each PE has a tile of the plane of inputs. Channel by channel it
// multiplies its non-zero inputs, `inputLanes` at a time, with the non-zero
// weights of a group of filters, `filterLanes` at a time, each with each: with
// a stride, only those of the same remainder. The products are scattered to the
// banks of its accumulators; those that meet in a bank take a clock each. The
// group has as many filters as sums of the tile fit into the accumulators. PEs
// wait for each other after each channel, or, with `SyncScope::Layer`, after
// the group; then they exchange the sums that belong to their neighbours.
//
// Without masks, inputs and weights come in order, and the banks are such that
// neighbours do not meet: there are no conflicts.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Cartesian.h"

#include "backends/npu/Array/Models.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <numeric>

using namespace llvm;

namespace lacuna::npu {

static int64_t getPadded(const SpatialDimension &dimension) {
  return dimension.input + dimension.padBefore + dimension.padAfter;
}

Halo::Halo(const Array &array, const ArrayTask &task) {
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  tileRows = divideCeil(getPadded(height), array.rows);
  tileColumns = divideCeil(getPadded(width), array.columns);
  before = std::max<int64_t>(0, height.getSpan() - 1 - height.padBefore);
  left = std::max<int64_t>(0, width.getSpan() - 1 - width.padBefore);
  after = height.padBefore;
  right = width.padBefore;
}

int64_t Halo::countOfInnerPE() const {
  return (before + tileRows + after) * (left + tileColumns + right) -
         tileRows * tileColumns;
}

int64_t Halo::getLargestPart() const {
  int64_t most = 0;
  for (int64_t rows : {before, tileRows, after})
    for (int64_t columns : {left, tileColumns, right})
      if (rows != tileRows || columns != tileColumns)
        most = std::max(most, rows * columns);
  return most;
}

int64_t Halo::countOfAllPEs(const Array &array) const {
  int64_t rows = array.rows * tileRows + (array.rows - 1) * (before + after);
  int64_t columns =
      array.columns * tileColumns + (array.columns - 1) * (left + right);
  return rows * columns - array.rows * tileRows * array.columns * tileColumns;
}

namespace {

/// A value: where it lies, divided by the stride; of a weight, its filter.
struct Value {
  int32_t row, column, filter;
};

/// Clocks of a PE, and those of them that are due to conflicts.
struct PEClocks {
  int64_t all = 0, conflicts = 0;
};

class CartesianModel {
public:
  CartesianModel(const Machine &machine, const ArrayTask &task)
      : array(machine.array), runBits(machine.zeros.runBits), task(task),
        height(task.space[1]), width(task.space[2]), halo(array, task),
        remainders(height.stride * width.stride), inputs(remainders),
        weights(remainders), bankCounts(array.accumulatorBanks),
        peClocks(array.getPEs()) {
    int skips = int(array.skips);
    if (skips & int(Operands::Activations))
      activationMask = task.activations;
    if (skips & int(Operands::Weights))
      weightMask = task.weights;
    for (size_t place = 0; place < banks.size(); ++place)
      banks[place] = uint32_t(place % bankCounts.size());
  }

  ArrayTiming run(int64_t filtersAtOnce);

private:
  void runPlane(int64_t b, int64_t od, int64_t first, int64_t last);
  void runChannel(int64_t b, int64_t d, int64_t kd, int64_t group,
                  int64_t channel, int64_t first, int64_t last);
  void collectWeights(int64_t kd, int64_t channel, int64_t first, int64_t last);
  void collectInputs(int64_t b, int64_t d, int64_t group, int64_t channel,
                     int64_t peRow, int64_t peColumn);
  int64_t countBusiest(ArrayRef<Value> some, ArrayRef<Value> others);
  PEClocks multiply(ArrayRef<Value> in, ArrayRef<Value> with);
  void wait();

  const Array &array;
  int64_t runBits;
  const ArrayTask &task;
  const SpatialDimension &height, &width;
  Halo halo;
  const ZeroMask *activationMask = nullptr, *weightMask = nullptr;
  int64_t remainders;
  /// By remainder of the stride.
  std::vector<std::vector<Value>> inputs, weights;
  std::vector<int32_t> bankCounts;
  /// The bank of each of the 32 places that the scattering tells apart.
  std::array<uint32_t, 32> banks;
  /// Since PEs last waited for each other.
  std::vector<PEClocks> peClocks;
  ArrayTiming timing;
};

} // namespace

void CartesianModel::collectWeights(int64_t kd, int64_t channel, int64_t first,
                                    int64_t last) {
  for (std::vector<Value> &list : weights)
    list.clear();
  for (int64_t kh = 0; kh < height.kernel; ++kh)
    for (int64_t kw = 0; kw < width.kernel; ++kw) {
      int64_t row = kh * height.dilation, column = kw * width.dilation;
      std::vector<Value> &list =
          weights[row % height.stride * width.stride + column % width.stride];
      for (int64_t f = first; f < last; ++f) {
        int64_t tap = (kd * height.kernel + kh) * width.kernel + kw;
        if (!weightMask ||
            weightMask->isNonzero(f * task.getTaps() + tap, channel))
          list.push_back({int32_t(row / height.stride),
                          int32_t(column / width.stride), int32_t(f)});
      }
    }
}

void CartesianModel::collectInputs(int64_t b, int64_t d, int64_t group,
                                   int64_t channel, int64_t peRow,
                                   int64_t peColumn) {
  for (std::vector<Value> &list : inputs)
    list.clear();
  // Positions with padding, of which a dense array knows nothing.
  for (int64_t y = peRow * halo.tileRows; y < (peRow + 1) * halo.tileRows; ++y)
    for (int64_t x = peColumn * halo.tileColumns;
         x < (peColumn + 1) * halo.tileColumns; ++x) {
      if (activationMask) {
        int64_t h = y - height.padBefore, w = x - width.padBefore;
        if (!height.isInside(h) || !width.isInside(w))
          continue;
        int64_t position =
            ((b * task.space[0].input + d) * height.input + h) * width.input +
            w;
        if (!activationMask->isNonzero(position * task.groups + group, channel))
          continue;
      }
      inputs[y % height.stride * width.stride + x % width.stride].push_back(
          {int32_t(y / height.stride), int32_t(x / width.stride), 0});
    }
}

/// The products of each with each that meet in the bank that gets the most.
int64_t CartesianModel::countBusiest(ArrayRef<Value> some,
                                     ArrayRef<Value> others) {
  int32_t *counts = bankCounts.data();
  std::fill_n(counts, bankCounts.size(), 0);
  // Negative ones are beyond every extent, too.
  uint32_t rows = uint32_t(height.output), columns = uint32_t(width.output);
  int32_t most = 0;
  for (const Value &input : some)
    for (const Value &weight : others) {
      uint32_t row = uint32_t(input.row - weight.row);
      uint32_t column = uint32_t(input.column - weight.column);
      if (row >= rows || column >= columns)
        continue;
      // Four filters and squares of 2 x 2 lie beside each other; squares that
      // are neighbours, and the next four filters, in the other half.
      uint32_t filter = uint32_t(weight.filter);
      uint32_t half = ((filter >> 2) ^ (row >> 1) ^ (column >> 1)) & 1;
      uint32_t place =
          (filter & 3) | (column & 1) << 2 | (row & 1) << 3 | half << 4;
      most = std::max(most, ++counts[banks[place]]);
    }
  return most;
}

PEClocks CartesianModel::multiply(ArrayRef<Value> in, ArrayRef<Value> with) {
  size_t lanes = array.inputLanes, filterLanes = array.filterLanes;
  PEClocks clocks;
  int64_t steps = int64_t(divideCeil(in.size(), lanes)) *
                  int64_t(divideCeil(with.size(), filterLanes));
  clocks.all = steps;
  if (activationMask || weightMask)
    for (size_t i = 0; i < in.size(); i += lanes)
      for (size_t f = 0; f < with.size(); f += filterLanes) {
        int64_t most =
            countBusiest(in.slice(i, std::min(lanes, in.size() - i)),
                         with.slice(f, std::min(filterLanes, with.size() - f)));
        if (most > 1)
          clocks.conflicts += most - 1;
      }
  clocks.all += clocks.conflicts;
  return clocks;
}

/// All PEs wait for the slowest.
void CartesianModel::wait() {
  PEClocks slowest;
  int64_t work = 0;
  for (const PEClocks &clocks : peClocks) {
    if (clocks.all > slowest.all)
      slowest = clocks;
    work += clocks.all - clocks.conflicts;
  }
  int64_t products = slowest.all - slowest.conflicts;
  int64_t even =
      std::min<int64_t>(products, divideCeil(work, timing.activePEs));
  timing.buckets.bankConflict += slowest.conflicts;
  timing.buckets.compute += even;
  timing.buckets.imbalance += products - even;
  std::fill(peClocks.begin(), peClocks.end(), PEClocks());
}

void CartesianModel::runChannel(int64_t b, int64_t d, int64_t kd, int64_t group,
                                int64_t channel, int64_t first, int64_t last) {
  collectWeights(kd, channel, first, last);
  for (int64_t pe = 0; pe < array.getPEs(); ++pe) {
    collectInputs(b, d, group, channel, pe / array.columns, pe % array.columns);
    for (int64_t remainder = 0; remainder < remainders; ++remainder) {
      const std::vector<Value> &in = inputs[remainder];
      const std::vector<Value> &with = weights[remainder];
      PEClocks clocks = multiply(in, with);
      peClocks[pe].all += clocks.all;
      peClocks[pe].conflicts += clocks.conflicts;
      timing.inputs.bufferReads.done += int64_t(in.size());
      timing.weights.bufferReads.done +=
          int64_t(divideCeil(in.size(), array.inputLanes) * with.size());
    }
  }
  if (array.sync != SyncScope::Layer)
    wait();
}

/// Filters [first, last) for one plane of outputs.
void CartesianModel::runPlane(int64_t b, int64_t od, int64_t first,
                              int64_t last) {
  int64_t groupFilters = task.getGroupFilters();
  const SpatialDimension &depth = task.space[0];
  for (int64_t group = first / groupFilters; group * groupFilters < last;
       ++group) {
    int64_t from = std::max(first, group * groupFilters);
    int64_t to = std::min(last, (group + 1) * groupFilters);
    for (int64_t kd = 0; kd < depth.kernel; ++kd) {
      int64_t d = depth.getPosition(od, kd);
      if (!depth.isInside(d))
        continue;
      for (int64_t channel = 0; channel < task.getGroupChannels(); ++channel)
        runChannel(b, d, kd, group, channel, from, to);
    }
  }
  if (array.sync == SyncScope::Layer)
    wait();
  timing.buckets.network += halo.getLargestPart() * (last - first);
  timing.buckets.ramp += array.passClocks;
  timing.transfers.done += halo.countOfAllPEs(array) * (last - first);
}

ArrayTiming CartesianModel::run(int64_t filtersAtOnce) {
  auto countTiles = [](int64_t padded, int64_t tile, int64_t most) {
    return std::min<int64_t>(most, divideCeil(padded, tile));
  };
  timing.activePEs =
      countTiles(getPadded(height), halo.tileRows, array.rows) *
      countTiles(getPadded(width), halo.tileColumns, array.columns);
  timing.averageActivePEs = double(timing.activePEs);
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t od = 0; od < task.space[0].output; ++od)
      for (int64_t first = 0; first < task.filters; first += filtersAtOnce)
        runPlane(b, od, first, std::min(task.filters, first + filtersAtOnce));
  timing.buckets.ramp += array.pipelineClocks - 1;
  timing.cycles = timing.buckets.getSum();
  timing.macs = countMacs(task, array.skips, array.gates);

  timing.sums.spadReads.done = timing.sums.spadWrites.done = timing.macs.done;
  timing.sums.bufferWrites.done = task.getSums();
  // The number of zeros before each value.
  constexpr int64_t kMetadataBits = 16;
  timing.metadataWords = divideCeil(
      (timing.inputs.bufferReads.done + timing.weights.bufferReads.done) *
          runBits,
      kMetadataBits);
  return timing;
}

Expected<ArrayTiming> timeCartesian(const Machine &machine,
                                    const ArrayTask &task) {
  const Array &array = machine.array;
  auto refuse = [&](const Twine &why) {
    return createStringError("machine '" + machine.name + "': " + why);
  };
  if (array.accumulatorBanks < 1 || array.accumulatorBanks > 4096)
    return refuse(Twine(array.accumulatorBanks) +
                  " banks of accumulators; there may be 1 to 4096");
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  if (getPadded(height) > INT32_MAX || getPadded(width) > INT32_MAX ||
      height.stride > 4096 || width.stride > 4096)
    return refuse("the image or its stride is too large for tiles of PEs");
  int64_t sums = int64_t(divideCeil(height.output, array.rows)) *
                 int64_t(divideCeil(width.output, array.columns));
  int64_t filtersAtOnce =
      array.sumEntries ? array.sumEntries / sums : task.filters;
  if (filtersAtOnce < 1)
    return refuse("a tile of " + Twine(sums) +
                  " sums does not fit into the accumulators; cut the layer "
                  "into tiles");
  return CartesianModel(machine, task).run(filtersAtOnce);
}

} // namespace lacuna::npu
