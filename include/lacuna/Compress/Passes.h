//===- Passes.h - Passes that make networks small -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_COMPRESS_PASSES_H
#define LACUNA_COMPRESS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace lacuna {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Compress/Transforms/Passes.h.inc"

} // namespace lacuna

#endif // LACUNA_COMPRESS_PASSES_H
