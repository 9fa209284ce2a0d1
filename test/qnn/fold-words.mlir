// RUN: lacuna-opt %s -split-input-file --qnn-fold-quantization --canonicalize | FileCheck %s

// Inputs of 16 bits: 32768 * 65535 fits 32 bits, one step of bias more does not.
// CHECK-LABEL: @narrow
// CHECK: qnn.conv %arg0, %{{.*}} : (tensor<1x1x4xi16>, tensor<1x1x1xi16>) -> tensor<1x1x4xi32>
// CHECK: qnn.requantize %{{.*}} : (tensor<1x1x4xi32>, tensor<f32>, tensor<i16>) -> tensor<1x1x4xi16>
func.func @narrow(%x: tensor<1x1x4xi16>) -> tensor<1x1x4xi16> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %w = arith.constant dense<-1> : tensor<1x1x1xi16>
  %xf = qnn.dequantize %x, %s : (tensor<1x1x4xi16>, tensor<f32>) -> tensor<1x1x4xf32>
  %wf = qnn.dequantize %w, %s {is_unsigned} : (tensor<1x1x1xi16>, tensor<f32>) -> tensor<1x1x1xf32>
  %c = nn.conv %xf, %wf {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>) -> tensor<1x1x4xf32>
  %y = qnn.quantize %c, %s : (tensor<1x1x4xf32>, tensor<f32>) -> tensor<1x1x4xi16>
  return %y : tensor<1x1x4xi16>
}

// CHECK-LABEL: @wide
// CHECK: %[[B:.*]] = arith.constant dense<32768> : tensor<1xi64>
// CHECK: qnn.conv %arg0, %{{.*}} bias %[[B]] {{.*}} -> tensor<1x1x4xi64>
func.func @wide(%x: tensor<1x1x4xi16>) -> tensor<1x1x4xi16> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %w = arith.constant dense<-1> : tensor<1x1x1xi16>
  %b = arith.constant dense<8192.0> : tensor<1xf32>
  %xf = qnn.dequantize %x, %s : (tensor<1x1x4xi16>, tensor<f32>) -> tensor<1x1x4xf32>
  %wf = qnn.dequantize %w, %s {is_unsigned} : (tensor<1x1x1xi16>, tensor<f32>) -> tensor<1x1x1xf32>
  %c = nn.conv %xf, %wf bias %b {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>, tensor<1xf32>) -> tensor<1x1x4xf32>
  %y = qnn.quantize %c, %s : (tensor<1x1x4xf32>, tensor<f32>) -> tensor<1x1x4xi16>
  return %y : tensor<1x1x4xi16>
}

// -----

// Bytes whose sums are that large stay in floats.
// CHECK-LABEL: @bytes
// CHECK: nn.conv
func.func @bytes(%x: tensor<1x1x4xi8>) -> tensor<1x1x4xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %w = arith.constant dense<1> : tensor<1x1x1xi8>
  %b = arith.constant dense<536870900.0> : tensor<1xf32>
  %xf = qnn.dequantize %x, %s : (tensor<1x1x4xi8>, tensor<f32>) -> tensor<1x1x4xf32>
  %wf = qnn.dequantize %w, %s : (tensor<1x1x1xi8>, tensor<f32>) -> tensor<1x1x1xf32>
  %c = nn.conv %xf, %wf bias %b {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>, tensor<1xf32>) -> tensor<1x1x4xf32>
  %y = qnn.quantize %c, %s : (tensor<1x1x4xf32>, tensor<f32>) -> tensor<1x1x4xi8>
  return %y : tensor<1x1x4xi8>
}

// -----

// Weights of bytes, a clamp on words, and a result of bytes.
#id = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: @matrix
// CHECK-DAG: arith.constant dense<{{\[\[\[}}1], [3]], {{\[\[}}2], [4]]]> : tensor<2x2x1xi8>
// CHECK-DAG: %[[LO:.*]] = arith.constant 300 : i16
// CHECK: %[[S:.*]] = qnn.conv %{{.*}} input_zero_point %{{.*}} {{.*}}input_unsigned{{.*}} : (tensor<3x2x1xi16>, tensor<2x2x1xi8>, tensor<i16>) -> tensor<3x2x1xi32>
// CHECK: %[[Y:.*]] = qnn.requantize %[[S]]
// CHECK: arith.maxui %{{.*}}, %[[LO]] : i16
func.func @matrix(%x: tensor<3x2xi16>) -> tensor<3x2xi16> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<300> : tensor<i16>
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %xf = qnn.dequantize %x, %s zero_point %z {is_unsigned} : (tensor<3x2xi16>, tensor<f32>, tensor<i16>) -> tensor<3x2xf32>
  %wf = qnn.dequantize %w, %s : (tensor<2x2xi8>, tensor<f32>) -> tensor<2x2xf32>
  %p = nn.matmul %xf, %wf : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %e = tensor.empty() : tensor<3x2xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%p : tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<3x2xf32>
  %y = qnn.quantize %r, %s zero_point %z {is_unsigned} : (tensor<3x2xf32>, tensor<f32>, tensor<i16>) -> tensor<3x2xi16>
  return %y : tensor<3x2xi16>
}

// -----

