// RUN: lacuna-opt %s --qnn-fold-quantization --split-input-file | FileCheck %s
// RUN: lacuna-opt %s --qnn-fold-quantization="products-per-byte=64" --split-input-file | FileCheck %s --check-prefix=SHARED

// Stride 2 and 4 taps: the even and the odd outputs meet other inputs.
// CHECK-LABEL: @halves
// CHECK: %[[EVEN:.*]] = qnn.conv %arg0, {{.*}}pads_begin = array<i64: 1>, pads_end = array<i64: 0>
// CHECK: qnn.requantize %[[EVEN]]
// CHECK: tensor.insert_slice {{.*}}[0, 0, 0] [1, 3, 5] [1, 1, 2]
// CHECK: %[[ODD:.*]] = qnn.conv %arg0, {{.*}}pads_begin = array<i64: 0>, pads_end = array<i64: 1>
// CHECK: tensor.insert_slice {{.*}}[0, 0, 1] [1, 3, 5] [1, 1, 2]
// CHECK-NOT: nn.conv_transpose
func.func @halves(%x: tensor<1x2x5xi8>) -> tensor<1x3x10xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<3> : tensor<i8>
  %w = arith.constant dense<1> : tensor<2x3x4xi8>
  %xf = qnn.dequantize %x, %s zero_point %z : (tensor<1x2x5xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2x5xf32>
  %wf = qnn.dequantize %w, %s : (tensor<2x3x4xi8>, tensor<f32>) -> tensor<2x3x4xf32>
  %c = nn.conv_transpose %xf, %wf {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>, group = 1 : i64}
    : (tensor<1x2x5xf32>, tensor<2x3x4xf32>) -> tensor<1x3x10xf32>
  %y = qnn.quantize %c, %s zero_point %z : (tensor<1x3x10xf32>, tensor<f32>, tensor<i8>) -> tensor<1x3x10xi8>
  return %y : tensor<1x3x10xi8>
}

// -----

// Stride 3 and 9 taps: all three phases meet the same inputs, and are filters
// of one convolution.
// CHECK-LABEL: @together
// CHECK: qnn.conv %arg0, {{.*}} -> tensor<1x3x4xi32>
// CHECK-NOT: qnn.conv
// CHECK-COUNT-3: tensor.insert_slice
func.func @together(%x: tensor<1x2x4xi8>) -> tensor<1x1x12xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<3> : tensor<i8>
  %w = arith.constant dense<1> : tensor<2x1x9xi8>
  %xf = qnn.dequantize %x, %s zero_point %z : (tensor<1x2x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2x4xf32>
  %wf = qnn.dequantize %w, %s : (tensor<2x1x9xi8>, tensor<f32>) -> tensor<2x1x9xf32>
  %c = nn.conv_transpose %xf, %wf {strides = array<i64: 3>, dilations = array<i64: 1>,
      pads_begin = array<i64: 3>, pads_end = array<i64: 3>, group = 1 : i64}
    : (tensor<1x2x4xf32>, tensor<2x1x9xf32>) -> tensor<1x1x12xf32>
  %y = qnn.quantize %c, %s zero_point %z : (tensor<1x1x12xf32>, tensor<f32>, tensor<i8>) -> tensor<1x1x12xi8>
  return %y : tensor<1x1x12xi8>
}

// -----

// The first of these phases has two taps, the others one.
// CHECK-LABEL: @apart
// CHECK: qnn.conv %arg0, {{.*}}tensor<1x32x2xi8>, {{.*}} -> tensor<1x1x8xi32>
// CHECK: tensor.insert_slice
// CHECK: qnn.conv %arg0, {{.*}}tensor<2x32x1xi8>, {{.*}} -> tensor<1x2x8xi32>
// CHECK-COUNT-2: tensor.insert_slice
// Where it takes longer to load the input than to multiply, zeros take the place of
// the missing taps: their weight is the zero point.
// SHARED-LABEL: @apart
// SHARED: arith.constant dense<"0x0101{{.*}}0701"> : tensor<3x32x2xi8>
// SHARED: qnn.conv %arg0, {{.*}} -> tensor<1x3x8xi32>
// SHARED-NOT: qnn.conv
// SHARED-COUNT-3: tensor.insert_slice
func.func @apart(%x: tensor<1x32x8xi8>) -> tensor<1x1x24xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<7> : tensor<i8>
  %w = arith.constant dense<1> : tensor<32x1x4xi8>
  %xf = qnn.dequantize %x, %s zero_point %z : (tensor<1x32x8xi8>, tensor<f32>, tensor<i8>) -> tensor<1x32x8xf32>
  %wf = qnn.dequantize %w, %s zero_point %z : (tensor<32x1x4xi8>, tensor<f32>, tensor<i8>) -> tensor<32x1x4xf32>
  %c = nn.conv_transpose %xf, %wf {strides = array<i64: 3>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 1>, group = 1 : i64}
    : (tensor<1x32x8xf32>, tensor<32x1x4xf32>) -> tensor<1x1x24xf32>
  %y = qnn.quantize %c, %s zero_point %z : (tensor<1x1x24xf32>, tensor<f32>, tensor<i8>) -> tensor<1x1x24xi8>
  return %y : tensor<1x1x24xi8>
}

// -----

// As many taps, that meet other inputs: one convolution with an output more than
// either phase wants.
// CHECK-LABEL: @shifted
// CHECK-COUNT-2: qnn.conv
// SHARED-LABEL: @shifted
// SHARED: qnn.conv %arg0, {{.*}}pads_begin = array<i64: 1>, pads_end = array<i64: 1>{{.*}} -> tensor<1x2x9xi32>
// SHARED-NOT: qnn.conv
// SHARED: %[[EVEN:.*]] = tensor.extract_slice {{.*}}[0, 0, 0] [1, 1, 8]
// SHARED: tensor.insert_slice %[[EVEN]] into {{.*}}[0, 0, 0] [1, 1, 8] [1, 1, 2]
// SHARED: %[[ODD:.*]] = tensor.extract_slice {{.*}}[0, 0, 1] [1, 1, 8]
// SHARED: tensor.insert_slice %[[ODD]] into {{.*}}[0, 0, 1] [1, 1, 8] [1, 1, 2]
func.func @shifted(%x: tensor<1x32x8xi8>) -> tensor<1x1x16xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<3> : tensor<i8>
  %w = arith.constant dense<1> : tensor<32x1x4xi8>
  %xf = qnn.dequantize %x, %s zero_point %z : (tensor<1x32x8xi8>, tensor<f32>, tensor<i8>) -> tensor<1x32x8xf32>
  %wf = qnn.dequantize %w, %s : (tensor<32x1x4xi8>, tensor<f32>) -> tensor<32x1x4xf32>
  %c = nn.conv_transpose %xf, %wf {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>, group = 1 : i64}
    : (tensor<1x32x8xf32>, tensor<32x1x4xf32>) -> tensor<1x1x16xf32>
  %y = qnn.quantize %c, %s zero_point %z : (tensor<1x1x16xf32>, tensor<f32>, tensor<i8>) -> tensor<1x1x16xi8>
  return %y : tensor<1x1x16xi8>
}
