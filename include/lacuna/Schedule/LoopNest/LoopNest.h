//===- LoopNest.h - What a mapping of loops to storage costs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts accesses of every level without running anything: a `Problem` is a
// workload and an architecture, a `Solution` is a mapping of the one to the
// other, and `evaluate` is arithmetic on both. docs/loop-nests.md says how it
// counts.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_LOOPNEST_LOOPNEST_H
#define LACUNA_SCHEDULE_LOOPNEST_LOOPNEST_H

#include "lacuna/Schedule/LoopNest/Architecture.h"
#include "lacuna/Schedule/LoopNest/Workload.h"

#include "llvm/Support/Error.h"

namespace lacuna::loopnest {

struct Problem {
  Workload workload;
  Architecture architecture;

  /// An error, naming fields, if the problem makes no sense.
  llvm::Error check() const;
};

struct Loop {
  unsigned dimension = 0;
  int64_t count = 1;
};

/// What one level does.
struct LevelMapping {
  /// Tensors that pass through its storage.
  std::vector<unsigned> keeps;
  /// One after another, from the outermost inwards.
  std::vector<Loop> loops;
  /// Inside these: side by side, each iteration in an instance of what is
  /// inside the level.
  std::vector<Loop> across;
};

struct Solution {
  /// As many as the architecture has.
  std::vector<LevelMapping> levels;

  /// An error, naming levels, if it does not solve `problem`, which has been
  /// checked: loops that do not cover a dimension, tiles that do not fit.
  llvm::Error verify(const Problem &problem) const;
};

struct ActionCounts {
  /// If nothing were zero. What is none of the following is not there to be
  /// done: zeros that are not stored, data that a level further out has
  /// already left out.
  int64_t all = 0;
  int64_t done = 0, gated = 0, skipped = 0;
};

struct RankCounts {
  /// Of one tile, on average.
  double units = 0;
  ActionCounts reads, fills, updates;
};

/// Of one instance of a level.
struct TensorCounts {
  bool isKept = false;
  /// Values of a tile, and those of them that are stored.
  int64_t tileWords = 0, storedWords = 0;
  /// Reads by what is further in (an output: to add to them), values from
  /// further out, sums from further in.
  ActionCounts reads, fills, updates;
  int64_t packed = 0, unpacked = 0;
  /// Of its format, from the outermost inwards.
  std::vector<RankCounts> ranks;
  /// Of one instance.
  double energy = 0;
};

struct LevelCounts {
  int64_t instances = 1;
  std::vector<TensorCounts> tensors;
  /// That the words take at its bandwidth; 0: it has no bound.
  int64_t clocks = 0;
  /// Of all instances, with what leaks.
  double energy = 0;
};

struct Evaluation {
  std::vector<LevelCounts> levels;
  /// Of all instances. `all` is what the loops run through: more than the
  /// workload has if counts do not divide a dimension.
  ActionCounts computes;
  int64_t instances = 1;
  /// Of the computations alone, and of whatever is slowest.
  int64_t computeClocks = 0, clocks = 0;
  /// The part of what all units could have done in that time that was useful.
  double utilization = 0;
  /// In the unit of prices.
  double computeEnergy = 0, energy = 0;
};

/// Counts what `solution`, which has been verified, does.
Evaluation evaluate(const Problem &problem, const Solution &solution);

} // namespace lacuna::loopnest

#endif // LACUNA_SCHEDULE_LOOPNEST_LOOPNEST_H
