//===- DesignTest.cpp - Access counts of Timeloop's example designs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers are those of the reference outputs of the example designs
// (Accelergy-Project/timeloop-accelergy-exercises): a convolution of 3x3 with
// stride 2 that gives 32 maps of 112x112.
//
//===----------------------------------------------------------------------===//

#include "LoopNestCase.h"

#include "gtest/gtest.h"

using namespace lacuna::loopnest;

namespace {

const std::string kConv = R"(name: conv
dimensions: M 32, C 3, R 3, S 3, P 112, Q 112
tensors:
  - {name: W, index: "C, M, R, S"}
  - {name: I, index: "C, 2 * P + R, 2 * Q + S"}
  - {name: O, index: "M, Q, P", output: true}
)";

constexpr double kDigits = 0.0051;

double getFemtojoules(const Evaluated &result, llvm::StringRef level) {
  return result.getEnergy(level) / 10838.016;
}

TEST(LoopNestDesign, RowStationary) {
  Evaluated result(kConv + R"(compute: {price: 0.207692}
levels:
  - name: DRAM
    blockWords: 8
    prices: {read: 512, write: 512, update: 512}
    loops: P 8, Q 2, M 4
  - name: shared_glb
    words: 131072
    blockWords: 8
    readWords: 16
    writeWords: 16
    prices: {read: 18.183829, write: 14.137929, update: 14.137929, leak: 0.005652}
    keeps: I, O
    loops: P 14, Q 4
    across: Q 14
    fanout: 14
  - {name: column, keeps: none, across: "C 3, S 3", fanout: 12}
  - name: ifmap_spad
    words: 24
    blockWords: 2
    readWords: 2
    writeWords: 2
    prices: {read: 0.202442, write: 0.176713, leak: 0.000101}
    keeps: I
  - name: weights_spad
    words: 384
    blockWords: 2
    readWords: 2
    writeWords: 2
    prices: {read: 1.976602, write: 1.881657, leak: 0.001592}
    keeps: W
    loops: R 3
  - name: psum_spad
    words: 16
    wordBits: 16
    readWords: 2
    writeWords: 2
    prices: {read: 0.2513, write: 0.2191, update: 0.2191, leak: 0.000134}
    keeps: O
    loops: M 8
)");
  EXPECT_EQ(result.evaluation.computes.all, 10838016);
  EXPECT_EQ(result.evaluation.clocks, 86016);
  EXPECT_EQ(result.evaluation.instances, 126);
  EXPECT_DOUBLE_EQ(result.evaluation.utilization, 0.75);
  EXPECT_EQ(result.getAll("DRAM", "W"), (Words{13824, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "I"), (Words{157296, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "O"), (Words{0, 0, 401408}));
  EXPECT_EQ(result.getAll("shared_glb", "I"), (Words{1354752, 157296, 0}));
  EXPECT_EQ(result.getAll("shared_glb", "O"), (Words{0, 0, 401408}));
  EXPECT_EQ(result.getAll("ifmap_spad", "I"), (Words{86016, 10752, 0}));
  EXPECT_EQ(result.getAll("weights_spad", "W"), (Words{86016, 1536, 0}));
  EXPECT_EQ(result.getAll("psum_spad", "O"), (Words{57344, 0, 86016}));
  EXPECT_EQ(result.getLevel("ifmap_spad").clocks, 43008);

  EXPECT_NEAR(getFemtojoules(result, "psum_spad"), 386.77, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "weights_spad"), 1006.69, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "ifmap_spad"), 112.37, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "shared_glb"), 375.27, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "DRAM"), 3380.86, kDigits);
  EXPECT_NEAR(result.evaluation.energy * 1e-6, 59.28, kDigits);
}

// The twelve registers of a cluster that are used share an access of 0.259899
// pJ to read and 0.080139 to write; here each has its part.
TEST(LoopNestDesign, Simba) {
  Evaluated result(kConv + R"(compute: {price: 0.315}
levels:
  - name: DRAM
    blockWords: 8
    prices: {read: 512, write: 512, update: 512}
    loops: Q 28
  - name: GlobalBuffer
    words: 65536
    blockWords: 32
    prices: {read: 51.870888, write: 66.310888, update: 66.310888, leak: 0.003241}
    keeps: I, O
    loops: P 4
    across: C 3, M 4
    fanout: 16
  - name: PEInputBuffer
    words: 65536
    blockWords: 8
    prices: {read: 242.079552, write: 241.503552, leak: 0.207488}
    keeps: I
    loops: Q 4
    across: M 4
    fanout: 4
  - name: PEWeightBuffer
    words: 32768
    blockWords: 8
    prices: {read: 121.36387, write: 120.78787, leak: 0.104535}
    keeps: W
    loops: R 3, P 4, S 3
  - name: PEAccuBuffer
    words: 128
    wordBits: 24
    prices: {read: 3.091057, write: 2.875058, update: 2.875058, leak: 0.003416}
    keeps: O
    loops: M 2, P 7
    fanout: 4
  - name: PEWeightRegs
    words: 1
    prices: {read: 0.02165825, write: 0.00667825, leak: 0.000169}
    keeps: W
)");
  EXPECT_EQ(result.evaluation.clocks, 225792);
  EXPECT_DOUBLE_EQ(result.evaluation.utilization, 0.1875);
  EXPECT_EQ(result.getAll("DRAM", "W"), (Words{864, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "I"), (Words{151875, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "O"), (Words{0, 0, 401408}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "I"), (Words{170100, 151875, 0}));
  EXPECT_EQ(result.getAll("GlobalBuffer", "O"), (Words{802816, 0, 1204224}));
  EXPECT_EQ(result.getAll("PEInputBuffer", "I"), (Words{225792, 56700, 0}));
  EXPECT_EQ(result.getAll("PEWeightBuffer", "W"), (Words{32256, 18, 0}));
  EXPECT_EQ(result.getAll("PEAccuBuffer", "O"), (Words{200704, 50176, 225792}));
  EXPECT_EQ(result.getAll("PEWeightRegs", "W"), (Words{225792, 32256, 0}));

  EXPECT_NEAR(getFemtojoules(result, "PEWeightRegs"), 22.78, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "PEAccuBuffer"), 6264.98, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "PEWeightBuffer"), 2273.35, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "PEInputBuffer"), 9512.16, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "GlobalBuffer"), 404.87, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "DRAM"), 3272.35, kDigits);
  EXPECT_NEAR(result.evaluation.energy * 1e-6, 239.15, kDigits);
}

