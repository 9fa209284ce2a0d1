//===- Metadata.cpp - What says where values of a tile are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Metadata.h"

#include <cmath>

using namespace llvm;

namespace lacuna::loopnest {

std::vector<int64_t> getFibres(const Format &format, int64_t words) {
  std::vector<int64_t> fibres;
  int64_t left = words;
  int64_t *rest = nullptr;
  fibres.reserve(format.ranks.size());
  for (const Rank &rank : format.ranks) {
    fibres.push_back(rank.fibre);
    if (rank.fibre == 0)
      rest = &fibres.back();
    else if (left % rank.fibre != 0)
      return {};
    else
      left /= rank.fibre;
  }
  if (rest)
    *rest = left;
  else if (left != 1)
    return {};
  return fibres;
}

/// That so many neighbours are all zeros. Formats see a tile as a line of
/// values.
static double getEmpty(const Tensor &tensor, int64_t words,
                       int64_t tensorWords) {
  const Density &density = tensor.density;
  if (density.getKind() == DensityKind::Mask)
    return std::pow(1 - density.getMean(), double(words));
  return density.getEmptyProbability({words}, tensorWords);
}

/// Runs that say nothing but that a longer run goes on, for each value.
static double getExtraRuns(const Density &density, int64_t bits) {
  // Structure bounds how far apart values are.
  if (density.getKind() != DensityKind::Uniform &&
      density.getKind() != DensityKind::Mask)
    return 0;
  double longer = std::pow(1 - density.getMean(), std::ldexp(1.0, int(bits)));
  return longer < 1 ? longer / (1 - longer) : 0;
}

std::vector<double> getUnits(const Format &format, int64_t words,
                             const Tensor &tensor, int64_t tensorWords) {
  std::vector<double> units;
  int64_t fibreWords = words, fibres = 1;
  std::vector<int64_t> sizes = getFibres(format, words);
  for (auto [rank, size] : zip_equal(format.ranks, sizes)) {
    int64_t coordinateWords = fibreWords / size;
    // Further in there are fibres only of what is there.
    bool isOutermost = units.empty();
    double there = double(fibres);
    if (format.isPacked && !isOutermost)
      there *= 1 - getEmpty(tensor, fibreWords, tensorWords);
    double filled = double(fibres) * double(size) *
                    (1 - getEmpty(tensor, coordinateWords, tensorWords));
    switch (rank.kind) {
    case RankKind::Bitmap:
      units.push_back(there * double(size));
      break;
    case RankKind::Coordinates:
      units.push_back(filled);
      break;
    case RankKind::RunLength:
      units.push_back(filled * (1 + getExtraRuns(tensor.density, rank.bits)));
      break;
    case RankKind::Offsets:
      units.push_back(there * double(size + 1));
      break;
    }
    fibreWords = coordinateWords;
    fibres *= size;
  }
  return units;
}

} // namespace lacuna::loopnest
