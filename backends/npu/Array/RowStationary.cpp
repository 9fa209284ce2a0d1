//===- RowStationary.cpp - Rows of a convolution on an array -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pass convolves the rows of `q r` channels of one image with `p t` filters,
// for `e` rows of outputs. Its PEs do as many products as each has; meanwhile
// sums come from the buffer and go back, and the rest of the inputs comes, over
// networks of so many values a clock. Before a PE can begin, the weights of the
// pass (if the pass before had others) and the first window of each row of
// inputs must have come: PEs have storage for one pass only, so that nothing of
// it overlaps with the pass before. Padding is made by the PEs and comes over
// no network. A kernel of more rows than the array, or of longer rows than
// a PE holds, comes in parts.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/RowStationary.h"

#include "backends/npu/Array/KernelParts.h"
#include "backends/npu/Array/Models.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

namespace {

/// A size that occurs among passes, and how often.
struct Share {
  int64_t size, count;
};

/// Rows of outputs that passes have, and the inputs that these need.
struct Strip {
  int64_t rows, inputRows;
};

} // namespace

/// `total` in parts of `part`: the full ones and the rest.
static SmallVector<Share, 2> split(int64_t total, int64_t part) {
  SmallVector<Share, 2> shares;
  if (total / part)
    shares.push_back({part, total / part});
  if (total % part)
    shares.push_back({total % part, 1});
  return shares;
}

/// Filters in passes: first by what the buffer holds, then by passes.
static SmallVector<Share, 4> splitFilters(int64_t filters,
                                          const RowMapping &mapping) {
  SmallVector<Share, 4> shares;
  for (const Share &held : split(filters, mapping.m))
    for (const Share &pass : split(held.size, mapping.getPassFilters()))
      shares.push_back({pass.size, pass.count * held.count});
  return shares;
}

/// Inputs inside of the image between two positions.
static int64_t countReal(const SpatialDimension &dimension, int64_t first,
                         int64_t last) {
  return std::max<int64_t>(0, std::min(last, dimension.input - 1) -
                                  std::max<int64_t>(first, 0) + 1);
}

static Strip getStrip(const SpatialDimension &height, int64_t first,
                      int64_t rows) {
  return {rows,
          countReal(height, height.getPosition(first, 0),
                    height.getPosition(first + rows - 1, height.kernel - 1))};
}

static SmallVector<Strip> getStrips(const SpatialDimension &height, int64_t e) {
  SmallVector<Strip> strips;
  for (int64_t first = 0; first < height.output; first += e)
    strips.push_back(
        getStrip(height, first, std::min(e, height.output - first)));
  return strips;
}

/// Values that a width of `width` a clock brings; none means as many as wanted.
static int64_t getClocks(int64_t values, int64_t width) {
  return width ? divideCeil(values, width) : 0;
}

RowClocks countRowClocks(const RowMappingProblem &problem,
                         const RowMapping &mapping) {
  const Machine &machine = problem.getMachine();
  const ArrayTask &task = problem.getTask();
  const Array &array = machine.array;
  const Networks &networks = machine.networks;
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  int64_t windowColumns = countReal(width, width.getPosition(0, 0),
                                    width.getPosition(0, width.kernel - 1));

  RowClocks clocks;
  for (const Strip &strip : getStrips(height, mapping.e))
    for (const Share &filters : splitFilters(task.getGroupFilters(), mapping))
      for (const Share &channels :
           split(problem.getChannels(), mapping.getPassChannels()))
        for (const Share &images : split(problem.getImages(), mapping.n)) {
          int64_t loads =
              task.groups * filters.count * channels.count * images.count;
          int64_t passes = loads * images.size;
          int64_t setsOfFilters = std::min(mapping.t, filters.size);
          int64_t setsOfChannels = std::min(mapping.r, channels.size);

          int64_t compute = width.output * width.kernel *
                            divideCeil(filters.size, mapping.t) *
                            divideCeil(channels.size, mapping.r);
          int64_t sums = filters.size * strip.rows * width.output;
          int64_t inputs = channels.size * strip.inputRows * width.input;
          int64_t network = std::max({compute, getClocks(sums, networks.sums),
                                      getClocks(inputs, networks.inputs)});
          int64_t window = getClocks(
              channels.size * strip.inputRows * windowColumns, networks.inputs);
          int64_t weights = getClocks(filters.size * channels.size *
                                          height.kernel * width.kernel,
                                      networks.weights);
          int64_t activePEs =
              height.kernel * strip.rows * setsOfFilters * setsOfChannels;

          clocks.passes += passes;
          clocks.compute += passes * compute;
          clocks.network += passes * (network - compute);
          clocks.ramp += loads * weights + passes * (window + array.passClocks +
                                                     array.pipelineClocks - 1);
          clocks.activePEClocks += passes * compute * activePEs;
          clocks.mostActivePEs = std::max(clocks.mostActivePEs, activePEs);
        }
  return clocks;
}

