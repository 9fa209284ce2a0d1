//===- Intersection.cpp - PEs that meet the non-zeros of both operands -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// WAZ and ZeNA. The windows are divided among work groups of PEs. A kernel is
// broadcast to one PE of each group, so that a group has as many filters at a
// time as PEs. Then the input tiles of a group, `subGroups` of them, are
// broadcast to its PEs one after the other. A PE takes a clock for each product
// of a window that needs one, and one for a window that has none.
//
// Who waits: with `SyncScope::Window`, the PEs of a group wait for each other
// after each window, and with `Tile` after each input tile; the groups wait for
// each other when kernels change. With `Layer` nobody waits but for the end.
// Or the work groups are formed for each task, `regroups`, so that as few PEs
// as can be have nothing to do: then groups of the task, whose filters read
// channels of their own, may be worked on beside each other, too. If there are
// fewer sums than PEs, as many PEs as there are slices share a sum: each has
// some of its channels, and the buffer adds up what they have.
//
// What a PE holds of a filter are the channels that fit into its storage, or,
// if not even one does, a part of its taps; the sums go through the buffer in
// between. Filters are taken in their order, or,
// `balancesFilters`, by the non-zeros in these channels, so that kernels that
// take equally long work beside each other.
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Intersect.h"
#include "backends/npu/Array/KernelParts.h"
#include "backends/npu/Array/Models.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <numeric>

using namespace llvm;

namespace lacuna::npu {

static int64_t countSumsAtOnce(const Machine &machine) {
  constexpr int64_t kSumBytes = 4;
  int64_t sums = 1;
  for (const Memory &memory : machine.memories)
    if (memory.canHold(Content::Sums))
      sums = std::max(sums, memory.banks * memory.ports * memory.wordBytes /
                                kSumBytes);
  return machine.networks.sums ? std::min(sums, machine.networks.sums) : sums;
}

namespace {

class IntersectionModel {
public:
  IntersectionModel(const Machine &machine, const ArrayTask &task)
      : machine(machine), array(machine.array), task(task),
        windows(task.batch * task.getWindows()),
        filters(task.getGroupFilters()), sumsAtOnce(countSumsAtOnce(machine)),
        totals(array.getPEs()) {
    if (array.regroups)
      chooseWorkGroups();
    groupPEs = array.getPEs() / (workGroups * groupsAtOnce * slices);
  }

  ArrayTiming run(int64_t channelsAtOnce);

private:
  /// How many work groups and slices are fastest if all windows take equally
  /// long; of several the fewest.
  void chooseWorkGroups() {
    int64_t least = INT64_MAX, most = array.getPEs();
    int64_t channels = task.getGroupChannels();
    bool isFull = task.filters * windows >= most;
    auto consider = [&](int64_t atOnce, int64_t shares, int64_t parts) {
      int64_t products = task.getTaps() * int64_t(divideCeil(channels, parts));
      int64_t clocks =
          divideCeil(task.groups, atOnce) *
              divideCeil(filters, most / (atOnce * shares * parts)) *
              divideCeil(windows, shares) * products +
          countSumClocks(task.filters, parts);
      if (clocks >= least)
        return;
      workGroups = shares;
      groupsAtOnce = atOnce;
      slices = parts;
      least = clocks;
    };
    for (int64_t atOnce = 1; atOnce <= std::min(most, task.groups); ++atOnce)
      for (int64_t shares = 1; shares <= std::min(most / atOnce, windows);
           ++shares) {
        int64_t mostParts =
            isFull ? 1 : std::min(channels, most / (atOnce * shares));
        for (int64_t parts = 1; parts <= mostParts; ++parts)
          consider(atOnce, shares, parts);
      }
  }
  /// Clocks in which the buffer adds the sums of all slices but the first.
  int64_t countSumClocks(int64_t kernels, int64_t parts) const {
    return divideCeil((parts - 1) * windows * kernels, sumsAtOnce);
  }
  const ZeroMask *getActivations() const {
    return int(array.skips) & int(Operands::Activations) ? task.activations
                                                         : nullptr;
  }
  const ZeroMask *getWeights() const {
    return int(array.skips) & int(Operands::Weights) ? task.weights : nullptr;
  }

