//===- RooflineTest.cpp - The time that nothing can beat -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/Roofline.h"
#include "ArrayTesting.h"

using namespace lacuna;
using namespace lacuna::npu;

namespace {

/// 2048 multipliers of 8 bits at 1 GHz, 10 GB/s.
Machine makeNvdla() {
  Machine machine;
  machine.name = "nvdla";
  machine.clockMHz = 1000;
  machine.array.dataflow = Dataflow::InnerProduct;
  machine.array.inputLanes = 128;
  machine.array.filterLanes = 16;
  machine.array.winograd = true;
  machine.dma.bytesPerClock = 10;
  return machine;
}

RooflineLayer makeLayer(ArrayTask task, int64_t pooled = 0,
                        int64_t frames = 1) {
  task.type = ElementType::Int8;
  return {task, frames, pooled, pooled};
}

struct Row {
  const char *name;
  RooflineLayer layer;
  double kibibytes;
  int64_t dramCycles;
  double macCycles;
  bool boundByDram;
};

/// One row for each group.
std::vector<Row> getSheet() {
  RooflineLayer conv2 = makeLayer(makeConv(48, 128, 27, 5, 1, 2), 13);
  RooflineLayer conv4 = makeLayer(makeConv(192, 192, 13, 3, 1, 1));
  RooflineLayer conv5 = makeLayer(makeConv(192, 128, 13, 3, 1, 1), 6);
  Row two = {"conv2", conv2, 205.30, 20530, 54675, false};
  Row four = {"conv4", conv4, 639.38, 63938, 12168, true};
  Row five = {"conv5", conv5, 420.19, 42019, 8112, true};
  return {{"conv1", makeLayer(makeConv(3, 96, 224, 11, 4), 27), 255.84, 25585,
           49617.5625, false},
          two,
          two,
          {"conv3", makeLayer(makeConv(256, 384, 13, 3, 1, 1)), 1641.63, 164163,
           32448, true},
          four,
          four,
          five,
          five,
          {"fc1", makeLayer(makeGemm(1, 9216, 4096), 0, 16), 2317, 231700,
           18432, true},
          {"fc2", makeLayer(makeGemm(1, 4096, 4096), 0, 16), 1032, 103200, 8192,
           true},
          {"fc3", makeLayer(makeGemm(1, 4096, 1000), 0, 16), 254.98, 25499,
           2000, true}};
}

RooflineTiming time(const RooflineLayer &layer) {
  llvm::Expected<RooflineTiming> timing = timeRoofline(makeNvdla(), layer);
  if (!timing) {
    ADD_FAILURE() << toString(timing.takeError());
    return {};
  }
  return *timing;
}

TEST(Roofline, SheetOfNvdla) {
  double sum = 0;
  std::vector<Row> sheet = getSheet();
  EXPECT_EQ(sheet.size(), 11u);
  for (const Row &row : sheet) {
    RooflineTiming timing = time(row.layer);
    EXPECT_NEAR(countTraffic(row.layer, true).getSum() / 1024, row.kibibytes,
                0.00501)
        << row.name;
    EXPECT_EQ(timing.dramCycles, row.dramCycles) << row.name;
    EXPECT_DOUBLE_EQ(timing.macCycles, row.macCycles) << row.name;
    EXPECT_EQ(timing.isBoundByDram(), row.boundByDram) << row.name;
    sum += timing.getCycles();
  }
  EXPECT_DOUBLE_EQ(sum, 895443.5625);
}

TEST(Roofline, GroupsAreDoneOneAfterTheOther) {
  RooflineTiming one = time(makeLayer(makeConv(48, 128, 27, 5, 1, 2), 13));
  RooflineTiming two = time(makeLayer(makeConv(96, 256, 27, 5, 1, 2, 2), 13));
  EXPECT_EQ(two.dramCycles, 2 * one.dramCycles);
  EXPECT_EQ(two.macCycles, 2 * one.macCycles);
}

TEST(Roofline, RefusesByName) {
  RooflineLayer layer = makeLayer(makeConv(4, 4, 8, 3), 7);
  EXPECT_EQ(text(timeRoofline(makeNvdla(), layer).takeError()),
            "frames must lie between 1 and 65536, and pooling must not enlarge "
            "the output");
}

} // namespace
