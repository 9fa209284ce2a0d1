// RUN: lacuna-opt %s | lacuna-opt | FileCheck %s
// RUN: lacuna-opt %s --nn-lower-to-linalg | FileCheck %s --check-prefix=LINALG

// CHECK-LABEL: @max
// CHECK: nn.max_pool %{{.*}} {dilations = array<i64: 1>, kernel = array<i64: 3>
// LINALG-LABEL: @max
// LINALG: arith.constant 0xFF800000 : f32
// LINALG: tensor.pad
// LINALG: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "reduction"]
// LINALG: arith.maximumf
func.func @max(%x: tensor<1x8x98xf32>) -> tensor<1x8x49xf32> {
  %y = nn.max_pool %x {
      kernel = array<i64: 3>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 1>,
      pads_end = array<i64: 1>
    } : (tensor<1x8x98xf32>) -> tensor<1x8x49xf32>
  return %y : tensor<1x8x49xf32>
}

// Without padding every window lies inside, but its place is still checked.
// CHECK-LABEL: @max_indexed
// CHECK: nn.max_pool
// CHECK-SAME: column_major
// CHECK-SAME: is_unsigned
// LINALG-LABEL: @max_indexed
// LINALG-NOT: tensor.pad
// LINALG: arith.cmpi ugt
// LINALG: linalg.yield %{{.*}}, %{{.*}} : i8, i64
func.func @max_indexed(%x: tensor<1x1x4x4xi8>) -> (tensor<1x1x2x2xi8>, tensor<1x1x2x2xi64>) {
  %y, %i = nn.max_pool %x {
      kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
      dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>,
      pads_end = array<i64: 0, 0>, column_major, is_unsigned
    } : (tensor<1x1x4x4xi8>) -> (tensor<1x1x2x2xi8>, tensor<1x1x2x2xi64>)
  return %y, %i : tensor<1x1x2x2xi8>, tensor<1x1x2x2xi64>
}

// The last window counts what lies inside the input only: 2, 2 and 1 elements.
// CHECK-LABEL: @average
// CHECK: nn.avg_pool {{.*}}ceil_mode
// LINALG-LABEL: @average
// LINALG: arith.constant dense<[2.000000e+00, 2.000000e+00, 1.000000e+00]> : tensor<3xf32>
// LINALG: arith.divf
// LINALG: arith.truncf
func.func @average(%x: tensor<1x8x5xf16>) -> tensor<1x8x3xf16> {
  %y = nn.avg_pool %x {
      kernel = array<i64: 2>, strides = array<i64: 2>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>,
      pads_end = array<i64: 0>, ceil_mode, count_include_pad
    } : (tensor<1x8x5xf16>) -> tensor<1x8x3xf16>
  return %y : tensor<1x8x3xf16>
}

// CHECK-LABEL: @unpool
// CHECK: nn.max_unpool
// LINALG-LABEL: @unpool
// LINALG: scf.for
// LINALG: arith.cmpi ult
// LINALG: scf.if
func.func @unpool(%x: tensor<1x1x2x2xf32>, %i: tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32> {
  %y = nn.max_unpool %x, %i : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32>
  return %y : tensor<1x1x4x4xf32>
}
