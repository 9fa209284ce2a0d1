//===- Packing.h - Weights in the order that kernels read them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_PACKING_H
#define LACUNA_BACKENDS_NEON_PACKING_H

#include "backends/neon/PackedLayout.h"

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace lacuna::neon {

/// Filters `[filters][channels of a group][taps]`, as ONNX has them.
template <typename T>
struct Filters {
  llvm::ArrayRef<T> values;
  int64_t filters = 1, channels = 1, taps = 1, groups = 1;

  T at(int64_t filter, int64_t channel, int64_t tap) const {
    return values[(filter * channels + channel) * taps + tap];
  }
};

/// Elements of type T in a register of 128 bits.
template <typename T>
inline constexpr int64_t kLanes = 16 / sizeof(T);

/// For `conv_float`: groups, tiles of `columns` filters, taps, channels,
/// filters of the tile filled up to whole registers. T is float, or uint16_t
/// for the bits of a half.
template <typename T>
std::vector<T> packConv(const Filters<T> &filters, int64_t columns);

/// For `depthwise_float`: blocks of a register of channels, taps, channels of
/// the block.
template <typename T>
std::vector<T> packDepthwiseFloat(const Filters<T> &filters);

/// For `conv_s8`, which reads `depth` neighbours at each of some taps and
/// multiplies `together` of them at once: see PackedLayout.h.
std::vector<int8_t> packConv(const Filters<int8_t> &filters, int64_t columns,
                             int64_t depth, int64_t together);

/// Weights as a kernel finds them, and how many keep 8 bits among fewer.
struct StoredWeights {
  StoredBits bits;
  std::vector<int8_t> bytes;
  int64_t outliers = 0;
};

/// Weights for `conv_s8` in the form of the fewest bytes: as they are, or tile
/// by tile in 1, 2 or 4 bits, of which up to one weight in sixteen may keep 8,
/// or which are multiplied by factors that neighbours share. `tiles` are the
/// sizes of the tiles that `packed` consists of, of `taps` taps of `depth`.
StoredWeights storeWeights(std::vector<int8_t> packed,
                           llvm::ArrayRef<int64_t> tiles, PackedDepth depth,
                           int64_t taps);

/// The sizes of the tiles that packConv() makes of bytes, one after another.
std::vector<int64_t> getTileSizes(const Filters<int8_t> &filters,
                                  int64_t columns, int64_t depth,
                                  int64_t together);

/// For `depthwise_s8`.
std::vector<int8_t> packDepthwise(const Filters<int8_t> &filters);

/// For kernels of Halide, whose filters are `depth` neighbours at each of some
/// taps: groups, blocks of `lanes` filters, taps, `together` neighbours of all
/// filters of the block after the next, and what is left one by one. The last
/// block ends with the last filter if it `overlaps` the one before, else it is
/// filled up with zeros.
template <typename T>
std::vector<T> packBlocks(const Filters<T> &filters, int64_t depth,
                          int64_t lanes, int64_t together, bool overlaps) {
  int64_t perGroup = filters.filters / filters.groups;
  int64_t products = filters.channels * filters.taps;
  int64_t blocks = (perGroup + lanes - 1) / lanes;
  int64_t whole = depth / together * together;
  std::vector<T> packed;
  packed.reserve(filters.groups * blocks * products * lanes);
  for (int64_t group = 0; group < filters.groups; ++group)
    for (int64_t block = 0; block < blocks; ++block) {
      int64_t first = block * lanes;
      if (overlaps)
        first = std::min(first, perGroup - lanes);
      auto add = [&](int64_t lane, int64_t product) {
        int64_t filter = first + lane;
        packed.push_back(filter < perGroup
                             ? filters.at(group * perGroup + filter,
                                          product % filters.channels,
                                          product / filters.channels)
                             : T());
      };
      for (int64_t tap = 0; tap < products; tap += depth) {
        for (int64_t k = 0; k < whole; k += together)
          for (int64_t lane = 0; lane < lanes; ++lane)
            for (int64_t i = 0; i < together; ++i)
              add(lane, tap + k + i);
        for (int64_t k = whole; k < depth; ++k)
          for (int64_t lane = 0; lane < lanes; ++lane)
            add(lane, tap + k);
      }
    }
  return packed;
}

/// One number a filter, those of each group filled up to a `multiple`.
template <typename T>
std::vector<T> fillGroups(llvm::ArrayRef<T> values, int64_t groups,
                          int64_t multiple = 4) {
  std::vector<T> filled;
  int64_t each = values.size() / groups;
  for (int64_t group = 0; group < groups; ++group)
    for (int64_t i = 0; i < (each + multiple - 1) / multiple * multiple; ++i)
      filled.push_back(i < each ? values[group * each + i] : T());
  return filled;
}

/// Each pair of values twice: a b a b, for kernels of two rows at once.
template <typename T>
std::vector<T> doublePairs(llvm::ArrayRef<T> values) {
  std::vector<T> doubled;
  for (size_t i = 0; i + 1 < values.size(); i += 2)
    for (int copy = 0; copy < 2; ++copy)
      doubled.insert(doubled.end(), {values[i], values[i + 1]});
  return doubled;
}

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_PACKING_H
