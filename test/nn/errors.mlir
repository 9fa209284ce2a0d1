// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<1x16xf32>, %w: tensor<24x16xf32>) -> tensor<1x24xf32> {
  // expected-error @+1 {{(C1) needs input, filter and result of one rank from 3 to 5, but they have ranks 2, 2 and 2}}
  %y = nn.conv %x, %w {strides = array<i64>, dilations = array<i64>, pads_begin = array<i64>, pads_end = array<i64>} : (tensor<1x16xf32>, tensor<24x16xf32>) -> tensor<1x24xf32>
  return %y : tensor<1x24xf32>
}

// -----

func.func @groups(%x: tensor<1x16x9xf32>, %w: tensor<24x16x1xf32>) -> tensor<1x24x9xf32> {
  // expected-error @+2 {{(C3) channels do not fit the groups}}
  // expected-note @+1 {{input channels 16, filter channels 16, filters 24, groups 4}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>, group = 4 : i64} : (tensor<1x16x9xf32>, tensor<24x16x1xf32>) -> tensor<1x24x9xf32>
  return %y : tensor<1x24x9xf32>
}

// -----

func.func @shape(%x: tensor<1x16x9xf32>, %w: tensor<24x16x3xf32>) -> tensor<1x24x9xf32> {
  // expected-error @+3 {{(C4) has the wrong result shape}}
  // expected-note @+2 {{the result is 'tensor<1x24x9xf32>'}}
  // expected-note @+1 {{the operands give 'tensor<1x24x7xf32>'}}
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x16x9xf32>, tensor<24x16x3xf32>) -> tensor<1x24x9xf32>
  return %y : tensor<1x24x9xf32>
}

// -----

func.func @inner(%a: tensor<4x8xf32>, %b: tensor<9x2xf32>) -> tensor<4x2xf32> {
  // expected-error @+1 {{(C2) contracts a dimension of 8 with one of 9}}
  %y = nn.matmul %a, %b : (tensor<4x8xf32>, tensor<9x2xf32>) -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}
