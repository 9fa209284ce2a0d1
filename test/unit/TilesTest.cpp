//===- TilesTest.cpp - The register tile of a product -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Tiles.h"

#include "gtest/gtest.h"
#include <cmath>

using namespace lacuna::neon;

namespace {

/// Registers that conv_float takes for a tile: sums, inputs and weights.
int64_t countRegisters(int64_t rows, int64_t vectors) {
  int64_t inputs = rows * (vectors + 2) + 4 <= 32 ? 2 : 1;
  int64_t weights = rows * (vectors + inputs) + 4 <= 32 ? 4 : 2;
  return rows * (vectors + inputs) + weights;
}

TEST(Tiles, FitTheRegisters) {
  for (int64_t pixels : {1, 2, 3, 7, 13, 49, 98, 3136})
    for (int64_t depth : {1, 3, 16, 37, 64, 144})
      for (int64_t channels : {1, 3, 4, 12, 24, 30, 64, 100, 512}) {
        Tile tile = chooseTileFloat({pixels, 1, depth, channels});
        EXPECT_LE(countRegisters(tile.rows, tile.columns / 4), 32)
            << tile.rows << "x" << tile.columns;
        EXPECT_EQ(tile.columns % 4, 0);
        EXPECT_EQ(tile.unroll % 4, 0);
        EXPECT_GT(tile.instructions, 0);
      }
}

// Pixels, depth and channels of products, and the fewest instructions that were
// measured for them with any tile.
constexpr int64_t kMeasured[][4] = {
    {3136, 64, 64, 3631580}, {98, 120, 16, 53118},    {49, 144, 24, 47411},
    {49, 216, 24, 71073},    {25, 216, 32, 48318},    {25, 288, 32, 64076},
    {13, 288, 48, 50259},    {13, 432, 48, 75447},    {49, 16, 24, 5926},
    {25, 24, 32, 5838},      {13, 32, 48, 5942},      {1, 64, 96, 2096},
    {2, 64, 96, 3670},       {196, 512, 128, 3600597}};

TEST(Tiles, CountsAreNearTheMeasuredOnes) {
  for (const auto &[pixels, depth, channels, measured] : kMeasured) {
    Tile tile = chooseTileFloat({pixels, 1, depth, channels});
    EXPECT_LT(std::fabs(tile.instructions / double(measured) - 1), 0.04)
        << pixels << "x" << depth << "x" << channels << ": " << tile.rows << "x"
        << tile.columns << " is expected to execute " << tile.instructions;
  }
}

TEST(Tiles, NeighboursAreReadTogether) {
  // The same sums, of nine neighbours and from nine places.
  Tile beside = chooseTileFloat({49, 1, 9, 24});
  Tile apart = chooseTileFloat({49, 9, 1, 24});
  EXPECT_LT(beside.instructions, apart.instructions);
}

TEST(Tiles, FormsOfBytes) {
  Product product{49, 1, 144, 24};
  Tile sdot = chooseTileS8(product, Form::Sdot);
  Tile smmla = chooseTileS8(product, Form::Smmla);
  Tile smull = chooseTileS8(product, Form::Smull);
  Tile int16 = chooseTileS8(product, Form::Int16);
  EXPECT_LT(smmla.instructions, sdot.instructions);
  EXPECT_LT(sdot.instructions, int16.instructions);
  EXPECT_LT(int16.instructions, smull.instructions);
  EXPECT_LT(smull.instructions, chooseTileFloat(product).instructions);
  // The sums of four columns in a register, or for SMULL of one.
  for (const Tile &tile : {sdot, smmla})
    EXPECT_LE(tile.rows * tile.columns / 4, 24);
  for (const Tile &tile : {smull, int16})
    EXPECT_LE(tile.rows * tile.columns, 24);
}

} // namespace
