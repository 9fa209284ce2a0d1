// RUN: lacuna-opt %s | lacuna-opt | FileCheck %s
// RUN: lacuna-opt %s --nn-lower-to-linalg | FileCheck %s --check-prefix=LINALG

// CHECK-LABEL: @nearest
// CHECK: nn.resize nearest asymmetric round floor %
// LINALG-LABEL: @nearest
// LINALG: arith.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
// LINALG: tensor.extract
func.func @nearest(%x: tensor<1x8x2xi8>) -> tensor<1x8x4xi8> {
  %y = nn.resize nearest asymmetric round floor %x {
      scales = array<f64: 1.0, 1.0, 2.0>, cubic_a = -7.5e-01 : f64,
      extrapolation = 0.0 : f64
    } : (tensor<1x8x2xi8>) -> tensor<1x8x4xi8>
  return %y : tensor<1x8x4xi8>
}

// CHECK-LABEL: @linear
// CHECK: nn.resize linear half_pixel %
// LINALG-LABEL: @linear
// LINALG{LITERAL}: dense<[[2.500000e-01, 7.500000e-01], [7.500000e-01, 2.500000e-01], [2.500000e-01, 7.500000e-01], [7.500000e-01, 2.500000e-01]]> : tensor<4x2xf32>
// LINALG{LITERAL}: dense<[[0, 0], [0, 1], [0, 1], [1, 1]]> : tensor<4x2xi64>
func.func @linear(%x: tensor<1x8x2xf32>) -> tensor<1x8x4xf32> {
  %y = nn.resize linear half_pixel %x {
      scales = array<f64: 1.0, 1.0, 2.0>, cubic_a = -7.5e-01 : f64,
      extrapolation = 0.0 : f64
    } : (tensor<1x8x2xf32>) -> tensor<1x8x4xf32>
  return %y : tensor<1x8x4xf32>
}

// What lies outside is marked by an index of -1.
// CHECK-LABEL: @crop
// CHECK: nn.resize nearest tf_crop_and_resize round round_prefer_floor %
// LINALG-LABEL: @crop
// LINALG: arith.constant 9.000000e+00 : f32
// LINALG: arith.constant dense<[0, 2, -1]> : tensor<3xi64>
func.func @crop(%x: tensor<4xf32>) -> tensor<3xf32> {
  %y = nn.resize nearest tf_crop_and_resize round round_prefer_floor %x {
      scales = array<f64: 0.75>, roi = array<f64: 0.0, 1.5>,
      cubic_a = -7.5e-01 : f64, extrapolation = 9.0 : f64
    } : (tensor<4xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}
