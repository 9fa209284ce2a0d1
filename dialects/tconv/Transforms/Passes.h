//===- Passes.h - Passes over tconv -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_TCONV_TRANSFORMS_PASSES_H
#define LACUNA_DIALECTS_TCONV_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace lacuna::tconv {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/tconv/Transforms/Passes.h.inc"

} // namespace lacuna::tconv

#endif // LACUNA_DIALECTS_TCONV_TRANSFORMS_PASSES_H
