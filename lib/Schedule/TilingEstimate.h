//===- TilingEstimate.h - How long the tiles of a layer take -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_TILINGESTIMATE_H
#define LACUNA_LIB_SCHEDULE_TILINGESTIMATE_H

#include "lacuna/Schedule/Tiling.h"

namespace lacuna {

/// Sets `dramBytes` and `clocks`.
void estimateTiles(const TilingProblem &problem, TilingSolution &solution);

} // namespace lacuna

#endif // LACUNA_LIB_SCHEDULE_TILINGESTIMATE_H
