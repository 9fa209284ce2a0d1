//===- MemoryUse.cpp - What memories hold and move, over time -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/MemoryUse.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

namespace {
constexpr int64_t kSamples = 160, kMostBlocks = 512;

/// A sum over time, in samples.
class Samples {
public:
  Samples(std::vector<double> &values, double perSample)
      : values(values), perSample(perSample) {
    values.resize(kSamples);
  }

  /// `amount` for each clock of [begin, end).
  void add(int64_t begin, int64_t end, double amount) {
    auto first = int64_t(double(begin) / perSample);
    for (int64_t at = first; at < kSamples; ++at) {
      double from = std::max(double(begin), double(at) * perSample),
             to = std::min(double(end), double(at + 1) * perSample);
      if (from >= double(end))
        break;
      values[at] += std::max(0.0, to - from) * amount / perSample;
    }
  }

private:
  std::vector<double> &values;
  double perSample;
};

/// A memory in blocks, each of which is held from when it is written until it
/// is read for the last time before it is written again.
class HeldBlocks {
public:
  HeldBlocks(int64_t bytes, Samples samples)
      : blockBytes(divideCeil(bytes, std::min(bytes, kMostBlocks))),
        bytes(bytes), blocks(divideCeil(bytes, blockBytes)), samples(samples) {}

  void read(int64_t begin, int64_t end, int64_t now) {
    for (Block &block : find(begin, end))
      block.read = std::max(block.read, now);
  }
  void write(int64_t begin, int64_t end, int64_t now) {
    for (Block &block : find(begin, end))
      if (block.read >= 0 || block.written < 0) {
        close(block);
        block = {now, -1};
      }
  }
  void finish() {
    for (Block &block : blocks)
      close(block);
  }

private:
  struct Block {
    int64_t written = -1, read = -1;
  };

  MutableArrayRef<Block> find(int64_t begin, int64_t end) {
    int64_t last =
        std::min<int64_t>(blocks.size(), int64_t(divideCeil(end, blockBytes)));
    int64_t first = std::min(begin / blockBytes, last);
    return MutableArrayRef(blocks).slice(first, last - first);
  }
  void close(const Block &block) {
    int64_t at = &block - blocks.data();
    if (block.written >= 0 && block.read > block.written)
      samples.add(block.written, block.read,
                  double(std::min(blockBytes, bytes - at * blockBytes)));
  }

  int64_t blockBytes, bytes;
  std::vector<Block> blocks;
  Samples samples;
};

/// What is read is held until a command ends; what it writes, from its begin.
struct Moment {
  int64_t time;
  bool writes;
  const ChipTouch *touch;
};
} // namespace

MemoryUse measureMemoryUse(const Machine &machine, const TimedQueues &queues,
                           ArrayRef<ChipTouch> touches,
                           const Timeline &timeline) {
  MemoryUse use;
  use.clocksPerSample =
      std::max(1.0, double(timeline.cycles) / double(kSamples));
  Samples read(use.dramRead, use.clocksPerSample),
      written(use.dramWritten, use.clocksPerSample);
  std::vector<Moment> moments;
  for (auto [intervals, commands] : zip(timeline.intervals, queues))
    for (const WorkInterval &interval : intervals) {
      const TimedCommand &command = commands[interval.command];
      double clocks =
          double(std::max<int64_t>(1, interval.end - interval.begin));
      int64_t end = std::max(interval.end, interval.begin + 1);
      read.add(interval.begin, end, double(command.dramRead) / clocks);
      written.add(interval.begin, end, double(command.dramWritten) / clocks);
      for (const ChipTouch &touch :
           touches.slice(command.firstTouch, command.touches)) {
        if (touch.reads) {
          moments.push_back({interval.begin, false, &touch});
          moments.push_back({interval.end, false, &touch});
        }
        if (touch.writes)
          moments.push_back({interval.begin, true, &touch});
      }
    }
  stable_sort(moments, [](const Moment &a, const Moment &b) {
    return std::pair(a.time, a.writes) < std::pair(b.time, b.writes);
  });

  use.heldBytes.resize(machine.memories.size());
  std::vector<HeldBlocks> memories;
  for (auto [memory, samples] : zip(machine.memories, use.heldBytes))
    memories.emplace_back(memory.bytes, Samples(samples, use.clocksPerSample));
  for (const Moment &moment : moments) {
    HeldBlocks &memory = memories[moment.touch->memory];
    if (moment.writes)
      memory.write(moment.touch->begin, moment.touch->end, moment.time);
    else
      memory.read(moment.touch->begin, moment.touch->end, moment.time);
  }
  for (HeldBlocks &memory : memories)
    memory.finish();
  return use;
}

} // namespace lacuna::npu
