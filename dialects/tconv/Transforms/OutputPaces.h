//===- OutputPaces.h - Which outputs have frames of one pace -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_TCONV_TRANSFORMS_OUTPUTPACES_H
#define LACUNA_DIALECTS_TCONV_TRANSFORMS_OUTPUTPACES_H

#include "mlir/IR/BuiltinOps.h"

namespace lacuna::tconv {

/// For each output of `main`, if dimension `axis` of its only input is time:
/// a number from 0 on, the same for outputs that can be those of one step
/// function; -1 for outputs without frames of their own.
llvm::SmallVector<int64_t> getOutputPaces(mlir::ModuleOp module, int64_t axis);

} // namespace lacuna::tconv

#endif // LACUNA_DIALECTS_TCONV_TRANSFORMS_OUTPUTPACES_H
