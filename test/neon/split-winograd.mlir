// RUN: lacuna-opt %s --neon-split-kernels="threads=4 macs-per-part=1000" | FileCheck %s

// Of 12 rows three parts are whole pairs, four are not; 7 rows stay together.
// CHECK-LABEL: func.func private @even
// CHECK: neon.split = array<i64: 1, 3>
// CHECK-LABEL: func.func private @odd
// CHECK-NOT: neon.split
func.func private @even(%x: memref<1x14x10x4xf32>, %w: memref<256xf32>, %y: memref<1x12x8x4xf32>) {
  neon.conv ins(%x, %w : memref<1x14x10x4xf32>, memref<256xf32>) outs(%y : memref<1x12x8x4xf32>)
    {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
     neon.block = array<i64: 4, 1>, neon.winograd, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}
func.func private @odd(%x: memref<1x9x10x4xf32>, %w: memref<256xf32>, %y: memref<1x7x8x4xf32>) {
  neon.conv ins(%x, %w : memref<1x9x10x4xf32>, memref<256xf32>) outs(%y : memref<1x7x8x4xf32>)
    {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
     neon.block = array<i64: 4, 1>, neon.winograd, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}
func.func @main(%x: memref<1x14x10x4xf32>, %v: memref<1x9x10x4xf32>, %w: memref<256xf32>, %y: memref<1x12x8x4xf32>, %z: memref<1x7x8x4xf32>) {
  call @even(%x, %w, %y) : (memref<1x14x10x4xf32>, memref<256xf32>, memref<1x12x8x4xf32>) -> ()
  call @odd(%v, %w, %z) : (memref<1x9x10x4xf32>, memref<256xf32>, memref<1x7x8x4xf32>) -> ()
  return
}
