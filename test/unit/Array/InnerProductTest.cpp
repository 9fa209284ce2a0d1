//===- InnerProductTest.cpp - Lanes of inputs times filters -===//
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

Machine makeMachine(int64_t units, int64_t lanes, int64_t filters,
                    Operands skips = Operands::None) {
  Machine machine;
  machine.name = "lanes";
  machine.array.dataflow = Dataflow::InnerProduct;
  machine.array.columns = units;
  machine.array.inputLanes = lanes;
  machine.array.filterLanes = filters;
  machine.array.skips = skips;
  machine.array.brick = 16;
  machine.array.sync = SyncScope::Window;
  return machine;
}

int64_t divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

TEST(InnerProduct, DaDianNaoAndDianNao) {
  for (const Layer &layer : getAlexNet()) {
    const ArrayTask &task = layer.task;
    int64_t window = task.getGroupChannels() * task.getTaps();
    int64_t windows = task.getWindows() * task.groups;
    EXPECT_EQ(time(makeMachine(16, 16, 16), task).cycles,
              windows * divide(window, 16) *
                  divide(task.getGroupFilters(), 256));
    EXPECT_EQ(time(makeMachine(1, 16, 16), task).cycles,
              windows * divide(window, 16) *
                  divide(task.getGroupFilters(), 16));
  }
}

/// The rule of Cnvlutin, value by value.
int64_t countCnvlutin(const ArrayTask &task, const ZeroMask &mask,
                      int64_t lanes, int64_t brick, int64_t filtersAtOnce) {
  const SpatialDimension &height = task.space[1], &width = task.space[2];
  int64_t clocks = 0, channels = task.getGroupChannels();
  for (int64_t b = 0; b < task.batch; ++b)
    for (int64_t group = 0; group < task.groups; ++group)
      for (int64_t oh = 0; oh < height.output; ++oh)
        for (int64_t ow = 0; ow < width.output; ++ow) {
          int64_t slowest = 0;
          for (int64_t lane = 0; lane < lanes; ++lane) {
            std::vector<bool> values;
            for (int64_t kh = 0; kh < height.kernel; ++kh)
              for (int64_t kw = 0; kw < width.kernel; ++kw)
                for (int64_t c = lane * channels / lanes;
                     c < (lane + 1) * channels / lanes; ++c) {
                  int64_t h = oh * height.stride + kh - height.padBefore;
                  int64_t w = ow * width.stride + kw - width.padBefore;
                  bool inside =
                      h >= 0 && h < height.input && w >= 0 && w < width.input;
                  int64_t at = (b * height.input + h) * width.input + w;
                  values.push_back(inside &&
                                   mask.isNonzero(at * task.groups + group, c));
                }
            int64_t sum = 0;
            for (size_t first = 0; first < values.size(); first += brick) {
              int64_t nonzero = 0;
              for (size_t i = first;
                   i < std::min(values.size(), first + size_t(brick)); ++i)
                nonzero += values[i];
              sum += std::max<int64_t>(1, nonzero);
            }
            slowest = std::max(slowest, sum);
          }
          clocks += slowest * divide(task.getGroupFilters(), filtersAtOnce);
        }
  return clocks;
}

TEST(InnerProduct, CnvlutinTakesAsManyClocksAsItsRule) {
  for (int seed = 0; seed < 8; ++seed) {
    ArrayTask task =
        makeConv(34 + 6 * seed, 24, 9, 3, 1 + seed % 2, 1, 2, 1 + seed % 2);
    ZeroMask mask = makeRandomActivationMask(task, 0.1 * (seed + 1), seed);
    task.activations = &mask;
    EXPECT_EQ(time(makeMachine(2, 16, 4, Operands::Activations), task).cycles,
              countCnvlutin(task, mask, 16, 16, 8));
  }
}

