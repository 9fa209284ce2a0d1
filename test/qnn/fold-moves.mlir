// RUN: lacuna-opt %s -split-input-file --qnn-fold-quantization --canonicalize | FileCheck %s

// Slices and padding are of bytes: 0.0 is the zero point.
// CHECK-LABEL: @slice_and_pad
// CHECK-DAG: %[[Z:.*]] = arith.constant -7 : i8
// CHECK: %[[S:.*]] = tensor.extract_slice %arg0[0, 1] [2, 2] [1, 2] : tensor<2x4xi8> to tensor<2x2xi8>
// CHECK: %[[P:.*]] = tensor.pad %[[S]] low[0, 1] high[0, 2]
// CHECK: tensor.yield %[[Z]]
// CHECK: return %[[P]]
func.func @slice_and_pad(%x: tensor<2x4xi8>) -> tensor<2x5xi8> {
  %s = arith.constant dense<0.3> : tensor<f32>
  %z = arith.constant dense<-7> : tensor<i8>
  %zero = arith.constant 0.0 : f32
  %xf = qnn.dequantize %x, %s zero_point %z : (tensor<2x4xi8>, tensor<f32>, tensor<i8>) -> tensor<2x4xf32>
  %c = tensor.extract_slice %xf[0, 1] [2, 2] [1, 2] : tensor<2x4xf32> to tensor<2x2xf32>
  %p = tensor.pad %c low[0, 1] high[0, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<2x2xf32> to tensor<2x5xf32>
  %y = qnn.quantize %p, %s zero_point %z : (tensor<2x5xf32>, tensor<f32>, tensor<i8>) -> tensor<2x5xi8>
  return %y : tensor<2x5xi8>
}

// -----

// Padding with what is no byte stays in floats.
// CHECK-LABEL: @odd_padding
// CHECK: tensor.pad %{{.*}} low[0] high[1]
// CHECK: tensor<2xf32> to tensor<3xf32>
func.func @odd_padding(%x: tensor<2xi8>) -> tensor<3xi8> {
  %s = arith.constant dense<0.3> : tensor<f32>
  %v = arith.constant 0.2 : f32
  %xf = qnn.dequantize %x, %s : (tensor<2xi8>, tensor<f32>) -> tensor<2xf32>
  %p = tensor.pad %xf low[0] high[1] {
  ^bb0(%i: index):
    tensor.yield %v : f32
  } : tensor<2xf32> to tensor<3xf32>
  %y = qnn.quantize %p, %s : (tensor<3xf32>, tensor<f32>) -> tensor<3xi8>
  return %y : tensor<3xi8>
}

// -----

// Of two parts, the one with another scale is brought to that of the whole.
// CHECK-LABEL: @concat
// CHECK: %[[B:.*]] = qnn.lookup %arg1
// CHECK: tensor.concat dim(0) %arg0, %[[B]] : (tensor<2xi8>, tensor<3xi8>) -> tensor<5xi8>
func.func @concat(%a: tensor<2xi8>, %b: tensor<3xi8>) -> tensor<5xi8> {
  %s = arith.constant dense<0.3> : tensor<f32>
  %t = arith.constant dense<0.2> : tensor<f32>
  %af = qnn.dequantize %a, %s : (tensor<2xi8>, tensor<f32>) -> tensor<2xf32>
  %bf = qnn.dequantize %b, %t : (tensor<3xi8>, tensor<f32>) -> tensor<3xf32>
  %c = tensor.concat dim(0) %af, %bf : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32>
  %y = qnn.quantize %c, %s : (tensor<5xf32>, tensor<f32>) -> tensor<5xi8>
  return %y : tensor<5xi8>
}

// -----

// CHECK-LABEL: @nearest
// CHECK: nn.resize nearest asymmetric round floor %arg0
// CHECK-SAME: -> tensor<1x2x6xi8>
func.func @nearest(%x: tensor<1x2x3xi8>) -> tensor<1x2x6xi8> {
  %s = arith.constant dense<0.3> : tensor<f32>
  %xf = qnn.dequantize %x, %s : (tensor<1x2x3xi8>, tensor<f32>) -> tensor<1x2x3xf32>
  %r = nn.resize nearest asymmetric round floor %xf {
      scales = array<f64: 1.0, 1.0, 2.0>, cubic_a = -7.5e-01 : f64, extrapolation = 0.0 : f64
    } : (tensor<1x2x3xf32>) -> tensor<1x2x6xf32>
  %y = qnn.quantize %r, %s : (tensor<1x2x6xf32>, tensor<f32>) -> tensor<1x2x6xi8>
  return %y : tensor<1x2x6xi8>
}
