//===- NNResizeOps.td - Resampling ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_RESIZE_OPS_TD
#define LACUNA_NN_RESIZE_OPS_TD

include "dialects/nn/IR/NNAttrs.td"
include "dialects/nn/IR/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_ResizeOp : NN_Op<"resize", [Pure]> {
  let summary = "Resampling on another grid";
  let description = [{
    Each dimension is resampled on its own. With `I` the size of the input and
    `O` that of the result along a dimension, `s` its entry of `scales` and
    `W = s * I`, which need not be whole, element `x` of the result lies at the
    input position

    | coordinates            | position                                       |
    |------------------------|------------------------------------------------|
    | `asymmetric`           | `x / s`                                        |
    | `half_pixel`           | `(x + 0.5) / s - 0.5`                          |
    | `half_pixel_symmetric` | that `+ I / 2 * (1 - O / W)`                   |
    | `pytorch_half_pixel`   | that of `half_pixel`; `-0.5` if `W` is 1       |
    | `tf_half_pixel_for_nn` | `(x + 0.5) / s`                                |
    | `align_corners`        | `x * (I - 1) / (W - 1)`; 0 if `W` is 1         |
    | `tf_crop_and_resize`   | `(b + x * (e - b) / (W - 1)) * (I - 1)`;       |
    |                        | `(b + e) / 2 * (I - 1)` if `W` is 1            |

    where `b` and `e` come from `roi`, which lists all `b`, then all `e`.
    A `nearest` element is the one that `rounding` takes the position to. A
    `linear` or `cubic` one is a weighted sum of two or four neighbours; `cubic_a`
    is the coefficient of the cubic. With `antialias` the kernel is stretched by
    `1 / s` where that is more than one. Neighbours outside the input repeat its
    edge, or, with `exclude_outside`, do not count. With `tf_crop_and_resize` an
    element that lies outside is `extrapolation`. Sums are computed in f32 or
    wider.

    Constraints:
    - (C1) `input` and the result have the same rank and element type, and no
      empty dimension; `scales` has one entry a dimension.
    - (C2) No scale is less than `1 / (4 * I)`.
    - (C3) `nearest` has a `rounding`, other modes have none and need floating
      point.
    - (C4) `tf_crop_and_resize` has a `roi` with two entries a dimension.

    Example:

    ```mlir
    %y = nn.resize nearest asymmetric round floor %x {
        scales = array<f64: 1.0, 1.0, 2.0, 2.0>, cubic_a = -7.5e-01 : f64,
        extrapolation = 0.0 : f64
      } : (tensor<1x8x4x4xf32>) -> tensor<1x8x8x8xf32>
    ```
  }];
  let arguments = (ins
    NN_Tensor:$input, NN_ResizeModeAttr:$mode,
    NN_ResizeCoordinatesAttr:$coordinates,
    OptionalAttr<NN_ResizeRoundingAttr>:$rounding,
    DenseF64ArrayAttr:$scales, OptionalAttr<DenseF64ArrayAttr>:$roi,
    F64Attr:$cubic_a, F64Attr:$extrapolation, UnitAttr:$exclude_outside,
    UnitAttr:$antialias);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = [{
    $mode $coordinates (`round` $rounding^)? $input attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// What the elements of the result along one dimension are made of.
    struct Table {
      /// The number of neighbours that make one element.
      int64_t taps = 1;
      /// Positions in the input, inside it, and their weights: `taps` of them
      /// for each element. An element outside has weights of zero only.
      ::llvm::SmallVector<int64_t> indices;
      ::llvm::SmallVector<double> weights;
      /// Whether the result is the input along this dimension.
      bool isIdentity = false;
    };
    Table getTable(int64_t dim);
    /// Where in the input element `x` lies along `dim`.
    double getPosition(int64_t dim, int64_t x);
  }];
}

#endif // LACUNA_NN_RESIZE_OPS_TD
