//===- ArrayTaskTest.cpp - What an array is asked to do -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArrayTesting.h"
#include "backends/npu/Array/Random.h"

#include <random>
#include <set>

using namespace lacuna;
using namespace lacuna::npu;

namespace {

/// A small task with everything in it.
ArrayTask makeRandomTask(std::mt19937 &random) {
  auto pick = [&](int64_t least, int64_t most) {
    return least + int64_t(random() % (most - least + 1));
  };
  ArrayTask task;
  task.batch = pick(1, 2);
  task.groups = pick(1, 2);
  task.channels = task.groups * pick(1, 70);
  task.filters = task.groups * pick(1, 4);
  for (SpatialDimension &dimension : task.space) {
    dimension.input = pick(1, 6);
    dimension.kernel = pick(1, 3);
    dimension.stride = pick(1, 3);
    dimension.dilation = pick(1, 2);
    dimension.padBefore = pick(0, 3);
    dimension.padAfter = pick(0, 3);
    dimension.output = pick(1, 4);
  }
  return task;
}

struct Counts {
  int64_t all = 0, activations = 0, weights = 0, both = 0;
};

/// Product by product.
Counts count(const ArrayTask &task) {
  Counts counts;
  const auto &[depth, height, width] = task.space;
  int64_t channels = task.getGroupChannels();
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t f = 0; f < task.filters; ++f)
      for (int64_t window = 0; window < task.getWindows(); ++window)
        for (int64_t tap = 0; tap < task.getTaps(); ++tap) {
          int64_t d = depth.getPosition(window / (height.output * width.output),
                                        tap / (height.kernel * width.kernel));
          int64_t h = height.getPosition(window / width.output % height.output,
                                         tap / width.kernel % height.kernel);
          int64_t w =
              width.getPosition(window % width.output, tap % width.kernel);
          if (!depth.isInside(d) || !height.isInside(h) || !width.isInside(w))
            continue;
          int64_t position =
              ((b * depth.input + d) * height.input + h) * width.input + w;
          int64_t group = f / task.getGroupFilters();
          for (int64_t c = 0; c < channels; ++c) {
            bool a =
                task.activations->isNonzero(position * task.groups + group, c);
            bool v = task.weights->isNonzero(f * task.getTaps() + tap, c);
            ++counts.all;
            counts.activations += a;
            counts.weights += v;
            counts.both += a && v;
          }
        }
  return counts;
}

TEST(ArrayTask, CountsProducts) {
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    ArrayTask task = makeRandomTask(random);
    ASSERT_EQ(text(task.check()), "");
    ZeroMask a = makeRandomActivationMask(task, 0.4, i);
    ZeroMask w = makeRandomWeightMask(task, 0.6, i + 1, 0.2);
    task.activations = &a;
    task.weights = &w;
    Counts counts = count(task);
    EXPECT_EQ(task.getMacs(), counts.all);
    EXPECT_EQ(countNonzeroMacs(task, Operands::Activations),
              counts.activations);
    EXPECT_EQ(countNonzeroMacs(task, Operands::Weights), counts.weights);
    EXPECT_EQ(countNonzeroMacs(task, Operands::Both), counts.both);
    MacCounts macs = countMacs(task, Operands::Weights, Operands::Activations);
    EXPECT_EQ(macs.done, counts.both);
    EXPECT_EQ(macs.gated, counts.weights - counts.both);
    EXPECT_EQ(macs.skipped, counts.all - counts.weights);
    EXPECT_EQ(macs.getSum(), counts.all);
  }
}

TEST(ArrayTask, EveryDataflowTakesEveryTask) {
  std::mt19937 random(3);
  for (int i = 0; i < 60; ++i) {
    ArrayTask task = makeRandomTask(random);
    ZeroMask a = makeRandomActivationMask(task, 0.4, i);
    ZeroMask w = makeRandomWeightMask(task, 0.6, i + 1, 0.2);
    if (i % 3)
      task.activations = &a;
    if (i % 4)
      task.weights = &w;
    for (Dataflow dataflow :
         {Dataflow::OutputStationary, Dataflow::WeightStationary,
          Dataflow::InputStationary, Dataflow::RowStationary,
          Dataflow::InnerProduct, Dataflow::Intersection, Dataflow::Cartesian,
          Dataflow::InputBroadcast})
      for (Operands skips : {Operands::None, Operands::Activations,
                             Operands::Weights, Operands::Both})
        for (SyncScope sync :
             {SyncScope::Window, SyncScope::Tile, SyncScope::Layer}) {
          Machine machine;
          machine.name = "any";
          machine.array.dataflow = dataflow;
          machine.array.rows = machine.array.columns = 6;
          machine.array.workGroups = 4;
          machine.array.subGroups = 2;
          machine.array.accumulatorBanks = 32;
          machine.array.skips = skips;
          machine.array.gates = Operands::Activations;
          machine.array.sync = sync;
          machine.array.pipelineClocks = 3;
          llvm::Expected<ArrayTiming> timing = timeArray(machine, task);
          if (!timing) {
            // Refused, by name.
            EXPECT_EQ(toString(timing.takeError()).find("machine 'any'"), 0u);
            continue;
          }
          EXPECT_EQ(text(timing->verify(task)), "");
          EXPECT_GE(timing->getUtilization(machine.array), 0);
          EXPECT_LE(timing->getUtilization(machine.array), 1);
          EXPECT_LE(timing->activePEs, 36);
          EXPECT_LE(timing->averageActivePEs, 36.0001);
          // A sum is read as often as it is added to.
          int64_t sums = task.batch * task.filters * task.getWindows();
          EXPECT_EQ(timing->sums.bufferReads.done,
                    timing->sums.bufferWrites.done - sums);
          ArrayTask more = task;
          more.accumulates = true;
          EXPECT_EQ(
              llvm::cantFail(timeArray(machine, more)).sums.bufferReads.done,
              timing->sums.bufferWrites.done);
        }
  }
}

