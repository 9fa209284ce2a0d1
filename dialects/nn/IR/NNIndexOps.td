//===- NNIndexOps.td - Sorting, scanning, scattering ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_INDEX_OPS_TD
#define LACUNA_NN_INDEX_OPS_TD

include "dialects/nn/IR/NNAttrs.td"
include "dialects/nn/IR/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_TopKOp : NN_Op<"topk", [Pure]> {
  let summary = "The largest or smallest elements along an axis";
  let description = [{
    The first `K` elements of `input` along `axis` in falling order (rising if
    `smallest`), and where they stood. Equal elements keep their order. NaN counts
    as larger than every number.

    Constraints:
    - (C1) `axis` is a dimension of `input`.
    - (C2) Both results have the shape of `input` but for `axis`, where they have
      `K`, at most the size of `input`.
    - (C3) `values` has the element type of `input`.

    Example:

    ```mlir
    %values, %indices = nn.topk %x {axis = 1 : i64}
      : (tensor<3x10xf32>) -> (tensor<3x4xf32>, tensor<3x4xi64>)
    ```
  }];
  let arguments = (ins NN_NumericTensor:$input, I64Attr:$axis,
                       UnitAttr:$smallest, UnitAttr:$is_unsigned);
  let results = (outs NN_NumericTensor:$values,
                      StaticShapeTensorOf<[I64]>:$indices);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def NN_ScatterElementsOp : NN_Op<"scatter_elements", [Pure]> {
  let summary = "Write elements at indices along one axis";
  let description = [{
    A copy of `input` in which, for each element of `updates`, the element at the
    same place but for `axis`, where the place is the one in `indices`, is
    replaced by it, or combined with it as `reduction` says. Updates are made one
    after the other, in row-major order. A negative index counts from the end; one
    that is outside `input` does nothing.

    Constraints:
    - (C1) `axis` is a dimension of `input`.
    - (C2) `indices` and `updates` have one shape, of the rank of `input`, and
      fit into it but for `axis`.
    - (C3) `updates` and the result have the element type of `input`, and the
      result has its shape.

    Example:

    ```mlir
    %y = nn.scatter_elements %x, %indices, %updates
        {axis = 1 : i64, reduction = #nn.reduction<add>}
      : (tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$indices,
                       NN_Tensor:$updates, I64Attr:$axis,
                       DefaultValuedAttr<NN_ReductionAttr,
                         "::lacuna::nn::Reduction::None">:$reduction,
                       UnitAttr:$is_unsigned);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $indices `,` $updates attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_ScatterNDOp : NN_Op<"scatter_nd", [Pure]> {
  let summary = "Write slices at indices";
  let description = [{
    A copy of `input` in which, for each row of `indices` (`[..., R]`), the slice
    that it names by its first `R` dimensions is replaced by the slice of
    `updates` at the same place, or combined with it as `reduction` says. Updates
    are made one after the other. A negative index counts from the end; a row
    that is outside `input` does nothing.

    Constraints:
    - (C1) `R` is at most the rank of `input`.
    - (C2) `updates` has the leading dimensions of `indices`, then those of a
      slice.
    - (C3) `updates` and the result have the element type of `input`, and the
      result has its shape.

    Example:

    ```mlir
    %y = nn.scatter_nd %x, %indices, %updates
      : (tensor<4x5xf32>, tensor<2x1xi64>, tensor<2x5xf32>) -> tensor<4x5xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$indices,
                       NN_Tensor:$updates,
                       DefaultValuedAttr<NN_ReductionAttr,
                         "::lacuna::nn::Reduction::None">:$reduction,
                       UnitAttr:$is_unsigned);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $input `,` $indices `,` $updates attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_NN_INDEX_OPS_TD
