//===- Timeline.h - When commands begin and end -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The queues run beside each other: semaphores order them, and all that moves
// between the chip and DRAM shares one link. What commands compute does not
// depend on when they do; the executor has been there before.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_TIMELINE_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_TIMELINE_H

#include "backends/npu/Simulator/Clocks.h"
#include "backends/npu/Stream/Format.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace lacuna::npu {

/// What the link does in a clock, so that up to four transfers share it evenly
/// without a remainder.
constexpr int64_t kLinkUnits = 12;

/// A command as the clock sees it.
struct TimedCommand {
  enum class Kind : uint8_t { Work, Wait, Signal };
  Kind kind = Kind::Work;
  Operation operation = Operation::Copy;
  uint8_t semaphore = 0;
  uint32_t tokens = 0;
  uint32_t layer = 0, offset = 0;
  /// Clocks that it takes whatever memory does.
  int64_t clocks = 0;
  /// Clocks until DRAM answers, then units of the link.
  int64_t latency = 0, link = 0;
  /// Bytes that it moves to and from DRAM.
  int64_t dramRead = 0, dramWritten = 0;
  /// Its accesses to memories of the chip, among those that are recorded.
  uint32_t firstTouch = 0, touches = 0;
  /// Of the array: where `clocks` go.
  BucketClocks buckets;
};

using TimedQueues = std::array<std::vector<TimedCommand>, kQueues>;

/// When a command works. Of one queue they ascend and do not overlap.
struct WorkInterval {
  int64_t begin = 0, end = 0;
  /// Index in its queue.
  uint32_t command = 0;
};

struct Timeline {
  int64_t cycles = 0;
  std::array<std::vector<WorkInterval>, kQueues> intervals;
};

struct TimelineOptions {
  /// Transfers of one DMA queue of which the second waits for DRAM while the
  /// first moves.
  unsigned transfersPerQueue = 1;
  /// Transfers take no time.
  bool isMemoryNeverLate = false;
};

/// An error if queues wait for ever.
llvm::Expected<Timeline> makeTimeline(const TimedQueues &queues,
                                      const TimelineOptions &options);

/// Gives each clock to one bucket of one of `layers` layers. While the array
/// works, the clock is its; else it goes to the vector unit, the scalar unit,
/// dma-in or dma-out, the first of these that works.
std::vector<BucketClocks> attributeClocks(const TimedQueues &queues,
                                          const Timeline &timeline,
                                          size_t layers);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_TIMELINE_H
