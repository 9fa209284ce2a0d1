//===- ReportJson.cpp - report.json -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace lacuna::npu {

/// Names come from files, which may hold anything.
static std::string getText(StringRef text) {
  return json::isUTF8(text) ? text.str() : json::fixUTF8(text);
}

static void writeBuckets(json::OStream &json, const BucketClocks &buckets) {
  for (auto [name, clocks] : zip(getBucketNames(), buckets.clocks))
    json.attribute(name, clocks);
}

static void writeDramSide(json::OStream &json,
                          const std::array<int64_t, kDramKinds> &bytes) {
  for (unsigned kind = 0; kind < kDramKinds; ++kind)
    json.attribute(getName(static_cast<DramKind>(kind)), bytes[kind]);
}

static void writeAccesses(json::OStream &json, StringRef name,
                          const AccessCounts &counts) {
  json.attributeObject(name, [&] {
    json.attribute("done", counts.done);
    json.attribute("gated", counts.gated);
    json.attribute("skipped", counts.skipped);
  });
}

static void writeOperand(json::OStream &json, StringRef name,
                         const OperandAccesses &accesses) {
  json.attributeObject(name, [&] {
    writeAccesses(json, "spad_reads", accesses.spadReads);
    writeAccesses(json, "spad_writes", accesses.spadWrites);
    writeAccesses(json, "buffer_reads", accesses.bufferReads);
    writeAccesses(json, "buffer_writes", accesses.bufferWrites);
  });
}

static void writeEnergy(json::OStream &json, const EnergyByComponent &energy) {
  for (unsigned component = 0; component < kEnergyComponents; ++component)
    json.attribute(getName(static_cast<EnergyComponent>(component)),
                   energy.getOf(static_cast<EnergyComponent>(component)));
}

/// Actions and what they cost, done, gated and skipped apart.
static void writeActions(json::OStream &json, const EnergyByComponent &energy) {
  for (unsigned component = 0; component < kEnergyComponents; ++component)
    json.attributeObject(getName(static_cast<EnergyComponent>(component)), [&] {
      for (unsigned action = 0; action < kEnergyActions; ++action) {
        const EnergyEntry &entry = energy.entries[component][action];
        if (entry.actions != 0)
          json.attributeObject(getName(static_cast<EnergyAction>(action)), [&] {
            json.attribute("actions", entry.actions);
            json.attribute("energy", entry.energy);
          });
      }
    });
}

/// Picojoules where the table has them, else what it has.
static void writeEnergySum(json::OStream &json, const SimulationResult &result,
                           double energy) {
  json.attribute(result.energyUnit == EnergyUnit::Picojoule ? "energy_pj"
                                                            : "energy_macs",
                 energy);
}

static void writeLayer(json::OStream &json, const SimulationResult &result,
                       const LayerResult &layer) {
  const MacCounts &macs = layer.array.macs;
  json.attribute("name", getText(layer.name));
  json.attributeArray("onnx_nodes", [&] {
    for (const std::string &node : layer.nodes)
      json.value(getText(node));
  });
  json.attribute("cycles", layer.cycles);
  json.attribute("compute_cycles", layer.computeCycles);
  json.attribute("estimated_cycles", layer.estimatedCycles);
  json.attributeObject("buckets", [&] { writeBuckets(json, layer.buckets); });
  json.attribute("macs", macs.getSum());
  json.attribute("macs_done", macs.done);
  json.attribute("macs_skipped", macs.skipped);
  json.attribute("macs_gated", macs.gated);
  json.attribute("macs_saved", macs.saved);
  json.attribute("macs_padding", macs.padding);
  json.attribute("extra_passes", layer.array.extraPasses);
  json.attribute("utilization", layer.utilization);
  json.attribute("array_utilization", layer.arrayUtilization);
  json.attribute("array_cycles", layer.array.cycles);
  json.attribute("active_pes", layer.array.activePEs);
  json.attribute("average_active_pes", layer.array.averageActivePEs);
  json.attribute("dram_words", layer.dramWords);
  writeEnergySum(json, result, layer.energy.getSum());
  json.attributeObject("dram_bytes_read",
                       [&] { writeDramSide(json, layer.dram.read); });
  json.attributeObject("dram_bytes_written",
                       [&] { writeDramSide(json, layer.dram.written); });
  json.attribute("dram_bytes_moved", layer.dram.moved);
  json.attribute("chip_bytes_read", layer.chipBytesRead);
  json.attribute("chip_bytes_written", layer.chipBytesWritten);
  json.attributeObject("busy_cycles", [&] {
    for (auto [name, cycles] : zip(getQueueNames(), layer.busyCycles))
      json.attribute(name, cycles);
  });
  json.attribute("commands", layer.commands);
  json.attribute("vector_elements", layer.units.elements);
  json.attribute("vector_operations", layer.units.vectorOperations);
  json.attribute("scalar_instructions", layer.units.scalarInstructions);
  json.attributeObject("accesses", [&] {
    writeOperand(json, "inputs", layer.array.inputs);
    writeOperand(json, "weights", layer.array.weights);
    writeOperand(json, "sums", layer.array.sums);
    writeAccesses(json, "transfers", layer.array.transfers);
    json.attribute("metadata_words", layer.array.metadataWords);
  });
  json.attributeObject("energy", [&] { writeEnergy(json, layer.energy); });
}

