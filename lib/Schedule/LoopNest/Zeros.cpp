//===- Zeros.cpp - Which accesses zeros leave out -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Zeros.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::loopnest {

/// Iterations during which a tile of `tensor` that `level` sends inwards is
/// used: if a leader has nothing but zeros in all of them, the tile need not be
/// sent.
static std::vector<int64_t> getUse(const Nest &nest, unsigned level,
                                   unsigned index) {
  const Tensor &tensor = nest.problem.workload.tensors[index];
  unsigned inner = nest.getInner(level, index);
  bool isScalar = inner == nest.getComputeLevel();
  size_t begin = nest.getPlace(level), end = nest.getPlace(inner);

  // A tile stays while loops run that it does not depend on. The computation
  // has no storage where it could.
  const NestLoop *mover = nullptr;
  size_t stays = end;
  while (stays > begin) {
    const NestLoop &loop = nest.loops[stays - 1];
    bool moves = !loop.isAcross && tensor.uses(loop.dimension);
    if (moves) {
      mover = &loop;
      break;
    }
    --stays;
  }
  auto isUsed = [&](size_t place, const NestLoop &loop) {
    if (place >= end)
      return true;
    if (place < begin)
      return false;
    // All instances that a value is for.
    if (loop.isAcross)
      return !tensor.uses(loop.dimension);
    return !isScalar && place >= stays;
  };
  std::vector<int64_t> counts = nest.getCounts(isUsed);

  // A block is left out as a whole or not at all.
  int64_t block = nest.problem.architecture.levels[level].blockWords;
  int64_t words = getWords(tensor.getExtents(nest.getCounts(
      [&](size_t place, const NestLoop &) { return place >= end; })));
  int64_t tiles = (block + words - 1) / words;
  if (mover && tiles > 1)
    counts[mover->dimension] *= std::min(tiles, mover->count);
  return counts;
}

/// Of the accesses to a tensor that `rule` sees in `level`, those it leaves.
static double getRemaining(const Nest &nest, unsigned level,
                           const ZeroRule &rule) {
  const Workload &workload = nest.problem.workload;
  std::vector<int64_t> use = getUse(nest, level, rule.tensor);
  std::vector<int64_t> all =
      nest.getCounts([](size_t, const NestLoop &) { return true; });
  double remaining = 1;
  for (unsigned index : rule.leaders) {
    const Tensor &leader = workload.tensors[index];
    remaining *=
        1 - leader.density.getEmptyProbability(
                leader.getExtents(use), getWords(leader.getExtents(all)));
  }
  return remaining;
}

std::vector<Flow> getFlow(const Nest &nest, unsigned tensor) {
  const auto &levels = nest.problem.architecture.levels;
  std::vector<Flow> flows(levels.size());
  double reaching = 1;
  unsigned outermost = nest.getOutermost(tensor);
  for (unsigned level = outermost; level < levels.size();) {
    // Levels further in that do not keep it act on what comes from here.
    unsigned inner = nest.getInner(level, tensor);
    Flow flow = {reaching, reaching, ZeroAction::Gate};
    for (unsigned place = level; place < inner; ++place)
      if (const ZeroRule *rule = levels[place].findRule(tensor)) {
        double remaining = getRemaining(nest, level, *rule);
        if (remaining < flow.remaining)
          flow = {reaching, remaining, rule->action};
      }
    flows[level] = flow;
    reaching = flow.remaining;
    level = inner;
  }
  return flows;
}

ComputeFlow getComputeFlow(const Nest &nest,
                           ArrayRef<std::vector<Flow>> flows) {
  const Problem &problem = nest.problem;
  double notSkipped = 1, notGated = 1, useful = 1;
  for (auto [index, tensor] : enumerate(problem.workload.tensors)) {
    if (tensor.isOutput)
      continue;
    useful *= tensor.density.getMean();
    for (const Flow &flow : flows[index]) {
      double part = flow.reaching > 0 ? flow.remaining / flow.reaching : 1;
      (flow.action == ZeroAction::Skip ? notSkipped : notGated) *= part;
    }
  }
  ComputeFlow flow;
  flow.done = notSkipped * notGated;
  flow.skipped = 1 - notSkipped;
  flow.gated = notSkipped - flow.done;
  if (problem.architecture.compute.gatesZeros && useful < flow.done) {
    flow.gated += flow.done - useful;
    flow.done = useful;
  }
  return flow;
}

} // namespace lacuna::loopnest