TEST(ArrayTask, RefusesWhatMakesNoSense) {
  auto explain = [](auto change) {
    ArrayTask task = makeConv(4, 4, 8, 3);
    change(task);
    return text(task.check());
  };
  EXPECT_EQ(explain([](ArrayTask &task) {}), "");
  EXPECT_EQ(explain([](ArrayTask &task) { task.batch = 0; }),
            "the batch is 0; it must lie between 1 and 2147483648");
  EXPECT_EQ(explain([](ArrayTask &task) { task.groups = 3; }),
            "4 channels and 4 filters do not divide into 3 groups");
  EXPECT_EQ(explain([](ArrayTask &task) { task.space[1].stride = -1; }),
            "the stride of dimension 1 is -1; it must lie between 1 and "
            "2147483648");
  EXPECT_EQ(explain([](ArrayTask &task) {
              task.space[1].output = task.space[2].output = 1 << 30;
            }),
            "the task is too large to be timed; cut it into tiles");
  ZeroMask mask(3, 4);
  EXPECT_EQ(explain([&](ArrayTask &task) { task.weights = &mask; }),
            "the mask of weights is 3 x 4; the task needs 36 x 4");
}

TEST(ZeroMask, FromValues) {
  ArrayTask task;
  task.groups = 2;
  task.channels = 4;
  task.filters = 2;
  task.space[2] = SpatialDimension::make(3, 2);
  // [channel][w]
  std::vector<int8_t> values = {1, 5, 5, 5, 2, 5, 5, 5, 3, 5, 5, 5};
  llvm::Expected<ZeroMask> a = makeActivationMask<int8_t>(
      task, values, ActivationStrides{12, 3, 3, 3, 1}, 5);
  ASSERT_TRUE(bool(a));
  EXPECT_EQ(a->count(), 3);
  EXPECT_TRUE(a->isNonzero(0, 0));
  EXPECT_TRUE(a->isNonzero(2, 1));
  EXPECT_TRUE(a->isNonzero(5, 0));

  std::vector<float> weights = {0, 1, -0.0f, 0, 0, 0, 2, 0};
  llvm::Expected<ZeroMask> w = makeWeightMask<float>(
      task, weights, WeightStrides{4, 2, 2, 2, 1}, {0.0f});
  ASSERT_TRUE(bool(w));
  EXPECT_EQ(w->count(), 2);
  EXPECT_TRUE(w->isNonzero(1, 0));
  EXPECT_TRUE(w->isNonzero(2, 1));

  EXPECT_EQ(
      text(makeWeightMask<float>(task, llvm::ArrayRef(weights).drop_back(),
                                 WeightStrides{4, 2, 2, 2, 1}, {0.0f})
               .takeError()),
      "the weights have 7 values; the task needs 8");
  EXPECT_EQ(
      text(makeWeightMask<float>(task, weights, WeightStrides{4, 2, 2, 2, 1},
                                 {0.0f, 0.0f, 0.0f})
               .takeError()),
      "there are 3 zero points for 2 filters; give one, or one for each");
}

TEST(ZeroMask, SeedsOfPartsAreIndependent) {
  EXPECT_EQ(mixSeed(0, 0), mixSeed(0, 0));
  constexpr uint64_t kSeeds = 100, kParts = 100;
  std::set<uint64_t> seeds;
  for (uint64_t seed = 0; seed < kSeeds; ++seed)
    for (uint64_t part = 0; part < kParts; ++part)
      seeds.insert(mixSeed(seed, part));
  // Not those of the neighbours again, shifted.
  EXPECT_EQ(seeds.size(), kSeeds * kParts);
  // Half of the bits differ.
  ArrayTask task = makeConv(100, 1, 20, 1);
  for (auto [seed, part] :
       {std::pair(0, 1), std::pair(1, 0), std::pair(1, 1)}) {
    ZeroMask a = makeRandomActivationMask(task, 0.5, mixSeed(0, 0));
    ZeroMask b = makeRandomActivationMask(task, 0.5, mixSeed(seed, part));
    int64_t same = 0;
    for (int64_t row = 0; row < a.getRows(); ++row)
      for (int64_t column = 0; column < a.getColumns(); ++column)
        same += a.isNonzero(row, column) == b.isNonzero(row, column);
    EXPECT_NEAR(double(same) / 40000, 0.5, 0.02);
  }
}

TEST(ZeroMask, RandomOnesAreTheSameEverywhere) {
  ArrayTask task = makeConv(100, 50, 20, 3);
  ZeroMask a = makeRandomActivationMask(task, 0.3, 42);
  EXPECT_NEAR(double(a.count()) / 40000, 0.3, 0.01);
  EXPECT_EQ(a.getRow(0)[0],
            makeRandomActivationMask(task, 0.3, 42).getRow(0)[0]);
  EXPECT_EQ(makeRandomActivationMask(task, 1, 1).count(), 40000);
  EXPECT_EQ(makeRandomActivationMask(task, 0, 1).count(), 0);
  ZeroMask w = makeRandomWeightMask(task, 0.3, 42, 0.2);
  EXPECT_NEAR(double(w.count()) / 45000, 0.3, 0.01);
  EXPECT_EQ(w.countRange(5, 0, 100), w.countRow(5));
  EXPECT_EQ(w.countRange(5, 0, 37) + w.countRange(5, 37, 64) +
                w.countRange(5, 64, 100),
            w.countRow(5));
}

} // namespace
