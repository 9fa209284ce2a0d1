// RUN: lacuna-opt %s | lacuna-opt | FileCheck %s
// RUN: lacuna-opt %s --nn-lower-to-linalg | FileCheck %s --check-prefix=LINALG

// The maximum is subtracted first.
// CHECK-LABEL: @softmax
// CHECK: nn.softmax %{{.*}} {axis = 1 : i64}
// LINALG-LABEL: @softmax
// LINALG: arith.maximumf
// LINALG: arith.subf
// LINALG: math.exp
// LINALG: arith.divf
func.func @softmax(%x: tensor<1x10xf32>) -> tensor<1x10xf32> {
  %y = nn.softmax %x {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
  return %y : tensor<1x10xf32>
}

// Half precision is computed in f32.
// CHECK-LABEL: @log_softmax
// CHECK: nn.softmax %{{.*}} {axis = 0 : i64, log}
// LINALG-LABEL: @log_softmax
// LINALG: arith.extf %{{.*}} : f16 to f32
// LINALG: math.log {{.*}} : f32
// LINALG: arith.truncf %{{.*}} : f32 to f16
func.func @log_softmax(%x: tensor<5x2xf16>) -> tensor<5x2xf16> {
  %y = nn.softmax %x {axis = 0 : i64, log} : (tensor<5x2xf16>) -> tensor<5x2xf16>
  return %y : tensor<5x2xf16>
}

// CHECK-LABEL: @batch
// CHECK: nn.batch_norm
// LINALG-LABEL: @batch
// LINALG: math.sqrt
func.func @batch(%x: tensor<1x8x4x4xf32>, %c: tensor<8xf32>) -> tensor<1x8x4x4xf32> {
  %y = nn.batch_norm %x, %c, %c, %c, %c {epsilon = 1.0e-05 : f64}
    : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
  return %y : tensor<1x8x4x4xf32>
}

// The square root of a known variance is a constant: 1 / sqrt(0.25 + 0) is 2, or
// 0x40000000.
// CHECK-LABEL: @trained
// LINALG-LABEL: @trained
// LINALG: arith.constant dense_resource<packed>
// LINALG-NOT: math.sqrt
func.func @trained(%x: tensor<1x2x4xf32>, %c: tensor<2xf32>) -> tensor<1x2x4xf32> {
  %v = arith.constant dense<0.25> : tensor<2xf32>
  %y = nn.batch_norm %x, %c, %c, %c, %v {epsilon = 0.0 : f64}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// CHECK-LABEL: @instance
// CHECK: nn.instance_norm
// LINALG-LABEL: @instance
// LINALG: iterator_types = ["parallel", "parallel", "reduction", "reduction"]
func.func @instance(%x: tensor<1x8x4x4xf32>, %c: tensor<8xf32>) -> tensor<1x8x4x4xf32> {
  %y = nn.instance_norm %x, %c, %c {epsilon = 1.0e-05 : f64}
    : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
  return %y : tensor<1x8x4x4xf32>
}

// CHECK-LABEL: @layer
// CHECK: nn.layer_norm %{{.*}}, %{{.*}} bias %{{.*}} {axis = 1 : i64
// LINALG-LABEL: @layer
// LINALG: iterator_types = ["parallel", "reduction", "reduction"]
func.func @layer(%x: tensor<2x3x4xf16>, %s: tensor<3x4xf16>) -> (tensor<2x3x4xf16>, tensor<2xf32>, tensor<2xf32>) {
  %y, %m, %v = nn.layer_norm %x, %s bias %s {axis = 1 : i64, epsilon = 1.0e-05 : f64}
    : (tensor<2x3x4xf16>, tensor<3x4xf16>, tensor<3x4xf16>) -> (tensor<2x3x4xf16>, tensor<2xf32>, tensor<2xf32>)
  return %y, %m, %v : tensor<2x3x4xf16>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: @rms
// CHECK: nn.layer_norm {{.*}}rms
// LINALG-LABEL: @rms
// LINALG-NOT: arith.subf
// LINALG: return
func.func @rms(%x: tensor<2x4xf32>, %s: tensor<4xf32>) -> tensor<2x4xf32> {
  %y = nn.layer_norm %x, %s {axis = 1 : i64, epsilon = 1.0e-05 : f64, rms}
    : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// Of a window of four, one channel lies before and two after.
// CHECK-LABEL: @lrn
// CHECK: nn.lrn
// LINALG-LABEL: @lrn
// LINALG: tensor.pad %{{.*}} low[0, 1, 0, 0] high[0, 2, 0, 0]
// LINALG: math.powf
func.func @lrn(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %y = nn.lrn %x {size = 4 : i64, alpha = 1.0e-04 : f64, beta = 0.75 : f64, bias = 1.0 : f64}
    : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return %y : tensor<1x8x4x4xf32>
}

// LINALG: packed: "0x040000000000004000000040"
