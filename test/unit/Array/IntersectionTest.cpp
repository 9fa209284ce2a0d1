//===- IntersectionTest.cpp - PEs that meet the non-zeros of both -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArrayTesting.h"

#include <algorithm>
#include <chrono>

using namespace lacuna;
using namespace lacuna::npu;

namespace {

/// As many PEs as Eyeriss: 12 work groups of 14, whose PEs hold the kernels of
/// 64 channels.
Machine makeMachine(Operands skips, bool balances) {
  Machine machine;
  machine.name = "zena";
  Array &array = machine.array;
  array.dataflow = Dataflow::Intersection;
  array.rows = 12;
  array.columns = 14;
  array.workGroups = 12;
  array.sync = SyncScope::Tile;
  array.weightEntries = 576;
  array.skips = skips;
  array.balancesFilters = balances;
  return machine;
}

/// The rule, value by value: clocks of each filter in each window, then PE by
/// PE.
int64_t simulate(const Array &array, const ArrayTask &task, int64_t atOnce) {
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  int64_t channels = task.getGroupChannels(), taps = task.getTaps();
  int64_t filters = task.getGroupFilters();
  int64_t groups = array.workGroups, pes = array.getPEs() / groups;
  int64_t windows = task.batch * task.getWindows(), clocks = 0;
  std::vector<int64_t> totals(array.getPEs());
  int64_t parts = (channels + atOnce - 1) / atOnce;
  for (int64_t part = 0; part < parts; ++part)
    for (int64_t group = 0; group < task.groups; ++group) {
      int64_t begin = channels * part / parts,
              end = channels * (part + 1) / parts;
      // Filters by their non-zeros, ties in order.
      std::vector<std::pair<int64_t, int64_t>> order;
      for (int64_t f = 0; f < filters; ++f) {
        int64_t nonzeros = 0;
        for (int64_t tap = 0; tap < taps; ++tap)
          for (int64_t c = begin; c < end; ++c)
            nonzeros +=
                task.weights->isNonzero((group * filters + f) * taps + tap, c);
        order.push_back({array.balancesFilters ? -nonzeros : 0, f});
      }
      std::sort(order.begin(), order.end());
      auto count = [&](int64_t window, int64_t f) {
        int64_t b = window / task.getWindows();
        int64_t oh = window % task.getWindows() / width.output;
        int64_t ow = window % width.output, sum = 0;
        for (int64_t kh = 0; kh < height.kernel; ++kh)
          for (int64_t kw = 0; kw < width.kernel; ++kw) {
            int64_t h = oh * height.stride + kh - height.padBefore;
            int64_t w = ow * width.stride + kw - width.padBefore;
            if (h < 0 || h >= height.input || w < 0 || w >= width.input)
              continue;
            int64_t at = ((b * height.input + h) * width.input + w);
            for (int64_t c = begin; c < end; ++c)
              sum +=
                  task.activations->isNonzero(at * task.groups + group, c) &&
                  task.weights->isNonzero(
                      (group * filters + f) * taps + kh * width.kernel + kw, c);
          }
        return std::max<int64_t>(1, sum);
      };
      for (int64_t first = 0; first < filters; first += pes) {
        int64_t round = 0;
        for (int64_t g = 0; g < groups; ++g) {
          int64_t ofGroup = 0, from = windows * g / groups,
                  size = windows * (g + 1) / groups - from;
          for (int64_t tile = 0; tile < array.subGroups; ++tile) {
            int64_t slowest = 0;
            for (int64_t pe = 0; pe < std::min(pes, filters - first); ++pe) {
              int64_t sum = 0;
              for (int64_t w = from + size * tile / array.subGroups;
                   w < from + size * (tile + 1) / array.subGroups; ++w)
                sum += count(w, order[first + pe].second);
              slowest = std::max(slowest, sum);
              totals[g * pes + pe] += sum;
            }
            ofGroup += slowest;
          }
          round = std::max(round, ofGroup);
        }
        clocks += round;
      }
    }
  return array.sync == SyncScope::Layer
             ? *std::max_element(totals.begin(), totals.end())
             : clocks;
}

TEST(Intersection, TakesAsManyClocksAsItsRule) {
  for (int seed = 0; seed < 12; ++seed) {
    ArrayTask task = makeConv(2 * (20 + 7 * seed), 26, 7, 3, 1 + seed % 2, 1, 2,
                              1 + seed % 3);
    ZeroMask activations = makeRandomActivationMask(task, 0.4, seed);
    ZeroMask weights = makeRandomWeightMask(task, 0.3, seed + 100, 0.3);
    task.activations = &activations;
    task.weights = &weights;
    Machine machine = makeMachine(Operands::Both, seed % 2);
    machine.array.rows = 6;
    machine.array.columns = 4;
    machine.array.workGroups = seed % 4 == 3 ? 6 : 4;
    machine.array.subGroups = 1 + seed % 3;
    machine.array.weightEntries = 9 * 32;
    machine.array.sync = seed % 5 == 4 ? SyncScope::Layer : SyncScope::Tile;
    ArrayTiming timing = time(machine, task);
    EXPECT_EQ(timing.cycles, simulate(machine.array, task, 32)) << seed;
    EXPECT_EQ(timing.macs.done, countNonzeroMacs(task, Operands::Both));
  }
}

/// A network with masks for all of its layers.
struct Network {
  std::vector<Layer> layers;
  std::vector<ZeroMask> masks;

