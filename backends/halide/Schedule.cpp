//===- Schedule.cpp - How many outputs a kernel sums at once -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Schedule.h"

#include <algorithm>
#include <cmath>

using namespace lacuna::halide;

static int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Cycles of one tile for one more product of each output.
static double getCyclesPerStep(const Tile &tile, const Machine &machine,
                               bool shareInput) {
  double products = double(tile.pixels * tile.vectors);
  // Inputs of one channel are broadcast to all of its outputs; a depthwise
  // kernel reads a register of inputs for each of outputs.
  double loads = shareInput ? double(tile.pixels + tile.vectors) : products;
  return std::max(
      {products / machine.products, loads / machine.loads, machine.latency});
}

/// How many neighbours there are that registers may hold.
static int64_t countNeighbours(const Request &kernel) {
  return kernel.family == Family::Softmax && kernel.sumsNeighbours()
             ? kernel.channels
             : kernel.out[3];
}

int64_t lacuna::halide::getLanes(const Request &kernel,
                                 const Machine &machine) {
  int64_t lanes = machine.lanes;
  while (lanes > countNeighbours(kernel))
    lanes /= 2;
  return lanes;
}

bool lacuna::halide::checkTiles(const RequestFile &file, const Machine &machine,
                                std::string &error) {
  for (const Request &kernel : file.kernels) {
    if (kernel.family != Family::Planar && kernel.hasWeights())
      continue;
    int64_t lanes = getLanes(kernel, machine);
    int64_t pixels = kernel.tile.vectors * lanes;
    if (pixels <= countNeighbours(kernel))
      continue;
    error = std::to_string(kernel.line) + ": error: the kernel '" +
            kernel.name + "' has a 'tile' of " + std::to_string(pixels) +
            " pixels, in registers of " + std::to_string(lanes) +
            ", and rows of " + std::to_string(countNeighbours(kernel));
    return false;
  }
  return true;
}

static void sort(std::vector<Choice> &choices) {
  std::stable_sort(
      choices.begin(), choices.end(),
      [](const Choice &a, const Choice &b) { return a.cost < b.cost; });
}

/// As rankTiles, of a planar kernel.
static std::vector<Choice> rankPlanarTiles(const Request &kernel,
                                           const Machine &machine) {
  int64_t lanes = getLanes(kernel, machine);
  // What half of the first cache holds is read again and again from there.
  constexpr double kFar = 4;
  auto getStep = [&](const Tile &tile) {
    bool isNear =
        kernel.depth * tile.vectors * lanes <= machine.countNear() / 2;
    double loads =
        double(tile.pixels) + double(tile.vectors) * (isNear ? 1 : kFar);
    return std::max(getCyclesPerStep(tile, machine, true),
                    loads / machine.loads) +
           loads / 8;
  };
  auto rows = double(kernel.out[0] * kernel.out[1] * kernel.out[2]);
  auto getCost = [&](const Tile &tile) {
    double tiles = rows *
                   double(divideUp(kernel.out[3], lanes * tile.vectors)) *
                   double(divideUp(kernel.channels, tile.pixels));
    // What a tile stores comes at once, and the more, the longer it waits for
    // memory.
    auto outputs = double(tile.pixels * tile.vectors);
    return tiles *
           (double(kernel.depth) * getStep(tile) + 10 + outputs * outputs / 8);
  };
  if (kernel.tile.pixels)
    return {{kernel.tile, getCost(kernel.tile)}};
  std::vector<Choice> choices;
  // One register is left for a weight.
  for (int64_t vectors = 1; vectors * lanes <= kernel.out[3]; ++vectors)
    for (int64_t channels = 1; channels <= kernel.channels &&
                               channels * vectors + vectors < machine.registers;
         ++channels) {
      Tile tile{channels, vectors};
      choices.push_back({tile, getCost(tile)});
    }
  sort(choices);
  return choices;
}

/// As rankTiles, of a map or softmax: how many registers are worked on at once,
/// so that one does not wait for its own results.
static std::vector<Choice> rankRegisters(const Request &kernel,
                                         const Machine &machine) {
  // Instructions for a register, and cycles until the last has its result:
  // processors go on with others meanwhile, but not far.
  constexpr double kExponential = 24, kWait = 30;
  double work = kExponential * 2;
  if (kernel.family == Family::Map) {
    work = 2;
    for (const Request::Value &value : kernel.values) {
      bool isLong = value.operation == "exp" || value.operation == "log" ||
                    value.operation == "tanh" || value.operation == "erf";
      work += isLong ? kExponential : 1;
    }
  }
  int64_t lanes = getLanes(kernel, machine);
  auto all = double(std::max<int64_t>(kernel.channels, 1));
  for (int64_t size : kernel.out)
    all *= double(size);
  auto row = double(countNeighbours(kernel));
  auto getCost = [&](const Tile &tile) {
    auto registers = double(tile.vectors);
    double steps = std::ceil(row / (registers * double(lanes)));
    return all / row * steps *
           std::max(work * registers / machine.products, kWait);
  };
  if (kernel.tile.pixels)
    return {{kernel.tile, getCost(kernel.tile)}};
  std::vector<Choice> choices;
  for (int64_t registers : {4, 2, 1})
    if (registers == 1 || registers * lanes <= countNeighbours(kernel)) {
      Tile tile{1, registers};
      choices.push_back({tile, getCost(tile)});
    }
  sort(choices);
  return choices;
}

std::vector<Choice> lacuna::halide::rankTiles(const Request &kernel,
                                              const Machine &machine) {
  if (!kernel.hasWeights())
    return rankRegisters(kernel, machine);
  if (kernel.family == Family::Planar)
    return rankPlanarTiles(kernel, machine);
  bool isConv = kernel.family != Family::Depthwise;
  int64_t columns = kernel.out[3], lines = kernel.out[2];
  int64_t blocks = kernel.getBlocks();
  int64_t taps = kernel.getWeightTaps();
  if (kernel.family == Family::Winograd) {
    // Tiles are of two by two outputs.
    columns = divideUp(columns, 2);
    lines = divideUp(lines, 2);
  }
  auto products = double(divideUp(kernel.depth, kernel.together) * taps);
  auto rows =
      double(kernel.out[0] * kernel.out[1] * lines) * double(kernel.groups);
  // Of Winograd's: what lies between its stages, and whether the first cache
  // holds that.
  auto getTransformations = [&](const Tile &tile) {
    if (kernel.family != Family::Winograd)
      return 0.0;
    int64_t between = taps * (kernel.depth + kernel.channels);
    bool isNear = tile.pixels * between <= machine.countNear();
    return rows * double(columns * between / kernel.lanes) * (isNear ? 1 : 2);
  };
  auto getCost = [&](const Tile &tile) {
    double tiles = rows * double(divideUp(columns, tile.pixels)) *
                   double(divideUp(blocks, tile.vectors));
    // To begin and end a tile costs some cycles an output.
    return tiles * (products * getCyclesPerStep(tile, machine, isConv) + 10 +
                    2 * double(tile.pixels * tile.vectors)) +
           getTransformations(tile);
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
  sort(choices);
  return choices;
}
