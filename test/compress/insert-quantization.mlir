// RUN: lacuna-opt %s -split-input-file --compress-insert-quantization | FileCheck %s
// RUN: lacuna-opt %s -split-input-file --compress-insert-quantization --qnn-fold-quantization | FileCheck %s --check-prefix=FOLDED

// 0 .. 5.1 in steps of 0.02; weights in steps of their largest over 127.
// CHECK-LABEL: @main
// CHECK-NOT: qnn.range
// CHECK: %[[Q:.*]] = qnn.quantize %arg0, %{{.*}} zero_point
// CHECK: %[[X:.*]] = qnn.dequantize %[[Q]]
// CHECK: %[[W:.*]] = qnn.dequantize %{{.*}} : (tensor<2x2x3xi8>, tensor<2xf32>) -> tensor<2x2x3xf32>
// CHECK: %[[C:.*]] = nn.conv %[[X]], %[[W]]
// CHECK: qnn.quantize %[[C]]
// FOLDED-LABEL: @main
// FOLDED: qnn.quantize
// FOLDED: qnn.conv
// FOLDED: qnn.requantize
// FOLDED: qnn.dequantize
// FOLDED-NOT: nn.conv
func.func @main(%x: tensor<1x2x8xf32> {qnn.range = array<f64: 0.0, 5.1>}) -> tensor<1x2x6xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2x3xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>,
      qnn.range = array<f64: 0.0, 6.0>}
    : (tensor<1x2x8xf32>, tensor<2x2x3xf32>) -> tensor<1x2x6xf32>
  return %y : tensor<1x2x6xf32>
}

// -----

// Two bits: four steps from -2, kept by a clamp. A product's scales are those of
// its columns.
// CHECK-LABEL: @main
// FOLDED-LABEL: @main
// CHECK: arith.maximumf
// CHECK: arith.minimumf
// CHECK: qnn.quantize
// CHECK: %[[W:.*]] = qnn.dequantize {{.*}} {axis = 1 : i64} : (tensor<2x4xi8>, tensor<4xf32>)
// CHECK: nn.matmul %{{.*}}, %[[W]]
func.func @main(%x: tensor<3x2xf32> {qnn.range = array<f64: -3.0, 3.0>, qnn.bits = 2}) -> tensor<3x4xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %y = nn.matmul %x, %w : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// -----

// 16 bits are spread around 0: 3.2767 in steps of 0.0001. Weights have bytes.
// CHECK-LABEL: @main
// CHECK-DAG: arith.constant dense<9.99999974E-5> : tensor<f32>
// CHECK-DAG: arith.constant dense<0> : tensor<i16>
// CHECK-NOT: arith.maximumf
// CHECK: qnn.quantize %arg0, {{.*}} -> tensor<1x1x4xi16>
// FOLDED-LABEL: @main
// FOLDED: qnn.conv {{.*}} : (tensor<1x1x4xi16>, tensor<1x1x1xi8>, tensor<i16>) -> tensor<1x1x4xi32>
func.func @main(%x: tensor<1x1x4xf32> {qnn.range = array<f64: -1.0, 3.2767>, qnn.bits = 16}) -> tensor<1x1x4xf32> {
  %w = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>,
      qnn.range = array<f64: 0.0, 2.0>, qnn.bits = 16}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// -----

// A layer that wants fewer bits than the residual carries reads them anew.
// CHECK-LABEL: @main
// CHECK: %[[Q:.*]] = qnn.quantize %arg0
// CHECK: %[[X:.*]] = qnn.dequantize %[[Q]]
// CHECK: linalg.generic {{.*}} ins(%[[X]]
// CHECK: %[[N:.*]] = qnn.quantize
// CHECK: %[[L:.*]] = qnn.dequantize %[[N]]
// CHECK: nn.conv %[[L]]
// CHECK: return %{{.*}}, %[[X]]
func.func @main(%x: tensor<1x1x4xf32> {qnn.range = array<f64: 0.0, 1.0>}) -> (tensor<1x1x4xf32>, tensor<1x1x4xf32>) {
  %w = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>, qnn.weight_bits = 4,
      qnn.input_range = array<f64: 0.0, 1.0>, qnn.input_bits = 4}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>) -> tensor<1x1x4xf32>
  return %y, %x : tensor<1x1x4xf32>, tensor<1x1x4xf32>
}

// -----

// A bias that 32 bits could not hold in units of tiny weights makes the units
// larger.
// FOLDED-LABEL: @main
// FOLDED: dense<{{.*}}1073741{{.*}}> : tensor<1xi32>
// FOLDED: qnn.conv
func.func @main(%x: tensor<1x1x4xf32> {qnn.range = array<f64: 0.0, 255.0>}) -> tensor<1x1x4xf32> {
  %w = arith.constant dense<1.0e-20> : tensor<1x1x1xf32>
  %b = arith.constant dense<1.0> : tensor<1xf32>
  %y = nn.conv %x, %w bias %b {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>,
      qnn.range = array<f64: 0.0, 2.0>}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>, tensor<1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// -----

// Neighbours with channels last share a factor: those of a tap. 18 times 7, and 2
// times 6.
// CHECK-LABEL: @main
// CHECK: packed: "0x01000000{{(7E0C)+}}"
func.func @main(%x: tensor<1x16x8xf32> {qnn.range = array<f64: -1.0, 1.0>}) -> tensor<1x1x7xf32> {
  %w = arith.constant dense<[[[7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7], [7.0, 0.7]]]> : tensor<1x16x2xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>,
      qnn.weight_bits = 4, qnn.weight_group = 16, qnn.range = array<f64: -8.0, 8.0>}
    : (tensor<1x16x8xf32>, tensor<1x16x2xf32>) -> tensor<1x1x7xf32>
  return %y : tensor<1x1x7xf32>
}
