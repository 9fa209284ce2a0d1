//===- Tiling.h - Layers in tiles that fit on a chip -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Given a layer of products and the memories of a machine, decides how large
// the tiles are that are loaded, computed and stored one after another, and in
// which order, so that little is loaded twice.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_TILING_H
#define LACUNA_SCHEDULE_TILING_H

#include "lacuna/Schedule/Machine.h"

#include "llvm/Support/Error.h"
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lacuna {

/// What the array computes with one command.
struct TileShape {
  int64_t groups = 1, filters = 1, channels = 1;
  std::array<int64_t, 3> output = {1, 1, 1};

  int64_t countOutputs() const {
    return groups * filters * output[0] * output[1] * output[2];
  }
  bool operator==(const TileShape &other) const {
    return groups == other.groups && filters == other.filters &&
           channels == other.channels && output == other.output;
  }
};

/// The loops of a convolution; a product of matrices is one of 1x1.
struct TilingProblem {
  const Machine *machine = nullptr;
  int64_t batch = 1, groups = 1;
  /// Of one group.
  int64_t channels = 1, filters = 1;
  /// Depth, height, width.
  std::array<int64_t, 3> input = {1, 1, 1}, kernel = {1, 1, 1},
                         stride = {1, 1, 1}, dilation = {1, 1, 1},
                         padBefore = {}, output = {1, 1, 1};
  int64_t inputBytes = 1, weightBytes = 1, outputBytes = 1;
  /// What else an output wants on the chip: of each element, of each filter
  /// with its weights, and of each filter with its sums.
  int64_t elementExtraBytes = 0, weightExtraBytes = 0, filterExtraBytes = 0;
  /// How many tables the last are.
  int64_t filterExtras = 0;
  /// Whether all of the input is on the chip already, and whether all of the
  /// output stays there: then tiles of it are only views.
  bool inputStays = false, outputStays = false;
  /// Whether all weights are on the chip already.
  bool hasWeights = false;
  /// Whether the first weights come while the layer before is at work.
  bool weightsComeAhead = false;
  /// What tensors that stay take of the memory of inputs, from its begin.
  int64_t takenBytes = 0;
  /// The same of the memory of weights, if that is another.
  int64_t takenWeightBytes = 0;
  /// Whether neighbours in DRAM are channels and filters, not pixels; and of
  /// weights, filters, not channels.
  bool channelsInner = false, weightsFiltersInner = false;
  /// Whether the maps of neighbouring filters lie anywhere in the output, so
  /// that each is a transfer of its own.
  bool scattersFilters = false;
  /// Instructions that the vector unit does for each output.
  int64_t vectorInstructions = 0;
  /// Clocks that the array takes for a tile whose outputs begin at a place, as
  /// those at borders have fewer inputs; if there is nobody to ask, a PE does a
  /// product a clock.
  std::function<int64_t(const TileShape &, const std::array<int64_t, 3> &)>
      countArrayClocks;

  llvm::Error check() const;

  int64_t getTaps() const { return kernel[0] * kernel[1] * kernel[2]; }
  /// The inputs that `count` windows from `first` on meet along `dim`: where
  /// they begin, and how many there are; at least one.
  std::pair<int64_t, int64_t> getInputs(size_t dim, int64_t first,
                                        int64_t count) const;
};

/// The memories that hold a layer's tiles, as indices of `Machine::memories`.
struct TilePlaces {
  unsigned inputs = 0, weights = 0, sums = 0, outputs = 0;

  /// Whether nothing else lies where weights, or sums, do.
  bool hasOwnWeights() const {
    return weights != inputs && weights != sums && weights != outputs;
  }
  bool hasOwnSums() const {
    return sums != inputs && sums != weights && sums != outputs;
  }
};
TilePlaces findPlaces(const Machine &machine);

/// A tile has more than one group only with all their filters and channels.
struct TilingSolution : TileShape {
  /// Weights stay while the tiles of space go by, else the other way round.
  bool weightsStay = true;
  /// Tiles of a kind on the chip at once: 2 where one is loaded while another
  /// is used.
  int64_t slots = 2;
  /// Bytes that all tiles together move between chip and DRAM, and clocks that
  /// all take; estimated.
  int64_t dramBytes = 0, clocks = 0;

  /// What is made small: clocks, and traffic, which costs energy even where it
  /// costs no time.
  double getCost(const Machine &machine) const {
    return double(clocks) + double(dramBytes) / machine.getDramBytesPerClock();
  }

  /// Bytes of one slot.
  int64_t getInputBytes(const TilingProblem &problem) const;
  int64_t getWeightBytes(const TilingProblem &problem) const;
  int64_t getSumBytes(const TilingProblem &problem) const;
  int64_t getOutputBytes(const TilingProblem &problem) const;
  int64_t getExtraBytes(const TilingProblem &problem) const;
  int64_t getTableBytes(const TilingProblem &problem) const;
  /// Whether what filters have comes and goes with their weights; else, since
  /// weights of other channels come in between, it lies with the outputs.
  bool hasTablesWithWeights(const TilingProblem &problem) const {
    return channels == problem.channels;
  }
  /// Bytes that are wanted of each memory.
  std::vector<int64_t> getUse(const TilingProblem &problem) const;
  int64_t countTiles(const TilingProblem &problem) const;

  /// An error if a tile is larger than the layer or the chip.
  llvm::Error verify(const TilingProblem &problem) const;
};

/// One of the solutions that were tried, for the decision trace.
struct TilingChoice {
  TilingSolution solution;
  /// Why it is not the one; empty if it is.
  std::string lost;
};

/// The best solution. An error, naming the memory, if not even the smallest
/// tile fits. `trace`, if any, gets what was tried.
llvm::Expected<TilingSolution>
planTiles(const TilingProblem &problem,
          std::vector<TilingChoice> *trace = nullptr);

} // namespace lacuna

#endif // LACUNA_SCHEDULE_TILING_H
