// RUN: lacuna-opt %s --npu-read-in-place=bytes=1024 --split-input-file | FileCheck %s

// The array reads the transposition of a line where the line is.
// CHECK-LABEL: @conv
// CHECK-SAME: %[[LINE:[a-z0-9]+]]: memref<1x8x1x16xi8>
// CHECK-NOT: linalg.transpose
// CHECK: %[[VIEW:.*]] = memref.reinterpret_cast %[[LINE]]
// CHECK: npu.conv ins(%[[VIEW]], {{.*}} memref<1x16x8x1xi8, strided<[128, 1, 16, 16]>>
func.func @conv(%line: memref<1x8x1x16xi8> {tconv.initial = dense<0> : tensor<1x8x1x16xi8>}, %w: memref<4x16x3x1xi8>, %y: memref<1x4x6x1xi32>) {
  %t = memref.alloc() : memref<1x16x8x1xi8>
  linalg.transpose ins(%line : memref<1x8x1x16xi8>) outs(%t : memref<1x16x8x1xi8>) permutation = [0, 3, 1, 2]
  npu.conv ins(%t, %w : memref<1x16x8x1xi8>, memref<4x16x3x1xi8>) outs(%y : memref<1x4x6x1xi32>)
    {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, group = 1 : i64} {
  }
  return
}

// -----

// An input of the graph is in DRAM.
// CHECK-LABEL: @input
// CHECK: linalg.transpose
func.func @input(%x: memref<1x8x1x16xi8>, %w: memref<4x16x3x1xi8>, %y: memref<1x4x6x1xi32>) {
  %t = memref.alloc() : memref<1x16x8x1xi8>
  linalg.transpose ins(%x : memref<1x8x1x16xi8>) outs(%t : memref<1x16x8x1xi8>) permutation = [0, 3, 1, 2]
  npu.conv ins(%t, %w : memref<1x16x8x1xi8>, memref<4x16x3x1xi8>) outs(%y : memref<1x4x6x1xi32>)
    {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads_begin = array<i64: 0, 0>, group = 1 : i64} {
  }
  return
}

// -----

// What is written before it is read must be copied.
// CHECK-LABEL: @written
// CHECK: memref.copy
func.func @written(%x: memref<8xf32>, %y: memref<8xf32>, %z: memref<8xf32>) {
  %t = memref.alloc() : memref<8xf32>
  memref.copy %x, %t : memref<8xf32> to memref<8xf32>
  linalg.exp ins(%y : memref<8xf32>) outs(%x : memref<8xf32>)
  linalg.exp ins(%t : memref<8xf32>) outs(%z : memref<8xf32>)
  return
}

// -----

// The one that reads it last may not write it either.
// CHECK-LABEL: @inPlace
// CHECK: memref.copy
func.func @inPlace(%x: memref<8xf32>) {
  %t = memref.alloc() : memref<8xf32>
  memref.copy %x, %t : memref<8xf32> to memref<8xf32>
  linalg.exp ins(%t : memref<8xf32>) outs(%x : memref<8xf32>)
  return
}

// -----

// Tensors that are too large for the chip are turned once.
// CHECK-LABEL: @large
// CHECK: linalg.transpose
func.func @large(%x: memref<16x32xf32>, %y: memref<32x16xf32>) {
  %t = memref.alloc() : memref<32x16xf32>
  linalg.transpose ins(%x : memref<16x32xf32>) outs(%t : memref<32x16xf32>) permutation = [1, 0]
  linalg.exp ins(%t : memref<32x16xf32>) outs(%y : memref<32x16xf32>)
  return
}

// -----

// A copy that changes types is none.
// CHECK-LABEL: @converted
// CHECK: linalg.copy
func.func @converted(%x: memref<4xf32>, %y: memref<4xf64>) {
  %t = memref.alloc() : memref<4xf64>
  linalg.copy ins(%x : memref<4xf32>) outs(%t : memref<4xf64>)
  linalg.exp ins(%t : memref<4xf64>) outs(%y : memref<4xf64>)
  return
}
