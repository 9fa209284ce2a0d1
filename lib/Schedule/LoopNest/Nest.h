//===- Nest.h - The loops of a mapping, as one nest -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_LOOPNEST_NEST_H
#define LACUNA_LIB_SCHEDULE_LOOPNEST_NEST_H

#include "lacuna/Schedule/LoopNest/LoopNest.h"

namespace lacuna::loopnest {

/// A loop that runs more than once.
struct NestLoop {
  unsigned dimension;
  int64_t count;
  /// How far an iteration goes along the dimension.
  int64_t step;
  unsigned level;
  bool isAcross;
};

/// All loops of a solution, from the outermost inwards. Places in the nest are
/// indices of loops: what is at a place is this loop and those inside.
class Nest {
public:
  Nest(const Problem &problem, const Solution &solution);

  const Problem &problem;
  const Solution &solution;
  std::vector<NestLoop> loops;

  /// Where a level begins; of the computation, one past the last level: the
  /// end.
  size_t getPlace(unsigned level) const { return places[level]; }
  unsigned getComputeLevel() const { return unsigned(places.size()) - 1; }

  bool keeps(unsigned level, unsigned tensor) const;
  /// The next level inside `level` that keeps a tensor, or the computation.
  unsigned getInner(unsigned level, unsigned tensor) const;
  /// The level that has the whole of a tensor.
  unsigned getOutermost(unsigned tensor) const;

  /// Iterations of each dimension in the loops that are chosen.
  std::vector<int64_t>
  getCounts(llvm::function_ref<bool(size_t, const NestLoop &)> choose) const;
  /// What one instance of `level` has of a tensor at a time.
  std::vector<int64_t> getTile(unsigned level, unsigned tensor) const;

  /// Instances of a level, or of the computation.
  int64_t getInstances(unsigned level) const;
  /// Computations of one unit, one after another.
  int64_t getSteps() const;

private:
  std::vector<size_t> places;
};

} // namespace lacuna::loopnest

#endif // LACUNA_LIB_SCHEDULE_LOOPNEST_NEST_H