// Sums of a word and a byte; products of words around 0 fit 32 bits, others not.
#id = affine_map<(d0) -> (d0)>
// CHECK-LABEL: @elementwise
// CHECK: qnn.add %arg0, %arg1 {{.*}} : (tensor<3xi16>, tensor<3xi8>, {{.*}}) -> tensor<3xi16>
// CHECK: arith.muli %{{.*}} : i32
// CHECK: qnn.requantize %{{.*}} : (tensor<3xi32>
// CHECK: arith.muli %{{.*}} : i64
// CHECK: qnn.requantize %{{.*}} : (tensor<3xi64>
func.func @elementwise(%x: tensor<3xi16>, %b: tensor<3xi8>) -> (tensor<3xi16>, tensor<3xi16>, tensor<3xi16>) {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<20000> : tensor<i16>
  %xf = qnn.dequantize %x, %s : (tensor<3xi16>, tensor<f32>) -> tensor<3xf32>
  %vf = qnn.dequantize %x, %s zero_point %z : (tensor<3xi16>, tensor<f32>, tensor<i16>) -> tensor<3xf32>
  %bf = qnn.dequantize %b, %s : (tensor<3xi8>, tensor<f32>) -> tensor<3xf32>
  %e = tensor.empty() : tensor<3xf32>
  %a = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
    ins(%xf, %bf : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %m = arith.addf %l, %r : f32
    linalg.yield %m : f32
  } -> tensor<3xf32>
  %p = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
    ins(%xf, %xf : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %m = arith.mulf %l, %r : f32
    linalg.yield %m : f32
  } -> tensor<3xf32>
  %q = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
    ins(%vf, %vf : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %m = arith.mulf %l, %r : f32
    linalg.yield %m : f32
  } -> tensor<3xf32>
  %ya = qnn.quantize %a, %s : (tensor<3xf32>, tensor<f32>) -> tensor<3xi16>
  %yp = qnn.quantize %p, %s : (tensor<3xf32>, tensor<f32>) -> tensor<3xi16>
  %yq = qnn.quantize %q, %s : (tensor<3xf32>, tensor<f32>) -> tensor<3xi16>
  return %ya, %yp, %yq : tensor<3xi16>, tensor<3xi16>, tensor<3xi16>
}

// -----

// Words are moved; those of another width are not what they would be joined with.
// CHECK-LABEL: @moves
// CHECK: %[[Z:.*]] = arith.constant -700 : i16
// CHECK: tensor.pad %arg0
// CHECK: tensor.yield %[[Z]]
// CHECK: tensor.concat dim(0) %{{.*}}, %{{.*}} : (tensor<3xf32>, tensor<2xf32>)
func.func @moves(%x: tensor<2xi16>, %b: tensor<2xi8>) -> (tensor<3xi16>, tensor<5xf32>) {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<-700> : tensor<i16>
  %zb = arith.constant dense<-7> : tensor<i8>
  %zero = arith.constant 0.0 : f32
  %xf = qnn.dequantize %x, %s zero_point %z : (tensor<2xi16>, tensor<f32>, tensor<i16>) -> tensor<2xf32>
  %bf = qnn.dequantize %b, %s zero_point %zb : (tensor<2xi8>, tensor<f32>, tensor<i8>) -> tensor<2xf32>
  %p = tensor.pad %xf low[0] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<2xf32> to tensor<3xf32>
  %y = qnn.quantize %p, %s zero_point %z : (tensor<3xf32>, tensor<f32>, tensor<i16>) -> tensor<3xi16>
  %c = tensor.concat dim(0) %p, %bf : (tensor<3xf32>, tensor<2xf32>) -> tensor<5xf32>
  return %y, %c : tensor<3xi16>, tensor<5xf32>
}

// -----

// Phases of a transposed convolution; an average of more windows than 32 bits
// hold stays in floats.
// CHECK-LABEL: @windows
// CHECK: qnn.conv %{{.*}} : (tensor<1x1x5xi16>, tensor<1x1x2xi16>) -> tensor<1x1x5xi32>
// CHECK: nn.avg_pool {{.*}}kernel = array<i64: 40000>
// CHECK: qnn.conv %arg1, %{{.*}} : (tensor<1x1x40000xi16>, tensor<1x1x2xi8>) -> tensor<1x1x39999xi32>
func.func @windows(%x: tensor<1x1x5xi16>, %v: tensor<1x1x40000xi16>) -> (tensor<1x1x10xi16>, tensor<1x1x39999xi16>, tensor<1x1x1xi16>) {
  %s = arith.constant dense<0.5> : tensor<f32>
  %w = arith.constant dense<300> : tensor<1x1x4xi16>
  %xf = qnn.dequantize %x, %s : (tensor<1x1x5xi16>, tensor<f32>) -> tensor<1x1x5xf32>
  %wf = qnn.dequantize %w, %s : (tensor<1x1x4xi16>, tensor<f32>) -> tensor<1x1x4xf32>
  %c = nn.conv_transpose %xf, %wf {strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>, group = 1 : i64}
    : (tensor<1x1x5xf32>, tensor<1x1x4xf32>) -> tensor<1x1x10xf32>
  %y = qnn.quantize %c, %s : (tensor<1x1x10xf32>, tensor<f32>) -> tensor<1x1x10xi16>
  %vf = qnn.dequantize %v, %s : (tensor<1x1x40000xi16>, tensor<f32>) -> tensor<1x1x40000xf32>
  %two = nn.avg_pool %vf {kernel = array<i64: 2>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x1x40000xf32>) -> tensor<1x1x39999xf32>
  %all = nn.avg_pool %vf {kernel = array<i64: 40000>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x1x40000xf32>) -> tensor<1x1x1xf32>
  %y2 = qnn.quantize %two, %s : (tensor<1x1x39999xf32>, tensor<f32>) -> tensor<1x1x39999xi16>
  %ya = qnn.quantize %all, %s : (tensor<1x1x1xf32>, tensor<f32>) -> tensor<1x1x1xi16>
  return %y, %y2, %ya : tensor<1x1x10xi16>, tensor<1x1x39999xi16>, tensor<1x1x1xi16>
}
