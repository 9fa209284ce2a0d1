//===- NNNormOps.td - Softmax and normalisations ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_NORM_OPS_TD
#define LACUNA_NN_NORM_OPS_TD

include "dialects/nn/IR/NNAttrs.td"
include "dialects/nn/IR/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_SoftmaxOp : NN_Op<"softmax", [Pure]> {
  let summary = "Softmax over one dimension, or its logarithm";
  let description = [{
    `exp(x - max) / sum(exp(x - max))` over dimension `axis`, where the maximum
    keeps the exponentials finite. With `log` the logarithm of that,
    `x - max - log(sum(exp(x - max)))`. Computed in f32 or wider.

    Constraints:
    - (C1) `axis` is a dimension of `input`.
    - (C2) Input and result have the same type.

    Example:

    ```mlir
    %y = nn.softmax %x {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, I64Attr:$axis, UnitAttr:$log);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = [{
    $input attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_BatchNormOp : NN_Op<"batch_norm", [Pure]> {
  let summary = "Normalisation of channels by a given mean and variance";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + bias`, where dimension 1 of
    `input` selects the parameters. Computed in f32 or wider.

    Constraints:
    - (C1) `input` has rank 2 or more, and the type of the result.
    - (C2) The parameters have shape `[C]`.

    Example:

    ```mlir
    %y = nn.batch_norm %x, %scale, %bias, %mean, %variance {
        epsilon = 1.0e-05 : f64
      } : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>,
           tensor<8xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input, NN_FloatTensor:$scale, NN_FloatTensor:$bias,
    NN_FloatTensor:$mean, NN_FloatTensor:$variance, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = [{
    $input `,` $scale `,` $bias `,` $mean `,` $variance attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_InstanceNormOp : NN_Op<"instance_norm", [Pure]> {
  let summary = "Normalisation of each channel of each sample";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + bias`, where mean and
    variance are those of the elements of one sample and one channel, and
    dimension 1 of `input` selects scale and bias. Computed in f32 or wider.

    Constraints:
    - (C1) `input` has rank 3 or more, and the type of the result.
    - (C2) `scale` and `bias` have shape `[C]`.

    Example:

    ```mlir
    %y = nn.instance_norm %x, %scale, %bias {epsilon = 1.0e-05 : f64}
      : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>)
        -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input, NN_FloatTensor:$scale, NN_FloatTensor:$bias,
    F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = [{
    $input `,` $scale `,` $bias attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_LayerNormOp : NN_Op<"layer_norm", [Pure]> {
  let summary = "Normalisation over the trailing dimensions";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + bias`, where mean and
    variance are those of the elements over the dimensions from `axis` on. With
    `rms` nothing is subtracted and the mean of the squares stands for the
    variance. Computed in f32 or wider.

    Two more results, `statistics`, may follow: the mean and
    `1 / sqrt(variance + epsilon)`, in the type that was computed in.

    Constraints:
    - (C1) `axis` is a dimension of `input`, which has the type of the result.
    - (C2) `scale` and `bias` have the dimensions of `input` from `axis` on.
    - (C3) There are two `statistics` or none, and none with `rms`. They have the
      dimensions of `input` before `axis`, and their elements are f32, or f64 if
      those of `input` are.

    Example:

    ```mlir
    %y = nn.layer_norm %x, %scale bias %bias {
        axis = 2 : i64, epsilon = 1.0e-05 : f64
      } : (tensor<1x16x64xf32>, tensor<64xf32>, tensor<64xf32>)
        -> tensor<1x16x64xf32>
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input, NN_FloatTensor:$scale,
    Optional<NN_FloatTensor>:$bias, I64Attr:$axis, F64Attr:$epsilon,
    UnitAttr:$rms);
  let results = (outs
    NN_FloatTensor:$output, Variadic<NN_FloatTensor>:$statistics);
  let assemblyFormat = [{
    $input `,` $scale (`bias` $bias^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_LrnOp : NN_Op<"lrn", [Pure]> {
  let summary = "Normalisation by the squares of near channels";
  let description = [{
    `x / (bias + alpha / size * s)^beta`, where `s` is the sum of squares over
    `size` channels, of which `(size - 1) / 2`, rounded down, come before this
    one. Channels outside the input count as zero. Computed in f32 or wider.

    Constraints:
    - (C1) `input` has rank 2 or more, and the type of the result.
    - (C2) `size` is positive.

    Example:

    ```mlir
    %y = nn.lrn %x {
        size = 3 : i64, alpha = 1.0e-04 : f64, beta = 0.75 : f64, bias = 1.0 : f64
      } : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input, I64Attr:$size, F64Attr:$alpha, F64Attr:$beta,
    F64Attr:$bias);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = [{
    $input attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LACUNA_NN_NORM_OPS_TD
