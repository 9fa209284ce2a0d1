//===- TrafficTest.cpp - Counts against running through all iterations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/LoopNest/LoopNest.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <random>
#include <set>

using namespace lacuna::loopnest;

namespace {

/// Small nests with strides, dilations, bypasses and several units.
class RandomNest {
public:
  explicit RandomNest(unsigned seed) : random(seed) { make(); }

  Problem problem;
  Solution solution;

private:
  unsigned draw(unsigned count) { return unsigned(random() % count); }
  void make();
  void addTensor(const char *name, bool isOutput);

  std::mt19937 random;
};

void RandomNest::addTensor(const char *name, bool isOutput) {
  auto count = unsigned(problem.workload.dimensions.size());
  Tensor tensor;
  tensor.name = name;
  tensor.isOutput = isOutput;
  for (unsigned dimension = 0; dimension < count; ++dimension) {
    if (draw(3) == 0)
      continue;
    // Sums are told apart by one dimension for each axis.
    bool joins = !isOutput && !tensor.axes.empty() && draw(2);
    if (!joins)
      tensor.axes.emplace_back();
    tensor.axes.back().push_back(
        {dimension, isOutput ? 1 : int64_t(1 + draw(3))});
  }
  problem.workload.tensors.push_back(std::move(tensor));
}

void RandomNest::make() {
  constexpr unsigned kDimensions = 3, kLevels = 3;
  for (unsigned i = 0; i < kDimensions; ++i)
    problem.workload.dimensions.push_back({std::string(1, char('A' + i)), 1});
  addTensor("X", false);
  addTensor("Y", false);
  addTensor("Z", true);
  for (unsigned level = 0; level < kLevels; ++level) {
    problem.architecture.levels.emplace_back();
    problem.architecture.levels.back().name = "L" + std::to_string(level);
    problem.architecture.levels.back().windows = WindowReuse(draw(3));
    LevelMapping mapping;
    for (unsigned tensor = 0; tensor < 3; ++tensor)
      if (level == 0 || draw(4))
        mapping.keeps.push_back(tensor);
    for (std::vector<Loop> *loops : {&mapping.loops, &mapping.across})
      for (unsigned i = draw(3); i > 0; --i) {
        Loop loop = {draw(kDimensions), int64_t(1 + draw(3))};
        problem.workload.dimensions[loop.dimension].size *= loop.count;
        loops->push_back(loop);
      }
    solution.levels.push_back(std::move(mapping));
  }
}

struct Run {
  Loop loop;
  unsigned level;
  bool isAcross;
  int64_t step;
};

/// Counts by looking at every iteration. All about the first instance of each
/// level: the others do the same elsewhere.
class Walker {
public:
  Walker(const Problem &problem, const Solution &solution);

  /// Of a tensor in a level that keeps it.
  void count(unsigned level, unsigned tensor, int64_t &asked, int64_t &arrivals,
             int64_t &partition);

private:
  using Box = std::vector<std::pair<int64_t, int64_t>>;

  bool keeps(unsigned level, unsigned tensor) const {
    return llvm::is_contained(solution.levels[level].keeps, tensor);
  }
  size_t getPlace(unsigned level) const;
  /// What the runs from `place` on touch, if those before are at `index`.
  Box getBox(const Tensor &tensor, const std::vector<int64_t> &index,
             size_t place) const;
  int64_t countArrivals(unsigned level, unsigned tensor);
  /// Calls `visit` with all indices of the runs that `choose` takes; others
  /// stay at 0.
  void walk(llvm::function_ref<bool(size_t, const Run &)> choose,
            llvm::function_ref<void(const std::vector<int64_t> &)> visit);

