//===- Tiles.cpp - The register tile of a product -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Tiles.h"

#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <optional>

using namespace lacuna;
using llvm::divideCeil;

/// How many products of halves `conv_float` adds before it moves the sum.
static constexpr int64_t kProductsOfHalves = 128;

/// What `conv_float` executes, counted from its code: within 2.5 % of what was
/// measured on 43 shapes. None if the tile does not fit 32 registers.
static std::optional<double>
countInstructionsFloat(const neon::Product &product, const neon::Tile &tile,
                       int64_t lanes) {
  constexpr int64_t kRegisters = 32;
  int64_t steps = product.taps * product.depth;
  int64_t turns = product.depth / tile.unroll;
  double total = 20;
  for (int64_t done = 0; done < product.channels; done += tile.columns) {
    int64_t vectors =
        divideCeil(std::min(tile.columns, product.channels - done), lanes);
    // A narrow last tile has room for more rows.
    int64_t rows = tile.rows;
    if (vectors * lanes < tile.columns)
      rows = std::max(rows, 28 / (vectors + 2));
    rows = std::min(rows, product.pixels);
    int64_t tiles = divideCeil(product.pixels, rows);
    int64_t inputs = rows * (vectors + 2) + 4 <= kRegisters ? 2 : 1;
    int64_t weights = rows * (vectors + inputs) + 4 <= kRegisters ? 4 : 2;
    if (rows * (vectors + inputs) + weights > kRegisters)
      return std::nullopt;
    total += double(product.pixels) * steps * vectors;
    total += double(product.pixels) * product.taps *
             divideCeil(product.depth, lanes * inputs);
    total += double(tiles) * divideCeil(steps * vectors, weights);
    if (turns > 1)
      total += 3.0 * tiles * product.taps * turns;
    total += double(product.pixels) * vectors * 2 + 8.0 * tiles + 15;
    // Sums of halves move to floats before they have taken too many products.
    if (lanes == 8 && steps > kProductsOfHalves)
      total +=
          8.0 * product.pixels * vectors * divideCeil(steps, kProductsOfHalves);
  }
  return total;
}

/// A multiple of 8 that divides the depth, so that no remainder is read apart.
/// Longer turns would save a hundredth and double the code.
static int64_t chooseUnroll(int64_t depth, int64_t lanes) {
  constexpr int64_t kMost = 24;
  if (depth <= kMost)
    return std::max<int64_t>(lanes, llvm::alignTo(depth, lanes));
  for (int64_t unroll : {24, 16})
    if (depth % unroll == 0)
      return unroll;
  return 16;
}

neon::Tile neon::chooseTileFloat(const Product &product, int64_t lanes) {
  constexpr int64_t kMostRows = 9, kMostVectors = 24;
  // Fewer sums at once would wait for each other, which the count cannot see.
  constexpr int64_t kFewestSums = 8;
  Tile best;
  bool found = false;
  int64_t widest = llvm::alignTo(product.channels, lanes);
  for (int64_t rows = 1; rows <= kMostRows; ++rows)
    for (int64_t width = lanes; width <= std::min(kMostVectors * lanes, widest);
         width += lanes) {
      Tile tile{rows, width, chooseUnroll(product.depth, lanes)};
      std::optional<double> count =
          countInstructionsFloat(product, tile, lanes);
      if (!count)
        continue;
      tile.instructions = *count;
      if (std::min(rows, product.pixels) * (width / lanes) < kFewestSums)
        tile.instructions *= 1.1;
      if (found && tile.instructions >= best.instructions)
        continue;
      best = tile;
      found = true;
    }
  return best;
}

/// What `conv_s8` executes, within 2 % of what was measured on temporal layers.
static double countInstructionsS8(const neon::Product &product,
                                  const neon::Tile &tile, neon::Form form) {
  using neon::Form;
  bool bySixteen = form != Form::Sdot && form != Form::Smmla;
  double steps =
      double(product.taps) * llvm::alignTo(product.depth, bySixteen ? 8 : 4);
  double perStep = form == Form::Sdot    ? 1.0 / 16
                   : form == Form::Smmla ? 1.0 / 32
                   : form == Form::Smull ? 3.0 / 16
                                         : 2.0 / 16;
  double start = form == Form::Sdot         ? 0.125
                 : form == Form::Smmla      ? 0.25
                 : form == Form::Int16Lanes ? 2
                                            : 1;
  double total = 0;
  for (int64_t done = 0; done < product.channels; done += tile.columns) {
    double columns =
        llvm::alignTo(std::min(tile.columns, product.channels - done), 4);
    for (int64_t pixel = 0; pixel < product.pixels; pixel += tile.rows) {
      double rows = std::min(tile.rows, product.pixels - pixel);
      total += steps * rows * columns * perStep +
               rows * steps / 16 * (form == Form::Smmla ? 2 : 1) +
               steps * columns / (bySixteen ? 32 : 64) +
               3 * steps / (16 * tile.unroll) +
               rows * columns * (start + 1.1875) + 13;
    }
  }
  return total;
}

neon::Tile neon::chooseTileS8(const Product &product, Form form) {
  bool bySixteen = form != Form::Sdot && form != Form::Smmla;
  Tile tile;
  tile.rows = bySixteen ? 2 : 4;
  tile.columns = bySixteen ? 8 : 16;
  tile.unroll = 2;
  tile.instructions = countInstructionsS8(product, tile, form);
  return tile;
}
