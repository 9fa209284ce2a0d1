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

std::vector<Choice> lacuna::halide::rankTiles(const Request &kernel,
                                              const Machine &machine) {
  bool isConv = kernel.family == Family::Conv;
  int64_t columns = kernel.out[3], blocks = kernel.getBlocks();
  auto products = double(divideUp(kernel.depth, kernel.together) *
                         kernel.taps[0] * kernel.taps[1] * kernel.taps[2]);
  auto rows = double(kernel.out[0] * kernel.out[1] * kernel.out[2]) *
              double(kernel.groups);
  auto getCost = [&](const Tile &tile) {
    double tiles = rows * double(divideUp(columns, tile.pixels)) *
                   double(divideUp(blocks, tile.vectors));
    // To begin and end a tile costs some cycles an output.
    return tiles * (products * getCyclesPerStep(tile, isConv) + 10 +
                    2 * double(tile.pixels * tile.vectors));
  };
  if (kernel.tile.pixels)
    return {{kernel.tile, getCost(kernel.tile)}};

  constexpr int64_t kMostPixels = 28, kMostVectors = 16, kWeights = 4;
  // One register is left for an input, and some for weights.
  int64_t free = machine.registers - 1;
  std::vector<Choice> choices;
  for (int64_t vectors = 1; vectors <= (isConv ? kMostVectors : 1); ++vectors)
    for (int64_t pixels = 1; pixels <= std::min(columns, kMostPixels);
         ++pixels) {
      Tile tile{pixels, vectors};
      bool fits =
          pixels * vectors + std::min<int64_t>(vectors, kWeights) <= free;
      if (blocks % vectors == 0 && fits)
        choices.push_back({tile, getCost(tile)});
    }
  std::stable_sort(
      choices.begin(), choices.end(),
      [](const Choice &a, const Choice &b) { return a.cost < b.cost; });
  return choices;
}
