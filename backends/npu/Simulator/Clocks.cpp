//===- Clocks.cpp - Where the clocks of a simulation go -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Clocks.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::npu {

ArrayRef<StringLiteral> getBucketNames() {
  static constexpr StringLiteral names[kBuckets] = {
      "compute", "load_imbalance", "ramp",   "network", "bank_conflict", "sync",
      "dma_in",  "dma_out",        "vector", "scalar",  "semaphore"};
  return names;
}

int64_t BucketClocks::getSum() const {
  int64_t sum = 0;
  for (int64_t count : clocks)
    sum += count;
  return sum;
}

void BucketClocks::add(const BucketClocks &other) {
  for (auto [mine, theirs] : zip(clocks, other.clocks))
    mine += theirs;
}

} // namespace lacuna::npu
