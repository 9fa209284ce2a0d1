//===- TutorialTest.cpp - Access counts of Timeloop's tutorial -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers are those of the reference outputs of the exercises of 2020
// (Accelergy-Project/timeloop-accelergy-exercises).
//
//===----------------------------------------------------------------------===//

#include "LoopNestCase.h"

#include "gtest/gtest.h"

using namespace lacuna::loopnest;

namespace {

const std::string kConv = R"(name: conv1d
dimensions: R 3, P 16
tensors:
  - {name: W, index: R}
  - {name: I, index: P + R}
  - {name: O, index: P, output: true}
compute: {price: 0.845}
levels:
)";

const std::string kConvOc = R"(name: conv1d-oc
dimensions: K 32, R 3, P 16
tensors:
  - {name: W, index: "K, R"}
  - {name: I, index: P + R}
  - {name: O, index: "K, P", output: true}
compute: {price: 0.845}
levels:
)";

const std::string kConvOcIc = R"(name: conv1d-oc-ic
dimensions: C 32, K 32, R 3, P 16
tensors:
  - {name: W, index: "C, K, R"}
  - {name: I, index: "C, P + R"}
  - {name: O, index: "K, P", output: true}
compute: {price: 0.845}
levels:
)";

// 40 nm.
const std::string kRegisters =
    "words: 64, prices: {read: 0.42564, write: 0.42564, update: 0.42564, "
    "leak: 0.000861}";
const std::string kSram =
    "words: 262144, blockWords: 8, prices: {read: 43.353054, write: "
    "30.878292, update: 30.878292, leak: 0.007972}";
const std::string kDram =
    "blockWords: 32, prices: {read: 2048, write: 2048, update: 2048}";

std::string level(const std::string &name, const std::string &storage,
                  const std::string &mapping) {
  return "  - {name: " + name + ", " + storage +
         (mapping.empty() ? "" : ", " + mapping) + "}\n";
}

/// fJ for each computation, as the tutorial has it.
double getEnergy(const Evaluated &result) {
  return 1000 * result.evaluation.energy /
         double(result.evaluation.computes.all);
}

constexpr double kDigits = 0.0051;

TEST(LoopNestTutorial, OneLevel) {
  Evaluated result(kConv +
                   level("Buffer", kRegisters, R"(loops: "P 16, R 3")"));
  EXPECT_EQ(result.evaluation.clocks, 48);
  EXPECT_EQ(result.getAll("Buffer", "W"), (Words{48, 0, 0}));
  EXPECT_EQ(result.getAll("Buffer", "I"), (Words{48, 0, 0}));
  EXPECT_EQ(result.getAll("Buffer", "O"), (Words{32, 0, 48}));
  EXPECT_NEAR(getEnergy(result), 2406.54, kDigits);
}

TEST(LoopNestTutorial, TwoLevels) {
  for (auto [outer, inner] : {std::pair("P 16", "R 3"), {"R 3", "P 16"}}) {
    Evaluated result(
        kConv + level("MainMemory", kSram, std::string("loops: ") + outer) +
        level("Buffer", kRegisters, std::string("loops: ") + inner));
    EXPECT_EQ(result.evaluation.clocks, 48);
    EXPECT_EQ(result.getAll("Buffer", "W"), (Words{48, 3, 0}));
    EXPECT_EQ(result.getAll("Buffer", "I"), (Words{48, 18, 0}));
    EXPECT_EQ(result.getAll("Buffer", "O"), (Words{32, 0, 48}));
    EXPECT_EQ(result.getAll("MainMemory", "W"), (Words{3, 0, 0}));
    EXPECT_EQ(result.getAll("MainMemory", "I"), (Words{18, 0, 0}));
    EXPECT_EQ(result.getAll("MainMemory", "O"), (Words{0, 0, 16}));
    EXPECT_NEAR(getEnergy(result), 7500.08, kDigits);
  }
}

TEST(LoopNestTutorial, Tiling) {
  Evaluated untiled(kConvOc +
                    level("MainMemory", kSram, R"(loops: "K 32, P 16")") +
                    level("Buffer", kRegisters, "loops: R 3"));
  EXPECT_EQ(untiled.evaluation.clocks, 1536);
  EXPECT_EQ(untiled.getAll("Buffer", "W"), (Words{1536, 96, 0}));
  EXPECT_EQ(untiled.getAll("Buffer", "I"), (Words{1536, 576, 0}));
  EXPECT_EQ(untiled.getAll("Buffer", "O"), (Words{1024, 0, 1536}));
  EXPECT_EQ(untiled.getAll("MainMemory", "W"), (Words{96, 0, 0}));
  EXPECT_EQ(untiled.getAll("MainMemory", "I"), (Words{576, 0, 0}));
  EXPECT_EQ(untiled.getAll("MainMemory", "O"), (Words{0, 0, 512}));
  EXPECT_NEAR(getEnergy(untiled), 6258.20, kDigits);

  Evaluated tiled(kConvOc +
                  level("MainMemory", kSram, R"(loops: "K 16, P 16")") +
                  level("Buffer", kRegisters, R"(loops: "K 2, R 3")"));
  EXPECT_EQ(tiled.evaluation.clocks, 1536);
  EXPECT_EQ(tiled.getAll("Buffer", "W"), (Words{1536, 96, 0}));
  EXPECT_EQ(tiled.getAll("Buffer", "I"), (Words{1536, 288, 0}));
  EXPECT_EQ(tiled.getAll("Buffer", "O"), (Words{1024, 0, 1536}));
  EXPECT_EQ(tiled.getAll("MainMemory", "I"), (Words{288, 0, 0}));
  EXPECT_NEAR(getEnergy(tiled), 5162.30, kDigits);
}

