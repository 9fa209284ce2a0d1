//===- EyerissTest.cpp - AlexNet on Eyeriss, with run lengths in DRAM -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mappings and counts are those of Sparseloop's validation against the chip
// (Accelergy-Project/micro22-sparseloop-artifact, table 7): four images, 56 and
// 28 rows where the network has 55 and 27.
//
//===----------------------------------------------------------------------===//

#include "LoopNestCase.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace lacuna::loopnest;

namespace {

struct Layer {
  const char *dimensions, *inputIndex;
  double inputDensity, outputDensity;
  /// Coordinates of the outer rank in DRAM: tiles of inputs and of outputs.
  int64_t inputTiles, outputTiles;
  const char *dram, *glb, *acrossColumns, *column, *acrossRows, *weights;
  int64_t clocks;
  /// All that are read from DRAM or go there.
  int64_t weightWords, inputWords, outputWords;
  Words glbInputs, glbOutputs;
  /// Of DRAM traffic by compression.
  double ratio;
};

const Layer kLayers[] = {
    {"M 96, C 3, R 11, S 11, N 4, P 56, Q 56", "N, C, 4 * P + R, 4 * Q + S", 1,
     0.378, 1, 32, "Q 8, N 4, C 3", "M 3, P 56", "M 2, Q 7", "", "S 11", "R 11",
     2838528, 1115136, 776160, 1204224, Words{5122656, 776160, 0},
     Words{2408448, 0, 3612672}, 1.243},
    {"M 256, C 48, R 5, S 5, N 4, P 28, Q 28", "N, C, P + R, Q + S", 0.6, 0.169,
     48, 32, "Q 2, N 2, M 8, C 12", "M 2, N 2, P 28", "Q 14", "", "C 2, S 5",
     "R 5, C 2", 6881280, 1228800, 1769472, 802816, Words{13762560, 1769472, 0},
     Words{8830976, 0, 9633792}, 1.355},
    {"M 384, C 256, R 3, S 3, N 4, P 13, Q 13", "N, C, P + R, Q + S", 0.275,
     0.303, 64, 6, "M 6, C 64", "N 4, P 13", "Q 13", "", "M 4, S 3", "R 3, C 4",
     3833856, 884736, 1382400, 259584, Words{3594240, 1382400, 0},
     Words{16353792, 0, 16613376}, 1.698},
    {"M 384, C 192, R 3, S 3, N 4, P 13, Q 13", "N, C, P + R, Q + S", 0.207,
     0.304, 48, 6, "M 6, C 48", "P 13", "Q 13", "N 4", "M 4, S 3", "R 3, C 4",
     2875392, 663552, 1036800, 259584, Words{7008768, 1036800, 0},
     Words{12200448, 0, 12460032}, 1.867},
    {"M 256, C 192, R 3, S 3, N 4, P 13, Q 13", "N, C, P + R, Q + S", 0.23, 0.1,
     48, 4, "M 4, C 48", "P 13", "Q 13", "N 4", "M 4, S 3", "R 3, C 4", 1916928,
     442368, 691200, 173056, Words{4672512, 691200, 0},
     Words{8133632, 0, 8306688}, 1.938}};

std::string getRanks(const char *tensor, int64_t tiles) {
  return std::string("      - tensor: ") + tensor +
         "\n        ranks: [{kind: offsets, bits: 5, fibre: " +
         llvm::itostr(tiles) + "}, {kind: run-length, bits: 5}]\n";
}

std::string describe(const Layer &layer) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "name: eyeriss\ndimensions: " << layer.dimensions
     << "\ntensors:\n"
        "  - {name: W, index: \"C, M, R, S\"}\n"
        "  - {name: I, index: \""
     << layer.inputIndex
     << "\", density: {kind: structured, mean: " << layer.inputDensity
     << "}}\n"
        "  - {name: O, index: \"N, M, P, Q\", output: true, density: {kind: "
        "structured, mean: "
     << layer.outputDensity
     << "}}\n"
        "levels:\n"
        "  - name: DRAM\n    loops: "
     << layer.dram << "\n    formats:\n";
  if (layer.inputDensity < 1)
    os << getRanks("I", layer.inputTiles);
  os << getRanks("O", layer.outputTiles)
     << "  - {name: glb, words: 51200, keeps: \"I, O\", fanout: 14, loops: \""
     << layer.glb << "\", across: \"" << layer.acrossColumns
     << "\"}\n"
        "  - {name: column, keeps: none, fanout: 12, loops: \""
     << layer.column << "\", across: \"" << layer.acrossRows
     << "\"}\n"
        "  - {name: ifmap, words: 12, keeps: I}\n"
        "  - {name: weights, words: 224, keeps: W, loops: \""
     << layer.weights
     << "\", rules: [{action: gate, tensor: W, leaders: I}]}\n"
        "  - {name: psum, words: 24, keeps: O, loops: M 16}\n";
  return text;
}

/// Of 16 bits, with the runs of 5 bits that go with them.
double getWords(const TensorCounts &counts, const ActionCounts &words,
                ActionCounts RankCounts::*actions) {
  double result = double(words.done);
  if (!counts.ranks.empty())
    result += double((counts.ranks.back().*actions).done) * 5 / 16;
  return result;
}

TEST(LoopNestEyeriss, AlexNet) {
  for (const Layer &layer : kLayers) {
    SCOPED_TRACE(layer.dimensions);
    Evaluated result(describe(layer));
    EXPECT_EQ(result.evaluation.clocks, layer.clocks);
    EXPECT_EQ(result.getAll("DRAM", "W"), (Words{layer.weightWords, 0, 0}));
    EXPECT_EQ(result.getAll("DRAM", "I"), (Words{layer.inputWords, 0, 0}));
    EXPECT_EQ(result.getAll("DRAM", "O"), (Words{0, 0, layer.outputWords}));
    EXPECT_EQ(result.getAll("glb", "I"), layer.glbInputs);
    EXPECT_EQ(result.getAll("glb", "O"), layer.glbOutputs);

    const TensorCounts &inputs = result.get("DRAM", "I");
    const TensorCounts &outputs = result.get("DRAM", "O");
    double words = double(layer.weightWords) +
                   getWords(inputs, inputs.reads, &RankCounts::reads) +
                   getWords(outputs, outputs.updates, &RankCounts::updates);
    double dense =
        double(layer.weightWords + layer.inputWords + layer.outputWords);
    // The published ratios take 16 / 21 to be 0.76.
    EXPECT_NEAR(dense / words, layer.ratio, 0.003);
  }
}

TEST(LoopNestEyeriss, RunsMayBeTooLong) {
  // Zeros anywhere, one value of ten: after 32 zeros a run of 5 bits is full.
  Layer layer = kLayers[4];
  std::string text = describe(layer), kind = "structured";
  text.replace(text.rfind(kind), kind.size(), "uniform");
  Evaluated uniform(text), structured(describe(layer));
  double longer = std::pow(0.9, 32);
  EXPECT_NEAR(double(uniform.get("DRAM", "O").ranks[1].updates.done) /
                  double(structured.get("DRAM", "O").ranks[1].updates.done),
              1 + longer / (1 - longer), 1e-4);
}

} // namespace
