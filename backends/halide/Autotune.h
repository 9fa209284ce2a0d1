//===- Autotune.h - The tile that is fastest on this machine -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_AUTOTUNE_H
#define LACUNA_BACKENDS_HALIDE_AUTOTUNE_H

#include "backends/halide/Schedule.h"

namespace lacuna::halide {

/// Runs the kernel with the best few of `choices` in turn for about `seconds`
/// and returns these, the fastest first, with nanoseconds a run. None, with an
/// error, if this machine cannot run it. Files are made in `folder`.
std::vector<Choice> measureTiles(const Request &request,
                                 const std::vector<Choice> &choices,
                                 const Machine &machine, double seconds,
                                 const std::string &folder, std::string &error);

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_AUTOTUNE_H
