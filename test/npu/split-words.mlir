// RUN: lacuna-opt %s --npu-split-words --split-input-file | FileCheck %s
// RUN: lacuna-opt %s --npu-split-words=bytes-only --split-input-file | FileCheck %s --check-prefix=BYTES

// 0x1234 is 0x12 and 0x34, and so are zero points; the lower half is unsigned.
// CHECK-LABEL: @both
// CHECK: qnn.conv %arg0
// BYTES-LABEL: @both
// BYTES-DAG: %[[ZL:.*]] = arith.constant dense<1> : tensor<i8>
// BYTES-DAG: %[[ZH:.*]] = arith.constant dense<-2> : tensor<i8>
// BYTES: %[[LOW:.*]] = linalg.generic {{.*}} ins(%arg0
// BYTES-NEXT: ^bb0
// BYTES-NEXT: arith.trunci
// BYTES: qnn.conv %[[LOW]], %{{.*}} bias %{{.*}} input_zero_point %[[ZL]] {{.*}}filter_unsigned{{.*}}input_unsigned
// BYTES: qnn.conv %[[LOW]], %{{[^ ]*}} input_zero_point %[[ZL]]
// BYTES-NOT: filter_unsigned
// BYTES: %[[HIGH:.*]] = linalg.generic {{.*}} ins(%arg0
// BYTES: arith.shrui
// BYTES: qnn.conv %[[HIGH]], %{{[^ ]*}} input_zero_point %[[ZH]]
// BYTES-NOT: input_unsigned
// BYTES: qnn.conv %[[HIGH]]
// BYTES: linalg.generic
// BYTES: %[[A:.*]] = arith.shli %{{.*}}, %c8_i32
// BYTES: arith.addi
// BYTES: arith.shli %{{.*}}, %c8_i32
// BYTES: arith.addi
// BYTES: arith.shli %{{.*}}, %c16_i32
// BYTES: arith.addi
func.func @both(%x: tensor<1x1x4xi16>) -> tensor<1x2x4xi32> {
  %w = arith.constant dense<4660> : tensor<2x1x1xi16>
  %b = arith.constant dense<5> : tensor<2xi32>
  %z = arith.constant dense<-511> : tensor<i16>
  %y = qnn.conv %x, %w bias %b input_zero_point %z {strides = array<i64: 1>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xi16>, tensor<2x1x1xi16>, tensor<2xi32>, tensor<i16>) -> tensor<1x2x4xi32>
  return %y : tensor<1x2x4xi32>
}

// -----

// Sums of 64 bits are those of halves, wherever they go.
// CHECK-LABEL: @wide
// CHECK: qnn.conv {{.*}} bias %{{.*}} -> tensor<1x1x4xi32>
// CHECK: qnn.conv {{.*}} -> tensor<1x1x4xi32>
// CHECK: arith.extsi %{{.*}} : i32 to i64
func.func @wide(%x: tensor<1x1024x4xi16>) -> tensor<1x1x4xi64> {
  %w = arith.constant dense<127> : tensor<1x1024x1xi8>
  %b = arith.constant dense<2000000000> : tensor<1xi64>
  %y = qnn.conv %x, %w bias %b {strides = array<i64: 1>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1024x4xi16>, tensor<1x1024x1xi8>, tensor<1xi64>) -> tensor<1x1x4xi64>
  return %y : tensor<1x1x4xi64>
}

// -----

// What halves do not fit either stays whole.
// CHECK-LABEL: @too_wide
// CHECK: qnn.conv {{.*}} -> tensor<1x1x4xi64>
func.func @too_wide(%x: tensor<1x1024x4xi16>) -> tensor<1x1x4xi64> {
  %w = arith.constant dense<127> : tensor<1x1024x1xi8>
  %b = arith.constant dense<2147000000> : tensor<1xi64>
  %y = qnn.conv %x, %w bias %b {strides = array<i64: 1>,
      dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1024x4xi16>, tensor<1x1024x1xi8>, tensor<1xi64>) -> tensor<1x1x4xi64>
  return %y : tensor<1x1x4xi64>
}
