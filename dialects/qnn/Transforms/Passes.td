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

def QNNFoldQuantization : Pass<"qnn-fold-quantization"> {
  let summary = "Turn float layers between quantized tensors into integer ones";
  let description = [{
    An `nn.conv`, or an `nn.matmul` with a constant matrix, of dequantized bytes
    whose result is quantized again, with a clamp before that or none, becomes a
    `qnn.conv` into 32-bit sums and a `qnn.requantize`. This is how such networks
    are meant: sums are exact, and rounded once. Bytes that are dequantized and
    quantized by the same numbers, perhaps moved or pooled to their maximum in
    between, stay as they are. A bias is brought into units of the sums; a clamp is
    done on bytes. Of 16 bits, inputs or weights or results, all this holds too:
    where the greatest input times the magnitudes of a filter's weights may leave 32
    bits, sums have 64. A sum of two such tensors becomes a `qnn.add`, with the same
    result; their product, integers that a `qnn.requantize` scales once; an average
    of windows of one size, a `qnn.conv` with weights of one and a
    `qnn.requantize`, whose sum is exact too. What depends elementwise on one such
    tensor, however it is computed, becomes a `qnn.lookup` in the table of its
    results; of 16 bits it stays in floats. Slices, padding, joined tensors and the nearest of pixels are bytes
    too.

    Where floats that were bytes are computed with after all, a remark
    `FloatWork` says which operation does, and why (`--remarks-filter-missed`).

    Before:

    ```mlir
    %xf = qnn.dequantize %x, %sx zero_point %zx
      : (tensor<1x3x8x8xi8>, tensor<f32>, tensor<i8>) -> tensor<1x3x8x8xf32>
    %wf = qnn.dequantize %w, %sw : (tensor<4x3x3x3xi8>, tensor<4xf32>) -> tensor<4x3x3x3xf32>
    %c = nn.conv %xf, %wf {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
        pads_begin = array<i64: 1, 1>, pads_end = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
    %y = qnn.quantize %c, %sy zero_point %zy
      : (tensor<1x4x8x8xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4x8x8xi8>
    ```

    After: a `qnn.conv` of `%x` and `%w`, and a `qnn.requantize` whose scales are
    `sx * sw / sy`.
  }];
  let options = [
    Option<"productsPerByte", "products-per-byte", "double", "0",
           "Products that the machine does while it moves a byte: phases of "
           "transposed convolutions share their input where that costs less">,
    Option<"memoryBytes", "memory-bytes", "int64_t", "0",
           "Bytes of its memory for inputs and outputs">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::lacuna::nn::NNDialect"
  ];
}

def QNNLowerToNN : Pass<"qnn-lower-to-nn"> {
  let summary = "Define every qnn operation by nn and linalg";
  let description = [{
    The reference lowering: steps are widened to the integers of the sums without
    their zero points, products become `nn.conv` and `nn.matmul` on integers, and
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
