//===- Passes.td - Passes over nn --------------------------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_PASSES_TD
#define LACUNA_NN_PASSES_TD

include "mlir/Pass/PassBase.td"

def NNLowerToLinalg : Pass<"nn-lower-to-linalg"> {
  let summary = "Define every nn operation by linalg";
  let description = [{
    The reference lowering: each operation of `nn` becomes `linalg.generic`,
    `tensor` and `scf` operations that compute it in the plainest way. It is the
    definition of the dialect and the oracle of the backends; nothing here is
    done for speed. Locations are kept.

    Convolutions, matrix products and averages of 16-bit floats are summed in
    float32 and rounded once.

    The pass fails, naming the operation, if one has no lowering.

    Before:

    ```mlir
    %y = nn.matmul %a, %b : (tensor<4x8xf32>, tensor<8x2xf32>) -> tensor<4x2xf32>
    ```

    After: a `linalg.fill` with zero and one `linalg.generic` with iterators
    parallel, parallel, reduction.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

#endif // LACUNA_NN_PASSES_TD
