// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @axis(%x: tensor<3x4xf32>, %s: tensor<4xf32>) -> tensor<3x4xi8> {
  // expected-error @+1 {{(C1) has axis 2 of 'tensor<3x4xf32>'}}
  %y = qnn.quantize %x, %s {axis = 2 : i64} : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3x4xi8>
  return %y : tensor<3x4xi8>
}

// -----

func.func @scale(%x: tensor<3x4xi8>, %s: tensor<3xf32>) -> tensor<3x4xf32> {
  // expected-error @+1 {{(C1) scales 'tensor<3x4xi8>' by 'tensor<3xf32>'}}
  %y = qnn.dequantize %x, %s {axis = 1 : i64} : (tensor<3x4xi8>, tensor<3xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// -----

func.func @zero_point(%x: tensor<3x4xi32>, %s: tensor<f32>, %z: tensor<i32>) -> tensor<3x4xi8> {
  // expected-error @+1 {{(C2) has a zero point of 'tensor<i32>' for 'tensor<3x4xi8>'}}
  %y = qnn.requantize %x, %s zero_point %z : (tensor<3x4xi32>, tensor<f32>, tensor<i32>) -> tensor<3x4xi8>
  return %y : tensor<3x4xi8>
}

// -----

func.func @shape(%x: tensor<3x4xi32>, %s: tensor<f32>) -> tensor<4x3xi8> {
  // expected-error @+1 {{(C3) makes 'tensor<4x3xi8>' of 'tensor<3x4xi32>'}}
  %y = qnn.requantize %x, %s : (tensor<3x4xi32>, tensor<f32>) -> tensor<4x3xi8>
  return %y : tensor<4x3xi8>
}

// -----

func.func @conv_result(%x: tensor<1x3x8xi8>, %w: tensor<4x3x3xi8>) -> tensor<1x4x8xi32> {
  // expected-error @+1 {{(C2) has the result 'tensor<1x4x8xi32>', but its operands give 'tensor<1x4x6xi32>'}}
  %y = qnn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x3x8xi8>, tensor<4x3x3xi8>) -> tensor<1x4x8xi32>
  return %y : tensor<1x4x8xi32>
}

// -----

func.func @conv_zero_point(%x: tensor<1x3x8xi8>, %w: tensor<4x3x3xi8>, %z: tensor<3xi8>) -> tensor<1x4x6xi32> {
  // expected-error @+1 {{(C1) needs one zero point for its filter, or one a filter}}
  %y = qnn.conv %x, %w filter_zero_point %z {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x3x8xi8>, tensor<4x3x3xi8>, tensor<3xi8>) -> tensor<1x4x6xi32>
  return %y : tensor<1x4x6xi32>
}

// -----

func.func @product(%a: tensor<4x8xi8>, %b: tensor<7x2xi8>) -> tensor<4x2xi32> {
  // expected-error @+1 {{(C2) cannot multiply 'tensor<4x8xi8>' and 'tensor<7x2xi8>'}}
  %y = qnn.matmul %a, %b : (tensor<4x8xi8>, tensor<7x2xi8>) -> tensor<4x2xi32>
  return %y : tensor<4x2xi32>
}

// -----

func.func @add_shape(%a: tensor<1x8xi8>, %b: tensor<8xi8>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<1x8xi8> {
  // expected-error @+1 {{(C1) makes 'tensor<1x8xi8>' of 'tensor<8xi8>'}}
  %y = qnn.add %a, %b scales %s, %s, %s zero_points %z, %z, %z : (tensor<1x8xi8>, tensor<8xi8>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<i8>, tensor<i8>, tensor<i8>) -> tensor<1x8xi8>
  return %y : tensor<1x8xi8>
}

// -----

func.func @add_scale(%a: tensor<1x8xi8>, %s: tensor<f32>, %t: tensor<8xf32>, %z: tensor<i8>) -> tensor<1x8xi8> {
  // expected-error @+1 {{(C2) has a scale or zero point of 'tensor<8xf32>'}}
  %y = qnn.add %a, %a scales %s, %t, %s zero_points %z, %z, %z : (tensor<1x8xi8>, tensor<1x8xi8>, tensor<f32>, tensor<8xf32>, tensor<f32>, tensor<i8>, tensor<i8>, tensor<i8>) -> tensor<1x8xi8>
  return %y : tensor<1x8xi8>
}

// -----

func.func @lookup_shape(%x: tensor<2xi8>, %t: tensor<256xi8>) -> tensor<3xi8> {
  // expected-error @+1 {{(C1) makes 'tensor<3xi8>' of 'tensor<2xi8>'}}
  %y = qnn.lookup %x, %t : (tensor<2xi8>, tensor<256xi8>) -> tensor<3xi8>
  return %y : tensor<3xi8>
}

// -----

func.func @lookup_table(%x: tensor<2xi8>, %t: tensor<16xi8>) -> tensor<2xi8> {
  // expected-error @+1 {{(C2) has a table of 'tensor<16xi8>'}}
  %y = qnn.lookup %x, %t : (tensor<2xi8>, tensor<16xi8>) -> tensor<2xi8>
  return %y : tensor<2xi8>
}

// -----

func.func @conv_bias(%x: tensor<1x3x8xi16>, %w: tensor<4x3x1xi8>, %b: tensor<4xi32>) -> tensor<1x4x8xi64> {
  // expected-error @+1 {{(C3) has 'tensor<4xi32>' for 'tensor<1x4x8xi64>'}}
  %y = qnn.conv %x, %w bias %b {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x3x8xi16>, tensor<4x3x1xi8>, tensor<4xi32>) -> tensor<1x4x8xi64>
  return %y : tensor<1x4x8xi64>
}

// -----

func.func @conv_zero_width(%x: tensor<1x3x8xi16>, %w: tensor<4x3x1xi8>, %z: tensor<i8>) -> tensor<1x4x8xi32> {
  // expected-error @+1 {{(C3) has 'tensor<i8>' for 'tensor<1x3x8xi16>'}}
  %y = qnn.conv %x, %w input_zero_point %z {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x3x8xi16>, tensor<4x3x1xi8>, tensor<i8>) -> tensor<1x4x8xi32>
  return %y : tensor<1x4x8xi32>
}

// -----

func.func @add_zero_point(%a: tensor<8xi16>, %s: tensor<f32>, %z: tensor<i16>, %zb: tensor<i8>) -> tensor<8xi16> {
  // expected-error @+1 {{(C3) has a zero point of 'tensor<i8>' for 'tensor<8xi16>'}}
  %y = qnn.add %a, %a scales %s, %s, %s zero_points %z, %zb, %z : (tensor<8xi16>, tensor<8xi16>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<i16>, tensor<i8>, tensor<i16>) -> tensor<8xi16>
  return %y : tensor<8xi16>
}
