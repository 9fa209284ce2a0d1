//===- MemoryUse.h - What memories hold and move, over time -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_MEMORYUSE_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_MEMORYUSE_H

#include "backends/npu/Simulator/Timeline.h"
#include "lacuna/Schedule/Machine.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace lacuna::npu {

/// A command's access to a memory of the chip, from the first byte to the last.
struct ChipTouch {
  uint8_t memory = 0;
  bool reads = false, writes = false;
  int64_t begin = 0, end = 0;
};

/// Means over stretches of equal length that follow each other.
struct MemoryUse {
  double clocksPerSample = 0;
  /// Of each memory of the chip: bytes that were written and will be read.
  std::vector<std::vector<double>> heldBytes;
  /// Bytes a clock from and to DRAM.
  std::vector<double> dramRead, dramWritten;
};

/// Memories are looked at in blocks, 512 each at the most.
MemoryUse measureMemoryUse(const Machine &machine, const TimedQueues &queues,
                           llvm::ArrayRef<ChipTouch> touches,
                           const Timeline &timeline);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_MEMORYUSE_H
