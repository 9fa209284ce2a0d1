//===- OutlierLanes.cpp - Narrow lanes, and others for what is wider -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// OLAccel. In a clock, a PE multiplies one input of a window with the weights
// of as many filters as it has lanes, a block. It looks at `brick` channels of
// a tap together: those that are zero take no clock, a brick of zeros takes
// one.
//
// - Weights that are outliers: `outlierLanes` of those of a clock find a
//   multiplier for their upper bits beside the others. If there are more, the
//   lanes do the upper bits in clocks of their own.
// - Inputs that are outliers are left out, and multiplied by the outlier PEs of
//   the row, which have wide multipliers and work beside the others.
// - Or all inputs are done in the narrow lanes, in as many passes as their bits
//   need. A whole task is done in the way that takes fewer clocks: where most
//   inputs are outliers, as in an image, by passes.
//
// Rows have a block each, or, if there are fewer blocks, share its windows.
// Windows go to whichever PE of those that have the block is free. Rows wait
// for each other when kernels change. What a PE holds of the filters are the
// channels that fit into its storage, or, if not even one does, a part of its
// taps; the sums go through the buffer in between.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Intersect.h"
#include "backends/npu/Array/KernelParts.h"
#include "backends/npu/Array/Models.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>

using namespace llvm;

namespace lacuna::npu {

namespace {

class OutlierLanesModel {
public:
  OutlierLanesModel(const Machine &machine, const ArrayTask &task,
                    int64_t lanes, bool byPasses);

  ArrayTiming run(int64_t channelsAtOnce);

private:
  void chooseRows();
  void findCrowded();
  void runChannels(int64_t begin, int64_t end);
  void countClocks(const ZeroMask &inputs, int64_t begin, int64_t end,
                   int64_t passes, std::vector<int64_t> &clocks);
  void countEmptyBricks(int64_t begin, int64_t end);
  void finishRound(int64_t group, int64_t firstBlock, int64_t channels);
  int64_t getSlowestPE(ArrayRef<int64_t> clocks) const;
  int64_t getFilters(int64_t block) const {
    return std::min(lanes, filters - block * lanes);
  }
  /// Where the windows of a block are in `narrow` and `wide`.
  int64_t getFirst(int64_t group, int64_t block) const {
    return (group * blocks + block) * windows;
  }
  void countPasses();

  const Machine &machine;
  const Array &array;
  const Values &values;
  const ArrayTask &task;
  /// That are used: the filters of a block.
  int64_t lanes;
  bool byPasses;
  int64_t windows, filters, blocks;
  /// Blocks that are worked on at a time, and rows for each.
  int64_t blocksAtOnce = 1, rowsOfBlock = 1;
  /// Inputs that the PEs and the outlier PEs multiply.
  ZeroMask narrowInputs;
  const ZeroMask *wideInputs = nullptr;
  /// For each group, the weights [tap][channel]: first all of them, then, for
  /// each block, those with more outliers than lanes for them.
  ZeroMask crowded;
  bool hasCrowded = false;
  /// Clocks of the PEs and of the outlier PEs, [group][block][window].
  std::vector<int64_t> narrow, wide;
  /// Clocks of the round before, in which the next kernels can come.
  int64_t before = 0;
  bool first = true;
  ArrayTiming timing;
  double activeSum = 0;
  int64_t rounds = 0;
};

} // namespace

static ZeroMask makeFullMask(int64_t rows, int64_t columns) {
  ZeroMask mask(rows, columns);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; column += 64)
      mask.setWord(
          row, column / 64,
          maskTrailingOnes<uint64_t>(std::min<int64_t>(64, columns - column)));
  return mask;
}

