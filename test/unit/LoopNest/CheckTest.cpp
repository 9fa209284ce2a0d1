//===- CheckTest.cpp - Problems and solutions that make no sense -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNestCase.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <random>

using namespace lacuna::loopnest;

namespace {

const std::string kMatrices = R"(name: matrices
dimensions: M 8, N 8, K 8
tensors:
  - {name: A, index: "M, K", density: {kind: uniform, mean: 0.25}}
  - {name: B, index: "N, 2 * K", density: {kind: n-of-m, kept: 2, of: 4}}
  - {name: C, index: "M, N", output: true}
levels:
  - name: Memory
    loops: N 4
    across: M 2
    fanout: 4
    formats:
      - {tensor: A, ranks: [{kind: offsets, bits: 4, fibre: 8}, {kind: bitmap}]}
  - name: Buffer
    words: 256
    loops: K 8, N 2, M 4
    readWords: 5
    metadataBits: 4
    prices: {read: 1.5, write: 2, leak: 0.25}
    formats:
      - {tensor: A, packed: false, ranks: [{kind: coordinates, bits: 4}]}
    rules:
      - {action: skip, tensor: B, leaders: A}
      - {action: gate, tensor: C, leaders: "A, B"}
)";

TEST(LoopNestCheck, RightFile) { EXPECT_EQ(getErrors(kMatrices), ""); }

std::string edit(std::string text, const std::string &from,
                 const std::string &to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  return text.replace(text.find(from), from.size(), to);
}

TEST(LoopNestCheck, NamesFieldAndRemedy) {
  for (auto [from, to, message] : {
           std::tuple("mean: 0.25", "mean: 1.25",
                      "'tensors[0].density' must be 0 to 1, not 1.25"),
           {"kept: 2", "kept: 5",
            "'tensors[1].density' keeps 5 of 4 values; both are 1 to 1024, "
            "the first not more than the second"},
           {", output: true", "",
            "'tensors' must have one output and at least one input, not 0 "
            "outputs of 3"},
           {"name: Buffer", "name: a b",
            "'levels[1].name' must have 1 to 100 letters, digits and '-_.:', "
            "and nothing else"},
           {"name: matrices", "name: \"\\n\"", "'name' must have 1 to 100"},
           {"gate, tensor: C", "gate, tensor: all",
            "'levels[1].rules[1].tensor': there is no tensor 'all'; there "
            "are: A, B, C"},
           {"name: Buffer", "name: Memory",
            "'levels[1].name' is 'Memory', which another one is called too"},
           {"leaders: \"A, B\"", "leaders: C",
            "'levels[1].rules[1].leaders' must be inputs: what is zero in an "
            "output is known when it is too late"},
           {"leaders: A}", "leaders: B}",
            "'levels[1].rules[0].leaders' has 'B', which the rule is about; a "
            "format leaves out its own zeros"},
           {"fibre: 8}, {kind: bitmap}", "fibre: 7}, {kind: bitmap}",
            "'levels[0].formats': the fibres of 'A' do not make up its tile "
            "of 64 values: their product must be that, or divide it if one "
            "takes the rest"},
           {"{kind: bitmap}", "{kind: offsets, fibre: 0}, {kind: bitmap}",
            "'levels[0].formats[0].ranks' has 2 ranks without a 'fibre'; only "
            "one can take what the others leave"},
           {"loops: K 8, N 2, M 4", "loops: K 4, N 2, M 4",
            "'dimensions': loops run 4 times through 'K', which has 8; raise "
            "a count"},
           {"across: M 2", "across: M 8",
            "'levels[0].across': 8 instances are used, but there are 4; lower "
            "a count"},
           {"words: 256", "words: 50",
            "'levels[1].words': 'Buffer' has room for 50 values, not for 1 x "
            "70 (A 32, B 30, C 8); move loops further out"},
           {"dimensions: M 8", "dimensions: M 0",
            "'dimensions': 'M' must be 1 to 1099511627776, not 0"},
           {"2 * K", "-2 * K",
            "'tensors[1].index': factors are 1 to 1048576, not -2"},
           {"loops: N 4", "loops: N 4, K 900000000000, M 900000000000",
            "'levels': loops make more than 2^53 products; lower a count"},
           {"across: M 2\n    fanout: 4", "across: M 100000",
            "'levels[0].across': 100000 instances are more than 65536; lower "
            "a count"},
       }) {
    EXPECT_NE(getErrors(edit(kMatrices, from, to)).find(message),
              std::string::npos)
        << message << "\n"
        << getErrors(edit(kMatrices, from, to));
  }
}

TEST(LoopNestCheck, RulesWhereNothingComesFrom) {
  std::string text =
      edit(kMatrices, "    loops: N 4\n    across: M 2\n    fanout: 4\n",
           "    keeps: A, C\n");
  text = edit(text, "loops: K 8, N 2, M 4", "loops: K 8, N 8, M 8");
  EXPECT_EQ(getErrors(text), "");
  text = edit(
      text, "  - name: Buffer",
      "    rules: [{action: gate, tensor: B, leaders: A}]\n  - name: Buffer");
  EXPECT_NE(getErrors(text).find(
                "'levels[0].rules': 'B' is kept further in only, so nothing "
                "can be left out here"),
            std::string::npos)
      << getErrors(text);
}

TEST(LoopNestCheck, WorksOnWhatIsBuiltInCode) {
  Evaluated right(kMatrices);
  Problem problem = right.description.problem;
  Solution solution = right.description.solution;
  problem.architecture.levels[1].wordBits = 0;
  EXPECT_EQ(llvm::toString(problem.check()),
            "'levels[1].wordBits' must be 1 to 1024, not 0");
  problem.architecture.levels[1].wordBits = 8;
  problem.workload.tensors[0].density = Density::mask({2, 2}, {1, 0, 0, 1});
  EXPECT_EQ(llvm::toString(problem.check()),
            "'tensors[0].density' has a mask of another shape than the "
            "tensor, which has 64 values");
  solution.levels.pop_back();
  EXPECT_EQ(llvm::toString(solution.verify(right.description.problem)),
            "'levels': the mapping has 1 levels and the architecture 2");
}

/// Damaged files are refused, or mean something.
TEST(LoopNestCheck, DamagedFiles) {
  std::mt19937 random(1);
  const std::string signs = "0123456789-*+,.:{}[]\"' \nKMNABCeEx~";
  int evaluated = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string text = kMatrices;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      size_t at = random() % text.size();
      switch (random() % 3) {
      case 0:
        text[at] = signs[random() % signs.size()];
        break;
      case 1:
        text.erase(at, 1 + random() % 4);
        break;
      case 2:
        text.insert(at, 1, signs[random() % signs.size()]);
        break;
      }
    }
    llvm::Expected<Case> read = readCase(text, "case.yaml");
    if (!read) {
      llvm::consumeError(read.takeError());
      continue;
    }
    Evaluation evaluation = evaluate(read->problem, read->solution);
    const ActionCounts &computes = evaluation.computes;
    EXPECT_EQ(computes.done + computes.gated + computes.skipped, computes.all)
        << text;
    EXPECT_GE(evaluation.energy, 0) << text;
    ++evaluated;
  }
  EXPECT_GT(evaluated, 50);
}

} // namespace
