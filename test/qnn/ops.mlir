// RUN: lacuna-opt %s | FileCheck %s
// RUN: lacuna-opt %s --qnn-lower-to-nn | FileCheck %s --check-prefix=NN

// CHECK-LABEL: @quantize
// CHECK: qnn.quantize %{{.*}}, %{{.*}} zero_point %{{.*}} {is_unsigned}
// NN-LABEL: @quantize
// NN: linalg.generic
// NN: arith.divf
// NN: math.roundeven
// NN: arith.maxnumf
// NN: arith.minnumf
// NN: arith.fptosi
// NN: arith.trunci
func.func @quantize(%x: tensor<3x4xf32>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<3x4xi8> {
  %y = qnn.quantize %x, %s zero_point %z {is_unsigned}
    : (tensor<3x4xf32>, tensor<f32>, tensor<i8>) -> tensor<3x4xi8>
  return %y : tensor<3x4xi8>
}

// CHECK-LABEL: @dequantize
// CHECK: qnn.dequantize {{.*}} {axis = 1 : i64}
// NN-LABEL: @dequantize
// NN: arith.extsi
// NN: arith.subi
// NN: arith.mulf
func.func @dequantize(%x: tensor<3x4xi8>, %s: tensor<4xf32>, %z: tensor<4xi8>) -> tensor<3x4xf32> {
  %y = qnn.dequantize %x, %s zero_point %z {axis = 1 : i64}
    : (tensor<3x4xi8>, tensor<4xf32>, tensor<4xi8>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// The zero point is taken off before the padding, which is zero then.
// CHECK-LABEL: @conv
// CHECK: qnn.conv {{.*}} input_zero_point
// NN-LABEL: @conv
// NN: arith.extui
// NN: nn.conv {{.*}} -> tensor<1x4x8x8xi32>
func.func @conv(%x: tensor<1x3x8x8xi8>, %w: tensor<4x3x3x3xi8>, %z: tensor<i8>) -> tensor<1x4x8x8xi32> {
  %y = qnn.conv %x, %w input_zero_point %z {
      strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads_begin = array<i64: 1, 1>, pads_end = array<i64: 1, 1>,
      input_unsigned
    } : (tensor<1x3x8x8xi8>, tensor<4x3x3x3xi8>, tensor<i8>) -> tensor<1x4x8x8xi32>
  return %y : tensor<1x4x8x8xi32>
}

// CHECK-LABEL: @matmul
// CHECK: qnn.matmul
// NN-LABEL: @matmul
// NN: nn.matmul {{.*}} -> tensor<4x2xi32>
func.func @matmul(%a: tensor<4x8xi8>, %b: tensor<8x2xi8>, %z: tensor<2xi8>) -> tensor<4x2xi32> {
  %y = qnn.matmul %a, %b rhs_zero_point %z
    : (tensor<4x8xi8>, tensor<8x2xi8>, tensor<2xi8>) -> tensor<4x2xi32>
  return %y : tensor<4x2xi32>
}

// CHECK-LABEL: @requantize
// CHECK: qnn.requantize
// NN-LABEL: @requantize
// NN: arith.mulf
// NN: math.roundeven
func.func @requantize(%x: tensor<1x8x5xi32>, %s: tensor<8xf32>, %z: tensor<i8>) -> tensor<1x8x5xi8> {
  %y = qnn.requantize %x, %s zero_point %z {axis = 1 : i64}
    : (tensor<1x8x5xi32>, tensor<8xf32>, tensor<i8>) -> tensor<1x8x5xi8>
  return %y : tensor<1x8x5xi8>
}

// CHECK-LABEL: @add
// CHECK: qnn.add %{{.*}}, %{{.*}} scales %{{.*}} zero_points %{{.*}} {rhs_unsigned}
// NN-LABEL: @add
// NN: linalg.generic
// NN: arith.extsi
// NN: arith.extui
// NN: arith.addf
// NN: arith.divf
// NN: arith.trunci
func.func @add(%a: tensor<1x8xi8>, %b: tensor<1x8xi8>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<1x8xi8> {
  %y = qnn.add %a, %b scales %s, %s, %s zero_points %z, %z, %z {rhs_unsigned}
    : (tensor<1x8xi8>, tensor<1x8xi8>, tensor<f32>, tensor<f32>, tensor<f32>,
       tensor<i8>, tensor<i8>, tensor<i8>) -> tensor<1x8xi8>
  return %y : tensor<1x8xi8>
}

// CHECK-LABEL: @lookup
// CHECK: qnn.lookup %{{.*}}, %{{.*}} : (tensor<1x8xi8>, tensor<256xi8>) -> tensor<1x8xi8>
// NN-LABEL: @lookup
// NN: %[[I:.*]] = arith.index_castui %{{.*}} : i8 to index
// NN: tensor.extract %arg1[%[[I]]]
func.func @lookup(%x: tensor<1x8xi8>, %t: tensor<256xi8>) -> tensor<1x8xi8> {
  %y = qnn.lookup %x, %t : (tensor<1x8xi8>, tensor<256xi8>) -> tensor<1x8xi8>
  return %y : tensor<1x8xi8>
}

// CHECK-LABEL: @words
// CHECK: qnn.conv {{.*}} -> tensor<1x1x4xi64>
// CHECK: qnn.requantize
// CHECK: qnn.add
// NN-LABEL: @words
// NN: arith.extui %{{.*}} : i16 to i64
// NN: arith.extsi %{{.*}} : i8 to i64
// NN: nn.conv {{.*}} -> tensor<1x1x4xi64>
// NN: arith.sitofp %{{.*}} : i64 to f32
// NN: arith.trunci %{{.*}} : i32 to i16
func.func @words(%x: tensor<1x2x4xi16>, %w: tensor<1x2x1xi8>, %s: tensor<f32>, %z: tensor<i16>, %zb: tensor<i8>) -> tensor<1x1x4xi8> {
  %sums = qnn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>, input_unsigned}
    : (tensor<1x2x4xi16>, tensor<1x2x1xi8>) -> tensor<1x1x4xi64>
  %r = qnn.requantize %sums, %s zero_point %z {is_unsigned}
    : (tensor<1x1x4xi64>, tensor<f32>, tensor<i16>) -> tensor<1x1x4xi16>
  %y = qnn.add %r, %r scales %s, %s, %s zero_points %z, %z, %zb
    : (tensor<1x1x4xi16>, tensor<1x1x4xi16>, tensor<f32>, tensor<f32>, tensor<f32>,
       tensor<i16>, tensor<i16>, tensor<i8>) -> tensor<1x1x4xi8>
  return %y : tensor<1x1x4xi8>
}