  Network(std::vector<Layer> of, double variation) : layers(std::move(of)) {
    masks.reserve(2 * layers.size());
    for (Layer &layer : layers) {
      masks.push_back(
          makeRandomActivationMask(layer.task, layer.activations, 1));
      layer.task.activations = &masks.back();
      masks.push_back(
          makeRandomWeightMask(layer.task, layer.weights, 2, variation));
      layer.task.weights = &masks.back();
    }
  }

  ArrayTiming time(const Machine &machine) const {
    ArrayTiming sum;
    for (const Layer &layer : layers)
      sum.add(npu::time(machine, layer.task));
    return sum;
  }
  /// Products with padding, which a dense array does.
  int64_t getDenseMacs() const {
    int64_t sum = 0;
    for (const Layer &layer : layers)
      sum += layer.task.getMacs() + layer.task.getPaddingMacs();
    return sum;
  }
};

/// How much the densities of kernels of a layer differ. The pruned AlexNet and
/// VGG-16 are not at hand. 3x3 layers of small networks, pruned by magnitude to
/// 35 %, have 0.10 to 0.24; within that, this was chosen so that allocation
/// gains about what is published, which is therefore no evidence for the model.
/// If kernels are equally dense it gains a quarter of that, see below.
constexpr double kVariation = 0.17;

struct Speedups {
  double overDense, ideal, overAZ, overWAZ;
};

Speedups compare(const char *name, const Network &network) {
  ArrayTiming dense = network.time(makeMachine(Operands::None, false));
  ArrayTiming az = network.time(makeMachine(Operands::Activations, false));
  ArrayTiming waz = network.time(makeMachine(Operands::Both, false));
  ArrayTiming zena = network.time(makeMachine(Operands::Both, true));
  double pes = 168, macs = double(network.getDenseMacs());
  Speedups speedups = {macs / pes / double(zena.cycles),
                       macs / double(zena.macs.done),
                       double(az.cycles) / double(zena.cycles),
                       double(waz.cycles) / double(zena.cycles)};
  printf("%s: ZeNA over a full dense array %.2f (ideal %.2f), over the same "
         "array dense %.2f, over AZ %.2f, over WAZ %.3f\n",
         name, speedups.overDense, speedups.ideal,
         double(dense.cycles) / double(zena.cycles), speedups.overAZ,
         speedups.overWAZ);
  for (auto [of, timing] : {std::pair("WAZ", &waz), {"ZeNA", &zena}}) {
    double all = double(timing->cycles) / 100;
    printf("  %-4s compute %.1f imbalance %.1f synchronisation %.1f %%\n", of,
           timing->buckets.compute / all, timing->buckets.imbalance / all,
           timing->buckets.synchronisation / all);
  }
  EXPECT_LE(speedups.overDense, speedups.ideal);
  EXPECT_LT(zena.buckets.imbalance, waz.buckets.imbalance);
  return speedups;
}

TEST(Intersection, AlexNet) {
  Speedups speedups = compare("AlexNet", Network(getAlexNet(), kVariation));
  EXPECT_NEAR(speedups.overDense / 4.0, 1, 0.15);
  EXPECT_NEAR(speedups.overAZ / 1.8, 1, 0.15);
  EXPECT_NEAR(speedups.overWAZ / 1.196, 1, 0.15);
  compare("AlexNet, kernels equally dense", Network(getAlexNet(), 0));
}

TEST(Intersection, Vgg16) {
  Speedups speedups = compare("VGG-16", Network(getVgg16(), kVariation));
  EXPECT_NEAR(speedups.overDense / 5.2, 1, 0.15);
  EXPECT_NEAR(speedups.overWAZ / 1.258, 1, 0.15);
  // The densities at hand give AZ less to skip than the published ones did:
  // even an ideal array is 2.97 times as fast as an ideal AZ.
  EXPECT_LE(speedups.overAZ, 2.97 * 1.02);
}

TEST(Intersection, Vgg16IsTimedInSeconds) {
  Network network(getVgg16(), kVariation);
  auto begin = std::chrono::steady_clock::now();
  network.time(makeMachine(Operands::Both, true));
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  printf("VGG-16 timed in %.2f s\n", seconds);
}

TEST(Intersection, DenseTakesAllProducts) {
  Machine machine = makeMachine(Operands::None, false);
  machine.array.workGroups = 1;
  machine.array.rows = machine.array.columns = 1;
  ArrayTask task = makeConv(6, 5, 8, 3, 1, 1);
  EXPECT_EQ(time(machine, task).cycles, task.getMacs() + task.getPaddingMacs());
  // A kernel that a PE has no room for comes in parts.
  machine.array.weightEntries = 8;
  ArrayTiming parts = time(machine, task);
  EXPECT_EQ(parts.cycles, task.getMacs() + task.getPaddingMacs());
  EXPECT_EQ(parts.sums.bufferReads.done, parts.sums.bufferWrites.done - 5 * 64);
  machine.array.weightEntries = 0;
  machine.array.workGroups = 2;
  EXPECT_EQ(explainFailure(machine, task),
            "machine 'zena': 1 PEs do not divide into 2 work groups of 1 input "
            "tiles");
}

TEST(Intersection, SkippingOneOperand) {
  Machine machine = makeMachine(Operands::Activations, false);
  machine.array.workGroups = machine.array.rows = machine.array.columns = 1;
  ArrayTask task = makeConv(40, 6, 8, 3, 1, 1);
  ZeroMask activations = makeRandomActivationMask(task, 0.5, 1);
  ZeroMask weights = makeRandomWeightMask(task, 0.5, 2, 0.2);
  task.activations = &activations;
  task.weights = &weights;
  EXPECT_EQ(time(machine, task).cycles,
            countNonzeroMacs(task, Operands::Activations));
  machine.array.skips = Operands::Weights;
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, weights.count() * task.getWindows());
  EXPECT_EQ(timing.macs.done, countNonzeroMacs(task, Operands::Weights));
}

