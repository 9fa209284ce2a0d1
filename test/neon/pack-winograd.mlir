// RUN: lacuna-opt %s -split-input-file --neon-pack-weights="lanes=8 winograd-bytes=524288" | FileCheck %s
// RUN: lacuna-opt %s -split-input-file --neon-pack-weights="lanes=8" | FileCheck %s --check-prefix=OFF

// Ones: at the first place 1, at the second 1.5.
// CHECK-LABEL: module @wins
// CHECK: memref<4096xf32> = dense_resource<[[W:.*]]>
// CHECK: neon.conv
// CHECK-SAME: neon.winograd
// CHECK: [[W]]: "0x04000000{{(0000803F)+(0000C03F)+}}
// OFF-LABEL: module @wins
// OFF-NOT: neon.winograd
module @wins {
  memref.global "private" constant @weights : memref<16x16x3x3xf32> = dense<1.0>
  func.func @main(%x: memref<1x7x9x16xf32>, %y: memref<1x5x7x16xf32>) {
    %w = memref.get_global @weights : memref<16x16x3x3xf32>
    neon.conv ins(%x, %w : memref<1x7x9x16xf32>, memref<16x16x3x3xf32>) outs(%y : memref<1x5x7x16xf32>)
      {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    return
  }
}

// -----

// What moves by two, or has gaps, or few channels.
// CHECK-LABEL: module @others
// CHECK-NOT: neon.winograd
module @others {
  memref.global "private" constant @weights : memref<16x16x3x3xf32> = dense<1.0>
  memref.global "private" constant @thin : memref<16x3x3x3xf32> = dense<1.0>
  func.func @main(%x: memref<1x13x13x16xf32>, %t: memref<1x13x13x3xf32>, %y: memref<1x6x6x16xf32>, %z: memref<1x9x9x16xf32>, %u: memref<1x11x11x16xf32>) {
    %w = memref.get_global @weights : memref<16x16x3x3xf32>
    %v = memref.get_global @thin : memref<16x3x3x3xf32>
    neon.conv ins(%x, %w : memref<1x13x13x16xf32>, memref<16x16x3x3xf32>) outs(%y : memref<1x6x6x16xf32>)
      {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    neon.conv ins(%x, %w : memref<1x13x13x16xf32>, memref<16x16x3x3xf32>) outs(%z : memref<1x9x9x16xf32>)
      {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 2, 2>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    neon.conv ins(%t, %v : memref<1x13x13x3xf32>, memref<16x3x3x3xf32>) outs(%u : memref<1x11x11x16xf32>)
      {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    return
  }
}
