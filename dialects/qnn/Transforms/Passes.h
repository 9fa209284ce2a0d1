//===- Passes.h - Passes over qnn -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_QNN_TRANSFORMS_PASSES_H
#define LACUNA_DIALECTS_QNN_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace lacuna::qnn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/qnn/Transforms/Passes.h.inc"

} // namespace lacuna::qnn

#endif // LACUNA_DIALECTS_QNN_TRANSFORMS_PASSES_H
