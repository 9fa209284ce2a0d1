// RUN: lacuna-opt %s -split-input-file --neon-select-kernels | FileCheck %s

// Padding is the zero point of the input, 3. The kernel multiplies what is
// stored, so 3 times the sum of the weights, 6, comes off the bias: 100 - 18.
// CHECK-LABEL: @conv
// CHECK-DAG: %[[SCALE:.*]] = arith.constant dense_resource<[[S:.*]]> : tensor<1xf32>
// CHECK-DAG: %[[BIAS:.*]] = arith.constant dense_resource<[[B:.*]]> : tensor<1xi32>
// CHECK-DAG: %[[THREE:.*]] = arith.constant 3 : i8
// CHECK: %[[X:.*]] = tensor.pad
// CHECK: tensor.yield %[[THREE]]
// CHECK: neon.conv ins(%[[X]], %{{.*}}, %[[BIAS]], %[[SCALE]] : tensor<1x6x1xi8>, tensor<1x1x3xi8>, tensor<1xi32>, tensor<1xf32>)
// CHECK-NOT: unsigned
// CHECK-SAME: zero_point = -7
// CHECK-DAG: [[S]]: "0x040000000000003F"
// CHECK-DAG: [[B]]: "0x0400000052000000"
func.func @conv(%x: tensor<1x1x4xi8>) -> tensor<1x1x4xi8> {
  %w = arith.constant dense<[[[1, 2, 3]]]> : tensor<1x1x3xi8>
  %b = arith.constant dense<100> : tensor<1xi32>
  %z = arith.constant dense<3> : tensor<i8>
  %s = arith.constant dense<0.5> : tensor<f32>
  %zy = arith.constant dense<-7> : tensor<i8>
  %a = qnn.conv %x, %w bias %b input_zero_point %z {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>
    } : (tensor<1x1x4xi8>, tensor<1x1x3xi8>, tensor<1xi32>, tensor<i8>) -> tensor<1x1x4xi32>
  %y = qnn.requantize %a, %s zero_point %zy : (tensor<1x1x4xi32>, tensor<f32>, tensor<i8>) -> tensor<1x1x4xi8>
  return %y : tensor<1x1x4xi8>
}

// -----

// Unsigned bytes are multiplied less 128: the zero point 130 is 2 then, and
// weights around 128 are signed ones around 0. Of the bias, -2 * (1 - 1) and
// -2 * (2 + 3) remain. Scales are one a filter.
// CHECK-LABEL: @unsigned
// CHECK: arith.constant dense_resource<[[S:.*]]> : tensor<2xf32>
// CHECK: arith.constant dense_resource<[[B:.*]]> : tensor<2xi32>
// CHECK: arith.constant dense_resource<[[W:.*]]> : tensor<2x2x1xi8>
// CHECK: neon.conv {{.*}}input_unsigned{{.*}}output_unsigned
// CHECK-SAME: zero_point = 200
// CHECK-DAG: [[S]]: "0x040000000000003F0000803E"
// CHECK-DAG: [[B]]: "0x0400000000000000F6FFFFFF"
// CHECK-DAG: [[W]]: "0x0100000001FF0203"
func.func @unsigned(%x: tensor<1x2x4xi8>) -> tensor<1x2x4xi8> {
  %w = arith.constant dense<[[[-127], [127]], [[-126], [-125]]]> : tensor<2x2x1xi8>
  %zx = arith.constant dense<-126> : tensor<i8>
  %zw = arith.constant dense<-128> : tensor<i8>
  %s = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %zy = arith.constant dense<-56> : tensor<i8>
  %a = qnn.conv %x, %w input_zero_point %zx filter_zero_point %zw {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>,
      input_unsigned, filter_unsigned
    } : (tensor<1x2x4xi8>, tensor<2x2x1xi8>, tensor<i8>, tensor<i8>) -> tensor<1x2x4xi32>
  %y = qnn.requantize %a, %s zero_point %zy {axis = 1 : i64, is_unsigned}
    : (tensor<1x2x4xi32>, tensor<2xf32>, tensor<i8>) -> tensor<1x2x4xi8>
  return %y : tensor<1x2x4xi8>
}

// -----

