// RUN: lacuna-opt %s --compress-correct-bias | FileCheck %s

// In steps of 1, 0.25 becomes 0: at a mean of 8 the sum is 2 too small, which a
// new bias adds.
// CHECK: %[[B:.*]] = arith.constant dense_resource<[[NAME:.*]]> : tensor<1xf32>
// CHECK: nn.conv %{{.*}} bias %[[B]]
// CHECK: [[NAME]]: "0x0400000000000040"
func.func @main(%x: tensor<1x3x4xf32> {qnn.range = array<f64: 0.0, 20.0>}) -> tensor<1x1x4xf32> {
  %w = arith.constant dense<[[[127.0], [0.25], [64.0]]]> : tensor<1x3x1xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>,
      qnn.input_means = array<f64: 3.0, 8.0, 5.0>,
      qnn.range = array<f64: 0.0, 20.0>}
    : (tensor<1x3x4xf32>, tensor<1x3x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}
