// RUN: lacuna-opt %s -split-input-file --qnn-fold-quantization --canonicalize | FileCheck %s

// What depends on one tensor of bytes is a table: here 1 / (1 + x * x), of bytes of
// scale 1 from -128, in hundredths.
#id = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: @function
// CHECK: %[[T:.*]] = arith.constant dense<"0x6432140A0604{{[0-9A-F]*}}04060A1432"> : tensor<256xi8>
// CHECK: %[[Y:.*]] = qnn.lookup %arg0, %[[T]]
// CHECK-NEXT: return %[[Y]]
func.func @function(%x: tensor<2x3xi8>) -> tensor<2x3xi8> {
  %sx = arith.constant dense<1.0> : tensor<f32>
  %sy = arith.constant dense<0.01> : tensor<f32>
  %one = arith.constant 1.0 : f32
  %xf = qnn.dequantize %x, %sx : (tensor<2x3xi8>, tensor<f32>) -> tensor<2x3xf32>
  %e = tensor.empty() : tensor<2x3xf32>
  %square = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%xf, %xf : tensor<2x3xf32>, tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    linalg.yield %p : f32
  } -> tensor<2x3xf32>
  %f = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%square : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %one : f32
    %q = arith.divf %one, %s : f32
    linalg.yield %q : f32
  } -> tensor<2x3xf32>
  %y = qnn.quantize %f, %sy : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xi8>
  return %y : tensor<2x3xi8>
}

// -----

// Another scale is a table too; a bound alone is done on bytes.
#id = affine_map<(d0) -> (d0)>
// CHECK-LABEL: @rescale
// CHECK: qnn.lookup
// CHECK: arith.maxsi
func.func @rescale(%x: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>) {
  %sx = arith.constant dense<1.0> : tensor<f32>
  %sy = arith.constant dense<0.5> : tensor<f32>
  %zero = arith.constant 0.0 : f32
  %xf = qnn.dequantize %x, %sx : (tensor<3xi8>, tensor<f32>) -> tensor<3xf32>
  %y = qnn.quantize %xf, %sy : (tensor<3xf32>, tensor<f32>) -> tensor<3xi8>
  %e = tensor.empty() : tensor<3xf32>
  %relu = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
    ins(%xf : tensor<3xf32>) outs(%e : tensor<3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<3xf32>
  %z = qnn.quantize %relu, %sx : (tensor<3xf32>, tensor<f32>) -> tensor<3xi8>
  return %y, %z : tensor<3xi8>, tensor<3xi8>
}

// -----

// A product is exact in 32 bits: the scale is 0.5 * 0.25 / 1, whatever is broadcast.
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#gate = affine_map<(d0, d1, d2) -> (d0, d1, 0)>
// CHECK-LABEL: @gate
// CHECK-DAG: %[[S:.*]] = arith.constant dense<1.250000e-01> : tensor<f32>
// CHECK-DAG: %[[Z:.*]] = arith.constant 3 : i32
// CHECK: linalg.generic
// CHECK-SAME: ins(%arg0, %arg1 : tensor<1x4x5xi8>, tensor<1x4x1xi8>)
// CHECK: arith.extsi
// CHECK: arith.extui
// CHECK: arith.subi %{{.*}}, %[[Z]]
// CHECK: arith.muli
// CHECK: qnn.requantize %{{.*}}, %[[S]]
func.func @gate(%x: tensor<1x4x5xi8>, %g: tensor<1x4x1xi8>) -> tensor<1x4x5xi8> {
  %sx = arith.constant dense<0.5> : tensor<f32>
  %sg = arith.constant dense<0.25> : tensor<f32>
  %zg = arith.constant dense<3> : tensor<i8>
  %sy = arith.constant dense<1.0> : tensor<f32>
  %xf = qnn.dequantize %x, %sx : (tensor<1x4x5xi8>, tensor<f32>) -> tensor<1x4x5xf32>
  %gf = qnn.dequantize %g, %sg zero_point %zg {is_unsigned} : (tensor<1x4x1xi8>, tensor<f32>, tensor<i8>) -> tensor<1x4x1xf32>
  %e = tensor.empty() : tensor<1x4x5xf32>
  %p = linalg.generic {indexing_maps = [#id, #gate, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%xf, %gf : tensor<1x4x5xf32>, tensor<1x4x1xf32>) outs(%e : tensor<1x4x5xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<1x4x5xf32>
  %y = qnn.quantize %p, %sy : (tensor<1x4x5xf32>, tensor<f32>) -> tensor<1x4x5xi8>
  return %y : tensor<1x4x5xi8>
}

// -----

// One number a channel is spread out before it is added.
#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: @column
// CHECK: %[[B:.*]] = linalg.generic {{.*}} ins(%arg1 : tensor<4xi8>)
// CHECK: qnn.add %arg0, %[[B]]
func.func @column(%x: tensor<2x4xi8>, %c: tensor<4xi8>) -> tensor<2x4xi8> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %xf = qnn.dequantize %x, %s : (tensor<2x4xi8>, tensor<f32>) -> tensor<2x4xf32>
  %cf = qnn.dequantize %c, %s : (tensor<4xi8>, tensor<f32>) -> tensor<4xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %p = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
    ins(%xf, %cf : tensor<2x4xf32>, tensor<4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.addf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<2x4xf32>
  %y = qnn.quantize %p, %s : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xi8>
  return %y : tensor<2x4xi8>
}
