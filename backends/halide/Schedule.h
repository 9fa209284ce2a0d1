//===- Schedule.h - How many outputs a kernel sums at once -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_SCHEDULE_H
#define LACUNA_BACKENDS_HALIDE_SCHEDULE_H

#include "backends/halide/Machine.h"
#include "backends/halide/Request.h"

#include <vector>

namespace lacuna::halide {

/// A tile and what it costs: expected cycles, or measured nanoseconds.
struct Choice {
  Tile tile;
  double cost = 0;
};

/// How many neighbours a register holds: pixels of a row, or channels of a
/// softmax that sums those. Not of kernels whose weights come in blocks.
int64_t getLanes(const Request &kernel, const Machine &machine);

/// Whether the registers of tiles that `file` asks for fit into a row on
/// `machine`; if some do not, `error` says so, with the line.
bool checkTiles(const RequestFile &file, const Machine &machine,
                std::string &error);

/// The tiles that fit the registers, with the fewest expected cycles first;
/// only that of the request if it has one.
std::vector<Choice> rankTiles(const Request &kernel, const Machine &machine);

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_SCHEDULE_H
