//===- Packing.cpp - Weights in the order that kernels read them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Packing.h"

#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <numeric>
#include <optional>

using namespace lacuna;

template <typename T>
std::vector<T> neon::packConv(const Filters<T> &filters, int64_t columns) {
  std::vector<T> packed;
  int64_t perGroup = filters.filters / filters.groups;
  for (int64_t group = 0; group < filters.groups; ++group)
    for (int64_t first = 0; first < perGroup; first += columns) {
      int64_t width = std::min(columns, perGroup - first);
      int64_t filled = llvm::alignTo(width, kLanes<T>);
      for (int64_t tap = 0; tap < filters.taps; ++tap)
        for (int64_t channel = 0; channel < filters.channels; ++channel)
          for (int64_t i = 0; i < filled; ++i)
            packed.push_back(
                i < width
                    ? filters.at(group * perGroup + first + i, channel, tap)
                    : T());
    }
  return packed;
}

template <typename T>
std::vector<T> neon::packDepthwiseFloat(const Filters<T> &filters) {
  constexpr int64_t lanes = kLanes<T>;
  std::vector<T> packed;
  for (int64_t first = 0; first < filters.filters; first += lanes)
    for (int64_t tap = 0; tap < filters.taps; ++tap)
      for (int64_t i = first; i < first + lanes; ++i)
        packed.push_back(i < filters.filters ? filters.at(i, 0, tap) : T());
  return packed;
}

#define INSTANTIATE(T)                                                         \
  template std::vector<T> neon::packConv(const Filters<T> &, int64_t);         \
  template std::vector<T> neon::packDepthwiseFloat(const Filters<T> &);
INSTANTIATE(float)
INSTANTIATE(uint16_t)
#undef INSTANTIATE

std::vector<int8_t> neon::packConv(const Filters<int8_t> &filters,
                                   int64_t columns, int64_t depth,
                                   int64_t together) {
  int64_t perGroup = filters.filters / filters.groups;
  // Taps and channels as the kernel sees them: some taps may be depth.
  int64_t steps = filters.taps * filters.channels, taps = steps / depth;
  PackedDepth layout{depth, together};
  int64_t bytes = llvm::alignTo(perGroup, 4) * taps * layout.padded();
  std::vector<int8_t> packed(bytes * filters.groups);
  for (int64_t group = 0; group < filters.groups; ++group)
    pack_conv_s8(
        taps, depth, perGroup, together, columns,
        [&](int64_t tap, int64_t k, int64_t n) {
          int64_t step = tap * depth + k;
          return filters.at(group * perGroup + n, step % filters.channels,
                            step / filters.channels);
        },
        packed.data() + group * bytes);
  return packed;
}

std::vector<int64_t> neon::getTileSizes(const Filters<int8_t> &filters,
                                        int64_t columns, int64_t depth,
                                        int64_t together) {
  int64_t perGroup = llvm::alignTo(filters.filters / filters.groups, 4);
  int64_t steps = filters.taps * filters.channels / depth *
                  PackedDepth{depth, together}.padded();
  std::vector<int64_t> sizes;
  for (int64_t group = 0; group < filters.groups; ++group)
    for (int64_t first = 0; first < perGroup; first += columns)
      sizes.push_back(steps * std::min(columns, perGroup - first));
  return sizes;
}

static neon::StoredWeights storeTiles(neon::StoredBits bits,
                                      llvm::ArrayRef<int8_t> packed,
                                      llvm::ArrayRef<int64_t> tiles) {
  neon::StoredWeights stored;
  stored.bits = bits;
  for (int64_t size : tiles) {
    stored.outliers +=
        neon::store_tile(bits, packed.data(), size,
                         [&](int8_t byte) { stored.bytes.push_back(byte); });
    packed = packed.drop_front(size);
  }
  return stored;
}

