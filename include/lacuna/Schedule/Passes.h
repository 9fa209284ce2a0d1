//===- Passes.h - Passes that place data in memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_PASSES_H
#define LACUNA_SCHEDULE_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace lacuna {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Schedule/Transforms/Passes.h.inc"

/// The attributes that schedule-plan-memory leaves.
inline constexpr llvm::StringLiteral kArenaBytesAttr = "schedule.arena_bytes";
inline constexpr llvm::StringLiteral kArenaLowerBoundAttr =
    "schedule.arena_lower_bound";
inline constexpr llvm::StringLiteral kBuffersAttr = "schedule.buffers";

} // namespace lacuna

#endif // LACUNA_SCHEDULE_PASSES_H
