//===- TilingTest.cpp - Tests of tiles that fit on a chip -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Tiling.h"

#include "gtest/gtest.h"

using namespace lacuna;

namespace {
Machine makeMachine(int64_t bytes) {
  Machine machine;
  machine.array.rows = machine.array.columns = 16;
  Memory memory;
  memory.name = "buffer";
  memory.bytes = bytes;
  memory.holds = {Content::Inputs, Content::Weights, Content::Sums,
                  Content::Outputs};
  machine.memories = {memory};
  return machine;
}

/// 3x3, 64 to 128 channels, 56x56, with a pad of 1.
TilingProblem makeProblem(const Machine &machine) {
  TilingProblem problem;
  problem.machine = &machine;
  problem.channels = 64;
  problem.filters = 128;
  problem.input = problem.output = {1, 56, 56};
  problem.kernel = {1, 3, 3};
  problem.padBefore = {0, 1, 1};
  return problem;
}

constexpr int64_t kEachOnce = 64 * 56 * 56 + 128 * 64 * 9 + 128 * 56 * 56;

TEST(Tiling, LargeChipsMoveLittleTwice) {
  Machine machine = makeMachine(16 << 20);
  TilingProblem problem = makeProblem(machine);
  llvm::Expected<TilingSolution> solution = planTiles(problem);
  ASSERT_TRUE(bool(solution)) << llvm::toString(solution.takeError());
  EXPECT_FALSE(bool(solution->verify(problem)));
  // Rows that tiles share, and no more.
  EXPECT_GE(solution->dramBytes, kEachOnce);
  EXPECT_LE(solution->dramBytes, kEachOnce * 5 / 4);
}

TEST(Tiling, SmallChipsMoveMore) {
  int64_t large = 0, small = 0;
  for (int64_t kilobytes : {4096, 512, 128, 64, 32, 16, 8}) {
    Machine machine = makeMachine(kilobytes * 1024);
    TilingProblem problem = makeProblem(machine);
    llvm::Expected<TilingSolution> solution = planTiles(problem);
    ASSERT_TRUE(bool(solution)) << llvm::toString(solution.takeError());
    EXPECT_FALSE(bool(solution->verify(problem)));
    EXPECT_LE(solution->getUse(problem)[0], machine.memories[0].bytes);
    EXPECT_GE(solution->dramBytes, kEachOnce);
    small = solution->dramBytes;
    if (!large)
      large = small;
  }
  EXPECT_GT(small, 2 * large);
}

TEST(Tiling, OneTileAtATimeWhereThereIsRoomForNoMore) {
  Machine machine = makeMachine(256);
  TilingProblem problem = makeProblem(machine);
  llvm::Expected<TilingSolution> solution = planTiles(problem);
  ASSERT_TRUE(bool(solution)) << llvm::toString(solution.takeError());
  EXPECT_EQ(solution->slots, 1);
  EXPECT_EQ(solution->getUse(problem)[0], 256);
}

TEST(Tiling, RefusesByName) {
  Machine machine = makeMachine(192);
  TilingProblem problem = makeProblem(machine);
  llvm::Expected<TilingSolution> solution = planTiles(problem);
  ASSERT_FALSE(bool(solution));
  EXPECT_NE(llvm::toString(solution.takeError()).find("memory 'buffer'"),
            std::string::npos);
}

TEST(Tiling, DepthwiseGroupsGoTogether) {
  Machine machine = makeMachine(128 << 10);
  TilingProblem problem = makeProblem(machine);
  problem.groups = 64;
  problem.channels = problem.filters = 1;
  llvm::Expected<TilingSolution> solution = planTiles(problem);
  ASSERT_TRUE(bool(solution)) << llvm::toString(solution.takeError());
  EXPECT_GT(solution->groups, 1);
  EXPECT_LE(solution->dramBytes, (2 * 64 * 56 * 56 + 64 * 9) * 11 / 10);
}

TEST(Tiling, InputsOfATile) {
  Machine machine = makeMachine(1 << 20);
  TilingProblem problem = makeProblem(machine);
  EXPECT_EQ(problem.getInputs(1, 0, 8), std::pair(int64_t(0), int64_t(9)));
  EXPECT_EQ(problem.getInputs(1, 8, 8), std::pair(int64_t(7), int64_t(10)));
  EXPECT_EQ(problem.getInputs(1, 48, 8), std::pair(int64_t(47), int64_t(9)));
  // Windows that lie in the padding alone still name an input.
  problem.padBefore = {0, 9, 0};
  EXPECT_EQ(problem.getInputs(1, 0, 2), std::pair(int64_t(0), int64_t(1)));
}

TEST(Tiling, TracesWhatWasTried) {
  Machine machine = makeMachine(128 << 10);
  TilingProblem problem = makeProblem(machine);
  std::vector<TilingChoice> trace;
  llvm::Expected<TilingSolution> solution = planTiles(problem, &trace);
  ASSERT_TRUE(bool(solution)) << llvm::toString(solution.takeError());
  int64_t winners = 0;
  for (const TilingChoice &choice : trace)
    if (choice.lost.empty()) {
      ++winners;
      EXPECT_EQ(choice.solution.dramBytes, solution->dramBytes);
    }
  EXPECT_EQ(winners, 1);
}
} // namespace