OutlierLanesModel::OutlierLanesModel(const Machine &machine,
                                     const ArrayTask &task, int64_t lanes,
                                     bool byPasses)
    : machine(machine), array(machine.array), values(machine.values),
      task(task), lanes(lanes), byPasses(byPasses),
      windows(task.batch * task.getWindows()), filters(task.getGroupFilters()),
      blocks(divideCeil(filters, lanes)) {
  chooseRows();
  findCrowded();
  bool skips = hasActivations(array.skips) && task.activations;
  narrowInputs =
      skips ? *task.activations
            : makeFullMask(task.getActivationRows(), task.getGroupChannels());
  if (byPasses || !task.activationOutliers)
    return;
  wideInputs = task.activationOutliers;
  for (int64_t row = 0; row < narrowInputs.getRows(); ++row)
    for (int64_t word = 0; word < narrowInputs.getWordsPerRow(); ++word)
      narrowInputs.setWord(row, word,
                           narrowInputs.getRow(row)[word] &
                               ~wideInputs->getRow(row)[word]);
}

/// As is fastest if all windows take equally long.
void OutlierLanesModel::chooseRows() {
  int64_t least = INT64_MAX;
  for (int64_t atOnce = 1; atOnce <= std::min(array.rows, blocks); ++atOnce) {
    int64_t ofBlock = array.rows / atOnce;
    int64_t clocks = divideCeil(blocks, atOnce) *
                     divideCeil(windows, ofBlock * array.columns);
    if (clocks < least) {
      least = clocks;
      blocksAtOnce = atOnce;
      rowsOfBlock = ofBlock;
    }
  }
}

void OutlierLanesModel::findCrowded() {
  int64_t taps = task.getTaps(), channels = task.getGroupChannels();
  hasCrowded = task.weightOutliers != nullptr;
  int64_t masks = hasCrowded ? 1 + blocks : 1;
  crowded = makeFullMask(task.groups * masks * taps, channels);
  if (!hasCrowded)
    return;
  // atLeast[n]: values of which n filters or more are outliers.
  std::vector<uint64_t> atLeast(array.outlierLanes + 2);
  for (int64_t group = 0; group < task.groups; ++group)
    for (int64_t block = 0; block < blocks; ++block)
      for (int64_t tap = 0; tap < taps; ++tap)
        for (int64_t word = 0; word < crowded.getWordsPerRow(); ++word) {
          std::fill(atLeast.begin(), atLeast.end(), 0);
          atLeast[0] = ~uint64_t(0);
          for (int64_t lane = 0; lane < getFilters(block); ++lane) {
            int64_t f = group * filters + block * lanes + lane;
            uint64_t outliers =
                task.weightOutliers->getRow(f * taps + tap)[word];
            for (size_t n = atLeast.size() - 1; n > 0; --n)
              atLeast[n] |= atLeast[n - 1] & outliers;
          }
          crowded.setWord((group * masks + 1 + block) * taps + tap, word,
                          atLeast.back());
        }
}

/// Adds `passes` clocks for each of the inputs, and more where weights are
/// crowded.
void OutlierLanesModel::countClocks(const ZeroMask &inputs, int64_t begin,
                                    int64_t end, int64_t passes,
                                    std::vector<int64_t> &clocks) {
  ArrayTask few = task;
  few.filters = task.groups * (hasCrowded ? 1 + blocks : 1);
  int64_t again = values.getPasses(values.weightOutlierBits) - 1;
  forEachWindowCount(
      few, inputs, crowded, begin, end,
      [&](int64_t window, int64_t group, ArrayRef<int32_t> counts) {
        for (int64_t block = 0; block < blocks; ++block) {
          int64_t count = counts.front();
          if (hasCrowded)
            count += again * counts[1 + block];
          clocks[getFirst(group, block) + window] += passes * count;
        }
      });
}

/// A brick that has nothing to multiply takes a clock.
void OutlierLanesModel::countEmptyBricks(int64_t begin, int64_t end) {
  int64_t bricks = divideCeil(end - begin, array.brick);
  ArrayTask ofBricks = task;
  ofBricks.channels = task.groups * bricks;
  ofBricks.filters = task.groups;
  ZeroMask empty(narrowInputs.getRows(), bricks);
  for (int64_t row = 0; row < empty.getRows(); ++row)
    for (int64_t brick = 0; brick < bricks; ++brick) {
      int64_t from = begin + brick * array.brick;
      if (!narrowInputs.countRange(row, from,
                                   std::min(end, from + array.brick)))
        empty.setNonzero(row, brick);
    }
  ZeroMask all = makeFullMask(task.groups * task.getTaps(), bricks);
  forEachWindowCount(
      ofBricks, empty, all,
      [&](int64_t window, int64_t group, ArrayRef<int32_t> counts) {
        for (int64_t block = 0; block < blocks; ++block)
          narrow[getFirst(group, block) + window] += counts.front();
      });
}

