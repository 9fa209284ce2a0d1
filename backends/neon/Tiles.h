//===- Tiles.h - The register tile of a product -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_TILES_H
#define LACUNA_BACKENDS_NEON_TILES_H

#include <cstdint>

namespace lacuna::neon {

/// A convolution as a product: `pixels` rows, each the sum over `taps` times
/// `depth` neighbours, times `channels` columns.
struct Product {
  int64_t pixels = 1, taps = 1, depth = 1, channels = 1;
};

/// Output pixels and channels that a kernel holds in registers, and how many
/// inputs of a pixel one turn of its loop takes.
struct Tile {
  int64_t rows = 4, columns = 16, unroll = 16;
  /// Instructions that the whole product is expected to execute.
  double instructions = 0;
};

/// The tile of `conv_float` with the fewest instructions, of elements of which
/// a register holds `lanes`: 4 floats or 8 halves.
Tile chooseTileFloat(const Product &product, int64_t lanes = 4);

/// How `conv_s8` multiplies.
enum class Form { Sdot, Smmla, Smull, Int16, Int16Lanes };

/// The tile of `conv_s8`: what was measured to be best for each form.
Tile chooseTileS8(const Product &product, Form form);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_TILES_H
