//===- DensityTest.cpp - How often tiles are all zeros -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/Density.h"

#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace lacuna::loopnest;

namespace {

TEST(LoopNestDensity, Dense) {
  EXPECT_EQ(Density().getEmptyProbability({1}, 16), 0);
  EXPECT_EQ(Density().getMean(), 1);
}

TEST(LoopNestDensity, Structured) {
  Density density = Density::structured(0.3);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({1}, 100), 0.7);
  EXPECT_NEAR(density.getEmptyProbability({1, 3}, 100), 0.1, 1e-12);
  EXPECT_EQ(density.getEmptyProbability({2, 2}, 100), 0);
}

TEST(LoopNestDensity, UniformIsHypergeometric) {
  // 5 of 20: none of 4 that are drawn.
  Density density = Density::uniform(0.25);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({4}, 20),
                   15.0 * 14 * 13 * 12 / (20.0 * 19 * 18 * 17));
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({1}, 20), 0.75);
  EXPECT_EQ(density.getEmptyProbability({16}, 20), 0);
  // Many drawn, many filled.
  constexpr int64_t kWords = 10000000;
  for (int64_t filled : {100, 5000}) {
    double expected = 1;
    for (int64_t i = 0; i < filled; ++i)
      expected *= double(kWords - 5000 - i) / double(kWords - i);
    EXPECT_NEAR(Density::uniform(double(filled) / kWords)
                    .getEmptyProbability({50, 100}, kWords),
                expected, 1e-7);
  }
}

TEST(LoopNestDensity, NofM) {
  Density density = Density::nOfM(2, 4);
  EXPECT_DOUBLE_EQ(density.getMean(), 0.5);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({1}, 16), 0.5);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({2}, 16), 1.0 / 6);
  EXPECT_EQ(density.getEmptyProbability({4}, 16), 0);
  // Rows have groups of their own.
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({3, 2}, 64), 1.0 / 216);
  // Tiles of three lie in one group or in two: 3+0, 1+2, 2+1, 3+0.
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({3}, 12),
                   (0 + 0.5 / 6 + 0.5 / 6 + 0) / 4);
}

TEST(LoopNestDensity, Mask) {
  std::vector<bool> values = {1, 0, 0, 0, 0, 0, //
                              0, 0, 0, 0, 1, 0, //
                              0, 0, 0, 0, 0, 0};
  Density density = Density::mask({3, 6}, values);
  EXPECT_DOUBLE_EQ(density.getMean(), 2.0 / 18);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({1, 1}, 18), 16.0 / 18);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({1, 6}, 18), 1.0 / 3);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({2, 3}, 18), 2.0 / 4);
  EXPECT_DOUBLE_EQ(density.getEmptyProbability({2, 4}, 18), 2.0 / 4);
  EXPECT_EQ(density.getEmptyProbability({3, 6}, 18), 0);
}

TEST(LoopNestDensity, RandomMasksAreUniform) {
  // On average, which the models are about.
  std::mt19937 random(7);
  constexpr int64_t kSize = 1 << 16, kTile = 8;
  std::vector<bool> values;
  for (int64_t i = 0; i < kSize; ++i)
    values.push_back(random() % 4 == 0);
  Density mask = Density::mask({kSize}, values);
  Density uniform = Density::uniform(mask.getMean());
  EXPECT_NEAR(mask.getEmptyProbability({kTile}, kSize),
              uniform.getEmptyProbability({kTile}, kSize), 0.01);
}

} // namespace
