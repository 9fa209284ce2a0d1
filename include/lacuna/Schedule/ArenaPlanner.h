//===- ArenaPlanner.h - Buffers into one static arena -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Given when each buffer is needed, decides where in one block of memory it
// lies, so that buffers that are needed at the same time do not overlap and the
// block is small.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_ARENAPLANNER_H
#define LACUNA_SCHEDULE_ARENAPLANNER_H

#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// A buffer and the steps, first and last, at which it holds something.
struct ArenaBuffer {
  std::string name;
  int64_t bytes = 0;
  int64_t first = 0, last = 0;

  bool meets(const ArenaBuffer &other) const {
    return first <= other.last && other.first <= last;
  }
};

/// What is to be placed.
struct ArenaProblem {
  std::vector<ArenaBuffer> buffers;
  /// Offsets are multiples of this power of two.
  int64_t alignment = 64;
  /// Names of the steps, for the picture.
  std::vector<std::string> steps;

  /// An error, naming the buffer, if the problem makes no sense.
  llvm::Error check() const;
  /// The most that is needed at one step: no solution is smaller.
  int64_t getLowerBound() const;
};

/// Where the buffers lie: an offset for each, and the size of the arena.
struct ArenaSolution {
  std::vector<int64_t> offsets;
  int64_t bytes = 0;

  /// An error if two buffers that meet overlap, or one lies outside.
  llvm::Error verify(const ArenaProblem &problem) const;
};

/// Places the buffers. The same problem has the same solution everywhere.
ArenaSolution planArena(const ArenaProblem &problem);

/// The arena over time, as SVG: steps to the right, addresses upwards.
std::string drawArena(const ArenaProblem &problem,
                      const ArenaSolution &solution);

} // namespace lacuna

#endif // LACUNA_SCHEDULE_ARENAPLANNER_H
