//===- Report.h - What a simulation says of itself -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file for each form. The same result gives the same bytes.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_REPORT_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_REPORT_H

#include "backends/npu/Simulator/Simulator.h"

namespace lacuna::npu {

/// `report.json`.
void writeReportJson(const SimulationResult &result, llvm::raw_ostream &os);
/// `layers.csv`.
void writeLayersCsv(const SimulationResult &result, llvm::raw_ostream &os);
/// One page that needs nothing else.
void writeReportHtml(const SimulationResult &result, llvm::raw_ostream &os);
/// Of that page: what memories hold and move over time, if it was recorded.
void writeMemoryUse(const SimulationResult &result, llvm::raw_ostream &os);
/// A table for the terminal.
void writeSummary(const SimulationResult &result, llvm::raw_ostream &os);
/// For Chrome and Perfetto: a track for each queue. Wants
/// `SimulatorOptions::recordEvents`.
void writeTrace(const SimulationResult &result, llvm::raw_ostream &os);

/// Writes `report.json`, `layers.csv` and `report.html` into a folder, which is
/// made if it is not there. An error with the code of the system if it cannot.
llvm::Error writeReports(const SimulationResult &result,
                         llvm::StringRef folder);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_REPORT_H