TEST(InnerProduct, CnvlutinAgainstDaDianNao) {
  // 44 % of the inputs are zero; the first layer runs dense.
  int64_t dense = 0, skipping = 0;
  for (Layer &layer : getAlexNet()) {
    int64_t base = time(makeMachine(16, 16, 16), layer.task).cycles;
    dense += base;
    ZeroMask mask = makeRandomActivationMask(layer.task, 0.56, 7);
    bool first = layer.task.getGroupChannels() < 16;
    if (!first)
      layer.task.activations = &mask;
    ArrayTiming timing =
        time(makeMachine(16, 16, 16, Operands::Activations), layer.task);
    if (first) {
      EXPECT_EQ(timing.cycles, base);
    }
    EXPECT_LE(double(base) / double(timing.cycles), 1.85);
    skipping += timing.cycles;
  }
  double ratio = double(dense) / double(skipping);
  RecordProperty("speedup", std::to_string(ratio));
  printf("Cnvlutin against DaDianNao at 44 %% zeros: %.3f\n", ratio);
  EXPECT_LT(ratio, 1 / 0.56);
  EXPECT_NEAR(ratio, 1.37, 0.15 * 1.37);
}

TEST(InnerProduct, CambriconX) {
  ArrayTask task = makeConv(64, 40, 9, 3);
  ZeroMask mask = makeRandomWeightMask(task, 0.4, 5, 0.3);
  task.weights = &mask;
  std::vector<int64_t> clocks(task.filters);
  for (int64_t f = 0; f < task.filters; ++f) {
    int64_t nonzero = 0;
    for (int64_t tap = 0; tap < 9; ++tap)
      nonzero += mask.countRow(f * 9 + tap);
    clocks[f] = divide(nonzero, 16);
  }
  int64_t inStep = 0;
  std::vector<int64_t> totals(16);
  for (int64_t f = 0; f < task.filters; f += 16) {
    int64_t slowest = 0;
    for (int64_t i = f; i < std::min<int64_t>(f + 16, task.filters); ++i) {
      slowest = std::max(slowest, clocks[i]);
      totals[i - f] += clocks[i];
    }
    inStep += slowest;
  }
  Machine machine = makeMachine(16, 16, 1, Operands::Weights);
  EXPECT_EQ(time(machine, task).cycles, inStep * task.getWindows());
  machine.array.sync = SyncScope::Layer;
  EXPECT_EQ(time(machine, task).cycles,
            *std::max_element(totals.begin(), totals.end()) *
                task.getWindows());
}

TEST(InnerProduct, WinogradSavesProducts) {
  Machine machine = makeMachine(1, 16, 16);
  machine.array.winograd = true;
  ArrayTask task = makeConv(32, 32, 8, 3, 1, 1);
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, 4 * 4 * 16 * 2 * 2);
  EXPECT_GT(timing.macs.saved, 0);
  EXPECT_EQ(time(machine, makeConv(32, 32, 8, 5, 1, 2)).cycles,
            8 * 8 * 25 * 2 * 2);
}

TEST(InnerProduct, WinogradArrayOfSuperResolution) {
  // 2560 multipliers at 1 GHz are published as 11.52 TOPS: 5760 products a
  // clock, 2.25 times as many as there are multipliers.
  Machine machine = makeMachine(10, 32, 8);
  machine.array.winograd = true;
  ArrayTask task = makeConv(32, 80, 64, 3, 1, 1);
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, (task.getMacs() + task.getPaddingMacs()) / 5760);
  // Odd sizes waste part of the tiles of 2x2, other filters gain nothing.
  EXPECT_EQ(time(machine, makeConv(32, 80, 5, 3, 1, 1)).cycles, 3 * 3 * 16);
  EXPECT_EQ(time(machine, makeConv(32, 80, 64, 1)).cycles, 64 * 64);
}

TEST(InnerProduct, PipelineIsFilledAtEveryBarrier) {
  Machine machine = makeMachine(16, 16, 16);
  ArrayTask task = makeConv(64, 64, 5, 3);
  int64_t base = time(machine, task).cycles;
  machine.array.pipelineClocks = 8;
  EXPECT_EQ(time(machine, task).buckets.ramp, 9 * 7);
  EXPECT_EQ(time(machine, task).cycles, base + 9 * 7);
  machine.array.sync = SyncScope::Layer;
  EXPECT_EQ(time(machine, task).cycles, base + 7);
}

} // namespace
