//===- Packing.h - Weights in the order that kernels read them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_PACKING_H
#define LACUNA_BACKENDS_NEON_PACKING_H

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

/// For `depthwise_s8`.
std::vector<int8_t> packDepthwise(const Filters<int8_t> &filters);

/// One number a filter, those of each group filled up to a multiple of four.
template <typename T>
std::vector<T> fillGroups(llvm::ArrayRef<T> values, int64_t groups) {
  std::vector<T> filled;
  int64_t each = values.size() / groups;
  for (int64_t group = 0; group < groups; ++group)
    for (int64_t i = 0; i < (each + 3) / 4 * 4; ++i)
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
