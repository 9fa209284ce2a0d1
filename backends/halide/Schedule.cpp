//===- Schedule.cpp - How many outputs a kernel sums at once -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Schedule.h"

#include <algorithm>

using namespace lacuna::halide;

static int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Cycles of one tile for one more product of each output: two multiplications
/// and two loads a cycle, and four cycles until a sum can be added to again.
static double getCyclesPerStep(const Tile &tile, bool shareInput) {
  constexpr double kLatency = 4;
  double products = double(tile.pixels * tile.vectors);
  // Inputs of one channel are broadcast to all of its outputs; a depthwise
  // kernel reads a register of inputs for each of outputs.
  double loads = shareInput ? double(tile.pixels + tile.vectors) : products;
  return std::max({products / 2, loads / 2, kLatency});
}

std::vector<Tile> lacuna::halide::rankTiles(const Request &kernel,
                                            const Machine &machine) {
  bool isConv = kernel.family == Family::Conv;
  int64_t columns = kernel.out[3], blocks = kernel.getBlocks();
  int64_t products =
      kernel.depth * kernel.taps[0] * kernel.taps[1] * kernel.taps[2];
  // What is left holds weights and one input.
  int64_t free = machine.registers - 1;
  struct Candidate {
    Tile tile;
    double cycles;
  };
  std::vector<Candidate> candidates;
  for (int64_t vectors = 1; vectors <= (isConv ? 16 : 1); ++vectors)
    for (int64_t pixels = 1; pixels <= 28; ++pixels) {
      int64_t weights = vectors == 1 ? 1 : std::min<int64_t>(vectors, 4);
      if (blocks % vectors || pixels > columns ||
          pixels * vectors + weights > free)
        continue;
      Tile tile{pixels, vectors};
      double tiles =
          double(divideUp(columns, pixels)) * double(divideUp(blocks, vectors));
      // Beginning and ending a tile costs some cycles an output.
      double cycles =
          tiles * (double(products) * getCyclesPerStep(tile, isConv) + 10 +
                   2 * double(pixels * vectors));
      candidates.push_back({tile, cycles});
    }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate &a, const Candidate &b) {
                     return a.cycles < b.cycles;
                   });
  std::vector<Tile> tiles;
  for (const Candidate &candidate : candidates)
    tiles.push_back(candidate.tile);
  return tiles;
}

Tile lacuna::halide::chooseTile(const Request &kernel, const Machine &machine) {
  if (kernel.tile.pixels)
    return kernel.tile;
  return rankTiles(kernel, machine).front();
}
