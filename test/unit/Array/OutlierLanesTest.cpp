//===- OutlierLanesTest.cpp - Narrow lanes, and others for what is wider -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArrayTesting.h"

using namespace lacuna;
using namespace lacuna::npu;

namespace {

/// PEs of four lanes of 4 bits; outliers of 16 and of 8.
Machine makeMachine(int64_t rows, int64_t columns) {
  Machine machine;
  machine.name = "outliers";
  machine.array.dataflow = Dataflow::OutlierLanes;
  machine.array.rows = rows;
  machine.array.columns = columns;
  machine.array.filterLanes = 4;
  machine.array.outlierLanes = 1;
  machine.array.outlierPEs = 1;
  machine.array.brick = 4;
  machine.array.skips = Operands::Activations;
  machine.values.bits = 4;
  machine.values.activationOutlierBits = 16;
  machine.values.weightOutlierBits = 8;
  return machine;
}

/// `rows` of a mask, of which `set` are the columns of each.
ZeroMask makeMask(int64_t rows, int64_t columns,
                  std::initializer_list<int64_t> set) {
  ZeroMask mask(rows, columns);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column : set)
      mask.setNonzero(row, column);
  return mask;
}

TEST(OutlierLanes, AnInputAClock) {
  ArrayTiming timing = time(makeMachine(1, 1), makeGemm(1, 8, 4));
  EXPECT_EQ(timing.cycles, 8);
  EXPECT_EQ(timing.buckets.compute, 8);
  EXPECT_EQ(timing.macs.done, 32);
  EXPECT_EQ(timing.extraPasses, 0);
}

TEST(OutlierLanes, ZerosTakeNoTimeButABrickOfThemDoes) {
  ArrayTask task = makeGemm(1, 8, 4);
  ZeroMask inputs = makeMask(1, 8, {5, 7});
  task.activations = &inputs;
  ArrayTiming timing = time(makeMachine(1, 1), task);
  EXPECT_EQ(timing.cycles, 1 + 2);
  EXPECT_EQ(timing.macs.done, 8);
  EXPECT_EQ(timing.macs.skipped, 24);
}

TEST(OutlierLanes, OneOutlierAmongTheWeightsOfAClockIsFree) {
  ArrayTask task = makeGemm(1, 8, 4);
  ZeroMask outliers(4, 8);
  outliers.setNonzero(0, 0);
  task.weightOutliers = &outliers;
  EXPECT_EQ(time(makeMachine(1, 1), task).cycles, 8);
  EXPECT_EQ(time(makeMachine(1, 1), task).extraPasses, 1);
  // Two take another clock, unless their input is zero.
  outliers.setNonzero(1, 3);
  outliers.setNonzero(2, 3);
  EXPECT_EQ(time(makeMachine(1, 1), task).cycles, 9);
  EXPECT_EQ(time(makeMachine(1, 1), task).extraPasses, 3);
  ZeroMask inputs = makeMask(1, 8, {0, 4});
  task.activations = &inputs;
  EXPECT_EQ(time(makeMachine(1, 1), task).cycles, 2);
  EXPECT_EQ(time(makeMachine(1, 1), task).extraPasses, 1);
  // As do any without a multiplier for them.
  Machine none = makeMachine(1, 1);
  none.array.outlierLanes = 0;
  EXPECT_EQ(time(none, task).cycles, 3);
}

TEST(OutlierLanes, InputsThatAreOutliersAreDoneBeside) {
  ArrayTask task = makeGemm(1, 8, 4);
  ZeroMask outliers = makeMask(1, 8, {7});
  task.activationOutliers = &outliers;
  ArrayTiming timing = time(makeMachine(1, 1), task);
  EXPECT_EQ(timing.cycles, 7);
  EXPECT_EQ(timing.macs.done, 32);
  // Four products of 16 x 4 bits.
  EXPECT_EQ(timing.extraPasses, 4 * 3);
  // And one of 16 x 8.
  ZeroMask weights(4, 8);
  weights.setNonzero(0, 7);
  task.weightOutliers = &weights;
  EXPECT_EQ(time(makeMachine(1, 1), task).extraPasses, 4 * 3 + 4);

  // The one outlier PE is slower than six others.
  ArrayTask many = makeGemm(12, 8, 4);
  ZeroMask half = makeMask(12, 8, {0, 4});
  many.activationOutliers = &half;
  timing = time(makeMachine(1, 6), many);
  EXPECT_EQ(timing.buckets.compute, 2 * 6);
  EXPECT_EQ(timing.buckets.synchronisation, 24 - 12);
}

