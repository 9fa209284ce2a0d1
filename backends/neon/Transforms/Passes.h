//===- Passes.h - From tensors to C++ with NEON -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_TRANSFORMS_PASSES_H
#define LACUNA_BACKENDS_NEON_TRANSFORMS_PASSES_H

#include "backends/neon/IR/NeonDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace lacuna::neon {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "backends/neon/Transforms/Passes.h.inc"

/// On a kernel: how many instructions it is expected to execute.
inline constexpr llvm::StringLiteral kInstructionsAttr = "neon.instructions";

/// On a kernel: why a way of multiplying is exact.
inline constexpr llvm::StringLiteral kProofAttr = "neon.proof";

/// The attributes that neon-place-weights leaves.
inline constexpr llvm::StringLiteral kOffsetAttr = "neon.offset";
inline constexpr llvm::StringLiteral kWeightBytesAttr = "neon.weight_bytes";

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_TRANSFORMS_PASSES_H
