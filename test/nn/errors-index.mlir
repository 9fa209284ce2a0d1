// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @topk_axis(%x: tensor<3x10xf32>) -> (tensor<3x4xf32>, tensor<3x4xi64>) {
  // expected-error @+1 {{(C1) has axis 2 of 'tensor<3x10xf32>'}}
  %v, %i = nn.topk %x {axis = 2 : i64} : (tensor<3x10xf32>) -> (tensor<3x4xf32>, tensor<3x4xi64>)
  return %v, %i : tensor<3x4xf32>, tensor<3x4xi64>
}

// -----

func.func @topk_count(%x: tensor<3x10xf32>) -> (tensor<3x11xf32>, tensor<3x11xi64>) {
  // expected-error @+1 {{(C2) takes 'tensor<3x11xf32>' and 'tensor<3x11xi64>' out of 'tensor<3x10xf32>'}}
  %v, %i = nn.topk %x {axis = 1 : i64} : (tensor<3x10xf32>) -> (tensor<3x11xf32>, tensor<3x11xi64>)
  return %v, %i : tensor<3x11xf32>, tensor<3x11xi64>
}

// -----

func.func @elements(%x: tensor<3x4xf32>, %i: tensor<4x2xi64>, %u: tensor<4x2xf32>) -> tensor<3x4xf32> {
  // expected-error @+1 {{(C2) scatters 'tensor<4x2xf32>' by 'tensor<4x2xi64>' into 'tensor<3x4xf32>'}}
  %y = nn.scatter_elements %x, %i, %u {axis = 1 : i64} : (tensor<3x4xf32>, tensor<4x2xi64>, tensor<4x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// -----

func.func @nd(%x: tensor<4x5xf32>, %i: tensor<2x3xi64>, %u: tensor<2xf32>) -> tensor<4x5xf32> {
  // expected-error @+1 {{(C1) names more dimensions than 'tensor<4x5xf32>' has}}
  %y = nn.scatter_nd %x, %i, %u : (tensor<4x5xf32>, tensor<2x3xi64>, tensor<2xf32>) -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

func.func @nd_types(%x: tensor<4x5xf32>, %i: tensor<2x1xi64>, %u: tensor<2x5xf64>) -> tensor<4x5xf32> {
  // expected-error @+1 {{(C3) scatters 'tensor<2x5xf64>' into 'tensor<4x5xf32>' to give 'tensor<4x5xf32>'}}
  %y = nn.scatter_nd %x, %i, %u : (tensor<4x5xf32>, tensor<2x1xi64>, tensor<2x5xf64>) -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}