/// Divides the weights of a tile by the greatest factors that neighbours have
/// in common. False if quotients do not fit `bits`.
static bool divide(neon::StoredBits bits, neon::FactorLayout layout,
                   llvm::MutableArrayRef<int8_t> tile,
                   std::vector<int8_t> &factors) {
  for (auto [i, weight] : llvm::enumerate(tile)) {
    int8_t &factor = factors[layout.index(i)];
    int common = std::gcd(int(factor), int(weight));
    // That of the least number and zeros is no byte.
    if (common > 127)
      return false;
    factor = int8_t(common);
  }
  for (int8_t &factor : factors)
    factor = std::max<int8_t>(factor, 1);
  for (auto [i, weight] : llvm::enumerate(tile)) {
    weight /= factors[layout.index(i)];
    if (!bits.fits(weight))
      return false;
  }
  return true;
}

/// The same as storeTiles() of quotients and factors; none if they do not fit.
static std::optional<neon::StoredWeights>
storeFactors(neon::StoredBits bits, std::vector<int8_t> packed,
             llvm::ArrayRef<int64_t> tiles, neon::PackedDepth depth,
             int64_t taps) {
  neon::StoredWeights stored;
  stored.bits = bits;
  llvm::MutableArrayRef<int8_t> left = packed;
  for (int64_t size : tiles) {
    neon::FactorLayout layout{depth, size / (depth.padded() * taps),
                              bits.factor_depth};
    std::vector<int8_t> factors(layout.count(taps));
    llvm::MutableArrayRef<int8_t> tile = left.take_front(size);
    if (!divide(bits, layout, tile, factors))
      return std::nullopt;
    neon::store_tile(bits, tile.data(), size,
                     [&](int8_t byte) { stored.bytes.push_back(byte); });
    llvm::append_range(stored.bytes, factors);
    left = left.drop_front(size);
  }
  return stored;
}

neon::StoredWeights neon::storeWeights(std::vector<int8_t> packed,
                                       llvm::ArrayRef<int64_t> tiles,
                                       PackedDepth depth, int64_t taps) {
  // More would cost more instructions than the bytes are worth.
  constexpr int64_t kMostOutliers = 16;
  // Constants begin at multiples of so many bytes.
  constexpr size_t kAlignment = 16;
  // A factor of fewer weights would cost more bytes than it saves.
  constexpr int64_t kLeastDepth = 16;
  StoredWeights best;
  best.bytes = std::move(packed);
  const std::vector<int8_t> weights = best.bytes;
  auto keepSmaller = [&](StoredWeights stored) {
    if (llvm::alignTo(stored.bytes.size(), kAlignment) <
        llvm::alignTo(best.bytes.size(), kAlignment))
      best = std::move(stored);
  };
  for (int bits : {4, 2, 1}) {
    StoredBits form{bits, false};
    int64_t outliers = llvm::count_if(
        weights, [&](int8_t weight) { return !form.fits(weight); });
    form.outliers = outliers != 0;
    if (outliers * kMostOutliers > int64_t(weights.size()))
      continue;
    keepSmaller(storeTiles(form, weights, tiles));
  }
  if (depth.depth < kLeastDepth)
    return best;
  for (int bits : {4, 2, 1})
    for (ptrdiff_t shared : {128, 64, 32, 16}) {
      // Factors, or more of them, would only be added.
      if (best.bits.bits <= bits && !best.bits.outliers)
        break;
      if (auto stored =
              storeFactors({bits, false, shared}, weights, tiles, depth, taps))
        keepSmaller(std::move(*stored));
    }
  return best;
}

std::vector<int8_t> neon::packDepthwise(const Filters<int8_t> &filters) {
  DepthwiseBlocks blocks{filters.filters};
  std::vector<int8_t> packed(blocks.count() * blocks.width() * filters.taps);
  pack_depthwise_s8(
      filters.taps, filters.filters,
      [&](int64_t tap, int64_t channel) { return filters.at(channel, 0, tap); },
      packed.data());
  return packed;
}
