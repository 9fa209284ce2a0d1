// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @trims_all(%x: tensor<1x1x3xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x15xf32> {
  // expected-error @+1 {{(C2) trims a dimension of 5 by 10 and -20}}
  %y = nn.conv_transpose %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 10>, pads_end = array<i64: -20>} : (tensor<1x1x3xf32>, tensor<1x1x3xf32>) -> tensor<1x1x15xf32>
  return %y : tensor<1x1x15xf32>
}

// -----

func.func @empty_window(%x: tensor<1x1x3xf32>, %w: tensor<1x1x0xf32>) -> tensor<1x1x2xf32> {
  // expected-error @+1 {{(C1) has an empty window: 'tensor<1x1x0xf32>'}}
  %y = nn.conv_transpose %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x1x3xf32>, tensor<1x1x0xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// -----

func.func @negative_pad(%x: tensor<1x3x8xi8>, %w: tensor<4x3x3xi8>) -> tensor<1x4x5xi32> {
  // expected-error @+1 {{(C2) 'pads_begin' has the entry -1}}
  %y = qnn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: -1>, pads_end = array<i64: 0>} : (tensor<1x3x8xi8>, tensor<4x3x3xi8>) -> tensor<1x4x5xi32>
  return %y : tensor<1x4x5xi32>
}

// -----

func.func @batches(%a: tensor<2x4x8xi8>, %b: tensor<3x8x2xi8>) -> tensor<2x4x2xi32> {
  // expected-error @+1 {{(C2) cannot broadcast a dimension of 2 with one of 3}}
  %y = qnn.matmul %a, %b : (tensor<2x4x8xi8>, tensor<3x8x2xi8>) -> tensor<2x4x2xi32>
  return %y : tensor<2x4x2xi32>
}

// -----

func.func @batch_result(%a: tensor<2x4x8xi8>, %b: tensor<8x2xi8>) -> tensor<7x4x2xi32> {
  // expected-error @+1 {{(C2) makes 'tensor<7x4x2xi32>' of 'tensor<2x4x8xi8>' and 'tensor<8x2xi8>'}}
  %y = qnn.matmul %a, %b : (tensor<2x4x8xi8>, tensor<8x2xi8>) -> tensor<7x4x2xi32>
  return %y : tensor<7x4x2xi32>
}
