//===- Passes.h - Passes of the NPU back end -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_TRANSFORMS_PASSES_H
#define LACUNA_BACKENDS_NPU_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace lacuna::npu {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "backends/npu/Transforms/Passes.h.inc"

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_TRANSFORMS_PASSES_H
