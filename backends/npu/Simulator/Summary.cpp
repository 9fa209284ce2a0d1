//===- Summary.cpp - A simulation, for the terminal -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace lacuna::npu {

/// At most `width` characters that print.
static std::string shorten(StringRef text, size_t width) {
  std::string line;
  for (char c : text.take_front(width))
    line += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > width)
    line.replace(width - 3, 3, "...");
  return line;
}

static void writeRow(const LayerResult &layer, double scale, raw_ostream &os) {
  constexpr size_t kNameWidth = 28;
  const MacCounts &macs = layer.array.macs;
  double skipped =
      macs.getSum() ? 100.0 * double(macs.skipped) / double(macs.getSum()) : 0;
  os << left_justify(shorten(layer.name, kNameWidth), kNameWidth)
     << format(" %14lld", static_cast<long long>(layer.cycles))
     << format(" %14lld", static_cast<long long>(layer.computeCycles))
     << format(" %15lld", static_cast<long long>(macs.getSum()))
     << format(" %8.1f", skipped) << format(" %6.1f", 100 * layer.utilization)
     << format(" %12lld", static_cast<long long>(layer.dramWords))
     << format(" %12.3f", layer.energy.getSum() * scale) << '\n';
}

void writeSummary(const SimulationResult &result, raw_ostream &os) {
  bool isJoule = result.energyUnit == EnergyUnit::Picojoule;
  // Microjoules, or millions of products.
  double scale = 1e-6;
  os << left_justify("layer", 28) << "         cycles   without DRAM"
     << "            MACs skipped%  util%   DRAM words "
     << (isJoule ? "   energy uJ" : " energy MMAC") << '\n';
  for (const LayerResult &layer : result.layers)
    writeRow(layer, scale, os);
  writeRow(result.total, scale, os);
  os << '\n'
     << result.machine.name << ": " << result.totalCycles << " cycles, "
     << format("%.3f ms at %g MHz",
               double(result.totalCycles) / (result.machine.clockMHz * 1000),
               result.machine.clockMHz)
     << "; energy by table " << result.energyTable << " version "
     << result.energyVersion << " (" << result.energyTechnology << ")\n";
  for (auto [name, clocks] : zip(getBucketNames(), result.total.buckets.clocks))
    if (clocks)
      os << "  " << left_justify(name, 16)
         << format("%14lld %5.1f%%\n", static_cast<long long>(clocks),
                   100.0 * double(clocks) / double(result.totalCycles));
}

} // namespace lacuna::npu
