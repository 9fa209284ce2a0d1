// RUN: lacuna-opt %s --neon-propagate-layouts --canonicalize | FileCheck %s

// CHECK: #[[$ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: @meet
// CHECK-NEXT: return %arg0
func.func @meet(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %e = tensor.empty() : tensor<2x4x3xf32>
  %a = linalg.transpose ins(%x : tensor<2x3x4xf32>) outs(%e : tensor<2x4x3xf32>) permutation = [0, 2, 1]
  %f = tensor.empty() : tensor<2x3x4xf32>
  %b = linalg.transpose ins(%a : tensor<2x4x3xf32>) outs(%f : tensor<2x3x4xf32>) permutation = [0, 2, 1]
  return %b : tensor<2x3x4xf32>
}

// Two become one.
// CHECK-LABEL: @compose
// CHECK: linalg.transpose ins(%arg0 {{.*}} permutation = [2, 0, 1]
// CHECK-NOT: linalg.transpose
func.func @compose(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  %e = tensor.empty() : tensor<2x4x3xf32>
  %a = linalg.transpose ins(%x : tensor<2x3x4xf32>) outs(%e : tensor<2x4x3xf32>) permutation = [0, 2, 1]
  %f = tensor.empty() : tensor<4x2x3xf32>
  %b = linalg.transpose ins(%a : tensor<2x4x3xf32>) outs(%f : tensor<4x2x3xf32>) permutation = [1, 0, 2]
  return %b : tensor<4x2x3xf32>
}

// Where only dimensions of size 1 move, nothing moves.
// CHECK-LABEL: @narrow
// CHECK-NOT: linalg.transpose
// CHECK: return %{{.*}} : tensor<1x4x1xf32>
func.func @narrow(%x: tensor<1x1x4xf32>) -> tensor<1x4x1xf32> {
  %e = tensor.empty() : tensor<1x4x1xf32>
  %a = linalg.transpose ins(%x : tensor<1x1x4xf32>) outs(%e : tensor<1x4x1xf32>) permutation = [0, 2, 1]
  return %a : tensor<1x4x1xf32>
}

// CHECK-LABEL: @pad
// CHECK: %[[T:.*]] = linalg.transpose ins(%arg0
// CHECK: tensor.pad %[[T]] low[0, 1, 0] high[0, 2, 0]
func.func @pad(%x: tensor<2x3x4xf32>) -> tensor<2x7x3xf32> {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1] high[0, 0, 2] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %z : f32
  } : tensor<2x3x4xf32> to tensor<2x3x7xf32>
  %e = tensor.empty() : tensor<2x7x3xf32>
  %a = linalg.transpose ins(%p : tensor<2x3x7xf32>) outs(%e : tensor<2x7x3xf32>) permutation = [0, 2, 1]
  return %a : tensor<2x7x3xf32>
}

// CHECK-LABEL: @concat
// CHECK-COUNT-2: linalg.transpose ins(%arg
// CHECK: tensor.concat dim(2)
func.func @concat(%x: tensor<2x3x4xf32>, %y: tensor<2x5x4xf32>) -> tensor<2x4x8xf32> {
  %c = tensor.concat dim(1) %x, %y : (tensor<2x3x4xf32>, tensor<2x5x4xf32>) -> tensor<2x8x4xf32>
  %e = tensor.empty() : tensor<2x4x8xf32>
  %a = linalg.transpose ins(%c : tensor<2x8x4xf32>) outs(%e : tensor<2x4x8xf32>) permutation = [0, 2, 1]
  return %a : tensor<2x4x8xf32>
}

// CHECK-LABEL: @slice
// CHECK-NOT: linalg.transpose
// CHECK: tensor.extract_slice %arg0[0, 0, 1] [2, 3, 2] [1, 1, 1]
func.func @slice(%x: tensor<2x3x4xf32>) -> tensor<2x3x2xf32> {
  %e = tensor.empty() : tensor<2x4x3xf32>
  %a = linalg.transpose ins(%x : tensor<2x3x4xf32>) outs(%e : tensor<2x4x3xf32>) permutation = [0, 2, 1]
  %s = tensor.extract_slice %a[0, 1, 0] [2, 2, 3] [1, 1, 1] : tensor<2x4x3xf32> to tensor<2x2x3xf32>
  %f = tensor.empty() : tensor<2x3x2xf32>
  %b = linalg.transpose ins(%s : tensor<2x2x3xf32>) outs(%f : tensor<2x3x2xf32>) permutation = [0, 2, 1]
  return %b : tensor<2x3x2xf32>
}

// A reshape that drops a dimension of size 1 does not part two transpositions.
// CHECK-LABEL: @squeeze
// CHECK-NOT: linalg.transpose
// CHECK: tensor.collapse_shape %arg0 {{\[\[}}0], [1, 2], [3]]
// CHECK-NOT: linalg.transpose
func.func @squeeze(%x: tensor<2x1x3x4xf32>) -> tensor<2x3x4xf32> {
  %e = tensor.empty() : tensor<2x4x1x3xf32>
  %a = linalg.transpose ins(%x : tensor<2x1x3x4xf32>) outs(%e : tensor<2x4x1x3xf32>) permutation = [0, 3, 1, 2]
  %s = tensor.collapse_shape %a [[0], [1], [2, 3]] : tensor<2x4x1x3xf32> into tensor<2x4x3xf32>
  %f = tensor.empty() : tensor<2x3x4xf32>
  %b = linalg.transpose ins(%s : tensor<2x4x3xf32>) outs(%f : tensor<2x3x4xf32>) permutation = [0, 2, 1]
  return %b : tensor<2x3x4xf32>
}

// An elementwise operation reads one operand through its transposition, and
// writes as it is wanted: along the other operand.
#id = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: @elementwise
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {indexing_maps = [#[[$ID]], #[[$ID]]]
// CHECK: ins(%arg0 : tensor<3x4xf32>) outs(%{{.*}} : tensor<3x4xf32>)
// CHECK-NOT: linalg.transpose
func.func @elementwise(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<4x3xf32>
  %a = linalg.transpose ins(%x : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) permutation = [1, 0]
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%a : tensor<4x3xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    linalg.yield %n : f32
  } -> tensor<4x3xf32>
  %f = tensor.empty() : tensor<3x4xf32>
  %b = linalg.transpose ins(%g : tensor<4x3xf32>) outs(%f : tensor<3x4xf32>) permutation = [1, 0]
  return %b : tensor<3x4xf32>
}

// A reduction goes over its operand in the order of memory.
// CHECK-LABEL: @reduction
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = ["reduction", "parallel"]
// CHECK-SAME: ins(%arg0 : tensor<3x4xf32>)
func.func @reduction(%x: tensor<3x4xf32>, %z: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4x3xf32>
  %a = linalg.transpose ins(%x : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) permutation = [1, 0]
  %g = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
    ins(%a : tensor<4x3xf32>) outs(%z : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.addf %in, %out : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  return %g : tensor<4xf32>
}

// What only a reduction reads is made in the order of what it is made of.
// CHECK-LABEL: @before_reduction
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {indexing_maps = [#[[$ID]], #[[$ID]]]
// CHECK-SAME: ins(%arg0 : tensor<3x4xf32>)
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = ["reduction", "parallel"]
func.func @before_reduction(%x: tensor<3x4xf32>, %z: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4x3xf32>
  %a = linalg.transpose ins(%x : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) permutation = [1, 0]
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%a : tensor<4x3xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    linalg.yield %n : f32
  } -> tensor<4x3xf32>
  %g = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
    ins(%n : tensor<4x3xf32>) outs(%z : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %out : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %g : tensor<4xf32>
}
