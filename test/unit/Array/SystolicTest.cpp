//===- SystolicTest.cpp - Arrays that hand operands from PE to PE -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArrayTesting.h"

#include <algorithm>
#include <random>

using namespace lacuna;
using namespace lacuna::npu;

namespace {

Machine makeMachine(Dataflow dataflow, int64_t rows, int64_t columns) {
  Machine machine;
  machine.name = "systolic";
  machine.array.dataflow = dataflow;
  machine.array.rows = rows;
  machine.array.columns = columns;
  return machine;
}

/// A value on its way through the array, and who it is.
struct Token {
  bool valid = false;
  int64_t row = 0, column = 0;
};

using Grid = std::vector<std::vector<Token>>;

/// An output stationary array, PE by PE and clock by clock: rows of A enter
/// from the left and columns of B from above, each a clock after the one
/// before. A fold ends when the corner has met the last pair; every PE must
/// have met each of its pairs at the same time. Returns the clocks of all
/// folds.
int64_t simulateOutputStationary(int64_t m, int64_t k, int64_t n, int64_t rows,
                                 int64_t columns) {
  int64_t clocks = 0;
  for (int64_t m0 = 0; m0 < m; m0 += rows)
    for (int64_t n0 = 0; n0 < n; n0 += columns) {
      Grid a(rows, std::vector<Token>(columns)), b = a;
      std::vector<std::vector<int64_t>> met(rows,
                                            std::vector<int64_t>(columns));
      for (int64_t clock = 0; met[rows - 1][columns - 1] < k; ++clock) {
        for (int64_t r = rows - 1; r >= 0; --r)
          for (int64_t c = columns - 1; c >= 0; --c) {
            int64_t inA = clock - r, inB = clock - c;
            a[r][c] = c ? a[r][c - 1] : Token{inA >= 0 && inA < k, m0 + r, inA};
            b[r][c] = r ? b[r - 1][c] : Token{inB >= 0 && inB < k, inB, n0 + c};
          }
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t c = 0; c < columns; ++c) {
            EXPECT_EQ(a[r][c].valid, b[r][c].valid);
            if (!a[r][c].valid)
              continue;
            EXPECT_EQ(a[r][c].column, b[r][c].row);
            EXPECT_EQ(a[r][c].column, met[r][c]);
            ++met[r][c];
          }
        ++clocks;
      }
    }
  return clocks;
}

/// An array in which one operand of `stay` x `along` values stays, loaded from
/// above one row a clock, and `flow` vectors come from the left; sums go down
/// and leave at the bottom. A fold ends when the last sum has left the last
/// column.
int64_t simulateStationary(int64_t stay, int64_t along, int64_t flow,
                           int64_t rows, int64_t columns) {
  int64_t clocks = 0;
  for (int64_t s0 = 0; s0 < stay; s0 += rows)
    for (int64_t a0 = 0; a0 < along; a0 += columns) {
      // The row for the bottom goes in first.
      std::vector<int64_t> held(rows, -1);
      for (int64_t clock = 0; clock < rows; ++clock) {
        for (int64_t r = rows - 1; r > 0; --r)
          held[r] = held[r - 1];
        held[0] = s0 + rows - 1 - clock;
        ++clocks;
      }
      for (int64_t r = 0; r < rows; ++r)
        EXPECT_EQ(held[r], s0 + r);
      Grid in(rows, std::vector<Token>(columns)), sums = in;
      int64_t left = flow * columns;
      for (int64_t clock = 0; left; ++clock) {
        for (int64_t r = rows - 1; r >= 0; --r)
          for (int64_t c = columns - 1; c >= 0; --c) {
            int64_t vector = clock - r;
            in[r][c] = c ? in[r][c - 1]
                         : Token{vector >= 0 && vector < flow, vector, s0 + r};
            // The sum from above is of the same vector.
            Token sum = r ? sums[r - 1][c] : in[r][c];
            sums[r][c] = Token{in[r][c].valid, in[r][c].row, a0 + c};
            if (r && in[r][c].valid) {
              EXPECT_TRUE(sum.valid);
              EXPECT_EQ(sum.row, in[r][c].row);
            }
          }
        for (int64_t c = 0; c < columns; ++c)
          left -= sums[rows - 1][c].valid;
        ++clocks;
      }
    }
  return clocks;
}

int64_t simulate(Dataflow dataflow, int64_t m, int64_t k, int64_t n,
                 int64_t rows, int64_t columns) {
  switch (dataflow) {
  case Dataflow::OutputStationary:
    return simulateOutputStationary(m, k, n, rows, columns);
  case Dataflow::WeightStationary:
    return simulateStationary(k, n, m, rows, columns);
  default:
    return simulateStationary(k, m, n, rows, columns);
  }
}

constexpr Dataflow kFlows[] = {Dataflow::OutputStationary,
                               Dataflow::WeightStationary,
                               Dataflow::InputStationary};

TEST(Systolic, AgreesWithAnArraySimulatedPeByPe) {
  std::mt19937 random(1);
  auto pick = [&](int64_t most) { return 1 + int64_t(random() % most); };
  for (int i = 0; i < 200; ++i) {
    Dataflow dataflow = kFlows[i % 3];
    int64_t m = pick(40), k = pick(40), n = pick(40);
    int64_t rows = pick(12), columns = pick(12);
    ArrayTiming timing =
        time(makeMachine(dataflow, rows, columns), makeGemm(m, k, n));
    EXPECT_EQ(timing.cycles, simulate(dataflow, m, k, n, rows, columns))
        << m << "x" << k << "x" << n << " on " << rows << "x" << columns
        << " flow " << i % 3;
    EXPECT_EQ(timing.macs.done, m * k * n);
    EXPECT_LE(timing.averageActivePEs, double(timing.activePEs));
  }
}

