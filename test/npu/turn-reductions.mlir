// RUN: lacuna-opt %s --npu-turn-reductions --split-input-file | FileCheck %s

#row = affine_map<(m, n, k) -> (m, k)>
#column = affine_map<(m, n, k) -> (k, n)>
#sum = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: @product
// CHECK: iterator_types = ["parallel", "reduction", "parallel"]
func.func @product(%a: memref<4x8xf32>, %b: memref<8x10xf32>, %c: memref<4x10xf32>) {
  linalg.generic {indexing_maps = [#row, #column, #sum], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<4x8xf32>, memref<8x10xf32>) outs(%c : memref<4x10xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

#in = affine_map<(k) -> (k)>
#out = affine_map<(k) -> ()>

// One sum has nothing beside it.
// CHECK-LABEL: @sum
// CHECK: iterator_types = ["reduction"]
func.func @sum(%a: memref<8xf32>, %c: memref<f32>) {
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction"]}
      ins(%a : memref<8xf32>) outs(%c : memref<f32>) {
  ^bb0(%x: f32, %s: f32):
    %t = arith.addf %s, %x : f32
    linalg.yield %t : f32
  }
  return
}
