//===- PackingTest.cpp - Weights in the order that kernels read them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Packing.h"

#include "backends/neon/PackedLayout.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <numeric>
#include <tuple>

using namespace lacuna::neon;

namespace {

/// 1, 2, 3, ...
template <typename T>
std::vector<T> count(int64_t size) {
  std::vector<T> values(size);
  std::iota(values.begin(), values.end(), T(1));
  return values;
}

TEST(Packing, FloatsLieByTileTapChannelAndFilter) {
  // Five filters of two channels and two taps, in tiles of four.
  std::vector<float> values = count<float>(20);
  Filters<float> filters{values, 5, 2, 2, 1};
  EXPECT_EQ(packConv(filters, 4),
            std::vector<float>({1,  5, 9,  13, 3,  7,  11, 15, 2, 6,  10,
                                14, 4, 8,  12, 16, 17, 0,  0,  0, 19, 0,
                                0,  0, 18, 0,  0,  0,  20, 0,  0, 0}));
  // In a tile that is wide enough, only the last four are filled up.
  std::vector<float> wide = packConv(filters, 8);
  EXPECT_EQ(wide.size(), 32u);
  EXPECT_EQ(std::vector<float>(wide.begin(), wide.begin() + 8),
            std::vector<float>({1, 5, 9, 13, 17, 0, 0, 0}));
}

TEST(Packing, FloatsOfGroups) {
  std::vector<float> values = count<float>(4);
  EXPECT_EQ(packConv(Filters<float>{values, 4, 1, 1, 2}, 16),
            std::vector<float>({1, 2, 0, 0, 3, 4, 0, 0}));
}

TEST(Packing, FloatsOfDepthwiseLayers) {
  std::vector<float> values = count<float>(10);
  EXPECT_EQ(
      packDepthwiseFloat(Filters<float>{values, 5, 1, 2, 5}),
      std::vector<float>({1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0}));
}

TEST(Packing, EveryByteIsMultipliedOnce) {
  for (int64_t group : {4, 8, 16})
    for (int64_t depth = 1; depth <= 70; ++depth) {
      PackedDepth layout{depth, group};
      std::vector<int> seen(depth);
      std::vector<int> places(layout.padded() * 8);
      for (int64_t p = 0; p < layout.padded(); ++p) {
        int64_t k = layout.source(p);
        ASSERT_LT(k, depth);
        if (k >= 0)
          ++seen[k];
        for (int64_t n = 0; n < 8; ++n)
          ++places.at(layout.index(p, n, 8));
      }
      EXPECT_EQ(seen, std::vector<int>(depth, 1)) << depth << " by " << group;
      EXPECT_EQ(places, std::vector<int>(places.size(), 1));
    }
}

TEST(Packing, BytesOfFourColumnsLieTogether) {
  // Three filters of six channels, for SDOT: the last four channels are read
  // again, two of them with zero weights.
  std::vector<int8_t> values = count<int8_t>(18);
  EXPECT_EQ(packConv(Filters<int8_t>{values, 3, 6, 1, 1}, 16, 6, 4),
            std::vector<int8_t>({1,  2,  3, 4, 7,  8,  9, 10, 13, 14, 15,
                                 16, 0,  0, 0, 0,  0,  0, 5,  6,  0,  0,
                                 11, 12, 0, 0, 17, 18, 0, 0,  0,  0}));
}

TEST(Packing, TapsSideBySideAreDepth) {
  // One filter of two channels and two taps, read as a depth of four.
  std::vector<int8_t> values = {1, 2, 3, 4};
  std::vector<int8_t> packed =
      packConv(Filters<int8_t>{values, 1, 2, 2, 1}, 4, 4, 4);
  EXPECT_EQ(packed, std::vector<int8_t>(
                        {1, 3, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  // The same with one tap after the other.
  packed = packConv(Filters<int8_t>{values, 1, 2, 2, 1}, 4, 2, 4);
  ASSERT_EQ(packed.size(), 32u);
  PackedDepth layout{2, 4};
  for (int tap = 0; tap < 2; ++tap)
    for (int64_t p = 0; p < layout.padded(); ++p) {
      int64_t k = layout.source(p);
      EXPECT_EQ(packed[tap * 16 + p], k < 0 ? 0 : values[k * 2 + tap]);
    }
}

TEST(Packing, BytesOfGroupsBeginAnew) {
  std::vector<int8_t> values = count<int8_t>(32);
  Filters<int8_t> filters{values, 4, 8, 1, 2};
  std::vector<int8_t> packed = packConv(filters, 4, 8, 8);
  ASSERT_EQ(packed.size(), 64u);
  EXPECT_EQ(packed[0], 1);
  EXPECT_EQ(packed[16], 0);
  EXPECT_EQ(packed[32], 17);
}

TEST(Packing, BlocksOfDepthwiseLayersCoverTheChannels) {
  for (int64_t channels = 1; channels <= 70; ++channels) {
    DepthwiseBlocks blocks{channels};
    int64_t reached = 0;
    for (int64_t block = 0; block < blocks.count(); ++block) {
      EXPECT_LE(blocks.first_channel(block), reached);
      reached = blocks.first_channel(block) + blocks.width();
    }
    EXPECT_EQ(reached, std::max<int64_t>(channels, 8)) << channels;
  }
}

TEST(Packing, BytesOfDepthwiseLayers) {
  std::vector<int8_t> values = count<int8_t>(18);
  std::vector<int8_t> packed =
      packDepthwise(Filters<int8_t>{values, 9, 1, 2, 9});
  // The second block ends with the channels.
  ASSERT_EQ(packed.size(), 32u);
  EXPECT_EQ(packed[0], 1);
  EXPECT_EQ(packed[8], 2);
  EXPECT_EQ(packed[16], 3);
  EXPECT_EQ(packed[31], 18);
}

TEST(Packing, NumbersOfGroupsAreFilledUp) {
  std::vector<int32_t> values = count<int32_t>(6);
  EXPECT_EQ(fillGroups<int32_t>(values, 2),
            std::vector<int32_t>({1, 2, 3, 0, 4, 5, 6, 0}));
  EXPECT_EQ(fillGroups<int32_t>(values, 1),
            std::vector<int32_t>({1, 2, 3, 4, 5, 6, 0, 0}));
}

TEST(Packing, PairsAreDoubled) {
  EXPECT_EQ(doublePairs<int32_t>(count<int32_t>(4)),
            std::vector<int32_t>({1, 2, 1, 2, 3, 4, 3, 4}));
}

/// Weights that are too few in depth for factors.
StoredWeights storeShallow(const std::vector<int8_t> &weights,
                           llvm::ArrayRef<int64_t> tiles) {
  return storeWeights(weights, tiles, {4, 4}, 1);
}

/// What the kernel makes of a tile, by StoredBits' description.
std::vector<int8_t> widen(StoredBits stored, llvm::ArrayRef<int8_t> bytes,
                          size_t size) {
  size_t block = 128 / stored.bits;
  std::vector<int8_t> weights(llvm::divideCeil(size, block) * block);
  for (size_t i = 0; i < weights.size(); ++i) {
    uint8_t byte = bytes[i / block * 16 + i % 16];
    size_t at = i % block / 16 * stored.bits;
    int field = byte >> at & ((1 << stored.bits) - 1);
    if (stored.bits == 1)
      weights[i] = field ? -1 : 1;
    else
      weights[i] =
          field >> (stored.bits - 1) ? field - (1 << stored.bits) : field;
  }
  if (stored.outliers) {
    bytes = bytes.drop_front(weights.size() / block * 16);
    size_t named = uint8_t(bytes[0]) + 256 * uint8_t(bytes[1]), at = 0;
    EXPECT_EQ(bytes.size(), 2 + 2 * named);
    for (size_t i = 0; i < named; ++i) {
      at += uint8_t(bytes[2 + 2 * i]);
      weights.at(at) = bytes[3 + 2 * i];
    }
  }
  weights.resize(size);
  return weights;
}

TEST(Packing, FewBitsHoldWhatFits) {
  std::vector<int8_t> weights(400);
  for (auto [low, high, bits] : {std::tuple(-8, 7, 4), {-2, 1, 2}}) {
    for (auto [i, weight] : llvm::enumerate(weights))
      weight = low + i % (high - low + 1);
    StoredWeights stored = storeShallow(weights, 400);
    EXPECT_EQ(stored.bits.bits, bits);
    EXPECT_EQ(stored.outliers, 0);
    EXPECT_EQ(stored.bytes.size(), 16 * llvm::divideCeil(400, 128 / bits));
    EXPECT_EQ(widen(stored.bits, stored.bytes, 400), weights);
  }
  for (auto [i, weight] : llvm::enumerate(weights))
    weight = i % 3 ? 1 : -1;
  StoredWeights stored = storeShallow(weights, 400);
  EXPECT_EQ(stored.bits.bits, 1);
  EXPECT_EQ(stored.bytes.size(), 64u);
  EXPECT_EQ(widen(stored.bits, stored.bytes, 400), weights);
}

TEST(Packing, OutliersKeepEightBits) {
  // The ways between them are 0, 255, 256 and longer.
  std::vector<int8_t> weights(1600, 3);
  for (int64_t i : {0, 255, 511, 512, 1599})
    weights[i] = -100;
  StoredWeights stored = storeShallow(weights, 1600);
  EXPECT_EQ(stored.bits.bits, 4);
  EXPECT_EQ(stored.outliers, 5);
  EXPECT_EQ(widen(stored.bits, stored.bytes, 1600), weights);
  // In tiles, each has its own.
  std::vector<int64_t> halves = {800, 800};
  EXPECT_EQ(storeShallow(weights, halves).outliers, 5);
}

TEST(Packing, ManyOutliersAreBytes) {
  std::vector<int8_t> weights(1600, 3);
  for (size_t i = 0; i < weights.size(); i += 12)
    weights[i] = 100;
  StoredWeights stored = storeShallow(weights, 1600);
  EXPECT_EQ(stored.bits.bits, 8);
  EXPECT_EQ(stored.outliers, 0);
  EXPECT_EQ(stored.bytes, weights);
}

/// Ten filters of 40 channels and three taps whose weights are numbers of 4
/// bits times a factor for each 32 channels of a tap.
std::vector<int8_t> makeGroups() {
  std::vector<int8_t> weights;
  for (int filter = 0; filter < 10; ++filter)
    for (int channel = 0; channel < 40; ++channel)
      for (int tap = 0; tap < 3; ++tap) {
        int factor = 1 + (5 * filter + 7 * tap + channel / 32) % 18;
        int number = (3 * channel + tap + filter) % 15 - 7;
        weights.push_back(factor * number);
      }
  return weights;
}

TEST(Packing, NeighboursShareFactors) {
  std::vector<int8_t> values = makeGroups();
  Filters<int8_t> filters{values, 10, 40, 3, 1};
  for (int64_t together : {4, 8, 16})
    for (int64_t columns : {4, 8}) {
      std::vector<int8_t> packed = packConv(filters, columns, 40, together);
      PackedDepth depth{40, together};
      std::vector<int64_t> sizes = getTileSizes(filters, columns, 40, together);
      StoredWeights stored = storeWeights(packed, sizes, depth, 3);
      ASSERT_EQ(stored.bits.bits, 4);
      ASSERT_EQ(stored.bits.factor_depth, 32);
      llvm::ArrayRef<int8_t> bytes = stored.bytes, expected = packed;
      for (int64_t size : sizes) {
        int64_t width = size / 3 / depth.padded();
        int64_t fields = llvm::alignTo(size, 32) / 2;
        std::vector<int8_t> weights =
            widen(stored.bits, bytes.take_front(fields), size);
        llvm::ArrayRef<int8_t> factors = bytes.drop_front(fields);
        for (int64_t tap = 0; tap < 3; ++tap)
          for (int64_t p = 0; p < depth.padded(); ++p)
            for (int64_t n = 0; n < width; ++n)
              weights[tap * size / 3 + depth.index(p, n, width)] *=
                  factors[(tap * 2 + p / 32) * width + n];
        EXPECT_EQ(llvm::ArrayRef(weights), expected.take_front(size));
        bytes = factors.drop_front(3 * 2 * width);
        expected = expected.drop_front(size);
      }
      EXPECT_TRUE(bytes.empty());
    }
}

TEST(Packing, FactorsAreForNumbersThatHaveSome) {
  // One weight that is no multiple leaves its neighbours as they are.
  std::vector<int8_t> values = makeGroups();
  for (int i = 0; i < 5; ++i)
    values[i] = 89 + i;
  Filters<int8_t> filters{values, 10, 40, 3, 1};
  std::vector<int8_t> packed = packConv(filters, 8, 40, 4);
  EXPECT_EQ(storeWeights(packed, getTileSizes(filters, 8, 40, 4), {40, 4}, 3)
                .bits.bits,
            8);
}

TEST(Packing, TilesAreAsManyAsArePacked) {
  std::vector<int8_t> values = count<int8_t>(120);
  for (int64_t together : {4, 8, 16})
    for (int64_t columns : {4, 8, 16}) {
      Filters<int8_t> filters{values, 20, 3, 2, 2};
      std::vector<int64_t> sizes = getTileSizes(filters, columns, 3, together);
      EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), int64_t(0)),
                int64_t(packConv(filters, columns, 3, together).size()));
    }
}

} // namespace
