//===- Passes.td - Passes that make networks small --------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_COMPRESS_PASSES_TD
#define LACUNA_COMPRESS_PASSES_TD

include "mlir/Pass/PassBase.td"

def CompressFoldScales : Pass<"compress-fold-scales", "::mlir::ModuleOp"> {
  let summary = "Let weights take in what follows a convolution channel by channel";
  let description = [{
    A batch normalisation, or a constant of one number a channel that is added or
    multiplied, becomes part of the weights and the bias of the convolution before
    it, unless something else reads that. A sum over all of space, divided by how
    many it sums, becomes an `nn.avg_pool`. Quantization comes after this: it wants
    the ranges of what remains.

    Before:

    ```mlir
    %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
        pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (tensor<1x2x8xf32>, tensor<2x2x3xf32>) -> tensor<1x2x6xf32>
    %y = nn.batch_norm %c, %scale, %bias, %mean, %variance {epsilon = 1.0e-05 : f64}
      : (tensor<1x2x6xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
         tensor<2xf32>) -> tensor<1x2x6xf32>
    ```

    After: an `nn.conv` with other weights, and a bias.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect",
    "::lacuna::nn::NNDialect"
  ];
}

def CompressEqualizeLayers
    : Pass<"compress-equalize-layers", "::mlir::ModuleOp"> {
  let summary = "Bring channels between two convolutions to like ranges";
  let description = [{
    Where one convolution alone reads another, with nothing or max(x, 0) between
    them, each channel is divided by a number in the weights that make it, and
    multiplied by it in those that read it: the network computes the same, but the
    channels, and the weights on both sides, have ranges that one scale suits
    better. The number makes the greatest weight of the channel the same on both
    sides.
  }];
  let statistics = [
    Statistic<"numEqualized", "num-equalized",
              "Number of pairs of convolutions brought to like ranges">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def CompressCorrectBias : Pass<"compress-correct-bias", "::mlir::ModuleOp"> {
  let summary = "Let biases make up for what weights lose";
  let description = [{
    Weights of few bits shift what a layer gives, by the sum of their errors, each
    times the mean of the channel it multiplies. The means are those that
    calibration found, the attribute `qnn.input_means` of the layer; the shift is
    taken off the bias. A convolution without a bias gets one. Padding counts as if
    it had the mean too.
  }];
  let statistics = [
    Statistic<"numCorrected", "num-corrected",
              "Number of layers whose bias was corrected">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def CompressInsertQuantization
    : Pass<"compress-insert-quantization", "::mlir::ModuleOp"> {
  let summary = "Let calibrated values pass through bytes";
  let description = [{
    Each value of `main` with the attribute `qnn.range` (on the operation that
    makes it, or on the argument) is quantized and dequantized again before anything
    reads it: by one scale and one zero point, such that the range takes all
    integers of `qnn.bits` bits (8 if not given), in bytes; of 16 bits all are used,
    around the zero point 0. Weights of layers that read
    such values become dequantized bytes, symmetric, with a scale for each filter,
    of `qnn.weight_bits` bits; of those, the share `qnn.outliers` of the largest in
    each filter keeps steps of 8 bits. With `qnn.weight_group`, so many neighbours
    of a filter share a factor, an integer by which the numbers of those bits are
    multiplied: the products are bytes, all of the filter's one scale. A layer with
    `qnn.input_range` and `qnn.input_bits` reads its input in fewer bits than others
    do.

    What comes out is what a QDQ model is imported as; `--qnn-fold-quantization`
    turns it into integer layers.

    Before:

    ```mlir
    func.func @main(%x: tensor<1x2x8xf32> {qnn.range = array<f64: -1.0, 1.0>})
        -> tensor<1x2x6xf32> {
      %w = arith.constant dense<1.0> : tensor<2x2x3xf32>
      %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
          pads_begin = array<i64: 0>, pads_end = array<i64: 0>,
          qnn.range = array<f64: 0.0, 6.0>}
        : (tensor<1x2x8xf32>, tensor<2x2x3xf32>) -> tensor<1x2x6xf32>
      return %y : tensor<1x2x6xf32>
    }
    ```

    After: a `qnn.quantize` and a `qnn.dequantize` of `%x` and of `%y`, and a
    `qnn.dequantize` of bytes in place of `%w`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::lacuna::qnn::QNNDialect"
  ];
}

#endif // LACUNA_COMPRESS_PASSES_TD
