//===- RowStationaryTest.cpp - Rows of a convolution on an array -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/RowStationary.h"
#include "ArrayTesting.h"
#include "backends/npu/Array/RunLength.h"

#include <cmath>

using namespace lacuna;
using namespace lacuna::npu;

namespace {

/// Eyeriss: 12 x 14 PEs, 25 banks of 4 KB, buses of 64 bits for filters and
/// sums and of 16 bits for inputs.
Machine makeEyeriss() {
  Machine machine;
  machine.name = "eyeriss";
  Array &array = machine.array;
  array.dataflow = Dataflow::RowStationary;
  array.rows = 12;
  array.columns = 14;
  array.pipelineClocks = 3;
  array.gates = Operands::Activations;
  array.weightEntries = 224;
  array.inputEntries = 12;
  array.sumEntries = 24;
  Memory buffer;
  buffer.name = "buffer";
  buffer.bytes = 100 * 1024;
  buffer.banks = 25;
  buffer.ownedBanks = true;
  buffer.holds = {Content::Inputs, Content::Sums};
  machine.memories = {buffer};
  machine.networks.inputs = 1;
  machine.networks.weights = 4;
  machine.networks.sums = 4;
  return machine;
}

/// Nothing is late and nothing has to be filled.
Machine makeIdealEyeriss() {
  Machine machine = makeEyeriss();
  machine.array.pipelineClocks = 1;
  machine.networks = {};
  return machine;
}

struct Published {
  const char *name;
  ArrayTask task;
  RowMapping mapping;
  /// Of the batch.
  double milliseconds;
  int64_t activePEs;
};

/// Table V of the JSSC paper with the mappings of its table III; 4 images.
std::vector<Published> getAlexNetTable() {
  return {{"conv1",
           makeConv(3, 96, 227, 11, 4, 0, 1, 4),
           {96, 1, 7, 16, 1, 1, 2},
           16.5,
           154},
          {"conv2",
           makeConv(96, 256, 27, 5, 1, 2, 2, 4),
           {64, 1, 27, 16, 2, 1, 1},
           39.2,
           135},
          {"conv3",
           makeConv(256, 384, 13, 3, 1, 1, 1, 4),
           {64, 4, 13, 16, 4, 1, 4},
           21.8,
           156},
          {"conv4",
           makeConv(384, 384, 13, 3, 1, 1, 2, 4),
           {64, 4, 13, 16, 3, 2, 2},
           16.0,
           156},
          {"conv5",
           makeConv(384, 256, 13, 3, 1, 1, 2, 4),
           {64, 4, 13, 16, 3, 2, 2},
           10.0,
           156}};
}

/// Table VI; 3 images. The mappings are not published. These are what the
/// published numbers of active PEs (13 or 14 columns in 4 sets) and of buffer
/// accesses (each sum is read and written once for every 1, 2, 4 or 8 channels)
/// leave: sums in 23 banks, and two for inputs.
std::vector<Published> getVggTable() {
  RowMapping at224 = {16, 1, 13, 4, 1, 1, 4}, at112 = {32, 1, 13, 8, 1, 1, 4},
             at56 = {64, 1, 13, 16, 2, 1, 4}, at28 = {64, 1, 14, 16, 4, 1, 4},
             at14 = {64, 3, 14, 16, 4, 2, 2};
  const RowMapping mappings[] = {at224, at224, at112, at112, at56, at56, at56,
                                 at28,  at28,  at28,  at14,  at14, at14};
  const double milliseconds[] = {38.0,  810.6, 405.3, 810.8, 204.0,
                                 408.1, 408.1, 105.1, 210.0, 210.0,
                                 48.3,  48.5,  48.5};
  std::vector<Published> table;
  for (const Layer &layer : getVgg16()) {
    size_t i = table.size();
    table.push_back({layer.name, layer.task, mappings[i], milliseconds[i],
                     i < 7 ? 156 : 168});
    table.back().task.batch = 3;
  }
  return table;
}

constexpr double kClocksPerMillisecond = 200e3;

TEST(RowStationary, AlexNetWithoutRamp) {
  const int64_t cycles[] = {2787840, 6635520, 3833856, 2875392, 1916928};
  const int64_t products[] = {421660800, 895795200, 598081536, 448561152,
                              299040768};
  const double average[] = {151.25, 135, 156, 156, 156};
  int i = 0;
  for (const Published &row : getAlexNetTable()) {
    ArrayTask task = row.task;
    task.mapping = row.mapping;
    ArrayTiming timing = time(makeIdealEyeriss(), task);
    EXPECT_EQ(timing.cycles, cycles[i]) << row.name;
    EXPECT_EQ(timing.macs.getSum() + timing.macs.padding, products[i])
        << row.name;
    EXPECT_EQ(timing.activePEs, row.activePEs) << row.name;
    EXPECT_DOUBLE_EQ(timing.averageActivePEs, average[i]) << row.name;
    ++i;
  }
}

void expectLatency(const Published &row, double tolerance) {
  ArrayTask task = row.task;
  task.mapping = row.mapping;
  ArrayTiming timing = time(makeEyeriss(), task);
  double milliseconds = double(timing.cycles) / kClocksPerMillisecond;
  printf("%-8s %8.2f ms, published %8.2f, %+5.1f %%: compute %5.1f network "
         "%5.1f ramp %5.1f %%\n",
         row.name, milliseconds, row.milliseconds,
         100 * (milliseconds / row.milliseconds - 1),
         100.0 * timing.buckets.compute / timing.cycles,
         100.0 * timing.buckets.network / timing.cycles,
         100.0 * timing.buckets.ramp / timing.cycles);
  EXPECT_NEAR(milliseconds / row.milliseconds, 1, tolerance) << row.name;
  EXPECT_EQ(timing.activePEs, row.activePEs) << row.name;
}

TEST(RowStationary, LatencyOfAlexNet) {
  for (const Published &row : getAlexNetTable())
    expectLatency(row, 0.10);
}

TEST(RowStationary, LatencyOfVgg16) {
  for (const Published &row : getVggTable())
    expectLatency(row, 0.20);
}

TEST(RowStationary, DramWords) {
  const int64_t words[] = {2526720, 1959936, 1306624};
  std::vector<Published> table = getAlexNetTable();
  Machine machine = makeEyeriss();
  for (int i = 0; i < 3; ++i) {
    const Published &row = table[i + 2];
    RowMappingProblem problem(machine, row.task);
    EXPECT_EQ(problem.countDramWords(row.mapping).getSum(), words[i]);
  }
}

TEST(RowStationary, CompressedDramWords) {
  // Shares of the inputs and outputs of conv3, conv4 and conv5 that are not
  // zero, and dense words over compressed ones.
  const double inputs[] = {0.275, 0.207, 0.23}, outputs[] = {0.303, 0.304, 0.1};
  const double ratios[] = {1.698, 1.867, 1.938};
  std::vector<Published> table = getAlexNetTable();
  Machine machine = makeEyeriss();
  for (int i = 0; i < 3; ++i) {
    const Published &row = table[i + 2];
    RowMappingProblem problem(machine, row.task);
    DramWords words = problem.countDramWords(row.mapping);
    double compressed = double(words.weights) +
                        estimateRunLengthWords(words.inputs, inputs[i]) +
                        estimateRunLengthWords(words.outputs, outputs[i]);
    double ratio = double(words.getSum()) / compressed;
    printf("%s compressed %.3f, published %.3f\n", row.name, ratio, ratios[i]);
    EXPECT_NEAR(ratio / ratios[i], 1, 0.03);
  }
  // conv1, whose outputs only are compressed; 3,095,520 words of which
  // 56 x 56 x 96 outputs of 4 images.
  int64_t all = 3095520, compressible = 4 * 56 * 56 * 96;
  double ratio = double(all) / (double(all - compressible) +
                                estimateRunLengthWords(compressible, 0.378));
  printf("conv1 compressed %.3f, published 1.243\n", ratio);
  EXPECT_NEAR(ratio / 1.243, 1, 0.03);
}

TEST(RunLength, CountsPairs) {
  ZeroMask mask(1, 70);
  EXPECT_EQ(countRunLengthPairs(mask), 3); // 31 zeros and a zero, twice; 6
  mask.setNonzero(0, 0);
  mask.setNonzero(0, 5);
  mask.setNonzero(0, 38);
  // 0; 4 zeros; 31 zeros and a zero; the value after it; 31 zeros at the end.
  EXPECT_EQ(countRunLengthPairs(mask), 5);
  EXPECT_EQ(getRunLengthWords(5), 8);
  EXPECT_EQ(getRunLengthWords(6), 8);
  EXPECT_EQ(getRunLengthWords(7), 12);

  ArrayTask task = makeConv(64, 1, 56, 1);
  for (double density : {0.02, 0.1, 0.3, 0.9}) {
    ZeroMask random = makeRandomActivationMask(task, density, 5);
    EXPECT_NEAR(double(getRunLengthWords(countRunLengthPairs(random))) /
                    estimateRunLengthWords(64 * 56 * 56, density),
                1, 0.02);
  }
}

TEST(RowStationary, SearchIsNoWorseThanWhatIsPublished) {
  Machine machine = makeEyeriss();
  std::vector<Published> table = getAlexNetTable();
  for (const Published &row : getVggTable())
    table.push_back(row);
  for (const Published &row : table) {
    RowMappingProblem problem(machine, row.task);
    EXPECT_EQ(text(problem.verify(row.mapping)), "") << row.name;
    llvm::Expected<RowMapping> mapping = problem.solve();
    ASSERT_TRUE(bool(mapping));
    EXPECT_EQ(text(problem.verify(*mapping)), "") << row.name;
    EXPECT_LE(countRowClocks(problem, *mapping).getSum(),
              countRowClocks(problem, row.mapping).getSum())
        << row.name;
    EXPECT_EQ(time(machine, row.task).cycles,
              countRowClocks(problem, *mapping).getSum());
  }
}

TEST(RowStationary, BanksAreSharedUnlessTheyAreOwned) {
  Machine machine = makeEyeriss();
  machine.memories[0].banks = 1;
  ArrayTask task = getAlexNetTable()[4].task;
  EXPECT_EQ(explainFailure(machine, task),
            "machine 'eyeriss': a row of inputs and one of sums do not fit "
            "into the banks of the buffer; cut the layer into tiles");
  machine.memories[0].ownedBanks = false;
  time(machine, task);
  // 93184 bytes of sums and 6720 of inputs: five banks and one.
  machine = makeEyeriss();
  machine.memories[0].banks = 5;
  const Published row = getVggTable()[0];
  EXPECT_NE(text(RowMappingProblem(machine, row.task).verify(row.mapping)), "");
  machine.memories[0].ownedBanks = false;
  EXPECT_EQ(text(RowMappingProblem(machine, row.task).verify(row.mapping)), "");
}

TEST(RowStationary, GatingCostsNoTime) {
  Machine machine = makeEyeriss();
  ArrayTask task = getAlexNetTable()[2].task;
  task.mapping = getAlexNetTable()[2].mapping;
  int64_t dense = time(machine, task).cycles;
  ZeroMask mask = makeRandomActivationMask(task, 0.275, 1);
  task.activations = &mask;
  ArrayTiming timing = time(machine, task);
  EXPECT_EQ(timing.cycles, dense);
  EXPECT_NEAR(double(timing.macs.done) / double(task.getMacs()), 0.275, 0.01);
  EXPECT_EQ(timing.macs.gated, task.getMacs() - timing.macs.done);
}

TEST(RowStationary, FoldsKernelsOfMoreRows) {
  Machine machine = makeEyeriss();
  // 15 rows, of which 2 meet padding above and 3 below: 7 and 8.
  ArrayTask task = makeConv(8, 8, 20, 3);
  task.space[1] = SpatialDimension::make(20, 15, 1, 2);
  task.space[1].padAfter = 3;
  task.space[1].output = 11;
  ArrayTask upper = task, lower = task;
  upper.space[1].kernel = 7;
  upper.space[1].padAfter = 0;
  lower.space[1].kernel = 8;
  lower.space[1].padBefore = 0;
  lower.space[1].input = 15;
  ArrayTiming folded = time(machine, task);
  ArrayTiming first = time(machine, upper), second = time(machine, lower);
  EXPECT_EQ(folded.cycles, first.cycles + second.cycles);
  EXPECT_EQ(folded.macs.done, task.getMacs());
  EXPECT_EQ(folded.sums.bufferReads.done, first.sums.bufferReads.done +
                                              second.sums.bufferReads.done +
                                              8 * 11 * 18);
}

TEST(RowStationary, RowsThatAPEHasNoRoomForComeInParts) {
  Machine machine = makeEyeriss();
  ArrayTask task = makeConv(8, 8, 20, 3);
  task.space[2] = SpatialDimension::make(20, 13, 1, 1);
  // Ten windows: six columns of the kernel meet a column of padding and 14 of
  // the input, seven 15 of the input and a column of padding.
  ArrayTask left = task, right = task;
  left.space[2] = SpatialDimension::make(14, 6, 1, 1);
  right.space[2] = SpatialDimension::make(15, 7, 1, 1);
  left.space[2].padAfter = right.space[2].padBefore = 0;
  left.space[2].output = right.space[2].output = 10;
  ArrayTiming whole = time(machine, task);
  EXPECT_EQ(whole.cycles,
            time(machine, left).cycles + time(machine, right).cycles);
  EXPECT_EQ(whole.macs.done, task.getMacs());
}

TEST(RowStationary, RefusesByName) {
  Machine machine = makeEyeriss();
  ArrayTask task = makeConv(256, 384, 13, 3, 1, 1);
  task.mapping = RowMapping{64, 1, 13, 16, 4, 2, 4};
  EXPECT_EQ(explainFailure(machine, task),
            "mapping m=64 n=1 e=13 p=16 q=4 r=2 t=4: 8 sets of 3 x 13 PEs do "
            "not fit on 12 x 14");
  task.mapping = RowMapping{64, 1, 13, 16, 5, 1, 4};
  EXPECT_EQ(explainFailure(machine, task),
            "mapping m=64 n=1 e=13 p=16 q=5 r=1 t=4: rows of 16 filters and 5 "
            "channels do not fit into the storage of a PE");
  task.mapping = RowMapping{384, 1, 13, 16, 4, 1, 4};
  EXPECT_EQ(explainFailure(machine, task),
            "mapping m=384 n=1 e=13 p=16 q=4 r=1 t=4: sums and inputs do not "
            "fit into the banks of the buffer");
  task.mapping = RowMapping{64, 1, 0, 16, 4, 1, 4};
  EXPECT_NE(explainFailure(machine, task), "");
}

} // namespace
