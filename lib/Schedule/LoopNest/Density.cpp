//===- Density.cpp - Where the zeros of a tensor lie -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/Density.h"

#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

using namespace llvm;

namespace lacuna::loopnest {

static int64_t multiply(ArrayRef<int64_t> factors) {
  return std::accumulate(factors.begin(), factors.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

Density Density::uniform(double mean) {
  Density density;
  density.kind = DensityKind::Uniform;
  density.mean = mean;
  return density;
}

Density Density::structured(double mean) {
  Density density;
  density.kind = DensityKind::Structured;
  density.mean = mean;
  return density;
}

Density Density::nOfM(int64_t kept, int64_t of) {
  Density density;
  density.kind = DensityKind::NofM;
  density.mean = double(kept) / double(of);
  density.kept = kept;
  density.of = of;
  return density;
}

Density Density::mask(std::vector<int64_t> shape, std::vector<bool> values) {
  assert(multiply(shape) == int64_t(values.size()) && !values.empty());
  Density density;
  density.kind = DensityKind::Mask;
  density.mean = double(llvm::count(values, true)) / double(values.size());
  density.maskShape = std::move(shape);
  density.maskValues = std::move(values);
  return density;
}

/// That `drawn` of `words` words are all zeros, if `zeros` are.
static double getAllZeros(int64_t words, int64_t zeros, int64_t drawn) {
  if (drawn > zeros)
    return 0;
  // As likely as that what is drawn is none of what is filled: the product is
  // as short as the fewer of both, and by logarithms where it would be long.
  constexpr int64_t kMostFactors = 4096;
  int64_t filled = words - zeros;
  if (int64_t factors = std::min(drawn, filled); factors <= kMostFactors) {
    double probability = 1;
    for (int64_t i = 0; i < factors; ++i)
      probability *=
          double(words - std::max(drawn, filled) - i) / double(words - i);
    return probability;
  }
  auto logFactorial = [](int64_t n) { return std::lgamma(double(n) + 1); };
  return std::exp(logFactorial(zeros) - logFactorial(zeros - drawn) -
                  logFactorial(words) + logFactorial(words - drawn));
}

/// Of a stretch of `length` along the axis that has groups: the average of all
/// places where tiles of this length begin.
static double getEmptyStretch(int64_t kept, int64_t of, int64_t length) {
  double sum = 0;
  for (int64_t tile = 0; tile < of; ++tile) {
    int64_t begin = tile * length % of, left = length;
    double probability = 1;
    while (left > 0 && probability > 0) {
      int64_t piece = std::min(left, of - begin);
      probability *= getAllZeros(of, of - kept, piece);
      left -= piece;
      begin = 0;
    }
    sum += probability;
  }
  return sum / double(of);
}

double Density::getEmptyInMask(ArrayRef<int64_t> extents) const {
  std::vector<int64_t> tiles;
  for (auto [size, extent] : zip_equal(maskShape, extents))
    tiles.push_back((size + extent - 1) / extent);
  std::vector<bool> isFilled(multiply(tiles));
  std::vector<int64_t> index(maskShape.size());
  for (bool value : maskValues) {
    if (value) {
      int64_t tile = 0;
      for (size_t axis = 0; axis < index.size(); ++axis)
        tile = tile * tiles[axis] + index[axis] / extents[axis];
      isFilled[tile] = true;
    }
    for (size_t axis = index.size();
         axis-- > 0 && ++index[axis] == maskShape[axis];)
      index[axis] = 0;
  }
  return double(llvm::count(isFilled, false)) / double(isFilled.size());
}

double Density::getEmptyProbability(ArrayRef<int64_t> extents,
                                    int64_t tensorWords) const {
  int64_t words = multiply(extents);
  switch (kind) {
  case DensityKind::Dense:
    return 0;
  case DensityKind::Uniform: {
    auto filled = int64_t(std::ceil(mean * double(tensorWords) - 1e-6));
    return getAllZeros(tensorWords, tensorWords - filled,
                       std::min(words, tensorWords));
  }
  case DensityKind::Structured:
    return std::max(0.0, 1 - double(words) * mean);
  case DensityKind::NofM: {
    int64_t length = extents.empty() ? 1 : extents.back();
    return std::pow(getEmptyStretch(kept, of, length), double(words / length));
  }
  case DensityKind::Mask:
    return getEmptyInMask(extents);
  }
  llvm_unreachable("a kind of density");
}

} // namespace lacuna::loopnest
