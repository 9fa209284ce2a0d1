// RUN: lacuna-opt %s --neon-select-copies | FileCheck %s

// CHECK-LABEL: @copies
// CHECK: neon.copy ins(%arg0 : memref<2x3xf32>) outs(%arg1 : memref<2x3xf32>) {permutation = array<i64: 0, 1>}
// CHECK: neon.copy ins(%arg0 : memref<2x3xf32>) outs(%arg1 : memref<2x3xf32>) {permutation = array<i64: 0, 1>}
// CHECK: neon.copy ins(%arg0 : memref<2x3xf32>) outs(%arg2 : memref<3x2xf32>) {permutation = array<i64: 1, 0>}
func.func @copies(%x: memref<2x3xf32>, %y: memref<2x3xf32>, %z: memref<3x2xf32>) {
  memref.copy %x, %y : memref<2x3xf32> to memref<2x3xf32>
  linalg.copy ins(%x : memref<2x3xf32>) outs(%y : memref<2x3xf32>)
  linalg.transpose ins(%x : memref<2x3xf32>) outs(%z : memref<3x2xf32>) permutation = [1, 0]
  return
}

// Whichever way round the loops are.
// CHECK-LABEL: @generic
// CHECK: neon.copy ins(%arg0 : memref<2x3x4xi8>) outs(%arg1 : memref<3x4x2xi8>) {permutation = array<i64: 1, 2, 0>}
func.func @generic(%x: memref<2x3x4xi8>, %y: memref<3x4x2xi8>) {
  linalg.generic {
    indexing_maps = [affine_map<(a, b, c) -> (c, a, b)>, affine_map<(a, b, c) -> (a, b, c)>],
    iterator_types = ["parallel", "parallel", "parallel"]
  } ins(%x : memref<2x3x4xi8>) outs(%y : memref<3x4x2xi8>) {
  ^bb0(%e: i8, %o: i8):
    linalg.yield %e : i8
  }
  return
}

// What repeats elements, or computes with them, stays.
// CHECK-LABEL: @others
// CHECK-NOT: neon.copy
func.func @others(%x: memref<3xf32>, %y: memref<2x3xf32>, %z: memref<3xf32>) {
  linalg.generic {
    indexing_maps = [affine_map<(a, b) -> (b)>, affine_map<(a, b) -> (a, b)>],
    iterator_types = ["parallel", "parallel"]
  } ins(%x : memref<3xf32>) outs(%y : memref<2x3xf32>) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {
    indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
    iterator_types = ["parallel"]
  } ins(%x : memref<3xf32>) outs(%z : memref<3xf32>) {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  return
}
