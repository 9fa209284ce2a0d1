//===- Simulator.cpp - Runs command streams -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Simulator.h"

#include "backends/npu/Machines.h"
#include "backends/npu/Simulator/Executor.h"
#include "backends/npu/Stream/Verifier.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include <cmath>

using namespace llvm;

namespace lacuna::npu {

StringRef getName(DramKind kind) {
  static constexpr StringLiteral names[kDramKinds] = {"constants", "workspace",
                                                      "inputs", "outputs"};
  return names[static_cast<unsigned>(kind)];
}

static int64_t getSum(ArrayRef<int64_t> values) {
  int64_t sum = 0;
  for (int64_t value : values)
    sum += value;
  return sum;
}

int64_t DramBytes::getRead() const { return getSum(read); }
int64_t DramBytes::getWritten() const { return getSum(written); }
int64_t DramBytes::getWords() const {
  constexpr int64_t kWordBytes = 2;
  return (getRead() + getWritten() + kWordBytes - 1) / kWordBytes;
}

void DramBytes::add(const DramBytes &other) {
  for (unsigned kind = 0; kind < kDramKinds; ++kind) {
    read[kind] += other.read[kind];
    written[kind] += other.written[kind];
  }
  moved += other.moved;
}

void UnitCounts::add(const UnitCounts &other) {
  runs += other.runs;
  elements += other.elements;
  vectorOperations += other.vectorOperations;
  scalarInstructions += other.scalarInstructions;
}

static void add(LayerResult &to, const LayerResult &from) {
  to.buckets.add(from.buckets);
  to.cycles += from.cycles;
  to.computeCycles += from.computeCycles;
  for (auto [mine, theirs] : zip(to.busyCycles, from.busyCycles))
    mine += theirs;
  to.commands += from.commands;
  to.array.add(from.array);
  to.dram.add(from.dram);
  to.dramWords += from.dramWords;
  to.units.add(from.units);
  to.chipBytesRead += from.chipBytesRead;
  to.chipBytesWritten += from.chipBytesWritten;
  to.energy.add(from.energy);
}

static void setUtilization(LayerResult &layer, const Array &array) {
  double peak = double(array.getPeakMacs());
  if (layer.cycles)
    layer.utilization =
        double(layer.array.macs.done) / (double(layer.cycles) * peak);
  layer.arrayUtilization = layer.array.getUtilization(array);
}

static Error checkDensities(const Stream &stream, const Machine &machine,
                            const SimulatorOptions &options) {
  if (options.densities.empty())
    return Error::success();
  if (options.densities.size() != stream.layers.size())
    return createStringError(
        "there are densities of " + Twine(options.densities.size()) +
        " layers; the stream has " + Twine(stream.layers.size()));
  for (auto [layer, it] : zip(stream.layers, options.densities))
    for (double density : {it.activations, it.weights, it.activationOutliers,
                           it.weightOutliers, it.outliers})
      if (!(density >= 0 && density <= 1) || !(it.variation >= 0) ||
          !std::isfinite(it.variation))
        return createStringError("the densities of layer '" + layer.name +
                                 "' must lie between 0 and 1");
  if (options.mode == SimulationMode::TimingOnly)
    return Error::success();
  if (machine.values.haveOutliers())
    return createStringError(
        "zeros and outliers on machine '" + machine.name +
        "' are those of the values, since there are inputs: give inputs or "
        "densities, not both");
  for (auto [layer, it] : zip(stream.layers, options.densities))
    if (it.weights != 1 || it.variation != 0)
      return createStringError("zeros of the weights of layer '" + layer.name +
                               "' are those of their values, since there are "
                               "inputs: only 'activations' may be given");
  return Error::success();
}

static std::vector<ChipMemory> getChipMemories(const Machine &machine) {
  std::vector<ChipMemory> memories;
  for (const Memory &memory : machine.memories)
    memories.push_back({memory.name, uint64_t(memory.bytes)});
  return memories;
}

/// Clocks of the executor's commands, to its layers.
static Expected<int64_t> setClocks(Executor &executor, const Machine &machine,
                                   const SimulatorOptions &options,
                                   SimulationResult &result) {
  constexpr unsigned kDmaQueues = 2;
  TimelineOptions timing;
  timing.transfersPerQueue =
      std::max<int64_t>(1, machine.dma.channels / kDmaQueues);
  Expected<Timeline> timeline = makeTimeline(executor.timed, timing);
  if (!timeline)
    return timeline.takeError();
  TimelineOptions never = timing;
  never.isMemoryNeverLate = true;
  Expected<Timeline> compute = makeTimeline(executor.timed, never);
  if (!compute)
    return compute.takeError();

  std::vector<LayerResult> &layers = executor.layers;
  std::vector<BucketClocks> clocks =
      attributeClocks(executor.timed, *timeline, layers.size());
  std::vector<BucketClocks> computeClocks =
      attributeClocks(executor.timed, *compute, layers.size());
  for (auto [layer, its, itsCompute] : zip(layers, clocks, computeClocks)) {
    layer.buckets = its;
    layer.cycles = its.getSum();
    layer.computeCycles = itsCompute.getSum();
    layer.busyCycles = {};
  }
  for (unsigned queue = 0; queue < kQueues; ++queue)
    for (const WorkInterval &interval : timeline->intervals[queue]) {
      const TimedCommand &command = executor.timed[queue][interval.command];
      layers[command.layer].busyCycles[queue] += interval.end - interval.begin;
      if (options.recordEvents)
        result.events.push_back({static_cast<Queue>(queue), command.offset,
                                 command.layer, command.operation,
                                 interval.begin, interval.end});
    }
  if (options.recordMemory)
    result.memoryUse =
        measureMemoryUse(machine, executor.timed, executor.touches, *timeline);
  return timeline->cycles;
}

Simulation::Simulation(const Stream &stream, const Machine &machine,
                       const SimulatorOptions &options, EnergyTable energy)
    : stream(stream), machine(machine), options(options),
      energy(std::move(energy)), memory(std::make_unique<RegionMemory>()) {}
Simulation::Simulation(Simulation &&) = default;
Simulation::~Simulation() = default;

Expected<Simulation> Simulation::create(const Stream &stream,
                                        const Machine &machine,
                                        const SimulatorOptions &options) {
  if (Error error = checkMachine(stream, machine.name, machine.getHash()))
    return error;
  if (Error error = verify(stream, getChipMemories(machine)))
    return error;
  if (Error error = checkDensities(stream, machine, options))
    return error;
  Expected<EnergyTable> energy = options.energy
                                     ? Expected<EnergyTable>(*options.energy)
                                     : getEnergyTable(machine.energy);
  if (!energy)
    return energy.takeError();
  Simulation simulation(stream, machine, options, std::move(*energy));
  if (options.mode == SimulationMode::Full)
    if (Error error = simulation.allocate())
      return error;
  return simulation;
}

Error Simulation::allocate() {
  // Tensors may lie behind each other in a region, and far from its begin.
  SmallSetVector<uint8_t, 8> regions;
  for (const Tensor &tensor : stream.tensors)
    regions.insert(tensor.address.region);
  uint64_t all = stream.workspaceBytes;
  for (uint8_t region : regions)
    all = SaturatingAdd(all, stream.getRegionBytes(region));
  if (all > options.maxMemoryBytes)
    return createStringError("workspace, inputs and outputs have " +
                             Twine(all) + " bytes; the simulator may use " +
                             Twine(options.maxMemoryBytes));
  memory->borrow(kConstants, stream.constants.get());
  if (Error error = memory->allocate(kWorkspace, stream.workspaceBytes))
    return error;
  for (auto [index, it] : enumerate(machine.memories))
    if (Error error = memory->allocate(kFirstChip + index, it.bytes))
      return error;
  for (uint8_t region : regions)
    if (memory->getBytes(region) == 0)
      if (Error error = memory->allocate(region, stream.getRegionBytes(region)))
        return error;
  return Error::success();
}

Error Simulation::setInputs(ArrayRef<ArrayRef<uint8_t>> inputs) {
  std::vector<const Tensor *> expected;
  for (const Tensor &tensor : stream.tensors)
    if (tensor.address.isInput())
      expected.push_back(&tensor);
  if (inputs.size() != expected.size())
    return createStringError(Twine(inputs.size()) +
                             " inputs are given; the stream has " +
                             Twine(expected.size()));
  for (auto [tensor, bytes] : zip(expected, inputs)) {
    if (bytes.size() != *tensor->getBytes())
      return createStringError("input '" + tensor->name + "' has " +
                               Twine(*tensor->getBytes()) + " bytes; " +
                               Twine(bytes.size()) + " are given");
    if (bytes.empty())
      continue;
    Expected<uint8_t *> to = memory->write(tensor->address, bytes.size());
    if (!to)
      return to.takeError();
    std::copy(bytes.begin(), bytes.end(), *to);
  }
  return Error::success();
}

Error Simulation::readOutputs(SimulationResult &result) const {
  for (const Tensor &tensor : stream.tensors) {
    if (!tensor.address.isOutput())
      continue;
    SimulationOutput output{tensor, {}};
    if (options.mode == SimulationMode::Full) {
      uint64_t bytes = *tensor.getBytes();
      Expected<const uint8_t *> data = memory->read(tensor.address, bytes);
      if (!data)
        return data.takeError();
      output.bytes.assign(*data, *data + bytes);
    }
    result.outputs.push_back(std::move(output));
  }
  return Error::success();
}

Expected<SimulationResult> Simulation::run(CommandPart part) {
  Executor executor(stream, part, machine, energy, options, *memory);
  if (Error error = executor.run())
    return error;

  SimulationResult result;
  Expected<int64_t> cycles = setClocks(executor, machine, options, result);
  if (!cycles)
    return cycles.takeError();
  result.totalCycles = *cycles;
  for (LayerResult &layer : executor.layers)
    if (Error error =
            executor.meter.add(layer.energy, EnergyComponent::Static,
                               EnergyAction::Done, double(layer.cycles)))
      return error;
  executor.meter.finish();
  for (LayerResult &layer : executor.layers) {
    layer.dramWords = layer.dram.getWords();
    setUtilization(layer, machine.array);
    add(result.total, layer);
  }
  result.total.name = "total";
  setUtilization(result.total, machine.array);
  if (result.total.cycles != result.totalCycles)
    return createStringError("the layers have " + Twine(result.total.cycles) +
                             " clocks of " + Twine(result.totalCycles));

  result.machine = machine;
  result.machineHash = machine.getHash();
  result.streamVersion =
      std::to_string(kMajorVersion) + "." + std::to_string(kMinorVersion);
  result.mode = options.mode;
  result.energyTable = energy.name;
  result.energyTechnology = energy.technology;
  result.energyVersion = energy.version;
  result.energyUnit = energy.unit;
  result.workspaceBytes = int64_t(stream.workspaceBytes);
  result.constantBytes = int64_t(stream.constants.size());
  result.memories = std::move(executor.memories);
  result.layers = std::move(executor.layers);
  auto isNothing = [](const LayerResult &layer) {
    return layer.commands == 0 && layer.cycles == 0;
  };
  if (isNothing(result.layers.back()))
    result.layers.pop_back();
  // Layers of the other part.
  if (stream.hasStart())
    erase_if(result.layers, isNothing);
  return result;
}

Expected<SimulationResult> Simulation::start() {
  if (!stream.hasStart())
    return createStringError("the stream has nothing to start with");
  return run(stream.getStart());
}

Expected<SimulationResult>
Simulation::step(ArrayRef<ArrayRef<uint8_t>> inputs) {
  if (options.mode == SimulationMode::Full)
    if (Error error = setInputs(inputs))
      return error;
  Expected<SimulationResult> result = run(stream.getStep());
  if (result)
    if (Error error = readOutputs(*result))
      return error;
  return result;
}

Expected<SimulationResult> simulate(const Stream &stream,
                                    const Machine &machine,
                                    ArrayRef<ArrayRef<uint8_t>> inputs,
                                    const SimulatorOptions &options) {
  Expected<Simulation> simulation =
      Simulation::create(stream, machine, options);
  if (!simulation)
    return simulation.takeError();
  if (stream.hasStart() && options.mode == SimulationMode::Full)
    if (Expected<SimulationResult> started = simulation->start(); !started)
      return started.takeError();
  return simulation->step(inputs);
}

} // namespace lacuna::npu