TEST(Intersection, KernelsComeWhileOthersWork) {
  Machine machine = makeMachine(Operands::Both, false);
  ArrayTask task = makeConv(32, 64, 14, 3, 1, 1);
  int64_t base = time(machine, task).cycles;
  machine.networks.weights = 4;
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.buckets.ramp, 14 * 9 * 32 / 4);
  EXPECT_EQ(timing.cycles, base + timing.buckets.ramp);
  machine.networks.weights = 1;
  EXPECT_EQ(time(machine, task).buckets.network, 0);
}

TEST(Intersection, GroupsOfTheTaskWorkBesideEachOther) {
  Machine machine = makeMachine(Operands::None, false);
  machine.array.rows = machine.array.columns = 16;
  machine.array.workGroups = 1;
  machine.array.regroups = true;
  // 64 channels, each for itself, of 16 windows of 9 products.
  ArrayTask task = makeConv(64, 64, 6, 3, 1, 0, 64);
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, 64 * 16 * 9 / 256);
  EXPECT_EQ(timing.activePEs, 256);
  // One window each: the averages of 48 channels.
  timing = time(machine, makeConv(48, 48, 3, 3, 1, 0, 48));
  EXPECT_EQ(timing.cycles, 9);
  EXPECT_EQ(timing.activePEs, 48);
}

TEST(Intersection, PEsShareASumIfThereAreFewSums) {
  Machine machine = makeMachine(Operands::Both, true);
  machine.array.rows = machine.array.columns = 16;
  machine.array.workGroups = 1;
  machine.array.regroups = true;
  Memory sums;
  sums.banks = 16;
  sums.wordBytes = 16;
  sums.holds = {Content::Sums};
  machine.memories = {sums};
  // One window of 60 channels and 9 taps for 50 filters: five slices of 12
  // channels, and four times 50 sums that are added, 64 a clock.
  ArrayTask task = makeConv(60, 50, 3, 3);
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, 9 * 12 + 4);
  EXPECT_EQ(timing.buckets.network, 4);
  EXPECT_EQ(timing.activePEs, 250);
  EXPECT_EQ(timing.sums.bufferWrites.done, 5 * 50);
  EXPECT_EQ(timing.sums.bufferReads.done, 4 * 50);
  // No product is lost where there are zeros.
  ZeroMask activations = makeRandomActivationMask(task, 0.5, 1);
  ZeroMask weights = makeRandomWeightMask(task, 0.4, 2, 0.2);
  task.activations = &activations;
  task.weights = &weights;
  timing = time(machine, task);
  EXPECT_EQ(timing.macs.done, countNonzeroMacs(task, Operands::Both));
  EXPECT_LT(timing.cycles, 9 * 12 / 2);
}

} // namespace
