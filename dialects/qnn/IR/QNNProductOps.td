//===- QNNProductOps.td - Integer convolutions and products ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_QNN_PRODUCT_OPS_TD
#define LACUNA_QNN_PRODUCT_OPS_TD

include "dialects/qnn/IR/QNNDialect.td"
include "dialects/nn/IR/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def QNN_ConvOp : QNN_Op<"conv", [Pure, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<NN_MacOpInterface>]> {
  let summary = "Convolution of 8 or 16 bits into accumulators";
  let description = [{
    An `nn.conv` of `input - input_zero_point` and `filter - filter_zero_point`,
    accumulated without rounding in as many bits as the result has, plus `bias`.
    What lies outside the input is its zero point. Sums that 32 bits do not hold
    wrap around, as those of ONNX do; who makes a convolution of 16 bits sees to it
    that they fit, or asks for 64.

    Constraints:
    - (C1) `input_zero_point` has rank 0; `filter_zero_point` has rank 0, or rank 1
      and one element a filter.
    - (C2) With their elements widened to those of the result, `input`, `filter`,
      `bias`, the attributes and the result are those of an `nn.conv`.
    - (C3) Zero points have the element type of what they belong to, and `bias`
      that of the result.

    Example:

    ```mlir
    %acc = qnn.conv %x, %w input_zero_point %xz {
        strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
        pads_begin = array<i64: 1, 1>, pads_end = array<i64: 1, 1>,
        group = 1 : i64, input_unsigned
      } : (tensor<1x3x8x8xi8>, tensor<4x3x3x3xi8>, tensor<i8>)
        -> tensor<1x4x8x8xi32>
    ```
  }];
  let arguments = (ins
    QNN_StepsTensor:$input, QNN_StepsTensor:$filter,
    Optional<QNN_AccumulatorTensor>:$bias,
    Optional<QNN_StepsTensor>:$input_zero_point,
    Optional<QNN_StepsTensor>:$filter_zero_point,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads_begin, DenseI64ArrayAttr:$pads_end,
    DefaultValuedAttr<I64Attr, "1">:$group,
    UnitAttr:$input_unsigned, UnitAttr:$filter_unsigned);
  let results = (outs QNN_AccumulatorTensor:$output);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)?
    (`input_zero_point` $input_zero_point^)?
    (`filter_zero_point` $filter_zero_point^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QNN_MatMulOp : QNN_Op<"matmul", [Pure, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<NN_MacOpInterface>]> {
  let summary = "Product of byte matrices into 32-bit accumulators";
  let description = [{
    An `nn.matmul` of `lhs - lhs_zero_point` and `rhs - rhs_zero_point`,
    accumulated in 32 bits without rounding.

    Constraints:
    - (C1) `lhs_zero_point` has rank 0, or rank 1 and one element a row of `lhs`;
      `rhs_zero_point` has rank 0, or rank 1 and one element a column of `rhs`.
    - (C2) The shapes are those of an `nn.matmul`.

    Example:

    ```mlir
    %acc = qnn.matmul %a, %b lhs_zero_point %az rhs_zero_point %bz {lhs_unsigned}
      : (tensor<4x8xi8>, tensor<8x2xi8>, tensor<i8>, tensor<2xi8>)
        -> tensor<4x2xi32>
    ```
  }];
  let arguments = (ins
    QNN_ByteTensor:$lhs, QNN_ByteTensor:$rhs,
    Optional<QNN_ByteTensor>:$lhs_zero_point,
    Optional<QNN_ByteTensor>:$rhs_zero_point,
    UnitAttr:$lhs_unsigned, UnitAttr:$rhs_unsigned);
  let results = (outs StaticShapeTensorOf<[I32]>:$output);
  let assemblyFormat = [{
    $lhs `,` $rhs (`lhs_zero_point` $lhs_zero_point^)?
    (`rhs_zero_point` $rhs_zero_point^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_QNN_PRODUCT_OPS_TD