int64_t RowMappingProblem::getSets(int64_t e) const {
  const Array &array = machine.array;
  int64_t blocks = array.rows / task.space[1].kernel;
  // A set that is wider than the array is folded into blocks above each other.
  return e <= array.columns ? blocks * (array.columns / e)
                            : blocks / divideCeil(e, array.columns);
}

bool RowMappingProblem::fitsStorage(const RowMapping &mapping) const {
  const Array &array = machine.array;
  const SpatialDimension &width = task.space[2];
  auto fits = [](int64_t values, int64_t entries) {
    return !entries || values <= entries;
  };
  return fits(mapping.p * mapping.q * width.kernel, array.weightEntries) &&
         fits(mapping.q * width.getSpan(), array.inputEntries) &&
         fits(mapping.p, array.sumEntries);
}

bool RowMappingProblem::fitsBuffer(const RowMapping &mapping) const {
  // Sums are rounded to 16 bits on their way to the buffer.
  bool isFloat = task.type == ElementType::Float32;
  int64_t inputBytes = isFloat ? 4 : task.type == ElementType::Int8 ? 1 : 2;
  int64_t sumBytes = isFloat ? 4 : 2;
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  int64_t rows = 0;
  for (const Strip &strip : getStrips(height, mapping.e))
    rows = std::max(rows, strip.inputRows);
  int64_t m = std::min(mapping.m, task.getGroupFilters());
  int64_t n = std::min(mapping.n, getImages());
  int64_t sums = m * n * std::min(mapping.e, height.output) * width.output;
  int64_t inputs = std::min(mapping.getPassChannels(), getChannels()) * n *
                   rows * width.input;

  for (const Memory &memory : machine.memories) {
    int64_t grain = memory.ownedBanks ? memory.getBankBytes() : 1;
    int64_t bytes = 0;
    if (memory.canHold(Content::Sums))
      bytes += alignTo(sums * sumBytes, grain);
    if (memory.canHold(Content::Inputs))
      bytes += alignTo(inputs * inputBytes, grain);
    if (bytes > memory.bytes)
      return false;
  }
  return true;
}

Error RowMappingProblem::check() const {
  const Array &array = machine.array;
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  auto refuse = [&](const Twine &why) {
    return createStringError("machine '" + machine.name + "': " + why);
  };
  if (array.skips != Operands::None)
    return refuse("a row stationary array cannot skip zeros; let it gate them");
  if (array.inputLanes != 1 || array.filterLanes != 1)
    return refuse("the PEs of a row stationary array do one product a clock");
  if (height.kernel > array.rows)
    return refuse("kernels of " + Twine(height.kernel) +
                  " rows do not fit on " + Twine(array.rows) + " rows of PEs");
  RowMapping least;
  if (!fitsStorage(least))
    return refuse("a row of a kernel of " + Twine(width.kernel) +
                  " taps does not fit into the storage of a PE");
  if (!fitsBuffer(least))
    return refuse("a row of inputs and one of sums do not fit into the banks "
                  "of the buffer; cut the layer into tiles");
  return Error::success();
}

Error RowMappingProblem::verify(const RowMapping &mapping) const {
  auto refuse = [&](const Twine &why) {
    return createStringError(
        "mapping m=" + Twine(mapping.m) + " n=" + Twine(mapping.n) + " e=" +
        Twine(mapping.e) + " p=" + Twine(mapping.p) + " q=" + Twine(mapping.q) +
        " r=" + Twine(mapping.r) + " t=" + Twine(mapping.t) + ": " + why);
  };
  constexpr int64_t kMost = int64_t(1) << 20;
  for (int64_t number : {mapping.m, mapping.n, mapping.e, mapping.p, mapping.q,
                         mapping.r, mapping.t})
    if (number < 1 || number > kMost)
      return refuse("each number must lie between 1 and " + Twine(kMost));
  int64_t e = std::min(mapping.e, task.space[1].output);
  if (mapping.r * mapping.t > getSets(e))
    return refuse(Twine(mapping.r * mapping.t) + " sets of " +
                  Twine(task.space[1].kernel) + " x " + Twine(e) +
                  " PEs do not fit on " + Twine(machine.array.rows) + " x " +
                  Twine(machine.array.columns));
  if (!fitsStorage(mapping))
    return refuse("rows of " + Twine(mapping.p) + " filters and " +
                  Twine(mapping.q) +
                  " channels do not fit into the storage of a PE");
  if (!fitsBuffer(mapping))
    return refuse("sums and inputs do not fit into the banks of the buffer");
  return Error::success();
}