TEST(Systolic, TakesAsLongAsRtl) {
  const std::pair<int64_t, int64_t> measured[] = {
      {4, 10},   {8, 22},   {16, 46},  {20, 58},  {32, 94}, {40, 118},
      {50, 148}, {64, 190}, {70, 208}, {80, 238}, {90, 268}};
  for (auto [n, cycles] : measured)
    EXPECT_EQ(
        time(makeMachine(Dataflow::OutputStationary, n, n), makeGemm(n, n, n))
            .cycles,
        cycles);
}

/// A group of each layer of AlexNet and its fully connected ones.
std::vector<ArrayTask> getAlexNetGroups() {
  return {makeConv(3, 96, 227, 11, 4),     makeConv(48, 128, 27, 5, 1, 2),
          makeConv(256, 384, 13, 3, 1, 1), makeConv(192, 192, 13, 3, 1, 1),
          makeConv(192, 128, 13, 3, 1, 1), makeGemm(1, 9216, 4096),
          makeGemm(1, 4096, 4096),         makeGemm(1, 4096, 1000)};
}

TEST(Systolic, AlexNet) {
  const std::vector<int64_t> expected[] = {
      {121125, 116104, 170352, 64440, 42960, 1187584, 532224, 133056},
      {112284, 125096, 227232, 85212, 56808, 3502080, 1556480, 389120},
      {216600, 194028, 206496, 92664, 71928, 1206720, 536320, 140032}};
  const int64_t sums[] = {2367845, 6054312, 2664788};
  for (int flow = 0; flow < 3; ++flow) {
    std::vector<int64_t> cycles;
    int64_t sum = 0;
    for (const ArrayTask &task : getAlexNetGroups()) {
      cycles.push_back(time(makeMachine(kFlows[flow], 32, 32), task).cycles);
      sum += cycles.back();
    }
    EXPECT_EQ(cycles, expected[flow]);
    EXPECT_EQ(sum, sums[flow]);
  }
}

/// Convolutions in time, and the classifier.
std::vector<ArrayTask> getTemporalNetwork() {
  auto temporal = [](int64_t windows, int64_t channels, int64_t kernel,
                     int64_t filters) {
    return makeGemm(windows, channels * kernel, filters);
  };
  return {
      temporal(98, 40, 3, 16), temporal(49, 16, 9, 24), temporal(49, 24, 9, 24),
      temporal(49, 16, 1, 24), temporal(25, 24, 9, 32), temporal(25, 32, 9, 32),
      temporal(25, 24, 1, 32), temporal(13, 32, 9, 48), temporal(13, 48, 9, 48),
      temporal(13, 32, 1, 48), temporal(1, 48, 1, 12)};
}

TEST(Systolic, TemporalConvolutions) {
  const int64_t totals[3][2] = {{31034, 9854}, {46035, 19000}, {50164, 20088}};
  for (int flow = 0; flow < 3; ++flow)
    for (int64_t size : {8, 16}) {
      int64_t sum = 0;
      for (const ArrayTask &task : getTemporalNetwork())
        sum += time(makeMachine(kFlows[flow], size, size), task).cycles;
      EXPECT_EQ(sum, totals[flow][size / 16]) << flow << " " << size;
    }
  const int64_t layers[] = {3484, 3318, 4830, 630, 3680, 4832,
                            608,  3624, 5352, 552, 124};
  std::vector<ArrayTask> network = getTemporalNetwork();
  for (size_t i = 0; i < network.size(); ++i)
    EXPECT_EQ(
        time(makeMachine(Dataflow::OutputStationary, 8, 8), network[i]).cycles,
        layers[i]);
}

TEST(Systolic, ReadsTheBuffersAsOften) {
  ArrayTask task = makeGemm(256, 256, 128);
  ArrayTiming ws = time(makeMachine(Dataflow::WeightStationary, 32, 32), task);
  EXPECT_EQ(ws.inputs.bufferReads.done, 262144);
  EXPECT_EQ(ws.weights.bufferReads.done, 32768);
  EXPECT_EQ(ws.sums.bufferWrites.done, 262144);
  ArrayTiming is = time(makeMachine(Dataflow::InputStationary, 32, 32), task);
  EXPECT_EQ(is.inputs.bufferReads.done, 65536);
  EXPECT_EQ(is.weights.bufferReads.done, 262144);
  EXPECT_EQ(is.sums.bufferWrites.done, 262144);
  ArrayTiming os = time(makeMachine(Dataflow::OutputStationary, 32, 32), task);
  EXPECT_EQ(os.inputs.bufferReads.done, 262144);
  EXPECT_EQ(os.weights.bufferReads.done, 262144);
  EXPECT_EQ(os.sums.bufferWrites.done, 32768);
}

TEST(Systolic, GatesButDoesNotSkip) {
  ArrayTask task = makeConv(8, 8, 8, 3, 1, 1);
  ZeroMask mask = makeRandomActivationMask(task, 0.5, 1);
  Machine machine = makeMachine(Dataflow::OutputStationary, 4, 4);
  int64_t dense = time(machine, task).cycles;
  task.activations = &mask;
  machine.array.gates = Operands::Activations;
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, dense);
  EXPECT_GT(timing.macs.gated, 0);
  EXPECT_EQ(timing.macs.skipped, 0);
  machine.array.skips = Operands::Activations;
  EXPECT_EQ(explainFailure(machine, task),
            "machine 'systolic': a systolic array moves in step and cannot "
            "skip zeros; let it gate them");
}

} // namespace
