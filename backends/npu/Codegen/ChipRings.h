//===- ChipRings.h - Memories that tiles go through in turn -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A memory that holds only weights, or only sums, is used from its begin to its
// end and then again, over all layers: the longer ago its bytes were used, the
// less there is to wait for.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_CHIPRINGS_H
#define LACUNA_BACKENDS_NPU_CODEGEN_CHIPRINGS_H

#include "backends/npu/Stream/Format.h"
#include "lacuna/Schedule/Machine.h"

namespace lacuna::npu {

class ChipRings {
public:
  explicit ChipRings(const Machine &machine)
      : machine(machine), first(machine.memories.size()), next(first) {}

  /// The first `bytes` are no part of the ring.
  void leaveOut(unsigned memory, int64_t bytes) {
    first[memory] = next[memory] = bytes;
  }

  /// The next `bytes`, which are no more than the ring has.
  Address take(unsigned memory, int64_t bytes) {
    if (next[memory] + bytes > machine.memories[memory].bytes)
      next[memory] = first[memory];
    Address address = Address::chip(memory, next[memory]);
    next[memory] += bytes;
    return address;
  }

private:
  const Machine &machine;
  std::vector<int64_t> first, next;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_CHIPRINGS_H
