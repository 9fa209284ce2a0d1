//===- Clocks.h - Where the clocks of a simulation go -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_CLOCKS_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_CLOCKS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <array>
#include <cstdint>

namespace lacuna::npu {

/// What a clock is spent on. While the array works it is what the model of the
/// array says, else what the array waits for.
enum class Bucket {
  Compute,
  LoadImbalance,
  Ramp,
  Network,
  BankConflict,
  Sync,
  DmaIn,
  DmaOut,
  Vector,
  Scalar,
  /// Nothing works.
  Semaphore
};
constexpr unsigned kBuckets = 11;

/// Names as reports have them, in the order of the values.
llvm::ArrayRef<llvm::StringLiteral> getBucketNames();

struct BucketClocks {
  std::array<int64_t, kBuckets> clocks = {};

  int64_t &operator[](Bucket bucket) {
    return clocks[static_cast<unsigned>(bucket)];
  }
  int64_t operator[](Bucket bucket) const {
    return clocks[static_cast<unsigned>(bucket)];
  }
  int64_t getSum() const;
  void add(const BucketClocks &other);
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_CLOCKS_H
