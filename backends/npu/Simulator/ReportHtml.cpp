//===- ReportHtml.cpp - A simulation as a page -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace llvm;

namespace lacuna::npu {

namespace {
constexpr int kRowHeight = 20, kNameWidth = 220, kBarWidth = 640,
              kValueWidth = 180;
constexpr StringLiteral kBucketColours[kBuckets] = {
    "#2b6cb0", "#f6ad55", "#90cdf4", "#9f7aea", "#e53e3e", "#d69e2e",
    "#48bb78", "#38b2ac", "#ed64a6", "#a0aec0", "#4a5568"};

/// Part of a bar.
struct Segment {
  double value;
  StringRef colour;
  std::string title;
};

class Page {
public:
  Page(const SimulationResult &result, raw_ostream &os)
      : result(result), os(os) {}

  void write();

private:
  static std::string escape(StringRef text) {
    std::string escaped;
    raw_string_ostream stream(escaped);
    printHTMLEscaped(json::isUTF8(text) ? text.str() : json::fixUTF8(text),
                     stream);
    return escaped;
  }
  void beginChart(size_t rows);
  void writeBar(size_t row, StringRef name, ArrayRef<Segment> segments,
                double most, const Twine &value);
  void endChart() { os << "</svg>\n"; }

  void writeFacts();
  void writeCycles();
  void writeUtilization();
  void writeRoofline();
  void writeEnergy();
  void writeMemory();

  const SimulationResult &result;
  raw_ostream &os;
};
} // namespace

static std::string print(const char *pattern, double value) {
  std::string text;
  raw_string_ostream(text) << format(pattern, value);
  return text;
}

void Page::beginChart(size_t rows) {
  os << "<svg width=\"" << kNameWidth + kBarWidth + kValueWidth
     << "\" height=\"" << rows * kRowHeight + 4
     << "\" role=\"img\" font-size=\"12\">\n";
}

void Page::writeBar(size_t row, StringRef name, ArrayRef<Segment> segments,
                    double most, const Twine &value) {
  size_t y = row * kRowHeight;
  os << "<text x=\"" << kNameWidth - 8 << "\" y=\"" << y + 14
     << "\" text-anchor=\"end\">" << escape(name) << "</text>\n";
  double x = kNameWidth;
  for (const Segment &segment : segments) {
    if (segment.value <= 0)
      continue;
    double width = most > 0 ? segment.value / most * kBarWidth : 0;
    os << "<rect x=\"" << format("%.2f", x) << "\" y=\"" << y + 2
       << "\" width=\"" << format("%.2f", width) << "\" height=\""
       << kRowHeight - 4 << "\" fill=\"" << segment.colour << "\"><title>"
       << escape(segment.title) << "</title></rect>\n";
    x += width;
  }
  os << "<text x=\"" << format("%.2f", x + 6) << "\" y=\"" << y + 14 << "\">"
     << value << "</text>\n";
}

void Page::writeFacts() {
  bool isJoule = result.energyUnit == EnergyUnit::Picojoule;
  os << "<h1>" << escape(result.machine.name) << "</h1>\n<p>"
     << escape(result.machine.summary) << "</p>\n<table>\n";
  auto row = [&](StringRef name, const Twine &value) {
    os << "<tr><th>" << name << "</th><td>" << value << "</td></tr>\n";
  };
  row("cycles", Twine(result.totalCycles));
  row("time at " + print("%g MHz", result.machine.clockMHz),
      print("%.3f ms",
            double(result.totalCycles) / (result.machine.clockMHz * 1000)));
  const MacCounts &macs = result.total.array.macs;
  row("products", Twine(macs.getSum()) + " (done " + Twine(macs.done) +
                      ", gated " + Twine(macs.gated) + ", skipped " +
                      Twine(macs.skipped) + ", saved " + Twine(macs.saved) +
                      ")");
  row("utilization", print("%.1f %%", 100 * result.total.utilization));
  row("DRAM", Twine(result.total.dramWords) + " words of 16 bits, " +
                  Twine(result.total.dram.moved) + " bytes with whole bursts");
  row("energy", print(isJoule ? "%.3f uJ" : "%.3f million products",
                      result.total.energy.getSum() * 1e-6));
  row("energy table", escape(result.energyTable) + " version " +
                          Twine(result.energyVersion) + ", " +
                          escape(result.energyTechnology));
  row("machine hash", "0x" + utohexstr(result.machineHash, true, 16));
  row("stream version", result.streamVersion);
  os << "</table>\n";
}

void Page::writeCycles() {
  os << "<h2>Cycles</h2>\n<p>";
  for (auto [name, colour] : zip(getBucketNames(), kBucketColours))
    os << "<span class=\"key\" style=\"background:" << colour << "\"></span>"
       << name << " ";
  os << "</p>\n";
  int64_t most = 0;
  for (const LayerResult &layer : result.layers)
    most = std::max(most, layer.cycles);
  beginChart(result.layers.size());
  for (auto [row, layer] : enumerate(result.layers)) {
    std::vector<Segment> segments;
    for (auto [name, colour, clocks] :
         zip(getBucketNames(), kBucketColours, layer.buckets.clocks))
      segments.push_back(
          {double(clocks), colour, name.str() + ": " + itostr(clocks)});
    writeBar(row, layer.name, segments, double(most), Twine(layer.cycles));
  }
  endChart();
}

void Page::writeUtilization() {
  os << "<h2>Utilization of the array</h2>\n";
  beginChart(result.layers.size());
  for (auto [row, layer] : enumerate(result.layers))
    writeBar(row, layer.name,
             {{layer.utilization, kBucketColours[0], "of all clocks"},
              {std::max(0.0, layer.arrayUtilization - layer.utilization),
               kBucketColours[2], "of clocks at which the array works"}},
             1,
             print("%.1f %%", 100 * layer.utilization) + " / " +
                 print("%.1f %%", 100 * layer.arrayUtilization));
  endChart();
}

/// Products in a clock over products for a byte, both logarithmic.
void Page::writeRoofline() {
  constexpr int kWidth = 640, kHeight = 320, kMargin = 40;
  constexpr double kLeast = -6, kMost = 16;
  double peak = double(result.machine.array.getPeakMacs());
  double bandwidth = result.machine.getDramBytesPerClock();
  double top = std::log2(peak) + 1, bottom = top - 16;
  auto getX = [&](double intensity) {
    double at = std::clamp(std::log2(intensity), kLeast, kMost);
    return kMargin + (at - kLeast) / (kMost - kLeast) * (kWidth - kMargin);
  };
  auto getY = [&](double speed) {
    double at = std::clamp(std::log2(speed), bottom, top);
    return (top - at) / (top - bottom) * (kHeight - kMargin);
  };
  os << "<h2>Roofline</h2>\n<p>Products a clock over products a byte of "
        "DRAM.</p>\n<svg width=\""
     << kWidth + 20 << "\" height=\"" << kHeight
     << "\" role=\"img\" font-size=\"11\">\n<polyline fill=\"none\" "
        "stroke=\"#4a5568\" points=\"";
  for (double exponent = kLeast; exponent <= kMost; exponent += 0.25) {
    double intensity = std::exp2(exponent);
    os << format("%.1f,%.1f ", getX(intensity),
                 getY(std::min(peak, intensity * bandwidth)));
  }
  os << "\"/>\n";
  for (const LayerResult &layer : result.layers) {
    const MacCounts &macs = layer.array.macs;
    int64_t bytes = layer.dram.getRead() + layer.dram.getWritten();
    if (macs.done == 0 || bytes == 0 || layer.cycles == 0)
      continue;
    double intensity = double(macs.done) / double(bytes),
           speed = double(macs.done) / double(layer.cycles);
    os << format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" ", getX(intensity),
                 getY(speed))
       << "fill=\"" << kBucketColours[0] << "\"><title>" << escape(layer.name)
       << format(": %.2f products a byte, %.2f a clock", intensity, speed)
       << "</title></circle>\n";
  }
  os << "</svg>\n";
}