/// Windows go in their order to the PE that is free first.
int64_t OutlierLanesModel::getSlowestPE(ArrayRef<int64_t> clocks) const {
  std::priority_queue<int64_t, std::vector<int64_t>, std::greater<int64_t>>
      free;
  int64_t slowest = 0;
  for (int64_t pe = 0; pe < rowsOfBlock * array.columns; ++pe)
    free.push(0);
  for (int64_t window : clocks) {
    int64_t end = free.top() + window;
    free.pop();
    free.push(end);
    slowest = std::max(slowest, end);
  }
  return slowest;
}

void OutlierLanesModel::finishRound(int64_t group, int64_t firstBlock,
                                    int64_t channels) {
  int64_t lastBlock = std::min(blocks, firstBlock + blocksAtOnce);
  int64_t busy = std::min(windows, rowsOfBlock * array.columns);
  int64_t active = busy * (lastBlock - firstBlock);
  int64_t sum = 0, slowest = 0, slowestWide = 0, weights = 0;
  for (int64_t block = firstBlock; block < lastBlock; ++block) {
    auto ofBlock = [&](ArrayRef<int64_t> clocks) {
      return clocks.slice(getFirst(group, block), windows);
    };
    ArrayRef<int64_t> clocks = ofBlock(narrow);
    sum = std::accumulate(clocks.begin(), clocks.end(), sum);
    slowest = std::max(slowest, getSlowestPE(clocks));
    if (wideInputs) {
      ArrayRef<int64_t> others = ofBlock(wide);
      int64_t work = std::accumulate(others.begin(), others.end(), int64_t(0));
      slowestWide =
          std::max(slowestWide,
                   int64_t(divideCeil(work, rowsOfBlock * array.outlierPEs)));
    }
    weights += getFilters(block) * task.getTaps() * channels;
    timing.sums.bufferWrites.done += windows * getFilters(block);
  }
  int64_t even = divideCeil(sum, active);
  timing.buckets.compute += even;
  timing.buckets.imbalance += slowest - even;
  timing.buckets.synchronisation += std::max<int64_t>(0, slowestWide - slowest);
  timing.buckets.ramp += array.passClocks;
  if (machine.networks.weights) {
    // Kernels come while those before work, except the first.
    int64_t load = divideCeil(weights, machine.networks.weights);
    if (first)
      timing.buckets.ramp += load;
    else
      timing.buckets.network += std::max<int64_t>(0, load - before);
  }
  first = false;
  before = std::max(slowest, slowestWide);
  timing.activePEs = std::max(timing.activePEs, active);
  activeSum += double(active);
  ++rounds;
  timing.weights.bufferReads.done += weights;
  timing.weights.spadWrites.done += weights * busy;
  // Inputs with their zeros, to one PE of each block.
  int64_t inputs = task.batch * task.getInputs() * channels;
  timing.inputs.bufferReads.done += inputs;
  timing.inputs.spadWrites.done += inputs * (lastBlock - firstBlock);
}

void OutlierLanesModel::runChannels(int64_t begin, int64_t end) {
  narrow.assign(task.groups * blocks * windows, 0);
  countClocks(narrowInputs, begin, end,
              byPasses ? values.getPasses(values.activationOutlierBits) : 1,
              narrow);
  countEmptyBricks(begin, end);
  if (wideInputs) {
    wide.assign(narrow.size(), 0);
    countClocks(*wideInputs, begin, end, 1, wide);
  }
  for (int64_t group = 0; group < task.groups; ++group)
    for (int64_t block = 0; block < blocks; block += blocksAtOnce)
      finishRound(group, block, end - begin);
}