  void runChannels(int64_t begin, int64_t end);
  void runSlice(int64_t slice, int64_t begin, int64_t end);
  void
  visitCosts(int64_t slice, int64_t begin, int64_t end,
             function_ref<void(int64_t, int64_t, ArrayRef<int32_t>)> visit);
  void countFilters(int64_t slice, int64_t begin, int64_t end);
  void orderFilters(int64_t part);
  void finishTile(int64_t part, int64_t workGroup);
  void finishGroups(int64_t begin, int64_t end, int64_t channels);
  /// Of a group of the task, in a slice.
  int64_t getPart(int64_t group, int64_t slice) const {
    return group * slices + slice;
  }
  MutableArrayRef<int64_t> getNonzeros(int64_t part) {
    return MutableArrayRef(nonzeros).slice(part * filters, filters);
  }
  int64_t getFirstWindow(int64_t workGroup) const {
    return windows * workGroup / workGroups;
  }

  const Machine &machine;
  const Array &array;
  const ArrayTask &task;
  int64_t windows, filters;
  /// That the buffer takes in a clock.
  int64_t sumsAtOnce;
  /// How many groups of the task are worked on at once, in how many slices,
  /// among how many work groups the windows of each are divided, and the PEs of
  /// one of these.
  int64_t groupsAtOnce = 1, slices = 1, workGroups = array.workGroups, groupPEs;

