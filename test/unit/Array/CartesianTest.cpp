//===- CartesianTest.cpp - Every input with every weight -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Cartesian.h"
#include "ArrayTesting.h"

using namespace lacuna;
using namespace lacuna::npu;

namespace {

Machine makeScnn() {
  Machine machine;
  machine.name = "scnn";
  Array &array = machine.array;
  array.dataflow = Dataflow::Cartesian;
  array.rows = array.columns = 8;
  array.inputLanes = array.filterLanes = 4;
  array.skips = Operands::Both;
  array.accumulatorBanks = 32;
  array.sumEntries = 6144;
  array.sync = SyncScope::Tile;
  return machine;
}

TEST(Cartesian, AlexNetDense) {
  const int64_t cycles[] = {146496, 309248, 221952, 166656, 111104};
  const int64_t products[] = {105415200, 204484608, 134578176, 100933632,
                              67289088};
  const int64_t halos[] = {680, 48, 12, 12, 12};
  Machine machine = makeScnn();
  std::vector<Layer> layers = getAlexNet();
  for (size_t i = 0; i < layers.size(); ++i) {
    ArrayTiming timing = time(machine, layers[i].task);
    EXPECT_EQ(timing.cycles, cycles[i]) << layers[i].name;
    EXPECT_EQ(timing.macs.done, products[i]) << layers[i].name;
    EXPECT_EQ(Halo(machine.array, layers[i].task).countOfInnerPE(), halos[i])
        << layers[i].name;
    EXPECT_EQ(timing.buckets.bankConflict, 0);
  }
}

TEST(Cartesian, AlexNetOfRandomZeros) {
  // From another simulator, with random data of its own.
  const int64_t cycles[] = {160418, 176243, 101796, 79737, 53435};
  const double weights[] = {0.84, 0.38, 0.35, 0.37, 0.37};
  const double activations[] = {1, 0.491, 0.237, 0.382, 0.41};
  Machine machine = makeScnn();
  std::vector<Layer> layers = getAlexNet();
  int64_t sum = 0, expected = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    ArrayTask &task = layers[i].task;
    int64_t dense = time(machine, task).cycles;
    ZeroMask a = makeRandomActivationMask(task, activations[i], 1);
    ZeroMask w = makeRandomWeightMask(task, weights[i], 2);
    task.activations = &a;
    task.weights = &w;
    ArrayTiming timing = time(machine, task);
    printf("%s: %lld clocks, the other %lld, %+.1f %%; compute %.1f conflicts "
           "%.1f imbalance %.1f halo %.1f %%\n",
           layers[i].name, (long long)timing.cycles, (long long)cycles[i],
           100 * (double(timing.cycles) / double(cycles[i]) - 1),
           100.0 * timing.buckets.compute / timing.cycles,
           100.0 * timing.buckets.bankConflict / timing.cycles,
           100.0 * timing.buckets.imbalance / timing.cycles,
           100.0 * timing.buckets.network / timing.cycles);
    EXPECT_NEAR(double(timing.cycles) / double(cycles[i]), 1, 0.10);
    // Conflicts make the first layer slower than without zeros.
    EXPECT_EQ(timing.cycles > dense, i == 0);
    EXPECT_GT(timing.buckets.bankConflict, 0);
    sum += timing.cycles;
    expected += cycles[i];
  }
  EXPECT_NEAR(double(sum) / double(expected), 1, 0.05);
}

TEST(Cartesian, OnePEDoesWhatItMust) {
  // 9 inputs in 3 steps, 4 weights of one filter in 1.
  Machine machine = makeScnn();
  machine.array.rows = machine.array.columns = 1;
  ArrayTask task = makeConv(1, 1, 3, 2);
  Halo halo(machine.array, task);
  EXPECT_EQ(halo.countOfAllPEs(machine.array), 0);
  EXPECT_EQ(time(machine, task).buckets.compute, 3);

  // One input meets one weight.
  ZeroMask a(9, 1), w(4, 1);
  a.setNonzero(4, 0);
  w.setNonzero(0, 0);
  task.activations = &a;
  task.weights = &w;
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.buckets.compute, 1);
  EXPECT_EQ(timing.macs.done, 1);
  // The four weights of one input go to four banks, and so do ...
  for (int i = 1; i < 4; ++i)
    w.setNonzero(i, 0);
  EXPECT_EQ(time(machine, task).buckets.bankConflict, 0);
  // ... not the products of two inputs that meet at an output.
  a.setNonzero(3, 0);
  EXPECT_GT(time(machine, task).buckets.bankConflict, 0);
}

TEST(Cartesian, VolumesAndRefusals) {
  Machine machine = makeScnn();
  ArrayTask task = makeConv(4, 6, 9, 3, 2, 1, 2, 2);
  task.space[0] = SpatialDimension::make(4, 3, 1, 1);
  ZeroMask a = makeRandomActivationMask(task, 0.5, 1);
  ZeroMask w = makeRandomWeightMask(task, 0.5, 2);
  time(machine, task);
  task.activations = &a;
  task.weights = &w;
  // Each value that is read comes with the number of zeros before it.
  machine.zeros.runBits = 4;
  int64_t words = time(machine, task).metadataWords;
  machine.zeros.runBits = 8;
  EXPECT_NEAR(double(time(machine, task).metadataWords), 2 * double(words), 1);
  int64_t waiting = time(machine, task).cycles;
  machine.array.sync = SyncScope::Layer;
  EXPECT_LE(time(machine, task).cycles, waiting);
  machine.array.sumEntries = 1;
  machine.array.rows = 1;
  EXPECT_EQ(explainFailure(machine, task),
            "machine 'scnn': a tile of 5 sums does not fit into the "
            "accumulators; cut the layer into tiles");
}

} // namespace
