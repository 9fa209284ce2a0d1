//===- NNConvOps.td - Convolutions and matrix products -----*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_CONV_OPS_TD
#define LACUNA_NN_CONV_OPS_TD

include "dialects/nn/IR/NNAttrs.td"
include "dialects/nn/IR/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_ConvOp : NN_Op<"conv", [Pure,
    DeclareOpInterfaceMethods<NN_MacOpInterface>]> {
  let summary = "Convolution over one, two or three spatial dimensions";
  let description = [{
    Slides `filter` (`[M, C/group, K...]`) over `input` (`[N, C, D...]`) and adds
    `bias` (`[M]`). Input channels and filters are split into `group` groups that
    do not see each other; a depthwise convolution has `group = C`. Outside the
    input lie zeros. Products are accumulated in the element type, which for
    integers is a widened one.

    Constraints:
    - (C1) `input`, `filter` and the result have the same rank, 3 to 5; no spatial
      dimension of `filter` is 0.
    - (C2) `strides`, `dilations`, `pads_begin` and `pads_end` have one entry a
      spatial dimension; strides and dilations are positive, pads not negative.
    - (C3) `group` divides C and M, and the filter has `C / group` channels.
    - (C4) The result is `[N, M, O...]` with
      `O = (D + begin + end - ((K - 1) * dilation + 1)) / stride + 1`, rounded down.
    - (C5) `bias` has shape `[M]`.
    - (C6) All element types agree.

    Example:

    ```mlir
    %y = nn.conv %x, %w bias %b {
        strides = array<i64: 2>, dilations = array<i64: 1>,
        pads_begin = array<i64: 4>, pads_end = array<i64: 4>, group = 1 : i64
      } : (tensor<1x16x98xf32>, tensor<24x16x9xf32>, tensor<24xf32>)
        -> tensor<1x24x49xf32>
    ```
  }];
  let arguments = (ins
    NN_NumericTensor:$input, NN_NumericTensor:$filter,
    Optional<NN_NumericTensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads_begin, DenseI64ArrayAttr:$pads_end,
    DefaultValuedAttr<I64Attr, "1">:$group);
  let results = (outs NN_NumericTensor:$output);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether every input channel is convolved on its own.
    bool isDepthwise() {
      return getGroup() > 1 && getGroup() == getInput().getType().getDimSize(1);
    }
  }];
}

def NN_ConvTransposeOp : NN_Op<"conv_transpose", [Pure,
    DeclareOpInterfaceMethods<NN_MacOpInterface>]> {
  let summary = "Transposed convolution over one, two or three dimensions";
  let description = [{
    The gradient of a convolution with respect to its input: each input element
    adds `filter` (`[C, M/group, K...]`), scaled, to a window of the result that
    moves by `strides`. `pads_begin` and `pads_end` trim the result.

    Constraints:
    - (C1) `input`, `filter` and the result have the same rank, 3 to 5; no spatial
      dimension of `filter` is 0.
    - (C2) `strides`, `dilations`, `pads_begin` and `pads_end` have one entry a
      spatial dimension; strides and dilations are positive. A negative pad
      extends the result by zeros; each pad leaves some of what it trims.
    - (C3) `group` divides C, which is the first dimension of the filter.
    - (C4) The result is `[N, M, O...]` with
      `O = (D - 1) * stride + (K - 1) * dilation + 1 - begin - end`, where output
      padding has been taken off `end`.
    - (C5) `bias` has shape `[M]`.
    - (C6) All element types agree.

    Example:

    ```mlir
    %y = nn.conv_transpose %x, %w {
        strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
        pads_begin = array<i64: 1, 1>, pads_end = array<i64: 0, 0>,
        group = 1 : i64
      } : (tensor<1x8x5x5xf32>, tensor<8x4x3x3xf32>) -> tensor<1x4x10x10xf32>
    ```
  }];
  let arguments = (ins
    NN_NumericTensor:$input, NN_NumericTensor:$filter,
    Optional<NN_NumericTensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads_begin, DenseI64ArrayAttr:$pads_end,
    DefaultValuedAttr<I64Attr, "1">:$group);
  let results = (outs NN_NumericTensor:$output);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_MatMulOp : NN_Op<"matmul", [Pure,
    DeclareOpInterfaceMethods<NN_MacOpInterface>]> {
  let summary = "Matrix product, batched with broadcasting";
  let description = [{
    The product of the last two dimensions of `lhs` (`[..., M, K]`) and `rhs`
    (`[..., K, N]`); the dimensions before them broadcast as in NumPy. With
    `transpose_lhs` or `transpose_rhs` the last two dimensions of that operand
    are exchanged first.

    Constraints:
    - (C1) Both operands have rank 2 or more.
    - (C2) The contracted dimensions agree.
    - (C3) Leading dimensions are equal or 1, and the result has their maximum,
      then M and N.
    - (C4) All element types agree.

    Example:

    ```mlir
    %y = nn.matmul %a, %b {transpose_rhs}
      : (tensor<4x8xf32>, tensor<10x8xf32>) -> tensor<4x10xf32>
    ```
  }];
  let arguments = (ins
    NN_NumericTensor:$lhs, NN_NumericTensor:$rhs,
    UnitAttr:$transpose_lhs, UnitAttr:$transpose_rhs);
  let results = (outs NN_NumericTensor:$output);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_NN_CONV_OPS_TD
