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
// channels of their own, may be worked on beside each other, too.
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

namespace {

class IntersectionModel {
public:
  IntersectionModel(const Machine &machine, const ArrayTask &task)
      : machine(machine), array(machine.array), task(task),
        windows(task.batch * task.getWindows()),
        filters(task.getGroupFilters()), totals(array.getPEs()) {
    if (array.regroups)
      chooseWorkGroups();
    groupPEs = array.getPEs() / (workGroups * groupsAtOnce);
  }

  ArrayTiming run(int64_t channelsAtOnce);

private:
  /// How many work groups are fastest if all windows take equally long; of
  /// several the fewest.
  void chooseWorkGroups() {
    int64_t least = INT64_MAX, most = array.getPEs();
    for (int64_t atOnce = 1; atOnce <= std::min(most, task.groups); ++atOnce)
      for (int64_t shares = 1; shares <= std::min(most / atOnce, windows);
           ++shares) {
        int64_t clocks = divideCeil(task.groups, atOnce) *
                         divideCeil(filters, most / (atOnce * shares)) *
                         divideCeil(windows, shares);
        if (clocks >= least)
          continue;
        workGroups = shares;
        groupsAtOnce = atOnce;
        least = clocks;
      }
  }
  const ZeroMask *getActivations() const {
    return int(array.skips) & int(Operands::Activations) ? task.activations
                                                         : nullptr;
  }
  const ZeroMask *getWeights() const {
    return int(array.skips) & int(Operands::Weights) ? task.weights : nullptr;
  }

  void runChannels(int64_t begin, int64_t end);
  void
  visitCosts(int64_t begin, int64_t end,
             function_ref<void(int64_t, int64_t, ArrayRef<int32_t>)> visit);
  void countFilters(int64_t begin, int64_t end);
  void orderFilters(int64_t group);
  void finishTile(int64_t group, int64_t workGroup);
  void finishGroups(int64_t begin, int64_t end, int64_t channels);
  int64_t getFirstWindow(int64_t workGroup) const {
    return windows * workGroup / workGroups;
  }

  const Machine &machine;
  const Array &array;
  const ArrayTask &task;
  int64_t windows, filters;
  /// How many groups of the task are worked on at once, among how many work
  /// groups the windows of each are divided, and the PEs of one of these.
  int64_t groupsAtOnce = 1, workGroups = array.workGroups, groupPEs;

  /// Of the channels that PEs hold: non-zeros of each filter, and filters in
  /// the order in which they are given to PEs, for each group of the task.
  std::vector<int64_t> nonzeros;
  std::vector<std::vector<int64_t>> orders;
  /// Clocks of each filter in the input tile that a work group works on.
  std::vector<std::vector<int64_t>> tile;
  /// For each group of the task: clocks of work groups in each round of
  /// kernels, and the products of the round.
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

void IntersectionModel::countFilters(int64_t begin, int64_t end) {
  int64_t taps = task.getTaps();
  nonzeros.assign(task.filters, taps * (end - begin));
  if (const ZeroMask *weights = getWeights())
    for (auto [f, count] : enumerate(nonzeros)) {
      count = 0;
      for (int64_t tap = 0; tap < taps; ++tap)
        count += weights->countRange(int64_t(f) * taps + tap, begin, end);
    }
}

void IntersectionModel::orderFilters(int64_t group) {
  std::vector<int64_t> &order = orders[group];
  order.resize(filters);
  std::iota(order.begin(), order.end(), 0);
  if (array.balancesFilters)
    stable_sort(order, [&](int64_t a, int64_t b) {
      return nonzeros[group * filters + a] > nonzeros[group * filters + b];
    });
}

/// Calls `visit` with the products of each filter that take a clock.
void IntersectionModel::visitCosts(
    int64_t begin, int64_t end,
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
        counts[f] = int32_t(nonzeros[group * filters + f]);
      visit(window, group, counts);
    }
}

void IntersectionModel::finishTile(int64_t group, int64_t workGroup) {
  int64_t roundsOfGroup = divideCeil(filters, groupPEs);
  int64_t firstPE = (group % groupsAtOnce * workGroups + workGroup) * groupPEs;
  for (int64_t round = 0; round < roundsOfGroup; ++round) {
    int64_t slowest = 0, sum = 0;
    for (int64_t pe = 0; pe < groupPEs; ++pe) {
      int64_t at = round * groupPEs + pe;
      if (at >= filters)
        break;
      int64_t clocks = tile[group][orders[group][at]];
      slowest = std::max(slowest, clocks);
      sum += clocks;
      totals[firstPE + pe] += clocks;
    }
    elapsed[group][round * workGroups + workGroup] += slowest;
    work[group][round] += sum;
  }
  std::fill(tile[group].begin(), tile[group].end(), 0);
}

/// The rounds of kernels of groups of the task that are worked on at once.
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
    for (int64_t group = begin; group < end; ++group) {
      for (int64_t at = 0; at < kernelsOfGroup; ++at)
        values += nonzeros[group * filters + orders[group][firstFilter + at]];
      products += work[group][round];
      for (int64_t each :
           ArrayRef(elapsed[group]).slice(round * workGroups, workGroups)) {
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
      timing.metadataWords += divideCeil(kernels * taps * channels, 16);
  }
}

void IntersectionModel::runChannels(int64_t begin, int64_t end) {
  int64_t roundsOfGroup = divideCeil(filters, groupPEs);
  countFilters(begin, end);
  orders.resize(task.groups);
  tile.assign(task.groups, std::vector<int64_t>(filters));
  elapsed.assign(task.groups, std::vector<int64_t>(roundsOfGroup * workGroups));
  work.assign(task.groups, std::vector<int64_t>(roundsOfGroup));
  for (int64_t group = 0; group < task.groups; ++group)
    orderFilters(group);

  int64_t workGroup = 0, tileIndex = 0;
  // The last window of the input tile.
  auto getTileEnd = [&] {
    int64_t from = getFirstWindow(workGroup),
            to = getFirstWindow(workGroup + 1);
    return from + (to - from) * (tileIndex + 1) / array.subGroups;
  };
  visitCosts(
      begin, end, [&](int64_t window, int64_t group, ArrayRef<int32_t> counts) {
        if (group == 0) {
          while (window >= getFirstWindow(workGroup + 1)) {
            ++workGroup;
            tileIndex = 0;
          }
          while (window >= getTileEnd())
            ++tileIndex;
        }
        intersected += addClocks(counts, tile[group]);
        if (array.sync == SyncScope::Window || window + 1 == getTileEnd())
          finishTile(group, workGroup);
      });
  for (int64_t group = 0; group < task.groups; group += groupsAtOnce)
    finishGroups(group, std::min(group + groupsAtOnce, task.groups),
                 end - begin);
}

ArrayTiming IntersectionModel::run(int64_t channelsAtOnce) {
  int64_t channels = task.getGroupChannels();
  int64_t parts = divideCeil(channels, channelsAtOnce);
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
