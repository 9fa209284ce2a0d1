//===- Metadata.h - What says where values of a tile are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_LOOPNEST_METADATA_H
#define LACUNA_LIB_SCHEDULE_LOOPNEST_METADATA_H

#include "lacuna/Schedule/LoopNest/LoopNest.h"

namespace lacuna::loopnest {

/// The coordinates of every rank of a tile: what the format says, with the rest
/// of `words` where it says nothing. Empty if it does not divide them.
std::vector<int64_t> getFibres(const Format &format, int64_t words);

/// How many bits of a map, coordinates, runs or offsets each rank of one tile
/// has, on average.
std::vector<double> getUnits(const Format &format, int64_t words,
                             const Tensor &tensor, int64_t tensorWords);

} // namespace lacuna::loopnest

#endif // LACUNA_LIB_SCHEDULE_LOOPNEST_METADATA_H
