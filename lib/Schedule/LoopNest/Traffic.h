//===- Traffic.h - Words between levels, if nothing is zero -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_LOOPNEST_TRAFFIC_H
#define LACUNA_LIB_SCHEDULE_LOOPNEST_TRAFFIC_H

#include "Nest.h"

namespace lacuna::loopnest {

/// Words of one instance of a level.
struct Traffic {
  int64_t reads = 0, fills = 0, updates = 0;
};

/// Of a level that keeps the tensor.
Traffic getTraffic(const Nest &nest, unsigned level, unsigned tensor);

} // namespace lacuna::loopnest

#endif // LACUNA_LIB_SCHEDULE_LOOPNEST_TRAFFIC_H
