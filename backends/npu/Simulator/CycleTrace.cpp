//===- CycleTrace.cpp - What PEs do, clock by clock -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/CycleTrace.h"

#include "llvm/Support/Format.h"
#include <algorithm>
#include <vector>

using namespace llvm;

namespace lacuna::npu {

namespace {
/// One clock after the other: which output each PE has, -1 for none.
class CycleTable {
public:
  CycleTable(int64_t pes, raw_ostream &os) : outputs(pes, -1), os(os) {
    os << "# clock input";
    for (int64_t pe = 0; pe < pes; ++pe)
      os << right_justify("pe" + std::to_string(pe), 6);
    os << "\n";
  }

  void add(const ArrayEvent &event) {
    if (event.clock != clock)
      finishClock();
    clock = event.clock;
    input = event.input;
    outputs[event.pe] = event.output;
    ++products;
  }

  void finish(int64_t cycles) {
    finishClock();
    double slots = double(cycles) * double(outputs.size());
    os << "# " << cycles << " clocks, " << products << " products, "
       << format("%.1f", slots > 0 ? 100 * double(products) / slots : 0)
       << " % of the PEs' clocks\n";
  }

private:
  void finishClock() {
    if (clock < 0)
      return;
    os << format("%7lld %5lld", static_cast<long long>(clock),
                 static_cast<long long>(input));
    for (int64_t &output : outputs) {
      os << right_justify(output < 0 ? "." : std::to_string(output), 6);
      output = -1;
    }
    os << "\n";
  }

  std::vector<int64_t> outputs;
  int64_t clock = -1, input = 0, products = 0;
  raw_ostream &os;
};
} // namespace

Error printCycles(const Machine &machine, const ArrayTask &task,
                  raw_ostream &os) {
  Expected<ArrayTiming> timing = timeArray(machine, task);
  if (!timing)
    return timing.takeError();
  CycleTable table(timing->activePEs, os);
  Expected<ArrayTiming> traced = traceArray(
      machine, task, [&](const ArrayEvent &event) { table.add(event); });
  if (!traced)
    return traced.takeError();
  table.finish(timing->cycles);
  return Error::success();
}

} // namespace lacuna::npu
