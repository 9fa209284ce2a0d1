//===- ZerosTest.cpp - What zeros leave out, as Sparseloop counts it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers are those of the reference outputs of Sparseloop's tutorial
// (Accelergy-Project/timeloop-accelergy-exercises).
//
//===----------------------------------------------------------------------===//

#include "LoopNestCase.h"

#include "gtest/gtest.h"

using namespace lacuna::loopnest;

namespace {

constexpr double kDigits = 0.0051;

/// Done, gated, skipped.
void expectActions(const ActionCounts &counts, int64_t done, int64_t gated,
                   int64_t skipped) {
  EXPECT_EQ(counts.done, done);
  EXPECT_EQ(counts.gated, gated);
  EXPECT_EQ(counts.skipped, skipped);
}

std::string dot(const std::string &density, const std::string &buffer) {
  return R"(name: dot
dimensions: K 16
tensors:
  - {name: A, index: K, density: )" +
         density + R"(}
  - {name: B, index: K}
  - {name: Z, index: "", output: true}
compute: {price: 0.315}
levels:
  - name: Buffer
    words: 64
    loops: K 16
)" + buffer;
}

constexpr const char *kQuarter = "{kind: structured, mean: 0.25}";

TEST(LoopNestZeros, DotDense) {
  Evaluated result(dot("{}", R"(
    readWords: 3
    writeWords: 1
    prices: {read: 1.95808, write: 1.88608, update: 1.88608, leak: 0.001606}
)"));
  EXPECT_EQ(result.evaluation.clocks, 16);
  EXPECT_EQ(result.getDone("Buffer", "A"), (Words{16, 0, 0}));
  EXPECT_EQ(result.getDone("Buffer", "B"), (Words{16, 0, 0}));
  EXPECT_EQ(result.getDone("Buffer", "Z"), (Words{15, 0, 16}));
  EXPECT_NEAR(result.getEnergy("Buffer") / 16 * 1000, 7639.55, kDigits);
  EXPECT_NEAR(result.evaluation.energy / 16 * 1000, 7954.55, kDigits);
}

TEST(LoopNestZeros, DotGated) {
  Evaluated result(dot(kQuarter, R"(
    readWords: 3
    writeWords: 1
    prices: {read: 1.95808, write: 1.88608, update: 1.88608, leak: 0.001606}
    rules:
      - {action: gate, tensor: B, leaders: A}
      - {action: gate, tensor: Z, leaders: A}
)"));
  EXPECT_EQ(result.evaluation.clocks, 16);
  expectActions(result.evaluation.computes, 4, 12, 0);
  expectActions(result.get("Buffer", "A").reads, 16, 0, 0);
  expectActions(result.get("Buffer", "B").reads, 4, 12, 0);
  expectActions(result.get("Buffer", "Z").reads, 3, 12, 0);
  expectActions(result.get("Buffer", "Z").updates, 4, 12, 0);
  EXPECT_DOUBLE_EQ(result.evaluation.utilization, 0.25);
  EXPECT_NEAR(result.getEnergy("Buffer") / 16 * 1000, 3287.87, kDigits);
  EXPECT_NEAR(result.evaluation.energy / 16 * 1000, 3366.62, kDigits);
}

constexpr const char *kSkippingBuffer = R"(
    readWords: 4
    writeWords: 3
    metadataBits: 4
    prices: {read: 0.582895, write: 0.510895, update: 0.510895,
             metadataRead: 0.191076, metadataWrite: 0.170111, leak: 0.002083}
    formats:
      - {tensor: A, ranks: [{kind: coordinates, bits: 4}]}
    rules:
      - {action: skip, tensor: B, leaders: A}
      - {action: skip, tensor: Z, leaders: A}
)";

TEST(LoopNestZeros, DotSkipped) {
  Evaluated result(dot(kQuarter, kSkippingBuffer));
  EXPECT_EQ(result.evaluation.clocks, 4);
  expectActions(result.evaluation.computes, 4, 0, 12);
  // What is not stored is neither read nor skipped.
  expectActions(result.get("Buffer", "A").reads, 4, 0, 0);
  EXPECT_EQ(result.get("Buffer", "A").reads.all, 16);
  EXPECT_EQ(result.get("Buffer", "A").storedWords, 4);
  EXPECT_EQ(result.get("Buffer", "A").ranks[0].reads.done, 4);
  expectActions(result.get("Buffer", "B").reads, 4, 0, 12);
  expectActions(result.get("Buffer", "Z").reads, 3, 0, 12);
  expectActions(result.get("Buffer", "Z").updates, 4, 0, 12);
  EXPECT_EQ(result.evaluation.utilization, 1);
  EXPECT_NEAR(result.getEnergy("Buffer") / 16 * 1000, 576.75, kDigits);
  EXPECT_NEAR(result.evaluation.energy / 16 * 1000, 655.50, kDigits);
}

TEST(LoopNestZeros, DotOfMask) {
  // The zeros of a mask are as many as they are.
  Evaluated result(
      dot("{kind: mask, mask: '0100 0000 1000 0011'}", kSkippingBuffer));
  EXPECT_EQ(result.evaluation.clocks, 4);
  expectActions(result.get("Buffer", "B").reads, 4, 0, 12);
}

const std::string kMatrices = R"(name: spmspm
dimensions: M 8, N 8, K 8
tensors:
  - {name: A, index: "M, K", density: {kind: structured, mean: 0.25}}
  - {name: B, index: "N, K", density: {kind: structured, mean: 0.5}}
  - {name: Z, index: "M, N", output: true}
compute: {price: 0.315}
levels:
  - name: BackingStorage
    words: 2048
    blockWords: 4
    metadataBits: 4
    prices: {read: 2.290882, write: 2.694173, update: 2.694173,
             metadataRead: 0.373885, metadataWrite: 0.726887, leak: 0.002378}
)";
const std::string kMutual = R"(
    rules:
      - {action: skip, tensor: A, leaders: B}
      - {action: skip, tensor: B, leaders: A}
      - {action: skip, tensor: Z, leaders: "A, B"}
)";

