// RUN: lacuna-opt %s --npu-select-layers --split-input-file | FileCheck %s
// RUN: lacuna-opt %s --npu-select-layers='floats=false' --split-input-file | FileCheck %s --check-prefix=BYTES
// RUN: lacuna-opt %s --npu-select-layers='words=false' --split-input-file | FileCheck %s --check-prefix=NOWORDS
// RUN: lacuna-opt %s --npu-select-layers='kernel-bytes=5' --split-input-file | FileCheck %s --check-prefix=KERNEL
// RUN: lacuna-opt %s --npu-select-layers='window-bytes=5' --split-input-file | FileCheck %s --check-prefix=KERNEL

// CHECK-LABEL: @conv
// CHECK: npu.conv ins(%arg0, %{{.*}}) bias(%{{.*}}) outs({{.*}}) {dilations = array<i64: 2>, {{.*}}group = 2 : i64, {{.*}}pads_begin = array<i64: 3>, strides = array<i64: 1>
// BYTES-LABEL: @conv
// BYTES: nn.conv
// Three taps of floats, which a window spreads over five.
// KERNEL-LABEL: @conv
// KERNEL: nn.conv
func.func @conv(%x: tensor<1x4x9xf32>, %w: tensor<6x2x3xf32>, %b: tensor<6xf32>) -> tensor<1x6x9xf32> {
  %y = nn.conv %x, %w bias %b {strides = array<i64: 1>, dilations = array<i64: 2>,
      pads_begin = array<i64: 3>, pads_end = array<i64: 1>, group = 2 : i64}
    : (tensor<1x4x9xf32>, tensor<6x2x3xf32>, tensor<6xf32>) -> tensor<1x6x9xf32>
  return %y : tensor<1x6x9xf32>
}

// -----

// CHECK-LABEL: @bytes
// KERNEL-LABEL: @bytes
// KERNEL: npu.conv
// CHECK: npu.conv
// CHECK-SAME: input_unsigned, input_zero_point = 128
// CHECK-SAME: weight_zero_points = array<i64: 3, 4>
// CHECK-SAME: -> tensor<1x2x9xi32>
func.func @bytes(%x: tensor<1x4x9xi8>, %w: tensor<2x4x1xi8>) -> tensor<1x2x9xi32> {
  %xz = arith.constant dense<-128> : tensor<i8>
  %wz = arith.constant dense<[3, 4]> : tensor<2xi8>
  %y = qnn.conv %x, %w input_zero_point %xz filter_zero_point %wz {
      strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>,
      pads_end = array<i64: 0>, group = 1 : i64, input_unsigned}
    : (tensor<1x4x9xi8>, tensor<2x4x1xi8>, tensor<i8>, tensor<2xi8>) -> tensor<1x2x9xi32>
  return %y : tensor<1x2x9xi32>
}

// -----

// A zero point that is not known when compiling is no number of a command.
// CHECK-LABEL: @dynamic
// CHECK: qnn.conv
func.func @dynamic(%x: tensor<1x4x9xi8>, %w: tensor<2x4x1xi8>, %xz: tensor<i8>) -> tensor<1x2x9xi32> {
  %y = qnn.conv %x, %w input_zero_point %xz {
      strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>,
      pads_end = array<i64: 0>, group = 1 : i64}
    : (tensor<1x4x9xi8>, tensor<2x4x1xi8>, tensor<i8>) -> tensor<1x2x9xi32>
  return %y : tensor<1x2x9xi32>
}

// -----

// CHECK-LABEL: @products
// CHECK: npu.matmul ins(%arg0, %arg1 : tensor<3x4x8xf32>, tensor<10x8xf32>) outs(%{{.*}}) {{.*}}transpose_rhs
// A product of vectors with matrices of other batches stays.
// CHECK: nn.matmul
func.func @products(%a: tensor<3x4x8xf32>, %b: tensor<10x8xf32>, %c: tensor<5x1x8x10xf32>) -> (tensor<3x4x10xf32>, tensor<5x3x4x10xf32>) {
  %y = nn.matmul %a, %b {transpose_rhs} : (tensor<3x4x8xf32>, tensor<10x8xf32>) -> tensor<3x4x10xf32>
  %z = nn.matmul %a, %c : (tensor<3x4x8xf32>, tensor<5x1x8x10xf32>) -> tensor<5x3x4x10xf32>
  return %y, %z : tensor<3x4x10xf32>, tensor<5x3x4x10xf32>
}

// -----

// Unsigned words become signed ones, and so does their zero point.
// CHECK-LABEL: @words
// CHECK: %[[SIGNED:.*]] = linalg.generic {{.*}} ins(%arg0
// CHECK: arith.xori %{{.*}}, %c-32768_i16
// CHECK: npu.conv ins(%[[SIGNED]], %arg1
// CHECK-NOT: input_unsigned
// CHECK-SAME: input_zero_point = -32767
// NOWORDS-LABEL: @words
// NOWORDS: qnn.conv
func.func @words(%x: tensor<1x4x9xi16>, %w: tensor<2x4x1xi8>) -> tensor<1x2x9xi32> {
  %z = arith.constant dense<1> : tensor<i16>
  %y = qnn.conv %x, %w input_zero_point %z {
      strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>,
      pads_end = array<i64: 0>, group = 1 : i64, input_unsigned}
    : (tensor<1x4x9xi16>, tensor<2x4x1xi8>, tensor<i16>) -> tensor<1x2x9xi32>
  return %y : tensor<1x2x9xi32>
}
