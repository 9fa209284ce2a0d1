//===- Tiling.cpp - Layers in tiles that fit on a chip -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Tiling.h"

#include "TilingEstimate.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna {

constexpr int64_t kAlignment = 64;

Error TilingProblem::check() const {
  if (!machine || machine->memories.empty())
    return createStringError("there is no machine with a memory to tile for");
  auto isPositive = [](int64_t value) { return value > 0; };
  for (size_t dim = 0; dim < 3; ++dim)
    if (!all_of(ArrayRef{input[dim], kernel[dim], stride[dim], dilation[dim],
                         output[dim]},
                isPositive) ||
        padBefore[dim] < 0)
      return createStringError("dimension " + Twine(dim) +
                               " has a size, stride or dilation below 1");
  if (!all_of(ArrayRef{batch, groups, channels, filters, inputBytes,
                       weightBytes, outputBytes},
              isPositive))
    return createStringError("a layer has nothing to multiply");
  return Error::success();
}

std::pair<int64_t, int64_t> TilingProblem::getInputs(size_t dim, int64_t first,
                                                     int64_t count) const {
  int64_t from = first * stride[dim] - padBefore[dim];
  int64_t to =
      from + (count - 1) * stride[dim] + (kernel[dim] - 1) * dilation[dim] + 1;
  from = std::clamp<int64_t>(from, 0, input[dim] - 1);
  to = std::clamp<int64_t>(to, from + 1, input[dim]);
  return {from, to - from};
}

TilePlaces findPlaces(const Machine &machine) {
  auto find = [&](std::initializer_list<Content> contents) -> unsigned {
    for (Content content : contents)
      for (auto [i, memory] : enumerate(machine.memories))
        if (memory.canHold(content))
          return i;
    return 0;
  };
  return {find({Content::Inputs}), find({Content::Weights, Content::Inputs}),
          find({Content::Sums, Content::Outputs, Content::Inputs}),
          find({Content::Outputs, Content::Sums, Content::Inputs})};
}

int64_t TilingSolution::getInputBytes(const TilingProblem &problem) const {
  if (problem.inputStays)
    return 0;
  int64_t elements = groups * channels;
  for (size_t dim = 0; dim < 3; ++dim)
    elements *=
        std::min(problem.input[dim],
                 (output[dim] - 1) * problem.stride[dim] +
                     (problem.kernel[dim] - 1) * problem.dilation[dim] + 1);
  return alignTo(elements * problem.inputBytes, kAlignment);
}

int64_t TilingSolution::getWeightBytes(const TilingProblem &problem) const {
  int64_t all = groups * filters;
  int64_t weights = problem.hasWeights ? 0
                                       : all * channels * problem.getTaps() *
                                             problem.weightBytes;
  return alignTo(weights, kAlignment) +
         alignTo(all * problem.weightExtraBytes, kAlignment);
}

int64_t TilingSolution::getSumBytes(const TilingProblem &) const {
  return alignTo(countOutputs() * 4, kAlignment);
}

int64_t TilingSolution::getOutputBytes(const TilingProblem &problem) const {
  if (problem.outputStays)
    return 0;
  return alignTo(countOutputs() * problem.outputBytes, kAlignment);
}

/// Bytes of some operands, at most six, each of which is aligned.
static int64_t alignOperands(int64_t bytes) {
  return bytes ? alignTo(bytes, kAlignment) + 6 * kAlignment : 0;
}

int64_t TilingSolution::getExtraBytes(const TilingProblem &problem) const {
  return alignOperands(countOutputs() * problem.elementExtraBytes);
}

int64_t TilingSolution::getTableBytes(const TilingProblem &problem) const {
  return alignOperands(groups * filters * problem.filterExtraBytes);
}

std::vector<int64_t>
TilingSolution::getUse(const TilingProblem &problem) const {
  std::vector<int64_t> use(problem.machine->memories.size(), 0);
  TilePlaces places = findPlaces(*problem.machine);
  use[places.inputs] += problem.takenBytes + slots * getInputBytes(problem);
  use[places.weights] +=
      problem.takenWeightBytes + slots * getWeightBytes(problem);
  use[hasTablesWithWeights(problem) ? places.weights : places.outputs] +=
      slots * getTableBytes(problem);
  use[places.sums] += slots * getSumBytes(problem);
  use[places.outputs] +=
      slots * (getOutputBytes(problem) + getExtraBytes(problem));
  return use;
}

static int64_t countAlong(int64_t size, int64_t tile) {
  return divideCeil(size, tile);
}

int64_t TilingSolution::countTiles(const TilingProblem &problem) const {
  return problem.batch * countAlong(problem.groups, groups) *
         countAlong(problem.filters, filters) *
         countAlong(problem.channels, channels) *
         countAlong(problem.output[0], output[0]) *
         countAlong(problem.output[1], output[1]) *
         countAlong(problem.output[2], output[2]);
}

