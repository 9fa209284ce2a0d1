//===- ReferencePasses.h - Passes of the reference pipeline -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_REFERENCEPASSES_H
#define LACUNA_LIB_DRIVER_REFERENCEPASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace lacuna {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Driver/Passes.h.inc"

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_REFERENCEPASSES_H