TEST(LoopNestZeros, Matrices) {
  Evaluated result(kMatrices + R"(
    formats:
      - tensor: A
        ranks: [{kind: offsets, bits: 4, fibre: 8}, {kind: coordinates, bits: 4}]
      - tensor: B
        ranks: [{kind: offsets, bits: 4, fibre: 8}, {kind: coordinates, bits: 4}]
  - name: Buffer
    words: 128
    keeps: B, Z
    loops: K 8, N 8, M 8
    readWords: 5
    writeWords: 5
    metadataBits: 4
    prices: {read: 1.060977, write: 0.988977, update: 0.988977,
             metadataRead: 0.553457, metadataWrite: 0.517458, leak: 0.003217}
    formats:
      - tensor: B
        ranks: [{kind: offsets, bits: 4, fibre: 8}, {kind: coordinates, bits: 4}]
)" + kMutual);
  EXPECT_EQ(result.evaluation.clocks, 64);
  EXPECT_EQ(result.evaluation.computes.all, 512);
  expectActions(result.evaluation.computes, 64, 0, 448);

  const TensorCounts &b = result.get("Buffer", "B");
  expectActions(b.reads, 64, 0, 192);
  EXPECT_EQ(b.fills.all, 64);
  expectActions(b.fills, 32, 0, 0);
  expectActions(b.ranks[0].reads, 18, 0, 54);
  expectActions(b.ranks[1].reads, 64, 0, 192);
  EXPECT_EQ(b.ranks[0].fills.done, 9);
  EXPECT_EQ(b.ranks[1].fills.done, 32);
  EXPECT_NEAR(b.energy, 166.15, kDigits);
  const TensorCounts &z = result.get("Buffer", "Z");
  expectActions(z.reads, 56, 0, 392);
  expectActions(z.updates, 64, 0, 448);
  EXPECT_NEAR(z.energy, 122.71, kDigits);

  // A is not kept in the buffer: its rule acts on what comes from outside.
  const TensorCounts &a = result.get("BackingStorage", "A");
  EXPECT_EQ(a.reads.all, 512);
  expectActions(a.reads, 64, 0, 64);
  expectActions(a.ranks[0].reads, 36, 0, 36);
  expectActions(a.ranks[1].reads, 64, 0, 64);
  EXPECT_NEAR(a.energy, 74.04, kDigits);
  EXPECT_NEAR(result.get("BackingStorage", "B").energy, 33.66, kDigits);
  EXPECT_NEAR(result.get("BackingStorage", "Z").energy, 43.11, kDigits);
  EXPECT_NEAR(result.evaluation.energy / 512 * 1000, 898.79, kDigits);
}

