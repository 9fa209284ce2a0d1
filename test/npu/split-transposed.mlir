// RUN: lacuna-opt %s --npu-split-transposed --split-input-file | FileCheck %s

// The filter's taps go to the even and to the odd outputs.
// CHECK-LABEL: @halves
// CHECK: %[[EVEN:.*]] = nn.conv %arg0, %{{.*}} : (tensor<1x2x5xf32>, tensor<3x2x1xf32>) -> tensor<1x3x5xf32>
// CHECK: tensor.insert_slice %[[EVEN]] into %{{.*}}[0, 0, 0] [1, 3, 5] [1, 1, 2]
// CHECK: %[[ODD:.*]] = nn.conv %arg0, %{{.*}} : (tensor<1x2x5xf32>, tensor<3x2x1xf32>) -> tensor<1x3x5xf32>
// CHECK: tensor.insert_slice %[[ODD]] into %{{.*}}[0, 0, 1] [1, 3, 5] [1, 1, 2]
func.func @halves(%x: tensor<1x2x5xf32>) -> tensor<1x3x10xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3x2xf32>
  %y = nn.conv_transpose %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>, group = 1 : i64}
    : (tensor<1x2x5xf32>, tensor<2x3x2xf32>) -> tensor<1x3x10xf32>
  return %y : tensor<1x3x10xf32>
}

// -----

// A phase that no tap meets is zero, or the bias.
// CHECK-LABEL: @gaps
// CHECK: nn.conv
// CHECK: linalg.fill
// CHECK: tensor.insert_slice {{.*}}[0, 0, 1] [1, 1, 3] [1, 1, 3]
func.func @gaps(%x: tensor<1x1x4xf32>) -> tensor<1x1x10xf32> {
  %w = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %y = nn.conv_transpose %x, %w {strides = array<i64: 3>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>, group = 1 : i64}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>) -> tensor<1x1x10xf32>
  return %y : tensor<1x1x10xf32>
}

// -----

// Filters that are not constant cannot be taken apart.
// CHECK-LABEL: @dynamic
// CHECK: nn.conv_transpose
func.func @dynamic(%x: tensor<1x2x5xf32>, %w: tensor<2x3x2xf32>) -> tensor<1x3x10xf32> {
  %y = nn.conv_transpose %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>, group = 1 : i64}
    : (tensor<1x2x5xf32>, tensor<2x3x2xf32>) -> tensor<1x3x10xf32>
  return %y : tensor<1x3x10xf32>
}
