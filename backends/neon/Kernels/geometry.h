//===- geometry.h - The shape of a convolution, as kernels see it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_GEOMETRY_H
#define LACUNA_NEON_GEOMETRY_H

#include <cstddef>

/// What a layer says of its shape; it derives from this and hides what differs.
/// Distances are in elements; the input contains its padding.
struct ConvGeometry {
  /// Of the kernels of floats.
  using Element = float;
  static constexpr std::ptrdiff_t images = 1, in_image = 0, out_image = 0,
                                  res_image = 0;
  /// Output planes, rows and columns, and how far one is from the next.
  static constexpr std::ptrdiff_t out[3] = {1, 1, 1};
  static constexpr std::ptrdiff_t in_step[3] = {0, 0, 0};
  static constexpr std::ptrdiff_t out_step[3] = {0, 0, 0};
  static constexpr std::ptrdiff_t res_step[3] = {0, 0, 0};
  /// Filter positions that are not side by side in memory.
  static constexpr std::ptrdiff_t taps[3] = {1, 1, 1};
  static constexpr std::ptrdiff_t tap_step[3] = {0, 0, 0};
  /// Elements that a tap reads side by side, and output channels, of a group.
  static constexpr std::ptrdiff_t depth = 1, channels = 1;
  static constexpr std::ptrdiff_t groups = 1, in_group = 0, out_group = 0;
  static constexpr bool has_bias = false, has_residual = false;
};

/// What a kernel holds in registers: output pixels and channels. One turn of
/// its loop takes `unroll` inputs of each pixel.
/// Where there is no NEON, speed does not matter, and compilers would take
/// minutes to see through SIMDe: the smallest tile with the same weights.
template <std::ptrdiff_t tile_rows, std::ptrdiff_t tile_columns,
          std::ptrdiff_t tile_unroll = 16>
struct Tile {
#if defined(__ARM_NEON)
  static constexpr std::ptrdiff_t rows = tile_rows, unroll = tile_unroll;
#else
  static constexpr std::ptrdiff_t rows = 1, unroll = 8;
#endif
  static constexpr std::ptrdiff_t columns = tile_columns;
};

#endif // LACUNA_NEON_GEOMETRY_H
