//===- ReportCsv.cpp - layers.csv -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace lacuna::npu {

/// A field as RFC 4180 has it.
static std::string quote(StringRef text) {
  if (text.find_first_of(",\"\r\n") == StringRef::npos)
    return text.str();
  std::string quoted = "\"";
  for (char c : text)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

static void writeRow(const LayerResult &layer, raw_ostream &os) {
  const MacCounts &macs = layer.array.macs;
  os << quote(layer.name) << ',' << quote(join(layer.nodes, " "));
  for (int64_t count :
       {layer.cycles, layer.computeCycles, int64_t(layer.estimatedCycles),
        macs.getSum(), macs.done, macs.skipped, macs.gated, macs.saved,
        macs.padding})
    os << ',' << count;
  os << ',' << format("%.6f", layer.utilization) << ','
     << format("%.6f", layer.arrayUtilization) << ',' << layer.dramWords << ','
     << layer.dram.moved << ',' << format("%.3f", layer.energy.getSum());
  for (int64_t clocks : layer.buckets.clocks)
    os << ',' << clocks;
  for (unsigned component = 0; component < kEnergyComponents; ++component)
    os << ','
       << format("%.3f",
                 layer.energy.getOf(static_cast<EnergyComponent>(component)));
  os << '\n';
}

void writeLayersCsv(const SimulationResult &result, raw_ostream &os) {
  StringRef unit = result.energyUnit == EnergyUnit::Picojoule ? "pj" : "macs";
  os << "name,onnx_nodes,cycles,compute_cycles,estimated_cycles,macs,"
        "macs_done,macs_skipped,macs_gated,macs_saved,macs_padding,"
        "utilization,array_utilization,dram_words,dram_bytes_moved,energy_"
     << unit;
  for (StringRef name : getBucketNames())
    os << ',' << name;
  for (unsigned component = 0; component < kEnergyComponents; ++component)
    os << ",energy_" << getName(static_cast<EnergyComponent>(component)) << '_'
       << unit;
  os << '\n';
  for (const LayerResult &layer : result.layers)
    writeRow(layer, os);
  writeRow(result.total, os);
}

} // namespace lacuna::npu
