//===- Operations.h - What values of a map are made by -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_OPERATIONS_H
#define LACUNA_BACKENDS_HALIDE_OPERATIONS_H

#include <Halide.h>

#include <optional>
#include <string>
#include <vector>

namespace lacuna::halide {

/// How many operands the operation `name` has, if there is one.
std::optional<size_t> countOperands(const std::string &name);

/// The names of all, with commas.
std::string listOperations();

/// The operation `name`, of floats; it exists and has so many operands.
Halide::Expr applyOperation(const std::string &name,
                            const std::vector<Halide::Expr> &operands);

/// e^x within 2 units in the last place: 0 from about -104 on, infinity from
/// 88.73 on, NaN for NaN. As the others, it wants the target's StrictFloat.
Halide::Expr exponential(const Halide::Expr &x);
/// Within 2 units too: minus infinity for 0, NaN for what is less.
Halide::Expr logarithm(const Halide::Expr &x);

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_OPERATIONS_H