TEST(LoopNestZeros, MatricesTiled) {
  Evaluated result(kMatrices + R"(
    loops: N 4
    formats:
      - tensor: A
        ranks: [{kind: offsets, bits: 4, fibre: 8}, {kind: coordinates, bits: 4}]
      - tensor: B
        ranks:
          - {kind: offsets, bits: 4, fibre: 4}
          - {kind: offsets, bits: 4, fibre: 8}
          - {kind: coordinates, bits: 4}
  - name: Buffer
    words: 64
    keeps: B, Z
    loops: K 8, N 2, M 8
    readWords: 5
    writeWords: 5
    metadataBits: 4
    prices: {read: 0.582895, write: 0.510895, update: 0.510895,
             metadataRead: 0.311135, metadataWrite: 0.275135, leak: 0.002327}
    formats:
      - tensor: B
        ranks: [{kind: offsets, bits: 4, fibre: 8}, {kind: coordinates, bits: 4}]
)" + kMutual);
  EXPECT_EQ(result.evaluation.clocks, 64);
  const TensorCounts &b = result.get("Buffer", "B");
  expectActions(b.ranks[0].reads, 72, 0, 216);
  EXPECT_EQ(b.ranks[0].fills.done, 36);
  EXPECT_NEAR(b.energy, 114.68, kDigits);
  EXPECT_NEAR(result.get("Buffer", "Z").energy, 65.34, kDigits);
  EXPECT_NEAR(result.get("BackingStorage", "B").energy, 45.62, kDigits);
  EXPECT_NEAR(result.evaluation.energy / 512 * 1000, 709.47, kDigits);
}

std::string convolve(const std::string &mean, const std::string &dimensions,
                     const std::string &weights, const std::string &outputs) {
  return "name: conv1d\ndimensions: " + dimensions +
         "\ntensors:\n  - {name: W, index: \"" + weights +
         "\", density: {kind: structured, mean: " + mean +
         "}}\n  - {name: I, index: Q + S}\n  - {name: O, index: \"" + outputs +
         R"(", output: true}
compute: {price: 0.315}
levels:
  - name: BackingStorage
    words: 2048
    blockWords: 4
    metadataBits: 4
    prices: {read: 2.290882, write: 2.694173, update: 2.694173,
             metadataRead: 0.373885, metadataWrite: 0.726887, leak: 0.002378}
)";
}
const std::string kByWeights = R"(
    rules:
      - {action: skip, tensor: I, leaders: W}
      - {action: skip, tensor: O, leaders: W}
)";

TEST(LoopNestZeros, Convolution) {
  Evaluated result(convolve("0.43", "S 3, Q 9", "S", "Q") + R"(
    formats:
      - {tensor: W, ranks: [{kind: run-length, bits: 4}]}
  - name: Buffer
    words: 64
    loops: Q 9, S 3
    metadataBits: 4
    prices: {read: 0.582895, write: 0.510895, update: 0.510895,
             metadataRead: 0.118418, metadataWrite: 0.106208, leak: 0.001889}
    formats:
      - {tensor: W, ranks: [{kind: run-length, bits: 4}]}
)" + kByWeights);
  EXPECT_EQ(result.evaluation.clocks, 12);
  EXPECT_EQ(result.evaluation.computes.all, 27);
  expectActions(result.evaluation.computes, 12, 0, 15);
  expectActions(result.get("Buffer", "W").reads, 12, 0, 0);
  EXPECT_EQ(result.get("Buffer", "W").fills.done, 2);
  EXPECT_EQ(result.get("Buffer", "W").ranks[0].reads.done, 12);
  EXPECT_EQ(result.get("Buffer", "W").ranks[0].fills.done, 2);
  expectActions(result.get("Buffer", "I").reads, 12, 0, 15);
  EXPECT_EQ(result.get("Buffer", "I").fills.done, 11);
  expectActions(result.get("Buffer", "O").reads, 7, 0, 11);
  expectActions(result.get("Buffer", "O").updates, 12, 0, 15);
  EXPECT_NEAR(result.getEnergy("Buffer") / 27 * 1000, 1203.64, kDigits);
}

