//===- ArenaPlanner.cpp - Buffers into one static arena -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/ArenaPlanner.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MathExtras.h"
#include <limits>
#include <numeric>

using namespace llvm;

namespace lacuna {

Error ArenaProblem::check() const {
  if (alignment <= 0 || !isPowerOf2_64(alignment))
    return createStringError("alignment " + Twine(alignment) +
                             " is not a power of two");
  for (const ArenaBuffer &buffer : buffers) {
    if (buffer.bytes < 0)
      return createStringError("buffer '" + buffer.name + "' has " +
                               Twine(buffer.bytes) + " bytes");
    if (buffer.first > buffer.last)
      return createStringError("buffer '" + buffer.name +
                               "' is needed from step " + Twine(buffer.first) +
                               " to step " + Twine(buffer.last));
  }
  return Error::success();
}

int64_t ArenaProblem::getLowerBound() const {
  int64_t most = 0;
  // The maximum is reached where some buffer begins.
  for (const ArenaBuffer &at : buffers) {
    int64_t sum = 0;
    for (const ArenaBuffer &buffer : buffers)
      if (buffer.first <= at.first && at.first <= buffer.last)
        sum += alignTo(buffer.bytes, alignment);
    most = std::max(most, sum);
  }
  return most;
}

Error ArenaSolution::verify(const ArenaProblem &problem) const {
  if (offsets.size() != problem.buffers.size())
    return createStringError("there are " + Twine(offsets.size()) +
                             " offsets for " + Twine(problem.buffers.size()) +
                             " buffers");
  for (auto [i, buffer] : enumerate(problem.buffers)) {
    if (offsets[i] < 0 || offsets[i] % problem.alignment ||
        offsets[i] + buffer.bytes > bytes)
      return createStringError("buffer '" + buffer.name + "' at offset " +
                               Twine(offsets[i]) + " lies outside the " +
                               Twine(bytes) + " bytes or off the alignment");
    for (size_t j = 0; j < i; ++j) {
      const ArenaBuffer &other = problem.buffers[j];
      if (buffer.meets(other) && offsets[i] < offsets[j] + other.bytes &&
          offsets[j] < offsets[i] + buffer.bytes)
        return createStringError("buffers '" + other.name + "' and '" +
                                 buffer.name + "' overlap");
    }
  }
  return Error::success();
}

namespace {
/// A solution that grows by one buffer after another.
class Placement {
public:
  explicit Placement(const ArenaProblem &problem) : problem(problem) {
    solution.offsets.assign(problem.buffers.size(), 0);
  }

  /// Calls visit(from, to) for the gaps, from low to high, between the buffers
  /// that buffer `index` meets; the last one ends at `top`.
  template <typename Visit>
  void eachGap(size_t index, int64_t top, Visit visit) const {
    int64_t from = 0;
    for (size_t other : placed) {
      if (!problem.buffers[index].meets(problem.buffers[other]))
        continue;
      int64_t begin = solution.offsets[other];
      visit(from, begin);
      from =
          std::max<int64_t>(from, alignTo(begin + problem.buffers[other].bytes,
                                          problem.alignment));
    }
    visit(from, std::max(from, top));
  }

  void place(size_t index, int64_t offset) {
    solution.offsets[index] = offset;
    placed.insert(upper_bound(placed, index,
                              [&](size_t a, size_t b) {
                                return solution.offsets[a] <
                                       solution.offsets[b];
                              }),
                  index);
    solution.bytes = std::max<int64_t>(
        solution.bytes,
        alignTo(offset + problem.buffers[index].bytes, problem.alignment));
  }

  ArenaSolution take() { return std::move(solution); }

private:
  const ArenaProblem &problem;
  ArenaSolution solution;
  std::vector<size_t> placed; // sorted by offset
};
} // namespace

/// Places the buffers in `order`, each in the lowest gap that holds it.
static ArenaSolution placeInOrder(const ArenaProblem &problem,
                                  ArrayRef<size_t> order) {
  Placement placement(problem);
  for (size_t index : order) {
    int64_t bytes = problem.buffers[index].bytes, offset = -1;
    placement.eachGap(index, std::numeric_limits<int64_t>::max(),
                      [&](int64_t from, int64_t to) {
                        if (offset < 0 && from + bytes <= to)
                          offset = from;
                      });
    placement.place(index, offset);
  }
  return placement.take();
}

/// Places the buffers in `order`, in turn as low and as high as they fit under
/// `top`: in a chain, where only neighbours meet, that needs no more than the
/// lower bound.
static ArenaSolution placeAtBothEnds(const ArenaProblem &problem,
                                     ArrayRef<size_t> order, int64_t top) {
  Placement placement(problem);
  bool high = false;
  for (size_t index : order) {
    int64_t bytes = problem.buffers[index].bytes;
    int64_t lowest = -1, highest = -1, end = 0;
    placement.eachGap(index, top, [&](int64_t from, int64_t to) {
      end = from;
      int64_t last = (to - bytes) & -problem.alignment;
      if (last < from)
        return;
      if (lowest < 0)
        lowest = from;
      highest = last;
    });
    placement.place(index, lowest < 0 ? end : high ? highest : lowest);
    high = !high;
  }
  return placement.take();
}

ArenaSolution planArena(const ArenaProblem &problem) {
  const std::vector<ArenaBuffer> &buffers = problem.buffers;
  int64_t lowerBound = problem.getLowerBound();
  auto getArea = [&](size_t i) {
    return buffers[i].bytes * (buffers[i].last - buffers[i].first + 1);
  };
  std::vector<size_t> bySize(buffers.size());
  std::iota(bySize.begin(), bySize.end(), 0);
  std::vector<size_t> byArea = bySize, byTime = bySize;
  stable_sort(bySize, [&](size_t a, size_t b) {
    return buffers[a].bytes > buffers[b].bytes;
  });
  stable_sort(byArea,
              [&](size_t a, size_t b) { return getArea(a) > getArea(b); });
  stable_sort(byTime, [&](size_t a, size_t b) {
    return buffers[a].first < buffers[b].first;
  });

  std::vector<size_t> order = bySize;
  ArenaSolution best = placeInOrder(problem, order);
  for (const std::vector<size_t> &other : {byArea, byTime}) {
    ArenaSolution solution = placeInOrder(problem, other);
    if (solution.bytes < best.bytes) {
      best = solution;
      order = other;
    }
  }

  // Then bring forward, over and over, the buffers that stand at the top: what
  // is placed early lies low.
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds && best.bytes > lowerBound; ++round) {
    bool improved = false;
    for (size_t i = 1; i < order.size(); ++i) {
      size_t index = order[i];
      if (best.offsets[index] + buffers[index].bytes + problem.alignment <=
          best.bytes)
        continue;
      for (size_t to = 0; to < i; ++to) {
        std::vector<size_t> moved = order;
        moved.erase(moved.begin() + i);
        moved.insert(moved.begin() + to, index);
        ArenaSolution solution = placeInOrder(problem, moved);
        if (solution.bytes >= best.bytes)
          continue;
        best = solution;
        order = moved;
        improved = true;
        break;
      }
      if (improved)
        break;
    }
    if (!improved)
      break;
  }
  ArenaSolution ends = placeAtBothEnds(problem, byTime, lowerBound);
  return ends.bytes < best.bytes ? ends : best;
}

} // namespace lacuna
