//===- Cartesian.cpp - Cartesian arrays -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Array/Models.h"

using namespace llvm;

namespace lacuna::npu {

Expected<ArrayTiming> timeCartesian(const Machine &machine, const ArrayTask &) {
  return createStringError("machine '" + machine.name +
                           "': this dataflow has no model of time");
}

} // namespace lacuna::npu
