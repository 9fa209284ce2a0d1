//===- Nest.cpp - The loops of a mapping, as one nest -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Nest.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::loopnest {

Nest::Nest(const Problem &problem, const Solution &solution)
    : problem(problem), solution(solution) {
  for (auto [level, mapping] : enumerate(solution.levels)) {
    places.push_back(loops.size());
    for (bool isAcross : {false, true})
      for (const Loop &loop : isAcross ? mapping.across : mapping.loops)
        if (loop.count > 1)
          loops.push_back({loop.dimension, loop.count, /*step=*/1,
                           unsigned(level), isAcross});
  }
  places.push_back(loops.size());
  std::vector<int64_t> steps(problem.workload.dimensions.size(), 1);
  for (NestLoop &loop : reverse(loops)) {
    loop.step = steps[loop.dimension];
    steps[loop.dimension] *= loop.count;
  }
}

bool Nest::keeps(unsigned level, unsigned tensor) const {
  return is_contained(solution.levels[level].keeps, tensor);
}

unsigned Nest::getInner(unsigned level, unsigned tensor) const {
  do
    ++level;
  while (level < getComputeLevel() && !keeps(level, tensor));
  return level;
}

unsigned Nest::getOutermost(unsigned tensor) const {
  return keeps(0, tensor) ? 0 : getInner(0, tensor);
}

std::vector<int64_t>
Nest::getCounts(function_ref<bool(size_t, const NestLoop &)> choose) const {
  std::vector<int64_t> counts(problem.workload.dimensions.size(), 1);
  for (auto [place, loop] : enumerate(loops))
    if (choose(place, loop))
      counts[loop.dimension] *= loop.count;
  return counts;
}

std::vector<int64_t> Nest::getTile(unsigned level, unsigned tensor) const {
  return problem.workload.tensors[tensor].getExtents(
      getCounts([&](size_t place, const NestLoop &) {
        return place >= getPlace(level);
      }));
}

int64_t Nest::getInstances(unsigned level) const {
  int64_t instances = 1;
  for (const NestLoop &loop : ArrayRef(loops).take_front(getPlace(level)))
    if (loop.isAcross)
      instances *= loop.count;
  return instances;
}

int64_t Nest::getSteps() const {
  int64_t steps = 1;
  for (const NestLoop &loop : loops)
    if (!loop.isAcross)
      steps *= loop.count;
  return steps;
}

} // namespace lacuna::loopnest