DramWords RowMappingProblem::countDramWords(const RowMapping &mapping) const {
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  auto countPadded = [](const SpatialDimension &dimension, int64_t windows) {
    return (windows - 1) * dimension.stride + dimension.getSpan();
  };
  int64_t strips = 0, rows = 0;
  for (const Strip &strip : getStrips(height, mapping.e)) {
    ++strips;
    rows += countPadded(height, strip.rows);
  }
  // Inputs come again for filters whose sums the buffer did not hold; weights
  // for each strip and for images that it did not.
  DramWords words;
  words.inputs = getImages() * getChannels() * task.groups * rows *
                 countPadded(width, width.output) *
                 divideCeil(task.getGroupFilters(), mapping.m);
  words.weights = task.filters * getChannels() * height.kernel * width.kernel *
                  strips * divideCeil(getImages(), mapping.n);
  words.outputs = getImages() * task.filters * height.output * width.output;
  return words;
}

/// The sizes of parts that make a difference, from large to small.
static SmallVector<int64_t> getPartSizes(int64_t total, int64_t most) {
  SmallVector<int64_t> sizes;
  for (int64_t part = std::min(total, most); part > 0;) {
    sizes.push_back(part);
    // The largest that needs more parts.
    int64_t parts = divideCeil(total, part) + 1;
    part = std::min<int64_t>(part - 1, divideCeil(total, parts));
  }
  return sizes;
}

Expected<RowMapping> RowMappingProblem::solve() const {
  if (Error error = check())
    return error;
  const Array &array = machine.array;
  const SpatialDimension &width = task.space[2];
  int64_t filters = task.getGroupFilters();
  // Products of a tap in one row of outputs.
  int64_t rows = task.groups * getImages() * width.output;
  // What a PE interleaves is bounded by its storage; without a bound, more than
  // this gains nothing.
  constexpr int64_t kInterleaved = 64;

  std::optional<RowMapping> best;
  int64_t bestClocks = 0, bestWords = 0;
  auto consider = [&](const RowMapping &mapping) {
    int64_t clocks = countRowClocks(*this, mapping).getSum();
    if (best && clocks > bestClocks)
      return;
    int64_t words = countDramWords(mapping).getSum();
    if (best && clocks == bestClocks && words >= bestWords)
      return;
    best = mapping;
    bestClocks = clocks;
    bestWords = words;
  };

  RowMapping mapping;
  for (int64_t e :
       getPartSizes(task.space[1].output, array.columns * array.rows)) {
    mapping.e = e;
    int64_t sets = getSets(e);
    int64_t strips = divideCeil(task.space[1].output, e);
    for (int64_t r : getPartSizes(getChannels(), sets)) {
      mapping.r = r;
      mapping.t = std::min(sets / r, filters);
      // Whatever is interleaved, a PE has its share of the products.
      int64_t products = rows * strips * width.kernel *
                         int64_t(divideCeil(filters, mapping.t)) *
                         int64_t(divideCeil(getChannels(), r));
      if (best && products > bestClocks)
        continue;
      for (int64_t q :
           getPartSizes(divideCeil(getChannels(), r), kInterleaved)) {
        mapping.q = q;
        // And all sums come once for the channels of a pass.
        int64_t sums =
            rows * filters * task.space[1].output *
            int64_t(divideCeil(getChannels(), mapping.getPassChannels()));
        if (best && getClocks(sums, machine.networks.sums) > bestClocks)
          continue;
        for (int64_t p :
             getPartSizes(divideCeil(filters, mapping.t), kInterleaved)) {
          mapping.p = p;
          if (!fitsStorage(mapping))
            continue;
          for (int64_t n : getPartSizes(getImages(), getImages())) {
            mapping.n = n;
            // As many filters as fit, in whole passes.
            for (int64_t passes : getPartSizes(
                     divideCeil(filters, mapping.getPassFilters()), filters)) {
              mapping.m = passes * mapping.getPassFilters();
              if (!fitsBuffer(mapping))
                continue;
              consider(mapping);
              break;
            }
          }
        }
      }
    }
  }
  if (!best)
    return createStringError("machine '" + machine.name +
                             "': no mapping of rows fits; cut the layer into "
                             "tiles");
  return *best;
}

