//===- Cartesian.h - Every input with every weight -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_CARTESIAN_H
#define LACUNA_NPU_ARRAY_CARTESIAN_H

#include "backends/npu/Array/ArrayTask.h"
#include "lacuna/Schedule/Machine.h"

namespace lacuna::npu {

/// Sums around the tile of a PE that belong to its neighbours.
struct Halo {
  /// Inputs of the tile, and sums before and after, down and across.
  int64_t tileRows, before, after, tileColumns, left, right;

  Halo(const Array &array, const ArrayTask &task);

  /// Of a PE with neighbours on all sides, for one filter.
  int64_t countOfInnerPE() const;
  /// To the neighbour that gets the most, which takes as many clocks.
  int64_t getLargestPart() const;
  /// Of all PEs, for one filter.
  int64_t countOfAllPEs(const Array &array) const;
};

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_CARTESIAN_H
