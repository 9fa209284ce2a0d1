//===- NNPoolOps.td - Pooling over space ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_POOL_OPS_TD
#define LACUNA_NN_POOL_OPS_TD

include "dialects/nn/IR/NNAttrs.td"
include "dialects/nn/IR/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_MaxPoolOp : NN_Op<"max_pool", [Pure]> {
  let summary = "Maximum over a sliding window, and where it was found";
  let description = [{
    The maximum of each window of `kernel` elements over one, two or three
    spatial dimensions. Padding never wins: a window that lies in it gives the
    least value of the element type. NaN wins over numbers. Integers compare as
    signed ones unless `is_unsigned`.

    The optional result `indices` tells where in `input`, flattened, each maximum
    was found; the first one counts, and -1 stands for a window of padding. The
    flattening is row-major, or, with `column_major`, that of the spatial
    dimensions is reversed.

    Constraints:
    - (C1) `input` and the results have the same rank, 3 to 5.
    - (C2) `kernel`, `strides`, `dilations`, `pads_begin` and `pads_end` have one
      entry a spatial dimension; the first three are positive, pads not negative.
    - (C3) The result is `[N, C, O...]` with
      `O = (D + begin + end - ((K - 1) * dilation + 1)) / stride + 1`, rounded
      down; with `ceil_mode` rounded up, but a last window has to start before
      the trailing padding.
    - (C4) The element types of input and result agree; indices have the
      shape of the result.

    Example:

    ```mlir
    %y = nn.max_pool %x {
        kernel = array<i64: 3>, strides = array<i64: 2>,
        dilations = array<i64: 1>, pads_begin = array<i64: 1>,
        pads_end = array<i64: 1>
      } : (tensor<1x8x98xf32>) -> tensor<1x8x49xf32>
    ```
  }];
  let arguments = (ins
    NN_NumericTensor:$input,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads_begin,
    DenseI64ArrayAttr:$pads_end, UnitAttr:$ceil_mode,
    UnitAttr:$column_major,
    UnitAttr:$is_unsigned);
  let results = (outs
    NN_NumericTensor:$output, Optional<StaticShapeTensorOf<[I64]>>:$indices);
  let assemblyFormat = [{
    $input attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_AvgPoolOp : NN_Op<"avg_pool", [Pure]> {
  let summary = "Mean over a sliding window";
  let description = [{
    The mean of each window of `kernel` elements over one, two or three spatial
    dimensions. Only elements inside the input count; with `count_include_pad`
    the zeros of the padding count too, but never what `ceil_mode` reaches beyond
    it. Sums are accumulated in f32 or wider. A window in which nothing counts
    gives NaN.

    Constraints:
    - (C1) `input` and the result have the same rank, 3 to 5.
    - (C2) `kernel`, `strides`, `dilations`, `pads_begin` and `pads_end` have one
      entry a spatial dimension; the first three are positive, pads not negative.
    - (C3) The result has the shape that `nn.max_pool` gives.
    - (C4) The element types agree.

    Example:

    ```mlir
    %y = nn.avg_pool %x {
        kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
        dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>,
        pads_end = array<i64: 0, 0>
      } : (tensor<1x8x10x10xf32>) -> tensor<1x8x5x5xf32>
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads_begin,
    DenseI64ArrayAttr:$pads_end, UnitAttr:$ceil_mode,
    UnitAttr:$count_include_pad);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = [{
    $input attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_MaxUnpoolOp : NN_Op<"max_unpool", [Pure]> {
  let summary = "Puts elements where a max pooling found them";
  let description = [{
    A result of zeros in which the element of `input` at each position stands at
    the row-major position that `indices` tells. Of several for one position the
    last wins; one outside the result is left out.

    Constraints:
    - (C1) `input` and `indices` have the same shape.
    - (C2) The element types of input and result agree.

    Example:

    ```mlir
    %y = nn.max_unpool %x, %indices
      : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32>
    ```
  }];
  let arguments = (ins
    NN_NumericTensor:$input, StaticShapeTensorOf<[I64]>:$indices);
  let results = (outs NN_NumericTensor:$output);
  let assemblyFormat = [{
    $input `,` $indices attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_NN_POOL_OPS_TD
