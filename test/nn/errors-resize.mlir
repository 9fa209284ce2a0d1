// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @scales(%x: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{(C1) needs 1 scales, not 2}}
  %y = nn.resize linear half_pixel %x {scales = array<f64: 1.0, 1.0>, cubic_a = 0.0 : f64, extrapolation = 0.0 : f64} : (tensor<4xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @scale(%x: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{(C2) has the scale 0.000000e+00 for a dimension of 4}}
  %y = nn.resize linear half_pixel %x {scales = array<f64: 0.0>, cubic_a = 0.0 : f64, extrapolation = 0.0 : f64} : (tensor<4xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @rounding(%x: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{(C3) needs a rounding for mode 'nearest'}}
  %y = nn.resize nearest half_pixel %x {scales = array<f64: 2.0>, cubic_a = 0.0 : f64, extrapolation = 0.0 : f64} : (tensor<4xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @integers(%x: tensor<4xi32>) -> tensor<8xi32> {
  // expected-error @+1 {{(C3) cannot interpolate 'i32'}}
  %y = nn.resize cubic half_pixel %x {scales = array<f64: 2.0>, cubic_a = 0.0 : f64, extrapolation = 0.0 : f64} : (tensor<4xi32>) -> tensor<8xi32>
  return %y : tensor<8xi32>
}

// -----

func.func @roi(%x: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{(C4) needs a roi of 2 entries}}
  %y = nn.resize linear tf_crop_and_resize %x {scales = array<f64: 2.0>, cubic_a = 0.0 : f64, extrapolation = 0.0 : f64} : (tensor<4xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