// One filter of eight may have weights that 8 bits do not hold, -128 among them,
// as two products by it do not fit 16 bits. It is made again.
// CHECK-LABEL: @wide
// CHECK-DAG: arith.constant dense_resource<[[N:.*]]> : tensor<8x1x1xi8>
// CHECK-DAG: %[[W:.*]] = arith.constant dense_resource<[[R:.*]]> : tensor<1x1x1xi16>
// CHECK: %[[Y:.*]] = neon.conv ins(%[[X:[a-z0-9_]+]],
// CHECK: neon.wide_filters ins(%[[X]], %[[W]], {{.*}} outs(%[[Y]] :
// CHECK-SAME: filters = array<i64: 2>
// CHECK-DAG: [[N]]: "0x010000000001810304050607"
// CHECK-DAG: [[R]]: "0x0200000080FF"
func.func @wide(%x: tensor<1x1x4xi8>) -> tensor<1x8x4xi8> {
  %w = arith.constant dense<[[[0]], [[1]], [[-128]], [[3]], [[4]], [[5]], [[6]], [[7]]]> : tensor<8x1x1xi8>
  %s = arith.constant dense<0.5> : tensor<f32>
  %a = qnn.conv %x, %w {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x1x4xi8>, tensor<8x1x1xi8>) -> tensor<1x8x4xi32>
  %y = qnn.requantize %a, %s : (tensor<1x8x4xi32>, tensor<f32>) -> tensor<1x8x4xi8>
  return %y : tensor<1x8x4xi8>
}

// -----

// More than that are too many.
// CHECK-LABEL: @least
// CHECK-NOT: neon.
// CHECK: qnn.conv
func.func @least(%x: tensor<1x1x4xi8>) -> tensor<1x1x4xi8> {
  %w = arith.constant dense<-128> : tensor<1x1x1xi8>
  %s = arith.constant dense<0.5> : tensor<f32>
  %a = qnn.conv %x, %w {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x1x4xi8>, tensor<1x1x1xi8>) -> tensor<1x1x4xi32>
  %y = qnn.requantize %a, %s : (tensor<1x1x4xi32>, tensor<f32>) -> tensor<1x1x4xi8>
  return %y : tensor<1x1x4xi8>
}

// -----

// Who else wants the sums gets them from the convolution.
// CHECK-LABEL: @sums
// CHECK-NOT: neon.
// CHECK: qnn.conv
func.func @sums(%x: tensor<1x1x4xi8>) -> (tensor<1x1x4xi32>, tensor<1x1x4xi8>) {
  %w = arith.constant dense<1> : tensor<1x1x1xi8>
  %s = arith.constant dense<0.5> : tensor<f32>
  %a = qnn.conv %x, %w {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x1x4xi8>, tensor<1x1x1xi8>) -> tensor<1x1x4xi32>
  %y = qnn.requantize %a, %s : (tensor<1x1x4xi32>, tensor<f32>) -> tensor<1x1x4xi8>
  return %a, %y : tensor<1x1x4xi32>, tensor<1x1x4xi8>
}

// -----

// The average of whole maps of bytes is a sum, not a kernel of floats.
// CHECK-LABEL: @mean
// CHECK: %[[COUNT:.*]] = arith.constant 1.500000e+01
// CHECK: %[[X:.*]] = qnn.dequantize
// CHECK: %[[SUM:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel", "reduction", "reduction"]
// CHECK-SAME: ins(%[[X]] : tensor<1x4x5x3xf32>)
// CHECK: arith.divf %{{.*}}, %[[COUNT]]
// CHECK: tensor.expand_shape
func.func @mean(%x: tensor<1x4x5x3xi8>) -> tensor<1x4x1x1xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %f = qnn.dequantize %x, %s : (tensor<1x4x5x3xi8>, tensor<f32>) -> tensor<1x4x5x3xf32>
  %y = nn.avg_pool %f {
      kernel = array<i64: 5, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>
    } : (tensor<1x4x5x3xf32>) -> tensor<1x4x1x1xf32>
  return %y : tensor<1x4x1x1xf32>
}

// -----

// Inputs of 16 bits have no kernel.
// CHECK-LABEL: @words
// CHECK-NOT: neon.
// CHECK: qnn.conv
func.func @words(%x: tensor<1x1x4xi16>) -> tensor<1x1x4xi8> {
  %w = arith.constant dense<1> : tensor<1x1x1xi8>
  %s = arith.constant dense<0.5> : tensor<f32>
  %a = qnn.conv %x, %w {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x1x4xi16>, tensor<1x1x1xi8>) -> tensor<1x1x4xi32>
  %y = qnn.requantize %a, %s : (tensor<1x1x4xi32>, tensor<f32>) -> tensor<1x1x4xi8>
  return %y : tensor<1x1x4xi8>
}
