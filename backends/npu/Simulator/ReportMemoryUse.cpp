//===- ReportMemoryUse.cpp - Pictures of memories over time -===//
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
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

namespace {
constexpr int kWidth = 860, kHeight = 90;

struct Curve {
  ArrayRef<double> values;
  StringRef colour;
};
} // namespace

/// Curves over time, each filled down to nothing; `most` is at the top.
static void writeCurves(raw_ostream &os, ArrayRef<Curve> curves, double most) {
  os << "<svg width=\"" << kWidth << "\" height=\"" << kHeight
     << "\" role=\"img\" style=\"background:#edf2f7\">\n";
  for (const Curve &curve : curves) {
    double step = double(kWidth) / double(curve.values.size()), x = 0;
    os << "<polygon fill=\"" << curve.colour
       << "\" fill-opacity=\"0.6\" points=\"0," << kHeight;
    for (double value : curve.values) {
      double y = kHeight * (1 - std::min(1.0, value / most));
      os << format(" %.1f,%.1f %.1f,%.1f", x, y, x + step, y);
      x += step;
    }
    os << format(" %.1f,", x) << kHeight << "\"/>\n";
  }
  os << "</svg>\n";
}

void writeMemoryUse(const SimulationResult &result, raw_ostream &os) {
  const MemoryUse &use = result.memoryUse;
  if (use.dramRead.empty())
    return;
  os << "<h2>Memory over time</h2>\n<p>From the first clock to the last, "
     << format("%.0f", use.clocksPerSample) << " clocks a step.</p>\n";
  for (auto [memory, held] : zip(result.memories, use.heldBytes)) {
    os << "<p>";
    printHTMLEscaped(memory.name, os);
    os << ": bytes that will be read, at the most "
       << format("%.0f", *std::max_element(held.begin(), held.end()))
       << "; the height is all " << memory.bytes << "</p>\n";
    writeCurves(os, {{held, "#2b6cb0"}}, double(memory.bytes));
  }
  double link = result.machine.getDramBytesPerClock();
  os << "<p>DRAM: <span class=\"key\" style=\"background:#f6ad55\"></span>read "
        "<span class=\"key\" style=\"background:#48bb78\"></span>written; the "
        "height is what the link moves, "
     << format("%g", link) << " bytes a clock</p>\n";
  writeCurves(os, {{use.dramRead, "#f6ad55"}, {use.dramWritten, "#48bb78"}},
              link);
}

} // namespace lacuna::npu
