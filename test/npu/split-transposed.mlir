// RUN: lacuna-opt %s --npu-split-transposed --split-input-file | FileCheck %s
// RUN: lacuna-opt %s --npu-split-transposed="products-per-byte=64" --split-input-file | FileCheck %s --check-prefix=SHARED

// The filter's taps go to the even and to the odd outputs, which meet the same
// inputs: one convolution.
// CHECK-LABEL: @halves
// CHECK: %[[BOTH:.*]] = nn.conv %arg0, %{{.*}} : (tensor<1x2x5xf32>, tensor<6x2x1xf32>) -> tensor<1x6x5xf32>
// CHECK: %[[EVEN:.*]] = tensor.extract_slice %[[BOTH]][0, 0, 0] [1, 3, 5]
// CHECK: tensor.insert_slice %[[EVEN]] into %{{.*}}[0, 0, 0] [1, 3, 5] [1, 1, 2]
// CHECK: %[[ODD:.*]] = tensor.extract_slice %[[BOTH]][0, 3, 0] [1, 3, 5]
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

// -----

// As many taps, that meet other inputs: one convolution with an output more than
// either phase wants, where loads take longer than products. The bias is repeated.
// CHECK-LABEL: @shifted
// CHECK-COUNT-2: nn.conv
// SHARED-LABEL: @shifted
// SHARED: nn.conv %arg0, {{.*}}tensor<4xf32>) -> tensor<1x4x9xf32>
// SHARED-NOT: nn.conv
// SHARED: tensor.extract_slice {{.*}}[0, 0, 0] [1, 2, 8]
// SHARED: tensor.extract_slice {{.*}}[0, 0, 1] [1, 2, 8]
func.func @shifted(%x: tensor<1x32x8xf32>) -> tensor<1x2x16xf32> {
  %w = arith.constant dense<1.0> : tensor<32x2x4xf32>
  %b = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = nn.conv_transpose %x, %w bias %b {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>, group = 1 : i64}
    : (tensor<1x32x8xf32>, tensor<32x2x4xf32>, tensor<2xf32>) -> tensor<1x2x16xf32>
  return %y : tensor<1x2x16xf32>
}

// -----

// Infinity times zero is no zero, so none takes the place of a missing tap of floats.
// CHECK-LABEL: @uneven
// CHECK-COUNT-2: nn.conv
// SHARED-LABEL: @uneven
// SHARED-COUNT-2: nn.conv
func.func @uneven(%x: tensor<1x32x8xf32>) -> tensor<1x1x16xf32> {
  %w = arith.constant dense<1.0> : tensor<32x1x3xf32>
  %y = nn.conv_transpose %x, %w {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 1>, group = 1 : i64}
    : (tensor<1x32x8xf32>, tensor<32x1x3xf32>) -> tensor<1x1x16xf32>
  return %y : tensor<1x1x16xf32>
}