  const Problem &problem;
  const Solution &solution;
  std::vector<Run> runs;
};

Walker::Walker(const Problem &problem, const Solution &solution)
    : problem(problem), solution(solution) {
  for (auto [level, mapping] : llvm::enumerate(solution.levels))
    for (bool isAcross : {false, true})
      for (const Loop &loop : isAcross ? mapping.across : mapping.loops)
        runs.push_back({loop, unsigned(level), isAcross, 1});
  std::vector<int64_t> steps(problem.workload.dimensions.size(), 1);
  for (Run &run : llvm::reverse(runs)) {
    run.step = steps[run.loop.dimension];
    steps[run.loop.dimension] *= run.loop.count;
  }
}

size_t Walker::getPlace(unsigned level) const {
  size_t place = 0;
  while (place < runs.size() && runs[place].level < level)
    ++place;
  return place;
}

Walker::Box Walker::getBox(const Tensor &tensor,
                           const std::vector<int64_t> &index,
                           size_t place) const {
  Box box;
  for (const Axis &axis : tensor.axes) {
    int64_t least = 0, most = 0;
    for (const Term &term : axis)
      for (auto [i, run] : llvm::enumerate(runs)) {
        if (run.loop.dimension != term.dimension)
          continue;
        int64_t reach = term.factor * run.step;
        least += i < place ? reach * index[i] : 0;
        most += reach * (i < place ? index[i] : run.loop.count - 1);
      }
    box.emplace_back(least, most);
  }
  return box;
}

void Walker::walk(
    llvm::function_ref<bool(size_t, const Run &)> choose,
    llvm::function_ref<void(const std::vector<int64_t> &)> visit) {
  std::vector<int64_t> index(runs.size(), 0);
  while (true) {
    visit(index);
    size_t i = runs.size();
    while (i-- > 0) {
      if (!choose(i, runs[i]))
        continue;
      if (++index[i] < runs[i].loop.count)
        break;
      index[i] = 0;
    }
    if (i == size_t(-1))
      return;
  }
}

int64_t Walker::countArrivals(unsigned level, unsigned tensorIndex) {
  const Tensor &tensor = problem.workload.tensors[tensorIndex];
  size_t place = getPlace(level);
  bool isCompute = level == problem.architecture.levels.size();
  WindowReuse windows = isCompute ? WindowReuse::None
                                  : problem.architecture.levels[level].windows;
  int64_t arrivals = 0;
  Box last;
  std::vector<int64_t> lastIndex;
  walk([&](size_t i, const Run &run) { return i < place && !run.isAcross; },
       [&](const std::vector<int64_t> &index) {
         Box box = getBox(tensor, index, place);
         // Whether it was the innermost loop that moved.
         size_t inner = place;
         while (inner-- > 0)
           if (!runs[inner].isAcross && runs[inner].loop.count > 1)
             break;
         bool isStep = !lastIndex.empty() && inner < place &&
                       index[inner] == lastIndex[inner] + 1;
         bool overlaps = windows == WindowReuse::All ||
                         (windows == WindowReuse::Innermost && isStep);
         int64_t words = 1, kept = 1;
         for (auto [axis, range] : llvm::enumerate(box)) {
           words *= range.second - range.first + 1;
           if (!lastIndex.empty())
             kept *= std::max<int64_t>(
                 0, std::min(range.second, last[axis].second) -
                        std::max(range.first, last[axis].first) + 1);
         }
         bool isSame = !lastIndex.empty() && box == last;
         if (isCompute || !isSame)
           arrivals += words - (!lastIndex.empty() && overlaps ? kept : 0);
         last = box;
         lastIndex = index;
       });
  return arrivals;
}

void Walker::count(unsigned level, unsigned tensorIndex, int64_t &asked,
                   int64_t &arrivals, int64_t &partition) {
  const Tensor &tensor = problem.workload.tensors[tensorIndex];
  auto levels = unsigned(problem.architecture.levels.size());
  unsigned inner = level + 1;
  while (inner < levels && !keeps(inner, tensorIndex))
    ++inner;
  size_t begin = getPlace(level), end = getPlace(inner);
  // Instances whose boxes are the same ask once, at each network between.
  asked = countArrivals(inner, tensorIndex);
  for (unsigned network = level; network < inner; ++network) {
    std::set<Box> boxes;
    walk(
        [&](size_t i, const Run &run) {
          return i >= begin && i < end && run.isAcross && run.level == network;
        },
        [&](const std::vector<int64_t> &index) {
          boxes.insert(getBox(tensor, index, end));
        });
    asked *= int64_t(boxes.size());
  }
  arrivals = level == 0 ? 0 : countArrivals(level, tensorIndex);
  std::set<Box> points;
  walk([&](size_t i, const Run &run) { return i >= begin || !run.isAcross; },
       [&](const std::vector<int64_t> &index) {
         points.insert(getBox(tensor, index, runs.size()));
       });
  partition = int64_t(points.size());
}

TEST(LoopNestTraffic, IsThatOfAllIterations) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    RandomNest nest(seed);
    ASSERT_FALSE(bool(nest.problem.check()));
    ASSERT_FALSE(bool(nest.solution.verify(nest.problem)));
    Evaluation evaluation = evaluate(nest.problem, nest.solution);
    Walker walker(nest.problem, nest.solution);
    for (unsigned level = 0; level < 3; ++level)
      for (unsigned tensor = 0; tensor < 3; ++tensor) {
        const TensorCounts &counts = evaluation.levels[level].tensors[tensor];
        ASSERT_EQ(
            counts.isKept,
            llvm::is_contained(nest.solution.levels[level].keeps, tensor));
        if (!counts.isKept)
          continue;
        int64_t asked, arrivals, partition;
        walker.count(level, tensor, asked, arrivals, partition);
        bool isOutput = nest.problem.workload.tensors[tensor].isOutput;
        EXPECT_EQ(isOutput ? counts.updates.all : counts.reads.all, asked);
        EXPECT_EQ(isOutput ? counts.reads.all : counts.fills.all,
                  isOutput ? std::max<int64_t>(0, asked - partition)
                           : arrivals);
        if (isOutput) {
          EXPECT_EQ(counts.fills.all,
                    std::max<int64_t>(0, arrivals - partition));
        }
      }
  }
}

} // namespace
