//===- TilingEstimate.cpp - How long the tiles of a layer take -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the tiles in their order through four units that work beside each
// other: transfers to the chip, the array, the vector unit, transfers back.
// Each begins with a tile when the unit before it is done with it and when
// there is a place for what it makes.
//
//===----------------------------------------------------------------------===//

#include "TilingEstimate.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <optional>

using namespace llvm;

namespace lacuna {

namespace {
/// A tile on its way.
struct Step {
  TileShape shape;
  /// Of the input in each dimension of space, and what of the first window lies
  /// before it.
  std::array<int64_t, 3> inputs = {1, 1, 1}, padding = {};
  /// Where it begins.
  int64_t image = 0, group = 0, filter = 0, channel = 0;
  std::array<int64_t, 3> space = {};

  bool hasFiltersOf(const Step &other) const {
    return group == other.group && filter == other.filter;
  }
  bool hasWeightsOf(const Step &other) const {
    return hasFiltersOf(other) && channel == other.channel;
  }
  bool hasInputOf(const Step &other) const {
    return image == other.image && group == other.group &&
           channel == other.channel && space == other.space;
  }
};

/// Bytes in DRAM, in pieces of which neighbours are `pitch` apart.
struct Pieces {
  int64_t count = 1, bytes = 0, pitch = 0;

  int64_t getBytes() const { return count * bytes; }
};

/// When the places of one kind of tile are free again.
class Places {
public:
  explicit Places(int64_t count) : free(std::max<int64_t>(1, count), 0) {}

  void next() { at = (at + 1) % free.size(); }
  double &get() { return free[at]; }
  int64_t count() const { return free.size(); }

private:
  std::vector<double> free;
  size_t at = 0;
};

/// A queue of transfers.
struct TransferQueue {
  explicit TransferQueue(int64_t channels) : ends(channels, 0) {}

  std::vector<double> ends;
  size_t next = 0;
  /// When the last transfers had the link.
  static constexpr size_t kMemory = 4;
  std::array<std::pair<double, double>, kMemory> moving = {};
  size_t count = 0;
  double end = 0;

  /// Clocks between `begin` and `end` in which something moves.
  double getOverlap(double begin, double end) const {
    double overlap = 0;
    for (auto [from, to] : moving)
      overlap += std::max(0.0, std::min(end, to) - std::max(begin, from));
    return overlap;
  }
};

class Follower {
public:
  Follower(const TilingProblem &problem, const TilingSolution &solution);

  void follow(const Step &step);
  double getClocks() const;
  int64_t getBytes() const { return bytes; }

private:
  Pieces getPieces(const TileShape &shape, std::array<int64_t, 3> space,
                   std::array<int64_t, 3> all, int64_t channels,
                   int64_t allChannels, int64_t elementBytes) const;
  Pieces getWeights(const TileShape &shape) const;
  /// Moves `pieces` once `ready`; gives when it is done.
  double move(TransferQueue &queue, const Pieces &pieces, int64_t elementBytes,
              unsigned memory, double ready);
  /// The same for maps of the shape's filters.
  double moveOutputs(TransferQueue &queue, TileShape shape,
                     int64_t elementBytes, double ready);
  TransferQueue &getQueueAhead();
  void loadWeights(const TileShape &shape);
  void loadTables(int64_t filters);
  int64_t countArrayClocks(const Step &step);
  int64_t countVectorClocks(const TileShape &shape) const;