// 45 nm.
const std::string kSimple = R"(compute: {price: 0.315}
levels:
  - name: DRAM
    wordBits: 16
    blockWords: 4
    prices: {read: 512, write: 512, update: 512}
    loops: @DRAM
  - name: shared_glb
    words: 65536
    wordBits: 16
    blockWords: 4
    readWords: 16
    writeWords: 16
    prices: {read: 32.377775, write: 26.156875, update: 26.156875, leak: 0.005353}
    keeps: @KEEPS
    loops: @GLB
    across: @ACROSS
    fanout: 256
  - name: pe_spad
    words: 192
    wordBits: 16
    prices: {read: 0.680237, write: 1.582678, update: 1.582678, leak: 0.001165}
    keeps: @STAYS
    loops: @SPAD
  - {name: weight_reg, words: 1, wordBits: 16, keeps: W, prices: {read: 0.144}, loops: "@REG"}
  - {name: input_reg, words: 1, wordBits: 16, keeps: I, prices: {read: 0.144}}
  - {name: output_reg, words: 1, wordBits: 16, keeps: O, prices: {read: 0.144}}
)";

std::string fill(std::string text,
                 std::vector<std::pair<std::string, std::string>> holes) {
  for (const auto &[hole, value] : holes)
    text.replace(text.find(hole), hole.size(), value);
  return text;
}

TEST(LoopNestDesign, OutputStationary) {
  Evaluated result(kConv + fill(kSimple, {{"@DRAM", "P 2, Q 8, M 2"},
                                          {"@KEEPS", "W, I"},
                                          {"@GLB", "Q 14, R 3"},
                                          {"@ACROSS", "M 16"},
                                          {"@STAYS", "O"},
                                          {"@SPAD", "C 3, P 4, S 3"},
                                          {"@REG", "P 14"}}));
  EXPECT_EQ(result.evaluation.clocks, 677376);
  EXPECT_DOUBLE_EQ(result.evaluation.utilization, 0.0625);
  EXPECT_EQ(result.getAll("DRAM", "W"), (Words{13824, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "I"), (Words{157296, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "O"), (Words{0, 0, 401408}));
  EXPECT_EQ(result.getAll("shared_glb", "W"), (Words{774144, 13824, 0}));
  EXPECT_EQ(result.getAll("shared_glb", "I"), (Words{677376, 157296, 0}));
  EXPECT_EQ(result.getAll("pe_spad", "O"), (Words{652288, 0, 677376}));
  EXPECT_EQ(result.getAll("weight_reg", "W"), (Words{677376, 48384, 0}));
  EXPECT_EQ(result.getAll("input_reg", "I"), (Words{677376, 677376, 0}));
  EXPECT_EQ(result.getAll("output_reg", "O"), (Words{652288, 652288, 677376}));

  EXPECT_NEAR(getFemtojoules(result, "pe_spad"), 2238.89, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "shared_glb"), 1187.66, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "DRAM"), 6761.72, kDigits);
  EXPECT_NEAR(result.evaluation.energy * 1e-6, 118.46, kDigits);
}

TEST(LoopNestDesign, WeightStationary) {
  Evaluated result(kConv + fill(kSimple, {{"@DRAM", "Q 14"},
                                          {"@KEEPS", "W, I, O"},
                                          {"@GLB", "S 3, P 2, M 8"},
                                          {"@ACROSS", "M 4, C 3"},
                                          {"@STAYS", "W"},
                                          {"@SPAD", "R 3, Q 2, P 2"},
                                          {"@REG", "P 28, Q 4"}}));
  EXPECT_EQ(result.evaluation.clocks, 903168);
  EXPECT_DOUBLE_EQ(result.evaluation.utilization, 12.0 / 256);
  EXPECT_EQ(result.getAll("DRAM", "W"), (Words{864, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "I"), (Words{151875, 0, 0}));
  EXPECT_EQ(result.getAll("shared_glb", "W"), (Words{24192, 864, 0}));
  EXPECT_EQ(result.getAll("shared_glb", "I"), (Words{2709504, 151875, 0}));
  EXPECT_EQ(result.getAll("shared_glb", "O"), (Words{3211264, 0, 3612672}));
  EXPECT_EQ(result.getAll("pe_spad", "W"), (Words{2016, 2016, 0}));
  EXPECT_EQ(result.getAll("weight_reg", "W"), (Words{903168, 2016, 0}));
  EXPECT_EQ(result.getAll("input_reg", "I"), (Words{903168, 903168, 0}));
  EXPECT_EQ(result.getAll("output_reg", "O"), (Words{802816, 802816, 903168}));

  EXPECT_NEAR(getFemtojoules(result, "pe_spad"), 6.22, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "shared_glb"), 6712.38, kDigits);
  EXPECT_NEAR(getFemtojoules(result, "DRAM"), 6544.64, kDigits);
  EXPECT_NEAR(result.evaluation.energy * 1e-6, 151.67, kDigits);
}

} // namespace