/// Multiplications of the parts of wide values.
void OutlierLanesModel::countPasses() {
  Operands skips = array.skips;
  auto count = [&](const ZeroMask *activations, const ZeroMask *weights) {
    ArrayTask some = task;
    some.activations = activations;
    some.weights = weights;
    return countNonzeroMacs(some, Operands::Both);
  };
  const ZeroMask *nonzero = hasActivations(skips) ? task.activations : nullptr;
  int64_t ofInput = values.getPasses(values.activationOutlierBits);
  int64_t ofWeight = values.getPasses(values.weightOutlierBits);
  const ZeroMask *weights = task.weightOutliers;
  int64_t withWeights = weights ? count(nonzero, weights) : 0;
  if (byPasses) {
    timing.extraPasses = (ofInput - 1) * timing.macs.done +
                         ofInput * (ofWeight - 1) * withWeights;
    return;
  }
  timing.extraPasses = (ofWeight - 1) * withWeights;
  if (!wideInputs)
    return;
  timing.extraPasses += (ofInput - 1) * count(wideInputs, nullptr);
  if (weights)
    timing.extraPasses +=
        (ofInput - 1) * (ofWeight - 1) * count(wideInputs, weights);
}

ArrayTiming OutlierLanesModel::run(int64_t channelsAtOnce) {
  int64_t channels = task.getGroupChannels();
  int64_t parts = divideCeil(channels, channelsAtOnce);
  timing.macs = countMacs(task, array.skips, array.gates);
  for (int64_t part = 0; part < parts; ++part)
    runChannels(channels * part / parts, channels * (part + 1) / parts);
  countPasses();
  timing.buckets.ramp += array.pipelineClocks - 1;
  timing.cycles = timing.buckets.getSum();
  timing.averageActivePEs = activeSum / double(rounds);

  const MacCounts &macs = timing.macs;
  timing.weights.spadReads = {macs.done, macs.gated, macs.skipped};
  // An input is read once for all lanes.
  timing.inputs.spadReads = {macs.done * blocks / filters,
                             macs.gated * blocks / filters,
                             macs.skipped * blocks / filters};
  // Sums of a window stay in the PE, and are added to what the buffer has.
  timing.sums.bufferReads.done =
      timing.sums.bufferWrites.done - windows * task.filters;
  return timing;
}

Expected<ArrayTiming> timeOutlierLanes(const Machine &machine,
                                       const ArrayTask &task) {
  const Array &array = machine.array;
  const Values &values = machine.values;
  auto refuse = [&](const Twine &why) {
    return createStringError("machine '" + machine.name + "': " + why);
  };
  if (values.bits < 1 || values.activationOutlierBits <= values.bits ||
      values.weightOutlierBits <= values.bits || array.outlierPEs < 1 ||
      array.outlierLanes < 0 || array.brick < 1)
    return refuse("lanes without a width, or nothing for values that are "
                  "wider");
  if (task.getTaps() * task.getGroupChannels() > INT32_MAX)
    return refuse("a window has more than 2^31 products; cut it into tiles");
  auto timeAll = [&](bool byPasses) {
    return timeKernelParts(
        task, findKernelBox(task, array.weightEntries),
        [&](const ArrayTask &part) -> Expected<ArrayTiming> {
          int64_t channels = part.getGroupChannels();
          int64_t lanes = std::min(array.filterLanes, part.getGroupFilters());
          if (array.weightEntries) {
            int64_t fit = array.weightEntries / part.getTaps();
            // Large kernels leave lanes without a filter.
            lanes = std::min(lanes, fit);
            channels = std::min(channels, fit / lanes);
          }
          // Clocks are kept for each window and block.
          constexpr int64_t kMostClocks = int64_t(1) << 26;
          int64_t blocks =
              part.groups * int64_t(divideCeil(part.getGroupFilters(), lanes));
          if (blocks > kMostClocks / (part.batch * part.getWindows()))
            return refuse(
                "the task is too large to be timed; cut it into tiles");
          return OutlierLanesModel(machine, part, lanes, byPasses)
              .run(channels);
        });
  };
  Expected<ArrayTiming> apart = timeAll(false);
  if (!apart || !task.activationOutliers)
    return apart;
  Expected<ArrayTiming> byPasses = timeAll(true);
  if (!byPasses)
    return byPasses;
  return byPasses->cycles < apart->cycles ? *byPasses : *apart;
}

} // namespace lacuna::npu
