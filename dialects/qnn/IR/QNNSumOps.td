//===- QNNSumOps.td - Sums of what is quantized ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_QNN_SUM_OPS_TD
#define LACUNA_QNN_SUM_OPS_TD

include "dialects/qnn/IR/QNNDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def QNN_AddOp : QNN_Op<"add", [Pure]> {
  let summary = "Sum of 8 or 16 bits, each operand with its own scale";
  let description = [{
    `saturate(round((l + r) / scale) + zero_point)`, where `l` is
    `(lhs - lhs_zero_point) * lhs_scale` and `r` is
    `(rhs - rhs_zero_point) * rhs_scale`: differences in integers; products, sum
    and quotient in float32, each rounded; then rounded half to even, and
    saturated to the range of the result. So a sum of dequantized operands that is
    quantized again computes.

    Constraints:
    - (C1) `lhs`, `rhs` and the result have the same shape.
    - (C2) Scales and zero points have rank 0.
    - (C3) Zero points have the element type of what they belong to.

    Example:

    ```mlir
    %y = qnn.add %a, %b scales %sa, %sb, %sy zero_points %za, %zb, %zy {rhs_unsigned}
      : (tensor<1x8x5xi8>, tensor<1x8x5xi8>, tensor<f32>, tensor<f32>, tensor<f32>,
         tensor<i8>, tensor<i8>, tensor<i8>) -> tensor<1x8x5xi8>
    ```
  }];
  let arguments = (ins
    QNN_StepsTensor:$lhs, QNN_StepsTensor:$rhs,
    QNN_ScaleTensor:$lhs_scale, QNN_ScaleTensor:$rhs_scale,
    QNN_ScaleTensor:$scale,
    QNN_StepsTensor:$lhs_zero_point, QNN_StepsTensor:$rhs_zero_point,
    QNN_StepsTensor:$zero_point,
    UnitAttr:$lhs_unsigned, UnitAttr:$rhs_unsigned, UnitAttr:$is_unsigned);
  let results = (outs QNN_StepsTensor:$output);
  let assemblyFormat = [{
    $lhs `,` $rhs `scales` $lhs_scale `,` $rhs_scale `,` $scale
    `zero_points` $lhs_zero_point `,` $rhs_zero_point `,` $zero_point attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_QNN_SUM_OPS_TD