void Page::writeEnergy() {
  os << "<h2>Energy by component</h2>\n";
  double most = 0, sum = result.total.energy.getSum();
  for (unsigned i = 0; i < kEnergyComponents; ++i)
    most = std::max(most,
                    result.total.energy.getOf(static_cast<EnergyComponent>(i)));
  beginChart(kEnergyComponents);
  for (unsigned i = 0; i < kEnergyComponents; ++i) {
    auto component = static_cast<EnergyComponent>(i);
    double energy = result.total.energy.getOf(component);
    std::vector<Segment> segments;
    for (unsigned action = 0; action < kEnergyActions; ++action) {
      const EnergyEntry &entry = result.total.energy.entries[i][action];
      segments.push_back({entry.energy, kBucketColours[action],
                          getName(static_cast<EnergyAction>(action)).str() +
                              print(": %.0f actions", entry.actions)});
    }
    writeBar(i, getName(component), segments, most,
             print("%.3f", energy * 1e-6) + " (" +
                 print("%.1f %%", sum > 0 ? 100 * energy / sum : 0) + ")");
  }
  endChart();
}

void Page::writeMemory() {
  os << "<h2>Memory</h2>\n";
  beginChart(result.memories.size());
  for (auto [row, memory] : enumerate(result.memories))
    writeBar(row, memory.name,
             {{double(memory.peakBytes), kBucketColours[0], "in use"},
              {double(memory.bytes - memory.peakBytes), "#e2e8f0", "free"}},
             double(memory.bytes),
             Twine(memory.peakBytes) + " of " + Twine(memory.bytes));
  endChart();
  os << "<p>DRAM: " << result.constantBytes << " bytes of constants, "
     << result.workspaceBytes << " of workspace.</p>\n<table>\n<tr><th></th>"
     << "<th>bytes read</th><th>bytes written</th></tr>\n";
  for (unsigned i = 0; i < kDramKinds; ++i)
    os << "<tr><th>" << getName(static_cast<DramKind>(i)) << "</th><td>"
       << result.total.dram.read[i] << "</td><td>"
       << result.total.dram.written[i] << "</td></tr>\n";
  os << "</table>\n";
}

void Page::write() {
  os << "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta "
        "charset=\"utf-8\"><title>"
     << escape(result.machine.name)
     << "</title>\n<style>\nbody{font-family:sans-serif;margin:2em}\n"
        "th{text-align:left;padding-right:1em;font-weight:normal;color:#4a5568}"
        "\ntd{padding-right:1em}\n.key{display:inline-block;width:12px;"
        "height:12px;margin:0 4px 0 10px}\n</style></head>\n<body>\n";
  writeFacts();
  writeCycles();
  writeUtilization();
  writeRoofline();
  writeEnergy();
  writeMemory();
  writeMemoryUse(result, os);
  os << "</body>\n</html>\n";
}

void writeReportHtml(const SimulationResult &result, raw_ostream &os) {
  Page(result, os).write();
}

} // namespace lacuna::npu