TEST(LoopNestTutorial, ThreeLevels) {
  Evaluated result(kConvOc + level("MainMemory", kDram, "") +
                   level("GlobalBuffer", kSram, R"(loops: "K 16, P 16")") +
                   level("RegisterFile", kRegisters, R"(loops: "K 2, R 3")"));
  EXPECT_EQ(result.evaluation.clocks, 1536);
  EXPECT_EQ(result.getAll("RegisterFile", "W"), (Words{1536, 96, 0}));
  EXPECT_EQ(result.getAll("RegisterFile", "I"), (Words{1536, 288, 0}));
  EXPECT_EQ(result.getAll("RegisterFile", "O"), (Words{1024, 0, 1536}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "W"), (Words{96, 96, 0}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "I"), (Words{288, 18, 0}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "O"), (Words{0, 0, 512}));
  EXPECT_EQ(result.getAll("MainMemory", "W"), (Words{96, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "I"), (Words{18, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "O"), (Words{0, 0, 512}));
  EXPECT_NEAR(getEnergy(result), 32130.51, kDigits);
}

TEST(LoopNestTutorial, Bypass) {
  Evaluated result(
      kConvOc + level("MainMemory", kDram, "") +
      level("GlobalBuffer", kSram, R"(keeps: "W, I", loops: "K 16, P 16")") +
      level("RegisterFile", kRegisters, R"(keeps: O, loops: "K 2, R 3")"));
  EXPECT_EQ(result.evaluation.clocks, 1536);
  EXPECT_EQ(result.getAll("RegisterFile", "O"), (Words{1024, 0, 1536}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "W"), (Words{1536, 96, 0}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "I"), (Words{1536, 18, 0}));
  EXPECT_FALSE(result.get("GlobalBuffer", "O").isKept);
  EXPECT_EQ(result.getAll("MainMemory", "W"), (Words{96, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "I"), (Words{18, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "O"), (Words{0, 0, 512}));
  EXPECT_NEAR(getEnergy(result), 39369.71, kDigits);
}

TEST(LoopNestTutorial, SpatialReduction) {
  Evaluated result(kConvOcIc +
                   level("MainMemory", kDram, "across: C 16, fanout: 16") +
                   level("GlobalBuffer", kSram, R"(loops: "C 2, K 32, R 3")") +
                   level("RegisterFile", kRegisters, "loops: P 16"));
  EXPECT_EQ(result.evaluation.clocks, 3072);
  EXPECT_EQ(result.evaluation.utilization, 1);
  EXPECT_EQ(result.getLevel("GlobalBuffer").instances, 16);
  EXPECT_EQ(result.getAll("RegisterFile", "W"), (Words{3072, 192, 0}));
  EXPECT_EQ(result.getAll("RegisterFile", "I"), (Words{3072, 1152, 0}));
  EXPECT_EQ(result.getAll("RegisterFile", "O"), (Words{2560, 512, 3072}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "W"), (Words{192, 192, 0}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "I"), (Words{1152, 36, 0}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "O"), (Words{512, 0, 1024}));
  EXPECT_EQ(result.getAll("MainMemory", "W"), (Words{3072, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "I"), (Words{576, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "O"), (Words{0, 0, 512}));
  EXPECT_NEAR(getEnergy(result), 13011.43, kDigits);
}

TEST(LoopNestTutorial, SpatialMulticast) {
  Evaluated result(kConvOcIc +
                   level("MainMemory", kDram, "across: K 16, fanout: 16") +
                   level("GlobalBuffer", kSram, R"(loops: "C 32, K 2, R 3")") +
                   level("RegisterFile", kRegisters, "loops: P 16"));
  EXPECT_EQ(result.evaluation.clocks, 3072);
  EXPECT_EQ(result.getAll("RegisterFile", "W"), (Words{3072, 192, 0}));
  EXPECT_EQ(result.getAll("RegisterFile", "I"), (Words{3072, 1152, 0}));
  EXPECT_EQ(result.getAll("RegisterFile", "O"), (Words{3040, 992, 3072}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "I"), (Words{1152, 576, 0}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "O"), (Words{992, 0, 1024}));
  EXPECT_EQ(result.getAll("MainMemory", "W"), (Words{3072, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "I"), (Words{576, 0, 0}));
  EXPECT_EQ(result.getAll("MainMemory", "O"), (Words{0, 0, 512}));
  EXPECT_NEAR(getEnergy(result), 14664.63, kDigits);
}

} // namespace
