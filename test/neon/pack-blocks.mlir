// RUN: lacuna-opt %s -split-input-file --neon-pack-weights="lanes=2 together=2" | FileCheck %s

// Three filters of two channels in blocks of two: the last is filled up with
// zeros, and so is the bias.
// CHECK-LABEL: module @floats
// CHECK-DAG: memref<8xf32> = dense_resource<[[W:.*]]>
// CHECK-DAG: memref<4xf32> = dense_resource<[[B:.*]]>
// CHECK: neon.conv
// CHECK-SAME: neon.block = array<i64: 2, 1>
// 1 3, 2 4, then 5 0, 6 0.
// CHECK-DAG: [[W]]: "0x040000000000803F0000404000000040000080400000A040000000000000C04000000000"
// CHECK-DAG: [[B]]: "0x040000000000803F000000400000404000000000"
module @floats {
  memref.global "private" constant @weights : memref<3x2x1xf32> = dense<[[[1.0], [2.0]], [[3.0], [4.0]], [[5.0], [6.0]]]>
  memref.global "private" constant @bias : memref<3xf32> = dense<[1.0, 2.0, 3.0]>
  func.func @main(%x: memref<1x5x2xf32>, %y: memref<1x5x3xf32>) {
    %w = memref.get_global @weights : memref<3x2x1xf32>
    %b = memref.get_global @bias : memref<3xf32>
    neon.conv ins(%x, %w, %b : memref<1x5x2xf32>, memref<3x2x1xf32>, memref<3xf32>) outs(%y : memref<1x5x3xf32>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>}
    return
  }
}

// -----

// Bytes, two products side by side and the third alone. The last block is filters
// 1 and 2 again. 128 times the sum of a filter's weights goes from its bias.
// CHECK-LABEL: module @bytes
// CHECK-DAG: memref<3xi32> = dense_resource<[[B:.*]]>
// CHECK-DAG: memref<12xi8> = dense_resource<[[W:.*]]>
// CHECK: neon.conv
// CHECK-SAME: neon.block = array<i64: 2, 2>
// 1 2 4 5, 3 6, then 4 5 7 8, 6 9.
// CHECK-DAG: [[W]]: "0x01000000010204050306040507080609"
// -768 + 1, -1920 + 2, -3072 + 3.
// CHECK-DAG: [[B]]: "0x0400000001FDFFFF82F8FFFF03F4FFFF"
module @bytes {
  memref.global "private" constant @weights : memref<3x3x1xi8> = dense<[[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]]]>
  memref.global "private" constant @bias : memref<3xi32> = dense<[1, 2, 3]>
  memref.global "private" constant @scale : memref<3xf32> = dense<1.0>
  func.func @main(%x: memref<1x5x3xi8>, %y: memref<1x5x3xi8>) {
    %w = memref.get_global @weights : memref<3x3x1xi8>
    %b = memref.get_global @bias : memref<3xi32>
    %s = memref.get_global @scale : memref<3xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x5x3xi8>, memref<3x3x1xi8>, memref<3xi32>, memref<3xf32>) outs(%y : memref<1x5x3xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}
