//===- Traffic.cpp - Words between levels, if nothing is zero -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Traffic.h"

#include "llvm/ADT/STLExtras.h"
#include <set>

using namespace llvm;

namespace lacuna::loopnest {

/// How far a tile of `tensor` moves when dimensions do.
static std::vector<int64_t> getShift(const Tensor &tensor,
                                     ArrayRef<int64_t> distances) {
  std::vector<int64_t> shift;
  for (const Axis &axis : tensor.axes) {
    int64_t distance = 0;
    for (const Term &term : axis)
      distance += term.factor * distances[term.dimension];
    shift.push_back(distance);
  }
  return shift;
}

/// Words of a tile that the tile at `shift` from it does not have.
static int64_t getNewWords(ArrayRef<int64_t> tile, ArrayRef<int64_t> shift,
                           bool keepsOverlap) {
  if (all_of(shift, [](int64_t distance) { return distance == 0; }))
    return 0;
  int64_t overlap = keepsOverlap ? 1 : 0;
  for (auto [extent, distance] : zip_equal(tile, shift))
    overlap *= std::max<int64_t>(0, extent - std::abs(distance));
  return getWords(tile) - overlap;
}

/// Words that one instance of `level` gets from further out (or sends there).
static int64_t getArrivals(const Nest &nest, unsigned level, unsigned index) {
  if (level == nest.getComputeLevel())
    return nest.getSteps();
  const Tensor &tensor = nest.problem.workload.tensors[index];
  WindowReuse windows = nest.problem.architecture.levels[level].windows;
  std::vector<int64_t> tile = nest.getTile(level, index);
  ArrayRef<NestLoop> outer =
      ArrayRef(nest.loops).take_front(nest.getPlace(level));

  // From the innermost loop outwards: when a loop goes on by one, all inside
  // it go back to where they began.
  int64_t arrivals = getWords(tile);
  std::vector<int64_t> back(nest.problem.workload.dimensions.size(), 0);
  bool isInnermost = true;
  for (size_t place = outer.size(); place-- > 0;) {
    const NestLoop &loop = outer[place];
    if (loop.isAcross)
      continue;
    std::vector<int64_t> distances = back;
    distances[loop.dimension] += loop.step;
    int64_t times = loop.count - 1;
    for (const NestLoop &other : outer.take_front(place))
      if (!other.isAcross)
        times *= other.count;
    bool keepsOverlap = windows == WindowReuse::All ||
                        (windows == WindowReuse::Innermost && isInnermost);
    arrivals +=
        times * getNewWords(tile, getShift(tensor, distances), keepsOverlap);
    back[loop.dimension] -= (loop.count - 1) * loop.step;
    isInnermost = false;
  }
  return arrivals;
}

/// Tiles that `count` steps along `step` make of each of `shifts`.
static void addSteps(std::set<std::vector<int64_t>> &shifts,
                     ArrayRef<int64_t> step, int64_t count) {
  std::set<std::vector<int64_t>> moved;
  for (std::vector<int64_t> shift : shifts)
    for (int64_t i = 0; i < count; ++i) {
      moved.insert(shift);
      for (auto [distance, more] : zip_equal(shift, step))
        distance += more;
    }
  shifts = std::move(moved);
}

/// Of the instances inside one of `level`, how many have different tiles.
static int64_t getDifferent(const Nest &nest, unsigned level,
                            const Tensor &tensor) {
  struct Step {
    std::vector<int64_t> shift;
    int64_t count;
  };
  std::vector<Step> steps;
  for (const NestLoop &loop : nest.loops) {
    if (loop.level != level || !loop.isAcross)
      continue;
    std::vector<int64_t> distances(nest.problem.workload.dimensions.size(), 0);
    distances[loop.dimension] = loop.step;
    steps.push_back({getShift(tensor, distances), loop.count});
  }
  auto moves = [](int64_t distance) { return distance != 0; };
  auto sharesAxis = [&](const Step &step) {
    return any_of(steps, [&](const Step &other) {
      return &other != &step &&
             any_of(zip_equal(step.shift, other.shift), [&](auto distances) {
               return moves(std::get<0>(distances)) &&
                      moves(std::get<1>(distances));
             });
    });
  };
  // Only what moves along the same axis can come to the same place.
  int64_t different = 1;
  std::set<std::vector<int64_t>> shifts;
  shifts.insert(std::vector<int64_t>(tensor.axes.size(), 0));
  for (const Step &step : steps) {
    if (none_of(step.shift, moves))
      continue;
    if (sharesAxis(step))
      addSteps(shifts, step.shift, step.count);
    else
      different *= step.count;
  }
  return different * int64_t(shifts.size());
}

/// Accesses to one instance of `level` for one that each instance of `inner`
/// wants.
static int64_t getSpread(const Nest &nest, unsigned level, unsigned inner,
                         const Tensor &tensor) {
  int64_t spread = 1;
  for (unsigned between = level; between < inner; ++between) {
    const Level &network = nest.problem.architecture.levels[between];
    if (tensor.isOutput ? network.reduces : network.multicasts) {
      spread *= getDifferent(nest, between, tensor);
      continue;
    }
    for (const NestLoop &loop : nest.loops)
      if (loop.level == between && loop.isAcross)
        spread *= loop.count;
  }
  return spread;
}

/// Values that one instance of `level` ever has.
static int64_t getPartition(const Nest &nest, unsigned level,
                            const Tensor &tensor) {
  return getWords(
      tensor.getExtents(nest.getCounts([&](size_t place, const NestLoop &loop) {
        return place >= nest.getPlace(level) || !loop.isAcross;
      })));
}

Traffic getTraffic(const Nest &nest, unsigned level, unsigned index) {
  const Tensor &tensor = nest.problem.workload.tensors[index];
  unsigned inner = nest.getInner(level, index);
  bool isOutermost = level == nest.getOutermost(index);
  Traffic traffic;
  int64_t asked =
      getArrivals(nest, inner, index) * getSpread(nest, level, inner, tensor);
  int64_t arrivals = isOutermost ? 0 : getArrivals(nest, level, index);
  if (!tensor.isOutput) {
    traffic.reads = asked;
    traffic.fills = arrivals;
    return traffic;
  }
  // The first time a sum is written, nothing is read.
  int64_t partition = getPartition(nest, level, tensor);
  traffic.updates = asked;
  traffic.reads = std::max<int64_t>(0, asked - partition);
  traffic.fills = std::max<int64_t>(0, arrivals - partition);
  return traffic;
}

} // namespace lacuna::loopnest