TEST(LoopNestZeros, ConvolutionOfManyFilters) {
  // Outputs come from storage with blocks of four, which four filters share:
  // they are never all zero.
  Evaluated result(convolve("0.4333", "M 16, S 3, Q 9", "M, S", "M, Q") + R"(
    formats:
      - tensor: W
        ranks: [{kind: offsets, bits: 4, fibre: 3}, {kind: run-length, bits: 4}]
  - name: Buffer
    words: 256
    keeps: I
    loops: Q 9, S 3, M 16
    prices: {read: 2.01058, write: 1.93858, update: 1.93858, leak: 0.003738}
)" + kByWeights);
  EXPECT_EQ(result.evaluation.clocks, 188);
  EXPECT_EQ(result.evaluation.computes.all, 432);
  expectActions(result.evaluation.computes, 188, 0, 244);
  expectActions(result.get("Buffer", "I").reads, 188, 0, 244);
  const TensorCounts &weights = result.get("BackingStorage", "W");
  expectActions(weights.reads, 188, 0, 0);
  EXPECT_EQ(weights.ranks[0].reads.done, 36);
  EXPECT_EQ(weights.ranks[1].reads.done, 188);
  expectActions(result.get("BackingStorage", "O").reads, 288, 0, 0);
  expectActions(result.get("BackingStorage", "O").updates, 432, 0, 0);
  EXPECT_NEAR(result.getEnergy("Buffer") / 432 * 1000, 925.96, kDigits);
  EXPECT_NEAR(result.get("BackingStorage", "O").energy, 455.91, kDigits);
}

TEST(LoopNestZeros, ConvolutionOnFourUnits) {
  Evaluated result(convolve("0.4333", "M 16, S 3, Q 9", "M, S", "M, Q") + R"(
    loops: M 4
    across: M 4
    fanout: 4
    formats:
      - tensor: W
        ranks:
          - {kind: offsets, bits: 4, fibre: 4}
          - {kind: offsets, bits: 4, fibre: 4}
          - {kind: run-length, bits: 4}
  - name: Buffer
    words: 128
    keeps: I, O
    loops: Q 9, S 3
    metadataBits: 4
    prices: {read: 1.060977, write: 0.988977, update: 0.988977, leak: 0.002873}
)" + kByWeights);
  EXPECT_EQ(result.evaluation.clocks, 47);
  expectActions(result.evaluation.computes, 188, 0, 244);
  expectActions(result.get("Buffer", "I").reads, 47, 0, 61);
  expectActions(result.get("Buffer", "O").reads, 31, 0, 41);
  expectActions(result.get("Buffer", "O").updates, 47, 0, 61);
  EXPECT_EQ(result.get("BackingStorage", "W").ranks[0].reads.done, 45);
  EXPECT_EQ(result.get("BackingStorage", "W").ranks[1].reads.done, 180);
  EXPECT_EQ(result.get("BackingStorage", "W").ranks[2].reads.done, 188);
  EXPECT_NEAR(result.getEnergy("Buffer") / 432 * 1000, 1298.63, kDigits);
}