/// Times a task whose kernel the array can hold, but for its products.
static Expected<ArrayTiming> timeRows(const Machine &machine,
                                      const ArrayTask &task) {
  RowMappingProblem problem(machine, task);
  if (Error error = problem.check())
    return error;
  RowMapping mapping;
  if (task.mapping) {
    mapping = *task.mapping;
    if (Error error = problem.verify(mapping))
      return error;
  } else {
    Expected<RowMapping> found = problem.solve();
    if (!found)
      return found.takeError();
    mapping = *found;
  }

  RowClocks clocks = countRowClocks(problem, mapping);
  ArrayTiming timing;
  timing.buckets.compute = clocks.compute;
  timing.buckets.network = clocks.network;
  timing.buckets.ramp = clocks.ramp;
  timing.cycles = clocks.getSum();
  timing.activePEs = clocks.mostActivePEs;
  timing.averageActivePEs =
      double(clocks.activePEClocks) / double(clocks.compute);

  const SpatialDimension &height = task.space[1], &width = task.space[2];
  int64_t channelPasses =
      divideCeil(problem.getChannels(), mapping.getPassChannels());
  int64_t outputs =
      problem.getImages() * task.filters * height.output * width.output;
  timing.sums.bufferWrites.done = outputs * channelPasses;
  timing.sums.bufferReads.done = outputs * (channelPasses - 1);
  // A sum goes up through the rows of all sets of channels.
  for (const Share &share :
       split(problem.getChannels(), mapping.getPassChannels()))
    timing.transfers.done +=
        outputs * share.count *
        (height.kernel * std::min(mapping.r, share.size) - 1);
  int64_t inputs = 0;
  SmallVector<Strip> strips = getStrips(height, mapping.e);
  for (const Strip &strip : strips)
    inputs += strip.inputRows * width.input;
  int64_t filterPasses = 0, filterSets = 0;
  for (const Share &share : splitFilters(task.getGroupFilters(), mapping)) {
    filterPasses += share.count;
    filterSets += share.count * std::min(mapping.t, share.size);
  }
  timing.inputs.bufferReads.done = problem.getImages() * task.groups *
                                   problem.getChannels() * inputs *
                                   filterPasses;
  // A row of inputs goes to each PE that has one of its outputs.
  timing.inputs.spadWrites.done = problem.getImages() * task.groups *
                                  problem.getChannels() * width.input *
                                  height.countInside() * filterSets;
  timing.weights.bufferReads.done =
      task.filters * problem.getChannels() * height.kernel * width.kernel *
      int64_t(strips.size()) * divideCeil(problem.getImages(), mapping.n);
  timing.weights.spadWrites.done =
      timing.weights.bufferReads.done / int64_t(strips.size()) * height.output;
  return timing;
}

/// The part of a kernel that has as many rows as the array, as long as a PE has
/// storage for.
static std::array<int64_t, 3> findBox(const Array &array,
                                      const ArrayTask &task) {
  const SpatialDimension &width = task.space[2];
  int64_t columns = width.kernel;
  if (array.weightEntries)
    columns = std::min(columns, array.weightEntries);
  if (array.inputEntries)
    columns = std::min(columns, (array.inputEntries - 1) / width.dilation + 1);
  return {task.space[0].kernel, array.rows, std::max<int64_t>(columns, 1)};
}

Expected<ArrayTiming> timeRowStationary(const Machine &machine,
                                        const ArrayTask &task) {
  double activePEClocks = 0;
  Expected<ArrayTiming> all =
      timeKernelParts(task, findBox(machine.array, task),
                      [&](const ArrayTask &part) -> Expected<ArrayTiming> {
                        Expected<ArrayTiming> one = timeRows(machine, part);
                        if (one)
                          activePEClocks += one->averageActivePEs *
                                            double(one->buckets.compute);
                        return one;
                      });
  if (!all)
    return all;
  ArrayTiming &timing = *all;
  timing.averageActivePEs = activePEClocks / double(timing.buckets.compute);
  timing.macs = countMacs(task, Operands::None, machine.array.gates);
  // A gated product has read its input, and nothing else.
  const MacCounts &macs = timing.macs;
  timing.inputs.spadReads.done = macs.getSum();
  timing.weights.spadReads = {macs.done, macs.gated, 0};
  timing.sums.spadReads = timing.sums.spadWrites = timing.weights.spadReads;
  return all;
}

} // namespace lacuna::npu