static void writeSamples(json::OStream &json, StringRef name,
                         ArrayRef<double> values) {
  json.attributeArray(name, [&] {
    for (double value : values)
      json.value(value);
  });
}

static void writeMemoryUse(json::OStream &json,
                           const SimulationResult &result) {
  const MemoryUse &use = result.memoryUse;
  json.attribute("clocks_per_sample", use.clocksPerSample);
  json.attributeObject("held_bytes", [&] {
    for (auto [memory, held] : zip(result.memories, use.heldBytes))
      writeSamples(json, getText(memory.name), held);
  });
  writeSamples(json, "dram_read_per_clock", use.dramRead);
  writeSamples(json, "dram_written_per_clock", use.dramWritten);
}

static void writeSteps(json::OStream &json, const StepsSummary &summary) {
  json.attribute("count", summary.steps);
  json.attribute("frames", summary.frames);
  json.attribute("least_cycles", summary.leastCycles);
  json.attribute("most_cycles", summary.mostCycles);
  json.attribute("total_cycles", summary.totalCycles);
  json.attribute("total_energy", summary.totalEnergy);
  json.attribute("start_cycles", summary.startCycles);
  json.attribute("start_energy", summary.startEnergy);
}

void writeReportJson(const SimulationResult &result, raw_ostream &os) {
  json::OStream json(os, 2);
  json.object([&] {
    json.attribute("machine", getText(result.machine.name));
    json.attribute("machine_hash",
                   "0x" + utohexstr(result.machineHash, /*LowerCase=*/true,
                                    /*Width=*/16));
    json.attribute("stream_version", result.streamVersion);
    json.attribute("mode", result.mode == SimulationMode::Full ? "full"
                                                               : "timing-only");
    json.attribute("clock_mhz", result.machine.clockMHz);
    json.attribute("total_cycles", result.totalCycles);
    json.attribute("milliseconds", double(result.totalCycles) /
                                       (result.machine.clockMHz * 1000));
    if (result.steps)
      json.attributeObject("steps", [&] { writeSteps(json, *result.steps); });
    json.attributeObject("buckets",
                         [&] { writeBuckets(json, result.total.buckets); });
    json.attributeObject("energy",
                         [&] { writeEnergy(json, result.total.energy); });
    writeEnergySum(json, result, result.total.energy.getSum());
    json.attributeObject("actions",
                         [&] { writeActions(json, result.total.energy); });
    json.attributeObject("energy_table", [&] {
      json.attribute("name", getText(result.energyTable));
      json.attribute("version", result.energyVersion);
      json.attribute("technology", getText(result.energyTechnology));
      json.attribute("unit", getName(result.energyUnit));
    });
    json.attributeArray("memories", [&] {
      for (const MemoryResult &memory : result.memories)
        json.object([&] {
          json.attribute("name", getText(memory.name));
          json.attribute("bytes", memory.bytes);
          json.attribute("peak_bytes", memory.peakBytes);
        });
    });
    if (!result.memoryUse.dramRead.empty())
      json.attributeObject("memory_use", [&] { writeMemoryUse(json, result); });
    json.attribute("workspace_bytes", result.workspaceBytes);
    json.attribute("constant_bytes", result.constantBytes);
    json.attributeObject("total",
                         [&] { writeLayer(json, result, result.total); });
    json.attributeArray("layers", [&] {
      for (const LayerResult &layer : result.layers)
        json.object([&] { writeLayer(json, result, layer); });
    });
  });
  os << "\n";
}

} // namespace lacuna::npu
