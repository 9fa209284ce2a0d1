//===- Geometry.h - The shape of a convolution, as kernels see it -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_GEOMETRY_H
#define LACUNA_BACKENDS_NEON_GEOMETRY_H

#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Tiles.h"

#include <array>
#include <string>

namespace lacuna::neon {

/// What `Kernels/geometry.h` calls ConvGeometry, for one operation on memory.
/// Dimensions that lie side by side are merged: the kernels then have longer
/// rows, and fewer loops.
struct Geometry {
  using Three = std::array<int64_t, 3>;

  int64_t images = 1, inImage = 0, outImage = 0, resImage = 0;
  Three out = {1, 1, 1}, inStep = {}, outStep = {}, resStep = {};
  Three taps = {1, 1, 1}, tapStep = {};
  int64_t depth = 1, channels = 1, groups = 1, inGroup = 0, outGroup = 0;
  /// Between neighbouring channels: 1, unless the convolution is planar.
  int64_t inChannel = 1, outChannel = 1;

  /// As a product, for the choice of a tile.
  Product getProduct() const;
  /// The members of the C++ structure that differ from the defaults.
  std::string getMembers() const;
};

/// An error of `op` unless all its operands are memory with known strides and,
/// if `channelsLast`, have their channels side by side.
mlir::LogicalResult checkMemory(mlir::DestinationStyleOpInterface op,
                                bool channelsLast = true);

/// On a convolution whose kernel is Winograd's: its taps stay apart.
inline constexpr llvm::StringLiteral kWinogradAttr = "neon.winograd";

/// The operation has memory with known strides and channels side by side.
Geometry getGeometry(ConvOp op);
Geometry getGeometry(WideFiltersOp op);
Geometry getGeometry(PoolOp op);

/// What `Kernels/copy.h` calls CopyGeometry: dimensions of more than one
/// element from outer to inner, merged where both sides have them side by side.
struct CopyLoop {
  int64_t size, in, out;
};
llvm::SmallVector<CopyLoop> getCopyLoops(mlir::Value input, mlir::Value init,
                                         llvm::ArrayRef<int64_t> permutation);
std::string getMembers(llvm::ArrayRef<CopyLoop> loops);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_GEOMETRY_H
