//===- Passes.td - Passes over qnn ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_QNN_PASSES_TD
#define LACUNA_QNN_PASSES_TD

include "mlir/Pass/PassBase.td"

def QNNLowerToNN : Pass<"qnn-lower-to-nn"> {
  let summary = "Define every qnn operation by nn and linalg";
  let description = [{
    The reference lowering: bytes are widened to 32-bit integers without their
    zero points, products become `nn.conv` and `nn.matmul` on integers, and
    scaling becomes `linalg.generic`. It is the definition of the dialect.

    Before:

    ```mlir
    %acc = qnn.matmul %a, %b : (tensor<4x8xi8>, tensor<8x2xi8>) -> tensor<4x2xi32>
    ```

    After: two `linalg.generic` that extend the operands, and an `nn.matmul` on
    `tensor<4x8xi32>` and `tensor<8x2xi32>`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect",
    "::lacuna::nn::NNDialect"
  ];
}

#endif // LACUNA_QNN_PASSES_TD