std::string rowStationary(const std::string &rules) {
  return R"(name: alexnet-conv3
dimensions: N 4, M 384, C 256, R 3, S 3, P 13, Q 13
tensors:
  - {name: W, index: "C, M, R, S", density: {kind: structured, mean: 0.446133}}
  - {name: I, index: "N, C, P + R, Q + S", density: {kind: structured, mean: 0.275}}
  - {name: O, index: "N, M, Q, P", output: true, density: {kind: structured, mean: 0.403}}
compute: {price: 0.315}
levels:
  - name: DRAM
    wordBits: 16
    blockWords: 4
    prices: {read: 512, write: 512, update: 512}
    formats:
      - tensor: I
        ranks: [{kind: offsets, bits: 5, fibre: 64}, {kind: run-length, bits: 5}]
      - tensor: O
        ranks: [{kind: offsets, bits: 5, fibre: 6}, {kind: run-length, bits: 5}]
    loops: M 6, C 64
  - name: shared_glb
    words: 51200
    wordBits: 16
    blockWords: 4
    readWords: 16
    writeWords: 16
    prices: {read: 28.426775, write: 23.503475, update: 23.503475,
             pack: 0.059062, unpack: 0.059062, leak: 0.004781}
    keeps: I, O
    loops: N 4, P 13
    across: Q 13
    fanout: 14
  - {name: column, keeps: none, across: "M 4, S 3", fanout: 12}
  - name: ifmap_spad
    words: 12
    wordBits: 17
    readWords: 2
    writeWords: 2
    prices: {read: 0.339229, write: 0.297769, leak: 0.000735}
    keeps: I
  - name: weights_spad
    words: 224
    wordBits: 16
    readWords: 2
    writeWords: 2
    prices: {read: 3.49714, write: 3.35314, leak: 0.003961}
    keeps: W
    loops: R 3, C 4
)" + rules +
         R"(
  - name: psum_spad
    words: 24
    wordBits: 16
    prices: {read: 0.538625, write: 0.47162, update: 0.47162, leak: 0.00102}
    keeps: O
    loops: M 16
)";
}

TEST(LoopNestZeros, RowStationaryGated) {
  Evaluated result(rowStationary(R"(
    rules:
      - {action: gate, tensor: W, leaders: I}
)"));
  EXPECT_EQ(result.evaluation.computes.all, 598081536);
  EXPECT_EQ(result.evaluation.computes.done, 164472423);
  expectActions(result.get("weights_spad", "W").reads, 1054311, 2779545, 0);
  EXPECT_EQ(result.getDone("weights_spad", "W").fills, 73728);
  EXPECT_EQ(result.getDone("ifmap_spad", "I"), (Words{3833856, 92160, 0}));
  EXPECT_EQ(result.getDone("psum_spad", "O"),
            (Words{3828864, 314496, 3833856}));
  EXPECT_EQ(result.getDone("shared_glb", "I"), (Words{3594240, 1382400, 0}));
  EXPECT_EQ(result.getDone("shared_glb", "O"), (Words{16353792, 0, 16613376}));
  EXPECT_NEAR(result.get("shared_glb", "I").energy, 33747611.21, kDigits);
  EXPECT_EQ(result.getDone("DRAM", "W"), (Words{884736, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "I"), (Words{1382400, 0, 0}));
  EXPECT_EQ(result.getDone("DRAM", "I"), (Words{380160, 0, 0}));
  EXPECT_EQ(result.getAll("DRAM", "O"), (Words{0, 0, 259584}));
  EXPECT_EQ(result.getDone("DRAM", "O"), (Words{0, 0, 104613}));
  EXPECT_EQ(result.get("DRAM", "I").ranks[0].reads.done, 390);
  EXPECT_EQ(result.get("DRAM", "O").ranks[0].updates.done, 7);

  // Sparseloop says 1,916,929 clocks: those of the pads alone (and one from
  // rounding), as products that it gates take no time there. Here they take
  // theirs, as many as if nothing were zero.
  EXPECT_EQ(result.getLevel("weights_spad").clocks, 1916928);
  EXPECT_EQ(result.getLevel("ifmap_spad").clocks, 1916928);
  EXPECT_EQ(result.evaluation.clocks, 3833856);
  EXPECT_EQ(Evaluated(rowStationary("")).evaluation.clocks, 3833856);
}

TEST(LoopNestZeros, OnlySkippingTakesLessTime) {
  for (const char *mean : {"0.1", "0.25", "0.437", "0.9"}) {
    std::string density = std::string("{kind: uniform, mean: ") + mean + "}";
    std::string format = "\n    formats: [{tensor: A, ranks: [{kind: bitmap}]}]"
                         "\n    rules: [{action: ";
    std::string rest = ", tensor: B, leaders: A}]\n";
    int64_t dense = Evaluated(dot("{}", "")).evaluation.clocks;
    Evaluated gated(dot(density, format + "gate" + rest));
    Evaluated skipped(dot(density, format + "skip" + rest));
    EXPECT_EQ(gated.evaluation.clocks, dense);
    EXPECT_LT(skipped.evaluation.clocks, dense);
    EXPECT_EQ(gated.evaluation.computes.done, skipped.evaluation.computes.done);
    EXPECT_EQ(gated.evaluation.computes.gated,
              skipped.evaluation.computes.skipped);
  }
}

std::string skipTiles(const std::string &loops) {
  return R"(name: tiles
dimensions: M 4, N 2, K 4
tensors:
  - {name: A, index: "M, K", density: {kind: mask, mask: '0010 0001 0100 1001'}}
  - {name: B, index: "K, N"}
  - {name: Z, index: "M, N", output: true}
levels:
  - name: Memory
    loops: )" +
         loops + R"(
    formats: [{tensor: A, ranks: [{kind: bitmap}]}]
    rules: [{action: skip, tensor: B, leaders: A}]
  - {name: Buffer, loops: "M 2, N 2, K 2"}
)";
}

