//===- Object.h - A kernel as an object file -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_OBJECT_H
#define LACUNA_BACKENDS_HALIDE_OBJECT_H

#include "backends/halide/Machine.h"
#include "backends/halide/Request.h"

namespace lacuna::halide {

/// Writes the kernel as the function `symbol` to the object `file`, and as
/// `<symbol>_argv`, which takes an array of its arguments, if `byArray`; says
/// what is wrong if it cannot.
bool writeObject(const Request &request, const Tile &tile,
                 const Machine &machine, const std::string &symbol,
                 const std::string &file, std::string &error,
                 bool byArray = false);

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_OBJECT_H
