//===- RunLength.cpp - Activations as runs of zeros -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Array/RunLength.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

static constexpr int64_t kLongestRun = 31;
static constexpr int64_t kPairsPerWord = 3, kWordsPerWord = 4;

int64_t countRunLengthPairs(const ZeroMask &mask) {
  int64_t pairs = 0, run = 0;
  for (int64_t row = 0; row < mask.getRows(); ++row)
    for (int64_t column = 0; column < mask.getColumns(); ++column)
      // After the longest run comes a value, be it zero.
      if (mask.isNonzero(row, column) || run == kLongestRun) {
        ++pairs;
        run = 0;
      } else {
        ++run;
      }
  return pairs + (run != 0);
}

int64_t getRunLengthWords(int64_t pairs) {
  return divideCeil(pairs, kPairsPerWord) * kWordsPerWord;
}

double estimateRunLengthWords(int64_t values, double density) {
  // A pair stands for a run and a value: on average for the sum over k of the
  // probability that the first k values are zero, k = 0 .. longest run.
  double covered = 0, allZero = 1;
  for (int64_t k = 0; k <= kLongestRun; ++k) {
    covered += allZero;
    allZero *= 1 - density;
  }
  return double(values) / covered * kWordsPerWord / kPairsPerWord;
}

} // namespace lacuna::npu
