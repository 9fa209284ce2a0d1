// RUN: lacuna-opt %s | FileCheck %s
// RUN: lacuna-opt %s --nn-lower-to-linalg | FileCheck %s --check-prefix=LINALG

// CHECK-LABEL: @temporal
// CHECK: nn.conv {{.*}} bias
// LINALG-LABEL: @temporal
// LINALG: tensor.pad
// LINALG: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]
func.func @temporal(%x: tensor<1x16x98xf32>, %w: tensor<24x16x9xf32>, %b: tensor<24xf32>) -> tensor<1x24x49xf32> {
  %y = nn.conv %x, %w bias %b {
      strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 4>, pads_end = array<i64: 4>, group = 1 : i64
    } : (tensor<1x16x98xf32>, tensor<24x16x9xf32>, tensor<24xf32>)
      -> tensor<1x24x49xf32>
  return %y : tensor<1x24x49xf32>
}

// CHECK-LABEL: @transposed
// CHECK: nn.conv_transpose
func.func @transposed(%x: tensor<1x8x5x5xf32>, %w: tensor<8x4x3x3xf32>) -> tensor<1x4x10x10xf32> {
  %y = nn.conv_transpose %x, %w {
      strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads_begin = array<i64: 1, 1>, pads_end = array<i64: 0, 0>,
      group = 1 : i64
    } : (tensor<1x8x5x5xf32>, tensor<8x4x3x3xf32>) -> tensor<1x4x10x10xf32>
  return %y : tensor<1x4x10x10xf32>
}

// CHECK-LABEL: @product
// CHECK: nn.matmul {{.*}} {transpose_rhs}
func.func @product(%a: tensor<4x8xf32>, %b: tensor<10x8xf32>) -> tensor<4x10xf32> {
  %y = nn.matmul %a, %b {transpose_rhs} : (tensor<4x8xf32>, tensor<10x8xf32>) -> tensor<4x10xf32>
  return %y : tensor<4x10xf32>
}

// Halves are summed in float32 and rounded once; constants are extended here.
// LINALG-LABEL: @halves
// LINALG-DAG: arith.constant dense_resource<extended{{.*}}> : tensor<8x2xf32>
// LINALG-DAG: arith.extf %{{.*}} : f16 to f32
// LINALG: arith.mulf %{{.*}} : f32
// LINALG: arith.truncf %{{.*}} : f32 to f16
func.func @halves(%x: tensor<4x8xf16>) -> tensor<4x2xf16> {
  %w = arith.constant dense<0.5> : tensor<8x2xf16>
  %y = nn.matmul %x, %w : (tensor<4x8xf16>, tensor<8x2xf16>) -> tensor<4x2xf16>
  return %y : tensor<4x2xf16>
}
