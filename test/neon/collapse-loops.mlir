// RUN: lacuna-opt %s --neon-collapse-loops | FileCheck %s

// CHECK-LABEL: @fill
// CHECK: %[[FLAT:.*]] = memref.collapse_shape %arg0 {{\[\[}}0, 1, 2]]
// CHECK: linalg.generic {{.*}} outs(%[[FLAT]] : memref<120xf32>)
func.func @fill(%x: memref<4x5x6xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%x : memref<4x5x6xf32>)
  return
}

// The matrices of %x are not side by side, their rows are.
// CHECK-LABEL: @strided
// CHECK: linalg.generic
// CHECK-SAME: memref<4x30xf32, strided<[60, 1]>>, memref<30xf32>) outs({{.*}} : memref<4x30xf32>)
func.func @strided(%x: memref<4x5x6xf32, strided<[60, 6, 1]>>, %b: memref<5x6xf32>, %y: memref<4x5x6xf32>) {
  linalg.generic {
    indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
    iterator_types = ["parallel", "parallel", "parallel"]
  } ins(%x, %b : memref<4x5x6xf32, strided<[60, 6, 1]>>, memref<5x6xf32>) outs(%y : memref<4x5x6xf32>) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %e, %f : f32
    linalg.yield %s : f32
  }
  return
}

// Sums and what is summed are different loops.
// CHECK-LABEL: @sums
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]
// CHECK-SAME: memref<20x6xf32>) outs({{.*}} : memref<20xf32>)
func.func @sums(%x: memref<4x5x6xf32>, %y: memref<4x5xf32>) {
  linalg.generic {
    indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b)>],
    iterator_types = ["parallel", "parallel", "reduction"]
  } ins(%x : memref<4x5x6xf32>) outs(%y : memref<4x5xf32>) {
  ^bb0(%e: f32, %o: f32):
    %s = arith.addf %e, %o : f32
    linalg.yield %s : f32
  }
  return
}
