// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @softmax(%x: tensor<1x10xf32>) -> tensor<1x10xf32> {
  // expected-error @+1 {{(C1) has axis 2 on an input of rank 2}}
  %y = nn.softmax %x {axis = 2 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
  return %y : tensor<1x10xf32>
}

// -----

func.func @batch(%x: tensor<1x8xf32>, %c: tensor<4xf32>) -> tensor<1x8xf32> {
  // expected-error @+1 {{(C2) needs parameters of shape [8], not 'tensor<4xf32>'}}
  %y = nn.batch_norm %x, %c, %c, %c, %c {epsilon = 1.0e-05 : f64} : (tensor<1x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}

// -----

func.func @instance(%x: tensor<1x8xf32>, %c: tensor<8xf32>) -> tensor<1x8xf32> {
  // expected-error @+1 {{(C1) needs an input of rank 3 or more}}
  %y = nn.instance_norm %x, %c, %c {epsilon = 1.0e-05 : f64} : (tensor<1x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}

// -----

func.func @layer(%x: tensor<2x4xf32>, %s: tensor<2xf32>) -> tensor<2x4xf32> {
  // expected-error @+1 {{(C2) needs scale and bias of the shape of 'tensor<4xf32>'}}
  %y = nn.layer_norm %x, %s {axis = 1 : i64, epsilon = 1.0e-05 : f64} : (tensor<2x4xf32>, tensor<2xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

func.func @statistics(%x: tensor<2x4xf16>, %s: tensor<4xf16>) -> tensor<2x4xf16> {
  // expected-error @+1 {{(C3) needs statistics of type 'tensor<2xf32>', not 'tensor<2xf16>'}}
  %y, %m, %v = nn.layer_norm %x, %s {axis = 1 : i64, epsilon = 1.0e-05 : f64} : (tensor<2x4xf16>, tensor<4xf16>) -> (tensor<2x4xf16>, tensor<2xf16>, tensor<2xf16>)
  return %y : tensor<2x4xf16>
}

// -----

func.func @lrn(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  // expected-error @+1 {{(C2) has the size 0}}
  %y = nn.lrn %x {size = 0 : i64, alpha = 1.0 : f64, beta = 1.0 : f64, bias = 1.0 : f64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}
