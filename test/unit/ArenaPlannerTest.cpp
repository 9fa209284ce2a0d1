//===- ArenaPlannerTest.cpp - Buffers into one static arena -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/ArenaPlanner.h"

#include "gtest/gtest.h"
#include <random>

using namespace lacuna;

namespace {

std::string text(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "";
}

/// Plans, and expects that nothing overlaps.
ArenaSolution plan(const ArenaProblem &problem) {
  EXPECT_EQ(text(problem.check()), "");
  ArenaSolution solution = planArena(problem);
  EXPECT_EQ(text(solution.verify(problem)), "");
  EXPECT_GE(solution.bytes, problem.getLowerBound());
  return solution;
}

TEST(ArenaPlanner, ChecksTheProblem) {
  ArenaProblem problem;
  problem.buffers = {{"a", 16, 0, 1}};
  for (int64_t alignment : {0, -64, 48}) {
    problem.alignment = alignment;
    EXPECT_EQ(text(problem.check()), "alignment " + std::to_string(alignment) +
                                         " is not a power of two");
  }
  problem.alignment = 1;
  EXPECT_EQ(text(problem.check()), "");
  problem.buffers[0].bytes = -1;
  EXPECT_EQ(text(problem.check()), "buffer 'a' has -1 bytes");
  problem.buffers[0] = {"a", 16, 3, 2};
  EXPECT_EQ(text(problem.check()),
            "buffer 'a' is needed from step 3 to step 2");
}

TEST(ArenaPlanner, VerifiesTheSolution) {
  ArenaProblem problem;
  problem.buffers = {{"a", 64, 0, 1}, {"b", 64, 1, 2}, {"c", 64, 2, 3}};
  EXPECT_EQ(text(ArenaSolution{{0, 64, 0}, 128}.verify(problem)), "");
  EXPECT_EQ(text(ArenaSolution{{0, 64}, 128}.verify(problem)),
            "there are 2 offsets for 3 buffers");
  EXPECT_EQ(text(ArenaSolution{{0, 0, 64}, 128}.verify(problem)),
            "buffers 'a' and 'b' overlap");
  std::string outside = " lies outside the 128 bytes or off the alignment";
  EXPECT_EQ(text(ArenaSolution{{0, 128, 0}, 128}.verify(problem)),
            "buffer 'b' at offset 128" + outside);
  EXPECT_EQ(text(ArenaSolution{{-64, 64, 0}, 128}.verify(problem)),
            "buffer 'a' at offset -64" + outside);
  EXPECT_EQ(text(ArenaSolution{{0, 64, 32}, 128}.verify(problem)),
            "buffer 'c' at offset 32" + outside);
}

TEST(ArenaPlanner, NothingNeedsNothing) {
  EXPECT_EQ(plan({}).bytes, 0);
  ArenaProblem problem;
  problem.buffers = {{"empty", 0, 0, 5}, {"a", 64, 2, 3}};
  EXPECT_EQ(plan(problem).bytes, 64);
}

TEST(ArenaPlanner, ChainReachesTheLowerBound) {
  // Each step reads the buffer before and writes its own.
  ArenaProblem problem;
  for (int64_t i = 0; i < 20; ++i)
    problem.buffers.push_back(
        {"t" + std::to_string(i), 64 * (1 + i * 7 % 5), i, i + 1});
  EXPECT_EQ(plan(problem).bytes, problem.getLowerBound());
  // Neither sizes nor time alone give the right order here.
  problem.buffers = {{"a", 64, 0, 1},
                     {"b", 192, 1, 2},
                     {"c", 128, 2, 3},
                     {"d", 128, 3, 4},
                     {"e", 192, 4, 5}};
  EXPECT_EQ(plan(problem).bytes, 320);
}

TEST(ArenaPlanner, KnownOptima) {
  ArenaProblem problem;
  // A residual: `a` waits while two others come and go.
  problem.buffers = {{"a", 256, 0, 3}, {"b", 128, 1, 2}, {"c", 64, 2, 3}};
  EXPECT_EQ(plan(problem).bytes, 448);
  // All at once.
  problem.buffers = {{"a", 64, 0, 9}, {"b", 128, 0, 9}, {"c", 64, 0, 9}};
  EXPECT_EQ(plan(problem).bytes, 256);
  // Never two at once.
  problem.buffers = {{"a", 64, 0, 0}, {"b", 128, 1, 1}, {"c", 192, 2, 2}};
  EXPECT_EQ(plan(problem).bytes, 192);
}

TEST(ArenaPlanner, SizesAreRoundedUpToTheAlignment) {
  ArenaProblem problem;
  problem.buffers = {{"a", 1, 0, 1}, {"b", 65, 1, 2}};
  EXPECT_EQ(problem.getLowerBound(), 192);
  ArenaSolution solution = plan(problem);
  EXPECT_EQ(solution.bytes, 192);
  EXPECT_EQ(solution.offsets[0] % 64, 0);
  EXPECT_EQ(solution.offsets[1] % 64, 0);
  problem.alignment = 1;
  EXPECT_EQ(plan(problem).bytes, 66);
}

TEST(ArenaPlanner, SameProblemHasTheSameSolution) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    ArenaProblem problem;
    for (int i = 0; i < 30; ++i) {
      int64_t first = random() % 40;
      problem.buffers.push_back({"t" + std::to_string(i),
                                 int64_t(random() % 5000), first,
                                 first + int64_t(random() % 8)});
    }
    ArenaSolution solution = plan(problem), again = plan(problem);
    EXPECT_EQ(solution.offsets, again.offsets);
    EXPECT_EQ(solution.bytes, again.bytes);
    EXPECT_LE(solution.bytes, 2 * problem.getLowerBound());
  }
}

TEST(ArenaPlanner, DrawsEveryBuffer) {
  ArenaProblem problem;
  problem.buffers = {{"first", 64, 0, 1}, {"second", 64, 1, 2}};
  problem.steps = {"Conv", "Relu", "Add"};
  std::string svg = drawArena(problem, plan(problem));
  EXPECT_EQ(svg.rfind("<svg", 0), 0u);
  for (const char *name : {"first", "second"})
    EXPECT_NE(svg.find(name), std::string::npos) << name;
}

} // namespace
