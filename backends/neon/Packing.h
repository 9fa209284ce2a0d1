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
struct Filters {
  llvm::ArrayRef<float> values;
  int64_t filters = 1, channels = 1, taps = 1, groups = 1;

  float at(int64_t filter, int64_t channel, int64_t tap) const {
    return values[(filter * channels + channel) * taps + tap];
  }
};

/// For `conv_f32`: groups, tiles of `columns` filters, taps, channels, filters
/// of the tile filled up to a multiple of four.
std::vector<float> packF32(const Filters &filters, int64_t columns);

/// For `depthwise_f32`: blocks of four channels, taps, channels of the block.
std::vector<float> packDepthwiseF32(const Filters &filters);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_PACKING_H
