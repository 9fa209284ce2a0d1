//===- TConvOps.td - Operations of tconv ---*- tablegen -*- -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TCONV_OPS_TD
#define LACUNA_TCONV_OPS_TD

include "dialects/tconv/IR/TConvDialect.td"
include "dialects/tconv/IR/TConvAttrs.td"
include "dialects/tconv/IR/TConvInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def TConv_PushOp : TConv_Op<"push", [Pure, AllTypesMatch<["line", "next"]>]> {
  let summary = "Put frames at the end of a line";
  let description = [{
    `next` is `line` without its first frames along `axis`, as many as `frames`
    has, which come at its end. With `bounds`, only new frames from number
    `bounds[row, 0]` up to but not including `bounds[row, 1]` are those of a
    recording; the others are `fill`.

    Constraints:
    - (C1) `axis` is a dimension; `frames` and `line` have equal shapes but for
      it, where `line` is at least as long, and the same element type.
    - (C2) `bounds` comes with `row` and `fill`, and has two columns and that row.
    - (C3) `fill` has the element type.

    Example:

    ```mlir
    %next = tconv.push %frames, %line bounds %b {
        axis = 1 : i64, row = 2 : i64, fill = 0.0 : f32
      } : (tensor<1x8x16xf32>, tensor<1x16x16xf32>, tensor<4x2xi64>)
        -> tensor<1x16x16xf32>
    ```
  }];
  let arguments = (ins TConv_Tensor:$frames, TConv_Tensor:$line,
                       Optional<TConv_BoundsTensor>:$bounds, I64Attr:$axis,
                       OptionalAttr<I64Attr>:$row,
                       OptionalAttr<TypedAttrInterface>:$fill);
  let results = (outs TConv_Tensor:$next);
  let assemblyFormat = [{
    $frames `,` $line (`bounds` $bounds^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def TConv_KeepOp : TConv_Op<"keep", [Pure, AllTypesMatch<["changed", "state", "next"]>]> {
  let summary = "Change a state only by frames of the recording";
  let description = [{
    `next` is `changed`, what a cell has made of `state`, if the step's frames
    are within the recording, else `state` as it was: `changed` if `bounds[row,
    0]` is 0.

    Constraints:
    - (C1) `bounds` has two columns and that row.

    Example:

    ```mlir
    %next = tconv.keep %changed, %state bounds %b {row = 0 : i64}
      : (tensor<1x1x64xf32>, tensor<1x1x64xf32>, tensor<4x2xi64>)
        -> tensor<1x1x64xf32>
    ```
  }];
  let arguments = (ins TConv_Tensor:$changed, TConv_Tensor:$state,
                       TConv_BoundsTensor:$bounds, I64Attr:$row);
  let results = (outs TConv_Tensor:$next);
  let assemblyFormat = [{
    $changed `,` $state `bounds` $bounds attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_TCONV_OPS_TD
