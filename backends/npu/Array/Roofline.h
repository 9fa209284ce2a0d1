//===- Roofline.h - The time that nothing can beat -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer takes as long as its products on all multipliers or its traffic,
// whichever is longer: an estimate, in parts of clocks, of NVDLA-like machines.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_ARRAY_ROOFLINE_H
#define LACUNA_NPU_ARRAY_ROOFLINE_H

#include "backends/npu/Array/Traffic.h"
#include "lacuna/Schedule/Machine.h"
#include "llvm/Support/Error.h"
#include <algorithm>

namespace lacuna::npu {

struct RooflineTiming {
  /// Between the chip and DRAM.
  double bytes = 0;
  double macCycles = 0;
  int64_t dramCycles = 0;

  double getCycles() const { return std::max(macCycles, double(dramCycles)); }
  bool isBoundByDram() const { return double(dramCycles) > macCycles; }
};

/// The time of one frame.
llvm::Expected<RooflineTiming> timeRoofline(const Machine &machine,
                                            const RooflineLayer &layer);

} // namespace lacuna::npu

#endif // LACUNA_NPU_ARRAY_ROOFLINE_H