TEST(OutlierLanes, AnImageIsDoneInPasses) {
  ArrayTask task = makeGemm(12, 8, 4);
  ZeroMask all = makeMask(12, 8, {0, 1, 2, 3, 4, 5, 6, 7});
  task.activationOutliers = &all;
  ArrayTiming timing = time(makeMachine(1, 6), task);
  // Two windows of eight inputs in four passes, not 96 clocks of one PE.
  EXPECT_EQ(timing.cycles, 2 * 8 * 4);
  EXPECT_EQ(timing.extraPasses, 3 * task.getMacs());
}

TEST(OutlierLanes, RowsHaveABlockEachOrShareOne) {
  // Eight blocks of filters on eight rows.
  EXPECT_EQ(time(makeMachine(8, 1), makeGemm(5, 8, 32)).cycles, 5 * 8);
  // Four: two rows for each.
  EXPECT_EQ(time(makeMachine(8, 1), makeGemm(6, 8, 16)).cycles, 3 * 8);
  // Nine, and the ninth alone: all rows share its windows.
  ArrayTiming timing = time(makeMachine(8, 1), makeGemm(8, 8, 36));
  EXPECT_LE(timing.cycles, 2 * 8 * 8);
  // Weights in parts that fit: sums of the first part go through the buffer.
  Machine small = makeMachine(1, 1);
  small.array.weightEntries = 16;
  timing = time(small, makeGemm(3, 8, 4));
  EXPECT_EQ(timing.sums.bufferWrites.done, 2 * 3 * 4);
  EXPECT_EQ(timing.sums.bufferReads.done, 3 * 4);
  EXPECT_EQ(timing.weights.bufferReads.done, 8 * 4);
  // Kernels of nine taps leave three lanes of four idle, larger ones come in
  // parts.
  EXPECT_EQ(time(small, makeConv(1, 4, 3, 3)).cycles, 4 * 9);
  EXPECT_EQ(time(small, makeConv(1, 4, 9, 5)).cycles, 4 * 25 * 25);
}

TEST(OutlierLanes, WhatWouldNeedAllMemoryIsRefused) {
  EXPECT_NE(explainFailure(makeMachine(1, 1), makeGemm(1 << 20, 1, 1 << 20))
                .find("too large"),
            std::string::npos);
}

/// One PE, product by product.
struct Expected {
  int64_t clocks = 0, wideClocks = 0, multiplications = 0;
};
Expected countOnePE(const Machine &machine, const ArrayTask &task) {
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  int64_t lanes = machine.array.filterLanes, filters = task.getGroupFilters();
  int64_t channels = task.getGroupChannels(), taps = task.getTaps();
  Expected expected;
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t g = 0; g < task.groups; ++g)
      for (int64_t first = 0; first < filters; first += lanes)
        for (int64_t window = 0; window < task.getWindows(); ++window)
          for (int64_t tap = 0; tap < taps; ++tap) {
            int64_t y =
                height.getPosition(window / width.output, tap / width.kernel);
            int64_t x =
                width.getPosition(window % width.output, tap % width.kernel);
            if (!height.isInside(y) || !width.isInside(x))
              continue;
            int64_t row =
                ((b * height.input + y) * width.input + x) * task.groups + g;
            for (int64_t brick = 0; brick < channels;
                 brick += machine.array.brick) {
              int64_t inBrick = 0;
              int64_t end = std::min(channels, brick + machine.array.brick);
              for (int64_t c = brick; c < end; ++c) {
                if (!task.activations->isNonzero(row, c))
                  continue;
                bool isWide = task.activationOutliers->isNonzero(row, c);
                int64_t wideWeights = 0;
                for (int64_t f = first; f < std::min(filters, first + lanes);
                     ++f) {
                  bool isWideWeight = task.weightOutliers->isNonzero(
                      (g * filters + f) * taps + tap, c);
                  wideWeights += isWideWeight;
                  expected.multiplications +=
                      (isWide ? 4 : 1) * (isWideWeight ? 2 : 1);
                }
                int64_t clocks = 1 + (wideWeights > machine.array.outlierLanes);
                if (isWide)
                  expected.wideClocks += clocks;
                else
                  inBrick += clocks;
              }
              expected.clocks += std::max<int64_t>(1, inBrick);
            }
          }
  return expected;
}

