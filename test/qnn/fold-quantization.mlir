// RUN: lacuna-opt %s -split-input-file --qnn-fold-quantization --canonicalize | FileCheck %s

// Scales are sx * sw / sy, one a filter; the bias is in units of sx * sw.
// CHECK-LABEL: @conv
// CHECK-DAG: %[[S:.*]] = arith.constant dense<[5.000000e-01, 1.000000e+00]> : tensor<2xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[8, -2]> : tensor<2xi32>
// CHECK-DAG: %[[ZX:.*]] = arith.constant dense<-5> : tensor<i8>
// CHECK-DAG: %[[ZY:.*]] = arith.constant dense<7> : tensor<i8>
// CHECK: %[[C:.*]] = qnn.conv %arg0, %arg1 bias %[[B]] input_zero_point %[[ZX]]
// CHECK-SAME: input_unsigned
// CHECK-SAME: pads_begin = array<i64: 1>
// CHECK-SAME: -> tensor<1x2x4xi32>
// CHECK: %[[Y:.*]] = qnn.requantize %[[C]], %[[S]] zero_point %[[ZY]]
// CHECK: return %[[Y]]
func.func @conv(%x: tensor<1x3x4xi8>, %w: tensor<2x3x3xi8>) -> tensor<1x2x4xi8> {
  %sx = arith.constant dense<0.5> : tensor<f32>
  %zx = arith.constant dense<-5> : tensor<i8>
  %sw = arith.constant dense<[0.25, 0.5]> : tensor<2xf32>
  %b = arith.constant dense<[1.0, -0.5]> : tensor<2xf32>
  %sy = arith.constant dense<0.25> : tensor<f32>
  %zy = arith.constant dense<7> : tensor<i8>
  %xf = qnn.dequantize %x, %sx zero_point %zx {is_unsigned} : (tensor<1x3x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x3x4xf32>
  %wf = qnn.dequantize %w, %sw {axis = 0 : i64} : (tensor<2x3x3xi8>, tensor<2xf32>) -> tensor<2x3x3xf32>
  %c = nn.conv %xf, %wf bias %b {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>
    } : (tensor<1x3x4xf32>, tensor<2x3x3xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  %y = qnn.quantize %c, %sy zero_point %zy : (tensor<1x2x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x2x4xi8>
  return %y : tensor<1x2x4xi8>
}

// -----

// A bias that is quantized already keeps its numbers. Relu is a bound of bytes:
// their zero point.
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-LABEL: @relu
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1000000, 3]> : tensor<2xi32>
// CHECK-DAG: %[[LO:.*]] = arith.constant -3 : i8
// CHECK: qnn.conv %arg0, %arg1 bias %[[B]]
// CHECK: qnn.requantize
// CHECK: linalg.generic
// CHECK: arith.maxsi %{{.*}}, %[[LO]] : i8
// CHECK-NEXT: linalg.yield
func.func @relu(%x: tensor<1x3x4xi8>, %w: tensor<2x3x1xi8>) -> tensor<1x2x4xi8> {
  %sx = arith.constant dense<0.5> : tensor<f32>
  %sw = arith.constant dense<0.25> : tensor<f32>
  %b = arith.constant dense<[1000000, 3]> : tensor<2xi32>
  %sb = arith.constant dense<0.125> : tensor<f32>
  %sy = arith.constant dense<0.5> : tensor<f32>
  %zy = arith.constant dense<-3> : tensor<i8>
  %zero = arith.constant 0.0 : f32
  %xf = qnn.dequantize %x, %sx : (tensor<1x3x4xi8>, tensor<f32>) -> tensor<1x3x4xf32>
  %wf = qnn.dequantize %w, %sw : (tensor<2x3x1xi8>, tensor<f32>) -> tensor<2x3x1xf32>
  %bf = qnn.dequantize %b, %sb : (tensor<2xi32>, tensor<f32>) -> tensor<2xf32>
  %c = nn.conv %xf, %wf bias %bf {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x3x4xf32>, tensor<2x3x1xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  %e = tensor.empty() : tensor<1x2x4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%c : tensor<1x2x4xf32>) outs(%e : tensor<1x2x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x2x4xf32>
  %y = qnn.quantize %r, %sy zero_point %zy : (tensor<1x2x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x2x4xi8>
  return %y : tensor<1x2x4xi8>
}

// -----

// A bound that bytes cannot pass anyway is none.
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-LABEL: @relu_unsigned
// CHECK: qnn.requantize
// CHECK-NOT: linalg.generic
func.func @relu_unsigned(%x: tensor<1x3x4xi8>, %w: tensor<2x3x1xi8>) -> tensor<1x2x4xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %zero = arith.constant 0.0 : f32
  %xf = qnn.dequantize %x, %s : (tensor<1x3x4xi8>, tensor<f32>) -> tensor<1x3x4xf32>
  %wf = qnn.dequantize %w, %s : (tensor<2x3x1xi8>, tensor<f32>) -> tensor<2x3x1xf32>
  %c = nn.conv %xf, %wf {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x3x4xf32>, tensor<2x3x1xf32>) -> tensor<1x2x4xf32>
  %e = tensor.empty() : tensor<1x2x4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%c : tensor<1x2x4xf32>) outs(%e : tensor<1x2x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x2x4xf32>
  %y = qnn.quantize %r, %s {is_unsigned} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xi8>
  return %y : tensor<1x2x4xi8>
}

// -----

// A product is a convolution whose pixels are the rows, and columns filters: the
// matrix is turned, the sum with a row is the bias.
#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: @matmul
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[\[}}1], [4]], {{\[\[}}2], [5]], {{\[\[}}3], [6]]]> : tensor<3x2x1xi8>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[4, 0, -4]> : tensor<3xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<[2.500000e-01, 5.000000e-01, 1.000000e+00]> : tensor<3xf32>
// CHECK: qnn.conv %{{.*}}, %[[W]] bias %[[B]]
// CHECK: qnn.requantize %{{.*}}, %[[S]]
// CHECK: tensor.collapse_shape {{.*}} into tensor<4x3xi8>
func.func @matmul(%x: tensor<4x2xi8>) -> tensor<4x3xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %w = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %sw = arith.constant dense<[0.25, 0.5, 1.0]> : tensor<3xf32>
  %b = arith.constant dense<[0.5, 0.0, -2.0]> : tensor<3xf32>
  %xf = qnn.dequantize %x, %s : (tensor<4x2xi8>, tensor<f32>) -> tensor<4x2xf32>
  %wf = qnn.dequantize %w, %sw {axis = 1 : i64} : (tensor<2x3xi8>, tensor<3xf32>) -> tensor<2x3xf32>
  %p = nn.matmul %xf, %wf : (tensor<4x2xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %e = tensor.empty() : tensor<4x3xf32>
  %a = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
    ins(%p, %b : tensor<4x3xf32>, tensor<3xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%in: f32, %in_b: f32, %out: f32):
    %t = arith.addf %in, %in_b : f32
    linalg.yield %t : f32
  } -> tensor<4x3xf32>
  %y = qnn.quantize %a, %s : (tensor<4x3xf32>, tensor<f32>) -> tensor<4x3xi8>
  return %y : tensor<4x3xi8>
}

