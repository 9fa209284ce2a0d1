//===- RowMapping.h - How rows of a convolution lie on an array -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The seven numbers that decide how a row stationary array works.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_ROWMAPPING_H
#define LACUNA_NPU_ARRAY_ROWMAPPING_H

#include <cstdint>

namespace lacuna::npu {

/// A set of PEs has a row for each row of a kernel and a column for each row of
/// outputs. Sets work beside each other on other channels and other filters.
struct RowMapping {
  /// Filters whose sums the buffer holds, and images that it holds.
  int64_t m = 1, n = 1;
  /// Rows of outputs in a set.
  int64_t e = 1;
  /// Filters and channels that a PE interleaves.
  int64_t p = 1, q = 1;
  /// Sets beside each other that take other channels, and other filters.
  int64_t r = 1, t = 1;

  int64_t getPassFilters() const { return p * t; }
  int64_t getPassChannels() const { return q * r; }
};

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_ROWMAPPING_H
