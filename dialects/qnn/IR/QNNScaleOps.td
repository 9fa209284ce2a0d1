//===- QNNScaleOps.td - Between floats, bytes and accumulators ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_QNN_SCALE_OPS_TD
#define LACUNA_QNN_SCALE_OPS_TD

include "dialects/qnn/IR/QNNDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def QNN_QuantizeOp : QNN_Op<"quantize", [Pure]> {
  let summary = "Floats to small integers";
  let description = [{
    `saturate(round(input / scale) + zero_point)`: the quotient in float32, rounded
    half to even; the sum saturated to the range of the result, which is unsigned
    if `is_unsigned`. An `input` of integers is converted to float32 first.

    Constraints:
    - (C1) `scale` has rank 0, or rank 1 and as many elements as dimension `axis`
      of `input`.
    - (C2) `zero_point` has the shape of `scale` and the element type of the
      result.
    - (C3) The result has the shape of `input`.

    Example:

    ```mlir
    %y = qnn.quantize %x, %scale zero_point %zp {axis = 0 : i64, is_unsigned}
      : (tensor<3x4xf32>, tensor<f32>, tensor<i8>) -> tensor<3x4xi8>
    ```
  }];
  let arguments = (ins
    StaticShapeTensorOf<[AnyFloat, I32]>:$input, QNN_ScaleTensor:$scale,
    Optional<QNN_ZeroPointTensor>:$zero_point,
    DefaultValuedAttr<I64Attr, "0">:$axis, UnitAttr:$is_unsigned);
  let results = (outs QNN_StepsTensor:$output);
  let assemblyFormat = [{
    $input `,` $scale (`zero_point` $zero_point^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QNN_DequantizeOp : QNN_Op<"dequantize", [Pure]> {
  let summary = "Small integers to floats";
  let description = [{
    `(input - zero_point) * scale`: the difference in 32-bit integers, the product
    in float32.

    Constraints:
    - (C1) `scale` has rank 0, or rank 1 and as many elements as dimension `axis`
      of `input`.
    - (C2) `zero_point` has the shape of `scale` and the element type of `input`.
    - (C3) The result has the shape of `input`.

    Example:

    ```mlir
    %y = qnn.dequantize %x, %scale zero_point %zp {axis = 1 : i64}
      : (tensor<3x4xi8>, tensor<4xf32>, tensor<4xi8>) -> tensor<3x4xf32>
    ```
  }];
  let arguments = (ins
    QNN_Tensor:$input, QNN_ScaleTensor:$scale,
    Optional<QNN_ZeroPointTensor>:$zero_point,
    DefaultValuedAttr<I64Attr, "0">:$axis, UnitAttr:$is_unsigned);
  let results = (outs QNN_FloatTensor:$output);
  let assemblyFormat = [{
    $input `,` $scale (`zero_point` $zero_point^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QNN_RequantizeOp : QNN_Op<"requantize", [Pure]> {
  let summary = "Accumulators to small integers";
  let description = [{
    `saturate(round(input * scale) + zero_point)`: the product in float32, rounded
    half to even, the sum saturated to the range of the result.

    Constraints:
    - (C1) `scale` has rank 0, or rank 1 and as many elements as dimension `axis`
      of `input`.
    - (C2) `zero_point` has rank 0 and the element type of the result.
    - (C3) The result has the shape of `input`.

    Example:

    ```mlir
    %y = qnn.requantize %acc, %scale zero_point %zp {axis = 1 : i64}
      : (tensor<1x8x5x5xi32>, tensor<8xf32>, tensor<i8>) -> tensor<1x8x5x5xi8>
    ```
  }];
  let arguments = (ins
    QNN_AccumulatorTensor:$input, QNN_ScaleTensor:$scale,
    Optional<QNN_ZeroPointTensor>:$zero_point,
    DefaultValuedAttr<I64Attr, "0">:$axis, UnitAttr:$is_unsigned);
  let results = (outs QNN_StepsTensor:$output);
  let assemblyFormat = [{
    $input `,` $scale (`zero_point` $zero_point^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QNN_LookupOp : QNN_Op<"lookup", [Pure]> {
  let summary = "Bytes replaced by those of a table";
  let description = [{
    Element `i` of the result is `table[j]`, where `j` is element `i` of `input`
    read as unsigned. Any elementwise function from bytes to bytes is a table: a
    sigmoid between a dequantize and a quantize, or a change of scale.

    Constraints:
    - (C1) `input` and the result have the same shape.
    - (C2) `table` has 256 elements.

    Example:

    ```mlir
    %y = qnn.lookup %x, %table
      : (tensor<1x8x5xi8>, tensor<256xi8>) -> tensor<1x8x5xi8>
    ```
  }];
  let arguments = (ins QNN_ByteTensor:$input, QNN_ByteTensor:$table);
  let results = (outs QNN_ByteTensor:$output);
  let assemblyFormat = [{
    $input `,` $table attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_QNN_SCALE_OPS_TD
