//===- Passes.td - Passes of the reference pipeline --------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_PASSES_TD
#define LACUNA_DRIVER_PASSES_TD

include "mlir/Pass/PassBase.td"

def ReferenceCopyToLinalg
    : Pass<"lacuna-reference-copy-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Turn memref.copy into linalg.copy";
  let description = [{
    Upstream lowers a `memref.copy` between layouts to a call of a runtime
    library. A `linalg.copy` becomes loops instead, and the compiled function
    needs nothing but itself.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

#endif // LACUNA_DRIVER_PASSES_TD