  const TilingProblem &problem;
  const TilingSolution &solution;
  const Machine &machine;
  TilePlaces places;
  TransferQueue in, out, ahead;
  Places inputs, weights, tables, sums, outputs;
  double inputReady = 0, weightsReady = 0, tablesReady = 0;
  double array = 0, vector = 0, link = 0;
  int64_t bytes = 0;
  std::optional<Step> last;
  /// The tiles that the array has been asked for: those that differ in shape,
  /// or in what borders leave of their inputs.
  struct Timed {
    TileShape shape;
    std::array<int64_t, 3> inputs, padding;
    int64_t clocks;
  };
  SmallVector<Timed, 8> known;
};
} // namespace

/// How many tiles of `bytes` a memory has room for, if they have it alone.
static int64_t countPlaces(const TilingProblem &problem, bool isOwn,
                           unsigned memory, int64_t bytes, int64_t slots,
                           int64_t taken = 0) {
  return isOwn && bytes
             ? (problem.machine->memories[memory].bytes - taken) / bytes
             : slots;
}

Follower::Follower(const TilingProblem &problem, const TilingSolution &solution)
    : problem(problem), solution(solution), machine(*problem.machine),
      places(findPlaces(machine)),
      in(std::max<int64_t>(1, machine.dma.channels / 2)), out(in.ends.size()),
      ahead(in.ends.size()), inputs(solution.slots),
      weights(countPlaces(problem, places.hasOwnWeights(), places.weights,
                          solution.getWeightBytes(problem), solution.slots,
                          problem.takenWeightBytes)),
      tables(solution.hasTablesWithWeights(problem) ? weights.count()
                                                    : solution.slots),
      sums(countPlaces(problem, places.hasOwnSums(), places.sums,
                       solution.getSumBytes(problem), solution.slots)),
      outputs(solution.slots) {}

Pieces Follower::getPieces(const TileShape &shape, std::array<int64_t, 3> space,
                           std::array<int64_t, 3> all, int64_t channels,
                           int64_t allChannels, int64_t elementBytes) const {
  // From the outermost dimension to the innermost.
  SmallVector<std::pair<int64_t, int64_t>, 4> dims;
  for (size_t dim = 0; dim < 3; ++dim)
    dims.push_back({space[dim], all[dim]});
  dims.insert(problem.channelsInner ? dims.end() : dims.begin(),
              {channels, allChannels});
  Pieces pieces;
  pieces.bytes = elementBytes;
  int64_t stride = elementBytes;
  bool isRun = true;
  for (auto [part, whole] : reverse(dims)) {
    if (isRun) {
      pieces.bytes *= part;
      isRun = part == whole;
    } else if (part > 1) {
      pieces.count *= part;
      if (!pieces.pitch)
        pieces.pitch = stride;
    }
    stride *= whole;
  }
  return pieces;
}

Pieces Follower::getWeights(const TileShape &shape) const {
  int64_t filters = shape.groups * shape.filters;
  Pieces pieces;
  if (problem.weightsFiltersInner) {
    pieces = {shape.channels * problem.getTaps(), filters * problem.weightBytes,
              problem.filters * problem.weightBytes};
  } else {
    int64_t taps = problem.getTaps() * problem.weightBytes;
    pieces = {filters, shape.channels * taps, problem.channels * taps};
  }
  if (pieces.bytes == pieces.pitch)
    return {1, pieces.getBytes(), pieces.getBytes()};
  return pieces;
}

double Follower::move(TransferQueue &queue, const Pieces &pieces,
                      int64_t elementBytes, unsigned memory, double ready) {
  // Bytes are values; few of them are outliers.
  double width = elementBytes == 1
                     ? double(machine.getValueBits(ElementType::Int8)) / 8
                     : 1;
  auto burst = double(machine.dma.burstBytes);
  // A piece begins somewhere in a burst; neighbours may share theirs.
  double moved =
      pieces.count == 1
          ? double(alignTo(pieces.bytes, machine.dma.burstBytes))
          : double(pieces.count) *
                std::min(double(pieces.bytes) - 1 + burst,
                         std::max(double(pieces.pitch), double(pieces.bytes)));
  double linkClocks = moved * width / machine.getDramBytesPerClock();
  const Memory &chip = machine.memories[memory];
  double chipClocks =
      chip.latencyClocks +
      double(pieces.getBytes()) * width / double(chip.wordBytes * chip.ports);
  // So many are under way at once; one of them moves.
  double issue = std::max(ready, queue.ends[queue.next]);
  double begin = std::max(queue.end, issue + machine.dma.latencyClocks);
  double end = begin + linkClocks;
  // Two that move at the same time share the link.
  end += (&queue == &in ? out : in).getOverlap(begin, end);
  queue.moving[queue.count++ % TransferQueue::kMemory] = {begin, end};
  queue.end = std::max(end, issue + chipClocks);
  queue.ends[queue.next] = queue.end;
  queue.next = (queue.next + 1) % queue.ends.size();
  bytes += int64_t(double(pieces.getBytes()) * width);
  link += linkClocks;
  return queue.end;
}

double Follower::moveOutputs(TransferQueue &queue, TileShape shape,
                             int64_t elementBytes, double ready) {
  int64_t filters = shape.groups * shape.filters;
  int64_t transfers = problem.scattersFilters ? filters : 1;
  Pieces pieces =
      getPieces(shape, shape.output, problem.output, filters / transfers,
                problem.groups * problem.filters, elementBytes);
  double done = ready;
  for (int64_t transfer = 0; transfer < transfers; ++transfer)
    done = move(queue, pieces, elementBytes, places.outputs, ready);
  return done;
}

/// Clocks of the array for a tile, without its own model of them.
static int64_t guessArrayClocks(const TilingProblem &problem,
                                const TileShape &tile) {
  const Array &array = problem.machine->array;
  // Filters that do not fill a round of the array's columns idle some.
  int64_t columns = std::max<int64_t>(1, array.columns * array.filterLanes);
  int64_t filters = tile.filters * tile.groups;
  double fill =
      double(filters) /
      alignTo(filters, std::min(columns, problem.filters * problem.groups));
  double products =
      double(tile.countOutputs()) * tile.channels * problem.getTaps();
  return int64_t(products / array.getMacsPerClock() / fill) +
         array.pipelineClocks + array.passClocks;
}

int64_t Follower::countArrayClocks(const Step &step) {
  for (const Timed &timed : known)
    if (timed.shape == step.shape && timed.inputs == step.inputs &&
        timed.padding == step.padding)
      return timed.clocks;
  int64_t clocks = problem.countArrayClocks
                       ? problem.countArrayClocks(step.shape, step.space)
                       : guessArrayClocks(problem, step.shape);
  known.push_back({step.shape, step.inputs, step.padding, clocks});
  return clocks;
}

int64_t Follower::countVectorClocks(const TileShape &shape) const {
  if (!problem.vectorInstructions)
    return 0;
  return int64_t(divideCeil(shape.countOutputs(), machine.vector.lanes)) *
             problem.vectorInstructions +
         machine.vector.pipelineClocks;
}

/// The queue that brings the first weights and tables may have done so before.
TransferQueue &Follower::getQueueAhead() {
  return !last && problem.weightsComeAhead ? ahead : in;
}

void Follower::loadWeights(const TileShape &shape) {
  weights.next();
  int64_t filters = shape.groups * shape.filters;
  TransferQueue &queue = getQueueAhead();
  weightsReady = problem.hasWeights
                     ? 0
                     : move(queue, getWeights(shape), problem.weightBytes,
                            places.weights, weights.get());
  for (int64_t table = 0; table < problem.weightExtraBytes / 4; ++table)
    weightsReady = move(queue, {1, filters * 4, filters * 4}, 4, places.weights,
                        weights.get());
  if (&queue == &ahead)
    weightsReady = 0;
}

void Follower::loadTables(int64_t filters) {
  tables.next();
  TransferQueue &queue = getQueueAhead();
  for (int64_t table = 0; table < problem.filterExtras; ++table) {
    int64_t bytes = filters * problem.filterExtraBytes / problem.filterExtras;
    tablesReady =
        move(queue, {1, bytes, bytes}, 4, places.weights, tables.get());
  }
  if (&queue == &ahead)
    tablesReady = 0;
}

void Follower::follow(const Step &step) {
  const TileShape &shape = step.shape;
  int64_t filters = shape.groups * shape.filters;
  bool startsSums = step.channel == 0;
  bool endsSums = step.channel + shape.channels == problem.channels;
  // Weights, and what goes with them, can come while the layer before is at
  // work; later the inputs are wanted first, and tables by the vector unit
  // only.
  bool loadsTables = !last || !step.hasFiltersOf(*last);
  bool isFirst = !last;
  if (isFirst || !step.hasWeightsOf(*last))
    loadWeights(shape);
  if (isFirst)
    loadTables(filters);
  if ((isFirst || !step.hasInputOf(*last)) && !problem.inputStays) {
    inputs.next();
    inputReady =
        move(in,
             getPieces(shape, step.inputs, problem.input,
                       shape.groups * shape.channels,
                       problem.groups * problem.channels, problem.inputBytes),
             problem.inputBytes, places.inputs, inputs.get());
  }
  if (loadsTables && !isFirst)
    loadTables(filters);
  last = step;
  if (startsSums)
    sums.next();
  array =
      std::max({array, inputReady, weightsReady, startsSums ? sums.get() : 0}) +
      double(countArrayClocks(step));
  inputs.get() = weights.get() = array;
  if (!endsSums)
    return;
  outputs.next();
  double extrasReady = 0;
  if (problem.elementExtraBytes)
    extrasReady =
        moveOutputs(in, shape, problem.elementExtraBytes, outputs.get());
  if (problem.vectorInstructions) {
    vector = std::max({vector, array, tablesReady, extrasReady,
                       problem.outputStays ? 0 : outputs.get()}) +
             double(countVectorClocks(shape));
    sums.get() = tables.get() = vector;
  }
  double done = problem.vectorInstructions ? vector : array;
  if (!problem.outputStays)
    done = moveOutputs(out, shape, problem.outputBytes, done);
  outputs.get() = done;
  if (!problem.vectorInstructions)
    sums.get() = done;
}

double Follower::getClocks() const {
  return machine.array.setupClocks +
         std::max({array, vector, in.end, out.end, link});
}

/// Calls `visit` with the parts of a dimension.
static void forEachPart(int64_t size, int64_t part,
                        function_ref<void(int64_t, int64_t)> visit) {
  for (int64_t first = 0; first < size; first += part)
    visit(first, std::min(part, size - first));
}

void estimateTiles(const TilingProblem &problem, TilingSolution &solution) {
  // Of a very long way a part is enough to know how fast it goes.
  constexpr int64_t kMostSteps = 1000;
  Follower follower(problem, solution);
  Step step;
  int64_t done = 0;
  using Visitor = function_ref<void()>;
  auto visitChannels = [&] {
    forEachPart(problem.channels, solution.channels,
                [&](int64_t first, int64_t count) {
                  step.channel = first;
                  step.shape.channels = count;
                  if (done < kMostSteps) {
                    follower.follow(step);
                    ++done;
                  }
                });
  };
  auto visitFilters = [&](Visitor visit) {
    forEachPart(problem.groups, solution.groups,
                [&](int64_t group, int64_t groups) {
                  step.group = group;
                  step.shape.groups = groups;
                  forEachPart(problem.filters, solution.filters,
                              [&](int64_t filter, int64_t filters) {
                                step.filter = filter;
                                step.shape.filters = filters;
                                visit();
                              });
                });
  };
  auto visitSpace = [&](Visitor visit) {
    auto visitDim = [&](size_t dim, auto &self) -> void {
      if (dim == 3)
        return visit();
      forEachPart(problem.output[dim], solution.output[dim],
                  [&](int64_t first, int64_t count) {
                    step.space[dim] = first;
                    step.shape.output[dim] = count;
                    auto [from, inputs] = problem.getInputs(dim, first, count);
                    step.inputs[dim] = inputs;
                    step.padding[dim] = from + problem.padBefore[dim] -
                                        first * problem.stride[dim];
                    if (done < kMostSteps)
                      self(dim + 1, self);
                  });
    };
    visitDim(0, visitDim);
  };
  for (step.image = 0; step.image < problem.batch && done < kMostSteps;
       ++step.image) {
    if (solution.weightsStay)
      visitFilters([&] { visitSpace(visitChannels); });
    else
      visitSpace([&] { visitFilters(visitChannels); });
  }
  double share = double(solution.countTiles(problem)) / double(done);
  solution.dramBytes = int64_t(double(follower.getBytes()) * share);
  solution.clocks = int64_t(follower.getClocks() * share);
}

} // namespace lacuna
