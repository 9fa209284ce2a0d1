//===- Simulator.h - Runs command streams -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One executor, functional and timed together: what a stream computes on a
// machine, how many clocks that takes and where they go, and what it costs.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_SIMULATOR_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_SIMULATOR_H

#include "backends/npu/Array/ArrayTiming.h"
#include "backends/npu/Simulator/Clocks.h"
#include "backends/npu/Simulator/Energy.h"
#include "backends/npu/Simulator/MemoryUse.h"
#include "backends/npu/Stream/Stream.h"
#include "lacuna/Schedule/EnergyTable.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

namespace lacuna::npu {

enum class SimulationMode {
  /// Real data; times are those of the real data's zeros.
  Full,
  /// No data: `SimulatorOptions::densities`, or dense.
  TimingOnly
};

/// Shares of values that are not zero, of one layer.
struct LayerDensities {
  double activations = 1, weights = 1;
  /// Between filters: `makeRandomWeightMask`.
  double variation = 0;
  /// Shares of values that are outliers: of its inputs and weights, and of all
  /// else that it moves.
  double activationOutliers = 0, weightOutliers = 0, outliers = 0;
};

struct SimulatorOptions {
  SimulationMode mode = SimulationMode::Full;
  /// Which of the queues that may go on does so is chosen at random, from this
  /// seed. Must give the same.
  std::optional<uint64_t> lockStep;
  /// One for each layer of the stream, or none at all. With data they say which
  /// activations are taken to be zero, in place of the values; nothing of
  /// weights then.
  std::vector<LayerDensities> densities;
  uint64_t seed = 0;
  /// Null: the table that the machine names.
  const EnergyTable *energy = nullptr;
  /// Products, elements that are moved, and instructions, at most. A stream
  /// with more ends in an error.
  uint64_t maxWork = 1'000'000'000'000;
  /// Of workspace and outputs together.
  uint64_t maxMemoryBytes = uint64_t(1) << 33;
  /// Every command with its begin and end, for `writeTrace`.
  bool recordEvents = false;
  /// What memories hold and move over time.
  bool recordMemory = false;
  /// What PEs do clock by clock, for small streams; null: nothing is printed.
  /// Only arrays that `traceArray` knows.
  llvm::raw_ostream *cycleTrace = nullptr;
};

/// Bytes between the chip and DRAM, by what they belong to.
enum class DramKind { Constants, Workspace, Inputs, Outputs };
constexpr unsigned kDramKinds = 4;
llvm::StringRef getName(DramKind kind);

struct DramBytes {
  std::array<int64_t, kDramKinds> read = {}, written = {};
  /// What the link moves, takes time and costs energy: whole bursts.
  int64_t moved = 0;

