//===- Executor.h - Does the commands of a stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each command is done once: on the data, if there are any, and as clocks and
// actions, which are counted for its layer.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_EXECUTOR_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_EXECUTOR_H

#include "backends/npu/Simulator/ConvTask.h"
#include "backends/npu/Simulator/EnergyMeter.h"
#include "backends/npu/Simulator/Memory.h"
#include "backends/npu/Simulator/MemoryUse.h"
#include "backends/npu/Simulator/ProgramRunner.h"
#include "backends/npu/Simulator/Simulator.h"
#include "backends/npu/Simulator/Timeline.h"

namespace lacuna::npu {

class Executor {
public:
  /// Does the commands of `part` on `memory`, if there are data.
  Executor(const Stream &stream, CommandPart part, const Machine &machine,
           const EnergyTable &energy, const SimulatorOptions &options,
           RegionMemory &memory);

  /// Does all commands, in an order that the semaphores allow.
  llvm::Error run();

  /// What was done, by layer; the last is of what belongs to none.
  std::vector<LayerResult> layers;
  std::vector<MemoryResult> memories;
  TimedQueues timed;
  std::vector<ChipTouch> touches;
  EnergyMeter meter;

private:
  struct Follower {
    Follower(CommandPart part, Queue queue)
        : queue(queue), reader(part, queue) {}
    Queue queue;
    QueueReader reader;
    std::optional<PlacedCommand> next;
    std::optional<uint32_t> marked;
    bool hasHalted = false;
  };

  bool hasData() const { return options.mode == SimulationMode::Full; }
  llvm::Error fetch(Follower &follower);
  bool mayGoOn(const Follower &follower) const;
  llvm::Error doNext(Follower &follower);
  llvm::Error doWork(Follower &follower, TimedCommand &timed);
  uint32_t getLayer(const Follower &follower) const;
  llvm::Error spend(uint64_t amount);
  /// An error if that much cannot be unpacked.
  llvm::Error checkUnpacked(uint64_t elements, int64_t elementBytes) const;

  llvm::Error doCommand(const CopyCommand &command, TimedCommand &timed);
  llvm::Error doCommand(const FillCommand &command, TimedCommand &timed);
  llvm::Error doCommand(const ConvCommand &command, TimedCommand &timed);
  llvm::Error doCommand(const ProgramCommand &command, TimedCommand &timed);

  llvm::Error copyElements(const CopyCommand &command);
  llvm::Expected<int64_t> copyStored(const CopyCommand &command);
  /// Bytes between the chip and DRAM, of one access. `width`: the bits that
  /// each of them stands for.
  llvm::Error moveDram(const Access &access, int64_t bytes, double width,
                       bool writes, TimedCommand &timed);
  /// Bytes on the chip, that are not those of the array.
  llvm::Error moveChip(uint8_t region, int64_t bytes, double width, bool writes,
                       TimedCommand &timed);
  llvm::Error move(const Access &access, int64_t bytes, double width,
                   bool writes, TimedCommand &timed);
  /// Of the layer; null: there are none.
  const LayerDensities *getDensities() const;
  llvm::Expected<ConvOperands> getOperands(const ConvCommand &command,
                                           std::vector<uint8_t> &loaded);
  llvm::Expected<ArrayTiming> timeConv(const ConvCommand &command,
                                       const ConvOperands &operands,
                                       uint64_t weightBytes);
  const Memory &getMemory(uint8_t region) const {
    return machine.memories[region - kFirstChip];
  }

  const Stream &stream;
  const Machine &machine;
  const SimulatorOptions &options;
  RegionMemory &memory;
  uint64_t budget;
  std::vector<std::unique_ptr<ProgramRunner>> programs;
  std::vector<Follower> followers;
  std::array<uint64_t, kSemaphores> tokens = {};
  /// Clocks of all commands together, which must not overflow.
  int64_t clocks = 0;

  // Of the command that is done:
  Queue queue = Queue::DmaIn;
  LayerResult *layer = nullptr;
  llvm::SmallVector<Access, 8> accesses;
  uint64_t randomSeed = 0;
  /// The array is set up for this layer.
  std::optional<uint32_t> arrayLayer;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_EXECUTOR_H