// -----

// Refused: sums that others use, scales along the wrong axis, a matrix that is
// computed, a bias that is no constant.
// CHECK-LABEL: @refused
// CHECK-NOT: qnn.conv
// CHECK-NOT: qnn.requantize
// CHECK: return
func.func @refused(%x: tensor<1x2x4xi8>, %w: tensor<2x2x1xi8>, %a: tensor<4x2xi8>, %b: tensor<2x2xi8>, %f: tensor<2xf32>)
    -> (tensor<1x2x4xi8>, tensor<1x2x4xf32>, tensor<1x2x4xi8>, tensor<4x2xi8>, tensor<1x2x4xi8>) {
  %s = arith.constant dense<0.5> : tensor<f32>
  %two = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %xf = qnn.dequantize %x, %s : (tensor<1x2x4xi8>, tensor<f32>) -> tensor<1x2x4xf32>
  %wf = qnn.dequantize %w, %s : (tensor<2x2x1xi8>, tensor<f32>) -> tensor<2x2x1xf32>
  %c = nn.conv %xf, %wf {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  %y = qnn.quantize %c, %s : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xi8>
  %vf = qnn.dequantize %w, %two {axis = 1 : i64} : (tensor<2x2x1xi8>, tensor<2xf32>) -> tensor<2x2x1xf32>
  %d = nn.conv %xf, %vf {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  %z = qnn.quantize %d, %s : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xi8>
  %af = qnn.dequantize %a, %s : (tensor<4x2xi8>, tensor<f32>) -> tensor<4x2xf32>
  %bf = qnn.dequantize %b, %s : (tensor<2x2xi8>, tensor<f32>) -> tensor<2x2xf32>
  %m = nn.matmul %af, %bf : (tensor<4x2xf32>, tensor<2x2xf32>) -> tensor<4x2xf32>
  %n = qnn.quantize %m, %s : (tensor<4x2xf32>, tensor<f32>) -> tensor<4x2xi8>
  %g = nn.conv %xf, %wf bias %f {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  %h = qnn.quantize %g, %s : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xi8>
  return %y, %c, %z, %n, %h : tensor<1x2x4xi8>, tensor<1x2x4xf32>, tensor<1x2x4xi8>, tensor<4x2xi8>, tensor<1x2x4xi8>
}

// -----

// A residual: a sum of bytes, rectified on bytes.
#id = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: @residual
// CHECK: %[[S:.*]] = qnn.add %arg0, %arg1 scales
// CHECK: linalg.generic {{.*}} ins(%[[S]] : tensor<2x4xi8>)
// CHECK: arith.maxsi
// CHECK-NOT: qnn.quantize
func.func @residual(%a: tensor<2x4xi8>, %b: tensor<2x4xi8>) -> tensor<2x4xi8> {
  %sa = arith.constant dense<0.5> : tensor<f32>
  %sb = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<-3> : tensor<i8>
  %zero = arith.constant 0.0 : f32
  %af = qnn.dequantize %a, %sa : (tensor<2x4xi8>, tensor<f32>) -> tensor<2x4xf32>
  %bf = qnn.dequantize %b, %sb zero_point %z : (tensor<2x4xi8>, tensor<f32>, tensor<i8>) -> tensor<2x4xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%af, %bf : tensor<2x4xf32>, tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
    ^bb0(%l: f32, %r: f32, %o: f32):
      %v = arith.addf %l, %r : f32
      linalg.yield %v : f32
  } -> tensor<2x4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
    ^bb0(%i: f32, %o: f32):
      %v = arith.maximumf %i, %zero : f32
      linalg.yield %v : f32
  } -> tensor<2x4xf32>
  %y = qnn.quantize %r, %sa zero_point %z : (tensor<2x4xf32>, tensor<f32>, tensor<i8>) -> tensor<2x4xi8>
  return %y : tensor<2x4xi8>
}

// -----

// An average of 4 is a sum by weights of one, scaled by 0.5 / (0.25 * 4).
// CHECK-LABEL: @average
// CHECK-DAG: %[[ONES:.*]] = arith.constant dense<1> : tensor<2x1x4xi8>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[C:.*]] = qnn.conv %arg0, %[[ONES]]
// CHECK-SAME: group = 2
// CHECK: qnn.requantize %[[C]], %[[S]]
func.func @average(%x: tensor<1x2x4xi8>) -> tensor<1x2x1xi8> {
  %sx = arith.constant dense<0.5> : tensor<f32>
  %sy = arith.constant dense<0.25> : tensor<f32>
  %xf = qnn.dequantize %x, %sx : (tensor<1x2x4xi8>, tensor<f32>) -> tensor<1x2x4xf32>
  %p = nn.avg_pool %xf {kernel = array<i64: 4>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x2x4xf32>) -> tensor<1x2x1xf32>
  %y = qnn.quantize %p, %sy : (tensor<1x2x1xf32>, tensor<f32>) -> tensor<1x2x1xi8>
  return %y : tensor<1x2x1xi8>
}

// -----

// The windows of an average with padding are not all of one size; a maximum is
// one of bytes.
// CHECK-LABEL: @pools
// CHECK: %[[M:.*]] = nn.max_pool %arg0 {{.*}}is_unsigned{{.*}} -> tensor<1x2x2xi8>
// CHECK: qnn.dequantize %[[M]]
// CHECK: nn.avg_pool
// CHECK: qnn.quantize
func.func @pools(%x: tensor<1x2x4xi8>) -> tensor<1x2x2xi8> {
  %sx = arith.constant dense<0.5> : tensor<f32>
  %xf = qnn.dequantize %x, %sx {is_unsigned} : (tensor<1x2x4xi8>, tensor<f32>) -> tensor<1x2x4xf32>
  %m = nn.max_pool %xf {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  %p = nn.avg_pool %m {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>} : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  %y = qnn.quantize %p, %sx {is_unsigned} : (tensor<1x2x2xf32>, tensor<f32>) -> tensor<1x2x2xi8>
  return %y : tensor<1x2x2xi8>
}