  int64_t getRead() const;
  int64_t getWritten() const;
  /// Words of 16 bits, rounded up.
  int64_t getWords() const;
  void add(const DramBytes &other);
};

/// What vector and scalar units did.
struct UnitCounts {
  int64_t runs = 0, elements = 0;
  /// Of lanes: an instruction on one element. Addresses, constants and moves
  /// are not counted, since the unit does them beside.
  int64_t vectorOperations = 0;
  int64_t scalarInstructions = 0;
  void add(const UnitCounts &other);
};

struct LayerResult {
  std::string name;
  std::vector<std::string> nodes;
  BucketClocks buckets;
  /// Those of the total that belong to this layer.
  int64_t cycles = 0;
  /// By which its tiling was chosen; 0: nobody estimated them.
  uint64_t estimatedCycles = 0;
  /// As many as there were if memory were never late.
  int64_t computeCycles = 0;
  /// Clocks at which each queue worked for it; they overlap.
  std::array<int64_t, kQueues> busyCycles = {};
  int64_t commands = 0;
  ArrayTiming array;
  DramBytes dram;
  /// `dram` in words of 16 bits, those of each layer rounded up.
  int64_t dramWords = 0;
  UnitCounts units;
  /// On the chip, not from or to the array: by DMA and by programs.
  int64_t chipBytesRead = 0, chipBytesWritten = 0;
  /// Products done, of those that the array could have done in `cycles`, and in
  /// the clocks at which it worked.
  double utilization = 0, arrayUtilization = 0;
  EnergyByComponent energy;
};

/// Where a chip memory was touched.
struct MemoryResult {
  std::string name;
  int64_t bytes = 0;
  /// The end of the highest byte in use.
  int64_t peakBytes = 0;
};

/// A command, for traces. Names are those of `getName`.
struct SimulationEvent {
  Queue queue = Queue::DmaIn;
  uint32_t offset = 0, layer = 0;
  Operation operation = Operation::Copy;
  int64_t begin = 0, end = 0;
};

struct SimulationOutput {
  Tensor tensor;
  /// Empty when only timed.
  std::vector<uint8_t> bytes;
};

/// A recording step by step, of which one step is told in full.
struct StepsSummary {
  int64_t steps = 0, frames = 0;
  int64_t leastCycles = 0, mostCycles = 0, totalCycles = 0;
  double totalEnergy = 0;
  /// What was done once, before the first step.
  int64_t startCycles = 0;
  double startEnergy = 0;
};

struct SimulationResult {
  Machine machine;
  uint64_t machineHash = 0;
  std::string streamVersion;
  SimulationMode mode = SimulationMode::Full;
  std::string energyTable, energyTechnology;
  int64_t energyVersion = 0;
  EnergyUnit energyUnit = EnergyUnit::Picojoule;

  /// In the order of the stream's tensors.
  std::vector<SimulationOutput> outputs;
  int64_t totalCycles = 0;
  /// All layers; the last is of what belongs to none, if anything does.
  std::vector<LayerResult> layers;
  /// All of them together.
  LayerResult total;
  std::vector<MemoryResult> memories;
  /// If it was recorded.
  MemoryUse memoryUse;
  int64_t workspaceBytes = 0, constantBytes = 0;
  std::vector<SimulationEvent> events;
  /// If this is one step of many.
  std::optional<StepsSummary> steps;
};

class RegionMemory;

/// A machine that runs a stream step by step: what the stream keeps is there
/// from one step to the next. What it is given must outlive it.
class Simulation {
public:
  /// `stream` must be one of `machine` and hold what `verify` wants.
  static llvm::Expected<Simulation> create(const Stream &stream,
                                           const Machine &machine,
                                           const SimulatorOptions &options);
  Simulation(Simulation &&);
  ~Simulation();

  /// Does what comes before the first step, of a stream that has such; there
  /// are no outputs. Done again, it forgets all steps.
  llvm::Expected<SimulationResult> start();
  /// `inputs` has the bytes of each of the stream's inputs, in their order;
  /// none when only timed. A stream that does what it must not ends in an
  /// error.
  llvm::Expected<SimulationResult>
  step(llvm::ArrayRef<llvm::ArrayRef<uint8_t>> inputs);

private:
  Simulation(const Stream &stream, const Machine &machine,
             const SimulatorOptions &options, EnergyTable energy);

  llvm::Error allocate();
  llvm::Error setInputs(llvm::ArrayRef<llvm::ArrayRef<uint8_t>> inputs);
  llvm::Error readOutputs(SimulationResult &result) const;
  llvm::Expected<SimulationResult> run(CommandPart part);

  const Stream &stream;
  const Machine &machine;
  const SimulatorOptions &options;
  EnergyTable energy;
  std::unique_ptr<RegionMemory> memory;
};

/// One run of `stream`: the first step, if it has several.
llvm::Expected<SimulationResult>
simulate(const Stream &stream, const Machine &machine,
         llvm::ArrayRef<llvm::ArrayRef<uint8_t>> inputs,
         const SimulatorOptions &options = {});

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_SIMULATOR_H
