//===- KernelPartsTest.cpp - Kernels that PEs cannot hold, in parts -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/KernelParts.h"

#include "ArrayTesting.h"

#include <random>

using namespace lacuna;
using namespace lacuna::npu;

/// A convolution of three dimensions whose windows may lie anywhere.
static ArrayTask makeAny(std::mt19937 &random) {
  auto draw = [&](int64_t least, int64_t most) {
    return least + int64_t(random() % uint64_t(most - least + 1));
  };
  ArrayTask task;
  task.batch = draw(1, 2);
  task.groups = draw(1, 3);
  task.channels = task.groups * draw(1, 70);
  task.filters = task.groups * draw(1, 3);
  for (SpatialDimension &space : task.space) {
    space.input = draw(1, 6);
    space.kernel = draw(1, 5);
    space.stride = draw(1, 3);
    space.dilation = draw(1, 3);
    space.padBefore = draw(0, 7);
    space.output = draw(1, 4);
    space.padAfter = std::max<int64_t>(0, (space.output - 1) * space.stride +
                                              space.getSpan() -
                                              space.padBefore - space.input);
  }
  return task;
}

TEST(KernelParts, NoProductIsLostOrDoneTwice) {
  std::mt19937 random(5);
  for (int seed = 0; seed < 300; ++seed) {
    ArrayTask task = makeAny(random);
    ZeroMask activations = makeRandomActivationMask(task, 0.4, seed);
    ZeroMask weights = makeRandomWeightMask(task, 0.6, seed + 1000);
    task.activations = &activations;
    task.weights = &weights;
    std::array<int64_t, 3> box =
        findKernelBox(task, 1 + int64_t(random() % 30));
    ArrayTiming sum;
    int64_t parts = 0;
    auto count = [&](const ArrayTask &part) -> llvm::Expected<ArrayTiming> {
      EXPECT_LE(part.getTaps(), box[0] * box[1] * box[2]);
      ArrayTiming timing;
      timing.cycles = timing.buckets.compute =
          countNonzeroMacs(part, Operands::Both);
      timing.macs = countMacs(part, Operands::Activations, Operands::Weights);
      ++parts;
      return timing;
    };
    llvm::Expected<ArrayTiming> timing = timeKernelParts(task, box, count);
    ASSERT_TRUE(bool(timing));
    EXPECT_EQ(timing->cycles, countNonzeroMacs(task, Operands::Both));
    EXPECT_EQ(text(timing->verify(task)), "");
    MacCounts macs = countMacs(task, Operands::Activations, Operands::Weights);
    EXPECT_EQ(timing->macs.gated, macs.gated);
    EXPECT_EQ(timing->macs.skipped, macs.skipped);
    if (box[0] * box[1] * box[2] == task.getTaps()) {
      EXPECT_EQ(parts, 1);
    }
  }
}

TEST(KernelParts, BoxesHaveWholeRowsIfTheseFit) {
  ArrayTask task;
  task.space[0] = SpatialDimension::make(4, 4);
  task.space[1] = SpatialDimension::make(5, 5);
  task.space[2] = SpatialDimension::make(6, 6);
  using Box = std::array<int64_t, 3>;
  EXPECT_EQ(findKernelBox(task, 0), (Box{4, 5, 6}));
  EXPECT_EQ(findKernelBox(task, 200), (Box{4, 5, 6}));
  EXPECT_EQ(findKernelBox(task, 119), (Box{3, 5, 6}));
  EXPECT_EQ(findKernelBox(task, 20), (Box{1, 3, 6}));
  EXPECT_EQ(findKernelBox(task, 4), (Box{1, 1, 4}));
}
