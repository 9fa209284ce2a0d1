//===- Density.h - Where the zeros of a tensor lie -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_LOOPNEST_DENSITY_H
#define LACUNA_SCHEDULE_LOOPNEST_DENSITY_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace lacuna::loopnest {

enum class DensityKind {
  Dense,
  Uniform,    // a number of non-zeros anywhere: hypergeometric in a tile
  Structured, // every tile has its share, up to rounding
  NofM,       // of each `of` neighbours along the last axis `kept` are not zero
  Mask        // these very ones
};

/// How likely a tile of a tensor has no values but zeros.
class Density {
public:
  Density() = default;
  static Density uniform(double mean);
  static Density structured(double mean);
  static Density nOfM(int64_t kept, int64_t of);
  /// `values` in the order of the tensor, the last axis innermost.
  static Density mask(std::vector<int64_t> shape, std::vector<bool> values);

  DensityKind getKind() const { return kind; }
  bool isDense() const { return kind == DensityKind::Dense; }
  /// The part of values that are not zero.
  double getMean() const { return mean; }
  int64_t getKept() const { return kept; }
  int64_t getGroup() const { return of; }
  llvm::ArrayRef<int64_t> getMaskShape() const { return maskShape; }

  /// That a tile has nothing but zeros: one of these extents, in a tensor of
  /// `tensorWords`. Tiles of masks and groups lie side by side from the origin.
  double getEmptyProbability(llvm::ArrayRef<int64_t> extents,
                             int64_t tensorWords) const;

private:
  double getEmptyInMask(llvm::ArrayRef<int64_t> extents) const;

  DensityKind kind = DensityKind::Dense;
  double mean = 1;
  int64_t kept = 1, of = 1;
  std::vector<int64_t> maskShape;
  std::vector<bool> maskValues;
};

} // namespace lacuna::loopnest

#endif // LACUNA_SCHEDULE_LOOPNEST_DENSITY_H
