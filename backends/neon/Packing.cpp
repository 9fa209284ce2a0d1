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

using namespace lacuna;

std::vector<float> neon::packF32(const Filters &filters, int64_t columns) {
  std::vector<float> packed;
  int64_t perGroup = filters.filters / filters.groups;
  for (int64_t group = 0; group < filters.groups; ++group)
    for (int64_t first = 0; first < perGroup; first += columns) {
      int64_t width = std::min(columns, perGroup - first);
      int64_t filled = llvm::alignTo(width, 4);
      for (int64_t tap = 0; tap < filters.taps; ++tap)
        for (int64_t channel = 0; channel < filters.channels; ++channel)
          for (int64_t i = 0; i < filled; ++i)
            packed.push_back(
                i < width
                    ? filters.at(group * perGroup + first + i, channel, tap)
                    : 0);
    }
  return packed;
}

std::vector<float> neon::packDepthwiseF32(const Filters &filters) {
  std::vector<float> packed;
  for (int64_t first = 0; first < filters.filters; first += 4)
    for (int64_t tap = 0; tap < filters.taps; ++tap)
      for (int64_t i = first; i < first + 4; ++i)
        packed.push_back(i < filters.filters ? filters.at(i, 0, tap) : 0);
  return packed;
}
