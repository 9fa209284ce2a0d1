// RUN: lacuna-opt %s --neon-select-kernels=fp16 | FileCheck %s --check-prefixes=CHECK,FP16
// RUN: lacuna-opt %s --neon-select-kernels | FileCheck %s --check-prefixes=CHECK,NONE

// Kernels of halves where the core computes with them; else of floats, between
// conversions. Filters are converted here.
// CHECK-LABEL: @conv
// FP16: neon.conv ins(%{{.*}} : tensor<1x8x4xf16>, tensor<2x4x1xf16>)
// NONE: %[[W:.*]] = arith.constant dense_resource<extended{{.*}}> : tensor<2x4x1xf32>
// NONE: arith.extf
// NONE: neon.conv ins(%{{.*}}, %[[W]] : tensor<1x8x4xf32>, tensor<2x4x1xf32>)
// NONE: arith.truncf
func.func @conv(%x: tensor<1x4x8xf16>) -> tensor<1x2x8xf16> {
  %w = arith.constant dense<1.0> : tensor<2x4x1xf16>
  %y = nn.conv %x, %w {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x4x8xf16>, tensor<2x4x1xf16>) -> tensor<1x2x8xf16>
  return %y : tensor<1x2x8xf16>
}

// The rows of the matrix become columns.
// CHECK-LABEL: @matmul
// FP16: tensor<2x4x1xf16>
// NONE: tensor<2x4x1xf32>
func.func @matmul(%x: tensor<3x4xf16>) -> tensor<3x2xf16> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]> : tensor<4x2xf16>
  %y = nn.matmul %x, %w : (tensor<3x4xf16>, tensor<4x2xf16>) -> tensor<3x2xf16>
  return %y : tensor<3x2xf16>
}

// The sum of 144 taps of one channel would round too often.
// CHECK-LABEL: @many_taps
// CHECK: arith.extf
// CHECK: neon.conv {{.*}}tensor<1x12x12x8xf32>, tensor<8x1x12x12xf32>{{.*}}depthwise
func.func @many_taps(%x: tensor<1x8x12x12xf16>) -> tensor<1x8x1x1xf16> {
  %w = arith.constant dense<1.0> : tensor<8x1x12x12xf16>
  %y = nn.conv %x, %w {
      strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, group = 8 : i64
    } : (tensor<1x8x12x12xf16>, tensor<8x1x12x12xf16>) -> tensor<1x8x1x1xf16>
  return %y : tensor<1x8x1x1xf16>
}