TEST(OutlierLanes, OnePETakesAsManyClocksAsItsRule) {
  Machine machine = makeMachine(1, 1);
  // So many that they are never what takes longest.
  machine.array.outlierPEs = 4096;
  for (int seed = 0; seed < 8; ++seed) {
    ArrayTask task =
        makeConv(14 + 2 * seed, 20, 7, 3, 1 + seed % 2, 1, 2, 1 + seed % 2);
    ZeroMask inputs = makeRandomActivationMask(task, 0.1 * (seed + 2), seed);
    ZeroMask wideInputs =
        makeRandomOutlierMask(task.getActivationRows(), task.getGroupChannels(),
                              0.05, &inputs, seed + 100);
    ZeroMask wideWeights =
        makeRandomOutlierMask(task.getWeightRows(), task.getGroupChannels(),
                              0.2, nullptr, seed + 200);
    task.activations = &inputs;
    task.activationOutliers = &wideInputs;
    task.weightOutliers = &wideWeights;
    ArrayTiming timing = time(machine, task);
    Expected expected = countOnePE(machine, task);
    EXPECT_EQ(timing.cycles, expected.clocks);
    EXPECT_EQ(timing.macs.done + timing.extraPasses, expected.multiplications);
    // With one outlier PE, whichever of the two is slower in each round.
    Machine one = makeMachine(1, 1);
    int64_t slower = std::max(expected.clocks, expected.wideClocks);
    EXPECT_GE(time(one, task).cycles, slower);
  }
}

TEST(OutlierLanes, RandomOutliersAreAmongTheNonzeros) {
  ArrayTask task = makeConv(100, 4, 40, 3);
  ZeroMask inputs = makeRandomActivationMask(task, 0.4, 1);
  ZeroMask outliers = makeRandomOutlierMask(
      task.getActivationRows(), task.getGroupChannels(), 0.04, &inputs, 2);
  EXPECT_NEAR(double(outliers.count()) / (100 * 40 * 40), 0.04, 0.002);
  for (int64_t row = 0; row < outliers.getRows(); ++row)
    for (int64_t word = 0; word < outliers.getWordsPerRow(); ++word)
      EXPECT_EQ(outliers.getRow(row)[word] & ~inputs.getRow(row)[word], 0u);
}

TEST(OutlierLanes, WhatIsWideInRealValues) {
  ArrayTask task = makeGemm(1, 6, 1);
  int8_t inputs[] = {-128, -127, -113, -112, 0, 127};
  // Less their zero point 0, 1, 15, 16, 128, 255.
  ZeroMask mask = llvm::cantFail(makeActivationMask<int8_t>(
      task, inputs, ActivationStrides{6, 1, 6, 6, 6}, -128, {0, 15}));
  EXPECT_EQ(mask.getRow(0)[0], 0b111000u);
  int8_t weights[] = {-9, -8, 0, 7, 8, -128};
  mask = llvm::cantFail(makeWeightMask<int8_t>(
      task, weights, WeightStrides{6, 1, 1, 1, 1}, {int8_t(0)}, {-8, 7}));
  EXPECT_EQ(mask.getRow(0)[0], 0b110001u);
}

} // namespace