  /// For each part, which is a group of the task in a slice, of the channels
  /// that PEs hold: non-zeros of each filter, and filters in the order in which
  /// they are given to PEs.
  std::vector<int64_t> nonzeros;
  std::vector<std::vector<int64_t>> orders;
  /// Clocks of each filter in the input tile that a work group works on.
  std::vector<std::vector<int64_t>> tile;
  /// For each part: clocks of work groups in each round of kernels, and the
  /// products of the round.
  std::vector<std::vector<int64_t>> elapsed, work;
  /// Clocks of each PE, if nobody waits.
  std::vector<int64_t> totals;
  int64_t allWork = 0;
  /// Products of two operands that are not zero, if both are looked at.
  int64_t intersected = 0;
  /// Clocks of the round before, in which the next kernels can come.
  int64_t before = 0;
  bool first = true;
  ArrayTiming timing;
  double activeSum = 0;
  int64_t rounds = 0;
};

} // namespace

void IntersectionModel::countFilters(int64_t slice, int64_t begin,
                                     int64_t end) {
  int64_t taps = task.getTaps();
  const ZeroMask *weights = getWeights();
  for (int64_t group = 0; group < task.groups; ++group)
    for (auto [f, count] : enumerate(getNonzeros(getPart(group, slice)))) {
      count = weights ? 0 : taps * (end - begin);
      int64_t firstRow = (group * filters + int64_t(f)) * taps;
      for (int64_t tap = 0; weights && tap < taps; ++tap)
        count += weights->countRange(firstRow + tap, begin, end);
    }
}

void IntersectionModel::orderFilters(int64_t part) {
  std::vector<int64_t> &order = orders[part];
  order.resize(filters);
  std::iota(order.begin(), order.end(), 0);
  ArrayRef<int64_t> counts = getNonzeros(part);
  if (array.balancesFilters)
    stable_sort(order,
                [&](int64_t a, int64_t b) { return counts[a] > counts[b]; });
}

/// Calls `visit` with the products of each filter that take a clock.
void IntersectionModel::visitCosts(
    int64_t slice, int64_t begin, int64_t end,
    function_ref<void(int64_t, int64_t, ArrayRef<int32_t>)> visit) {
  const ZeroMask *activations = getActivations(), *weights = getWeights();
  if (activations && weights)
    return forEachWindowCount(task, *activations, *weights, begin, end, visit);

  std::vector<int32_t> counts(filters);
  if (activations) {
    // All filters take as long as one without zeros.
    ArrayTask one = task;
    one.filters = task.groups;
    ZeroMask ones = makeRandomWeightMask(one, 1, 0);
    return forEachWindowCount(
        one, *activations, ones, begin, end,
        [&](int64_t window, int64_t group, ArrayRef<int32_t> count) {
          std::fill(counts.begin(), counts.end(), count.front());
          visit(window, group, counts);
        });
  }
  for (int64_t window = 0; window < windows; ++window)
    for (int64_t group = 0; group < task.groups; ++group) {
      for (int64_t f = 0; f < filters; ++f)
        counts[f] = int32_t(getNonzeros(getPart(group, slice))[f]);
      visit(window, group, counts);
    }
}

void IntersectionModel::finishTile(int64_t part, int64_t workGroup) {
  int64_t roundsOfGroup = divideCeil(filters, groupPEs);
  int64_t firstPE =
      (part % (groupsAtOnce * slices) * workGroups + workGroup) * groupPEs;
  for (int64_t round = 0; round < roundsOfGroup; ++round) {
    int64_t slowest = 0, sum = 0;
    for (int64_t pe = 0; pe < groupPEs; ++pe) {
      int64_t at = round * groupPEs + pe;
      if (at >= filters)
        break;
      int64_t clocks = tile[part][orders[part][at]];
      slowest = std::max(slowest, clocks);
      sum += clocks;
      totals[firstPE + pe] += clocks;
    }
    elapsed[part][round * workGroups + workGroup] += slowest;
    work[part][round] += sum;
  }
  std::fill(tile[part].begin(), tile[part].end(), 0);
}

/// The rounds of kernels of parts that are worked on at once.
void IntersectionModel::finishGroups(int64_t begin, int64_t end,
                                     int64_t channels) {
  int64_t taps = task.getTaps();
  int64_t busyGroups = std::min(workGroups, windows);
  int64_t roundsOfGroup = divideCeil(filters, groupPEs);
  for (int64_t round = 0; round < roundsOfGroup; ++round) {
    int64_t firstFilter = round * groupPEs;
    int64_t kernelsOfGroup = std::min(groupPEs, filters - firstFilter);
    int64_t kernels = (end - begin) * kernelsOfGroup;
    int64_t active = busyGroups * kernels;
    int64_t values = 0, products = 0, slowest = 0, clocks = 0;
    for (int64_t part = begin; part < end; ++part) {
      for (int64_t at = 0; at < kernelsOfGroup; ++at)
        values += getNonzeros(part)[orders[part][firstFilter + at]];
      products += work[part][round];
      for (int64_t each :
           ArrayRef(elapsed[part]).slice(round * workGroups, workGroups)) {
        slowest = std::max(slowest, each);
        clocks += each;
      }
    }
    int64_t even = divideCeil(products, active);
    int64_t mean = divideCeil(clocks, busyGroups * (end - begin));
    if (array.sync != SyncScope::Layer) {
      timing.buckets.compute += even;
      timing.buckets.imbalance += mean - even;
      timing.buckets.synchronisation += slowest - mean;
    }
    timing.buckets.ramp += array.passClocks;
    timing.buckets.network += countSumClocks(kernels / slices, slices);
    if (machine.networks.weights) {
      // Kernels come while those before work, except the first.
      int64_t load = divideCeil(values, machine.networks.weights);
      if (first)
        timing.buckets.ramp += load;
      else
        timing.buckets.network += std::max<int64_t>(0, load - before);
    }
    first = false;
    before = slowest;
    allWork += products;
    timing.activePEs = std::max(timing.activePEs, active);
    activeSum += double(active);
    ++rounds;

    timing.weights.bufferReads.done += values;
    timing.weights.spadWrites.done += values * busyGroups;
    timing.sums.bufferWrites.done += windows * kernels;
    if (getWeights())
      timing.metadataWords +=
          divideCeil(kernels / slices * taps * channels, 16);
  }
}

void IntersectionModel::runSlice(int64_t slice, int64_t begin, int64_t end) {
  countFilters(slice, begin, end);
  for (int64_t group = 0; group < task.groups; ++group)
    orderFilters(getPart(group, slice));
  if (begin == end)
    return;
  int64_t workGroup = 0, tileIndex = 0;
  // The last window of the input tile.
  auto getTileEnd = [&] {
    int64_t from = getFirstWindow(workGroup),
            to = getFirstWindow(workGroup + 1);
    return from + (to - from) * (tileIndex + 1) / array.subGroups;
  };
  visitCosts(slice, begin, end,
             [&](int64_t window, int64_t group, ArrayRef<int32_t> counts) {
               if (group == 0) {
                 while (window >= getFirstWindow(workGroup + 1)) {
                   ++workGroup;
                   tileIndex = 0;
                 }
                 while (window >= getTileEnd())
                   ++tileIndex;
               }
               int64_t part = getPart(group, slice);
               intersected += addClocks(counts, tile[part]);
               if (array.sync == SyncScope::Window ||
                   window + 1 == getTileEnd())
                 finishTile(part, workGroup);
             });
}

void IntersectionModel::runChannels(int64_t begin, int64_t end) {
  int64_t roundsOfGroup = divideCeil(filters, groupPEs);
  int64_t parts = task.groups * slices, partsAtOnce = groupsAtOnce * slices;
  nonzeros.resize(parts * filters);
  orders.resize(parts);
  tile.assign(parts, std::vector<int64_t>(filters));
  elapsed.assign(parts, std::vector<int64_t>(roundsOfGroup * workGroups));
  work.assign(parts, std::vector<int64_t>(roundsOfGroup));
  for (int64_t slice = 0; slice < slices; ++slice)
    runSlice(slice, begin + (end - begin) * slice / slices,
             begin + (end - begin) * (slice + 1) / slices);
  for (int64_t part = 0; part < parts; part += partsAtOnce)
    finishGroups(part, std::min(part + partsAtOnce, parts), end - begin);
}

ArrayTiming IntersectionModel::run(int64_t channelsAtOnce) {
  int64_t channels = task.getGroupChannels();
  int64_t parts = divideCeil(channels, channelsAtOnce * slices);
  bool intersects = getActivations() && getWeights();
  if (!intersects)
    timing.macs = countMacs(task, array.skips, array.gates);
  for (int64_t part = 0; part < parts; ++part)
    runChannels(channels * part / parts, channels * (part + 1) / parts);

  if (intersects) {
    timing.macs.done = intersected;
    timing.macs.skipped = task.getMacs() - intersected;
    timing.macs.padding = task.getPaddingMacs();
  }
  if (array.sync == SyncScope::Layer) {
    int64_t slowest = *std::max_element(totals.begin(), totals.end());
    timing.buckets.compute =
        std::min<int64_t>(slowest, divideCeil(allWork, timing.activePEs));
    timing.buckets.imbalance = slowest - timing.buckets.compute;
  }
  timing.buckets.ramp += array.pipelineClocks - 1;
  timing.cycles = timing.buckets.getSum();
  timing.averageActivePEs = activeSum / double(rounds);

  AccessCounts each = {timing.macs.done, timing.macs.gated,
                       timing.macs.skipped};
  timing.inputs.spadReads = timing.weights.spadReads = each;
  // Sums of a window stay in the PE, and are added to what the buffer has.
  timing.sums.bufferReads.done =
      timing.sums.bufferWrites.done - windows * task.filters;
  // Each input is broadcast in its work group once in a round of kernels; those
  // that a neighbouring group needs, too, are not counted again.
  const ZeroMask *activations = getActivations();
  int64_t all = task.getActivationRows() * channels;
  int64_t kernelRounds = divideCeil(filters, groupPEs);
  timing.inputs.bufferReads.done =
      (activations ? activations->count() : all) * kernelRounds;
  timing.inputs.spadWrites.done = timing.inputs.bufferReads.done * groupPEs;
  if (activations)
    timing.metadataWords += divideCeil(all, 16) * kernelRounds;
  return timing;
}

Expected<ArrayTiming> timeIntersection(const Machine &machine,
                                       const ArrayTask &task) {
  const Array &array = machine.array;
  auto refuse = [&](const Twine &why) {
    return createStringError("machine '" + machine.name + "': " + why);
  };
  if (array.inputLanes != 1 || array.filterLanes != 1)
    return refuse("PEs that intersect do one product a clock");
  if (array.workGroups < 1 || array.subGroups < 1 ||
      array.getPEs() % array.workGroups)
    return refuse(Twine(array.getPEs()) + " PEs do not divide into " +
                  Twine(array.workGroups) + " work groups of " +
                  Twine(array.subGroups) + " input tiles");
  if (task.getTaps() * task.getGroupChannels() > INT32_MAX)
    return refuse("a window has more than 2^31 products; cut it into tiles");
  return timeKernelParts(
      task, findKernelBox(task, array.weightEntries),
      [&](const ArrayTask &part) -> Expected<ArrayTiming> {
        int64_t channels = part.getGroupChannels();
        if (array.weightEntries)
          channels = std::min(channels, array.weightEntries / part.getTaps());
        return IntersectionModel(machine, part).run(channels);
      });
}

} // namespace lacuna::npu