Error TilingSolution::verify(const TilingProblem &problem) const {
  if (groups < 1 || groups > problem.groups || filters < 1 ||
      filters > problem.filters || channels < 1 ||
      channels > problem.channels || slots < 1)
    return createStringError("a tile is larger than its layer");
  if (groups > 1 &&
      (filters != problem.filters || channels != problem.channels))
    return createStringError("a tile of several groups lacks some of theirs");
  for (size_t dim = 0; dim < 3; ++dim)
    if (output[dim] < 1 || output[dim] > problem.output[dim])
      return createStringError("a tile is larger than its layer");
  for (auto [memory, bytes] :
       zip_equal(problem.machine->memories, getUse(problem)))
    if (bytes > memory.bytes)
      return createStringError("the smallest tile of a layer needs " +
                               Twine(bytes) + " bytes of memory '" +
                               memory.name + "', which has " +
                               Twine(memory.bytes));
  return Error::success();
}

/// All of `size`, and then ever smaller parts of it, down to 1.
static SmallVector<int64_t> halve(int64_t size) {
  SmallVector<int64_t> sizes;
  for (int64_t parts = 1;; parts *= 2) {
    int64_t part = divideCeil(size, parts);
    if (sizes.empty() || part != sizes.back())
      sizes.push_back(part);
    if (part == 1)
      return sizes;
  }
}

/// Parts of a dimension of space: halves, and what fills all PEs if each has a
/// window and a filter.
static SmallVector<int64_t> cutSpace(const TilingProblem &problem, size_t dim) {
  int64_t size = problem.output[dim];
  SmallVector<int64_t> parts = halve(size);
  parts.erase(parts.begin());
  int64_t inner = problem.filters;
  for (size_t i = dim + 1; i < 3; ++i)
    inner *= problem.output[i];
  int64_t round = problem.machine->array.getPEs() / inner;
  for (int64_t rounds = 1; round * rounds < size && rounds <= 4; ++rounds)
    if (round)
      parts.push_back(round * rounds);
  llvm::sort(parts, std::greater<>());
  parts.erase(llvm::unique(parts), parts.end());
  return parts;
}

/// Parts of the filters that keep the columns of an array busy: of `size`, only
/// the last part is cut.
static SmallVector<int64_t> halveFilters(int64_t size, int64_t columns) {
  SmallVector<int64_t> sizes;
  for (int64_t part : halve(size)) {
    int64_t rounded = std::min<int64_t>(size, alignTo(part, columns));
    if (sizes.empty() || rounded != sizes.back())
      sizes.push_back(rounded);
  }
  for (int64_t part : halve(std::min(columns, size)))
    if (part < sizes.back())
      sizes.push_back(part);
  return sizes;
}

Expected<TilingSolution> planTiles(const TilingProblem &problem,
                                   std::vector<TilingChoice> *trace) {
  if (Error error = problem.check())
    return error;
  int64_t columns = std::max<int64_t>(
      1, problem.machine->array.columns * problem.machine->array.filterLanes);
  // Space is cut from the outermost dimension on, as little as can be.
  std::vector<std::array<int64_t, 3>> spaces = {problem.output};
  for (size_t dim = 0; dim < 3; ++dim) {
    for (int64_t part : cutSpace(problem, dim)) {
      spaces.push_back(problem.output);
      for (size_t outer = 0; outer < dim; ++outer)
        spaces.back()[outer] = 1;
      spaces.back()[dim] = part;
    }
  }

  std::optional<TilingSolution> best;
  double least = 0;
  size_t bestIndex = 0;
  auto consider = [&](TilingSolution solution) {
    bool fits = true;
    for (auto [memory, bytes] :
         zip_equal(problem.machine->memories, solution.getUse(problem)))
      fits &= bytes <= memory.bytes;
    if (!fits)
      return false;
    for (bool weightsStay : {true, false}) {
      solution.weightsStay = weightsStay;
      estimateTiles(problem, solution);
      double cost = solution.getCost(*problem.machine);
      if (trace)
        trace->push_back({solution, "more clocks or more traffic"});
      if (best && cost >= least)
        continue;
      best = solution;
      least = cost;
      if (trace)
        bestIndex = trace->size() - 1;
    }
    return true;
  };
  // Without a place to load the next tile only what fits in no other way.
  for (int64_t slots : {2, 1}) {
    for (const std::array<int64_t, 3> &space : spaces) {
      TilingSolution solution;
      solution.slots = slots;
      solution.output = space;
      for (int64_t groups : halve(problem.groups)) {
        solution.groups = groups;
        if (groups > 1) {
          solution.filters = problem.filters;
          solution.channels = problem.channels;
          consider(solution);
          continue;
        }
        for (int64_t filters : halveFilters(problem.filters, columns)) {
          solution.filters = filters;
          // Sums that are not done yet cost nothing more: they stay.
          for (int64_t channels : halve(problem.channels)) {
            solution.channels = channels;
            if (consider(solution))
              break;
          }
        }
      }
    }
    if (best)
      break;
  }
  if (best) {
    if (trace)
      (*trace)[bestIndex].lost.clear();
    return *best;
  }
  TilingSolution smallest;
  smallest.slots = 1;
  Error error = smallest.verify(problem);
  return error ? std::move(error)
               : createStringError("no tile of the layer fits on the chip");
}

} // namespace lacuna