TEST(LoopNestZeros, TilesOfMask) {
  // One of the four tiles of A is all zeros: what of B would meet it does not
  // come, nor is it read further in.
  Evaluated tiles(skipTiles("M 2, K 2"));
  EXPECT_EQ(tiles.get("Memory", "B").reads.all, 16);
  expectActions(tiles.get("Memory", "B").reads, 12, 0, 4);
  EXPECT_EQ(tiles.get("Buffer", "B").fills.done, 12);
  EXPECT_EQ(tiles.get("Buffer", "B").reads.all, 32);
  EXPECT_EQ(tiles.get("Buffer", "B").reads.done, 24);
  EXPECT_EQ(tiles.evaluation.clocks, 24);
  // If a tile of B stays while it meets two tiles of A, both would have to be.
  Evaluated strips(skipTiles("K 2, M 2"));
  expectActions(strips.get("Memory", "B").reads, 8, 0, 0);
  EXPECT_EQ(strips.evaluation.clocks, 32);
}

TEST(LoopNestZeros, RanksOfFormats) {
  // Of 16 values two: a fibre of four has none if both are among the others.
  constexpr double kFilled = 1 - 12.0 * 11 / (16 * 15);
  auto getUnits = [](const std::string &ranks) {
    Evaluated result(dot("{kind: uniform, mean: 0.125}", R"(
    formats: [{tensor: A, )" + ranks + "}]\n"));
    std::vector<double> units;
    for (const RankCounts &rank : result.get("Buffer", "A").ranks)
      units.push_back(rank.units);
    return units;
  };
  auto expectUnits = [&](const std::string &ranks, double outer, double inner) {
    std::vector<double> units = getUnits(ranks);
    ASSERT_EQ(units.size(), 2u);
    EXPECT_NEAR(units[0], outer, 1e-9) << ranks;
    EXPECT_NEAR(units[1], inner, 1e-9) << ranks;
  };
  expectUnits("ranks: [{kind: bitmap, fibre: 4}, {kind: bitmap}]", 4,
              4 * kFilled * 4);
  expectUnits(
      "packed: false, ranks: [{kind: bitmap, fibre: 4}, {kind: bitmap}]", 4,
      16);
  expectUnits("ranks: [{kind: offsets, fibre: 4}, {kind: coordinates}]", 5, 2);
  expectUnits("ranks: [{kind: coordinates, fibre: 4}, {kind: offsets}]",
              4 * kFilled, 4 * kFilled * 5);
}

TEST(LoopNestZeros, NothingButZeros) {
  Evaluated result(dot("{kind: uniform, mean: 0}", kSkippingBuffer));
  EXPECT_EQ(result.evaluation.clocks, 0);
  EXPECT_EQ(result.evaluation.utilization, 0);
  expectActions(result.evaluation.computes, 0, 0, 16);
  expectActions(result.get("Buffer", "B").reads, 0, 0, 16);
}

TEST(LoopNestZeros, ComputeUnitsGateWhatIsLeft) {
  Evaluated result(dot(kQuarter, R"(
    rules: [{action: gate, tensor: Z, leaders: A}]
)"));
  expectActions(result.evaluation.computes, 16, 0, 0);
  std::string text = dot(kQuarter, "");
  text.replace(text.find("price: 0.315"), 12, "gatesZeros: true");
  expectActions(Evaluated(text).evaluation.computes, 4, 12, 0);
}

} // namespace
