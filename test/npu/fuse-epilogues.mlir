// RUN: lacuna-opt %s --npu-fuse-epilogues --split-input-file | FileCheck %s

#id = affine_map<(n, c, w) -> (n, c, w)>
#channel = affine_map<(n, c, w) -> (c)>
#column = affine_map<(n, c, w) -> (w)>

// One after another, with an operand of each kind.
// CHECK-LABEL: @chain
// CHECK: npu.conv ins(%arg0, %arg1 : {{.*}}) extras(%arg2, %arg3 : tensor<4xf32>, tensor<1x4x8xf32>) outs
// CHECK: ^bb0(%[[SUM:.*]]: f32, %[[SCALE:.*]]: f32, %[[OTHER:.*]]: f32):
// CHECK: %[[SCALED:.*]] = arith.mulf %[[SUM]], %[[SCALE]]
// CHECK: %[[ADDED:.*]] = arith.addf %[[OTHER]], %[[SCALED]]
// CHECK: npu.yield %[[ADDED]] : f32
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<1x2x8xf32>, %w: tensor<4x2x1xf32>, %s: tensor<4xf32>, %r: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %e = tensor.empty() : tensor<1x4x8xf32>
  %c = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x1xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, group = 1 : i64} -> tensor<1x4x8xf32>
  %m = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%c, %s : tensor<1x4x8xf32>, tensor<4xf32>) outs(%e : tensor<1x4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    linalg.yield %p : f32
  } -> tensor<1x4x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%r, %m : tensor<1x4x8xf32>, tensor<1x4x8xf32>) outs(%e : tensor<1x4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.addf %a, %b : f32
    linalg.yield %p : f32
  } -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}

// -----

#id = affine_map<(n, c, w) -> (n, c, w)>
#column = affine_map<(n, c, w) -> (w)>

// What differs along a line is no operand of an epilogue.
// CHECK-LABEL: @column
// CHECK: npu.conv
// CHECK: linalg.generic
func.func @column(%x: tensor<1x2x8xf32>, %w: tensor<4x2x1xf32>, %s: tensor<8xf32>) -> tensor<1x4x8xf32> {
  %e = tensor.empty() : tensor<1x4x8xf32>
  %c = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x1xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, group = 1 : i64} -> tensor<1x4x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%c, %s : tensor<1x4x8xf32>, tensor<8xf32>) outs(%e : tensor<1x4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    linalg.yield %p : f32
  } -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}

// -----

#id = affine_map<(m, n) -> (m, n)>

// Sums that somebody else wants stay sums.
// CHECK-LABEL: @twice
// CHECK: npu.matmul
// CHECK: linalg.generic
func.func @twice(%a: tensor<4x8xf32>, %b: tensor<8x10xf32>) -> (tensor<4x10xf32>, tensor<4x10xf32>) {
  %e = tensor.empty() : tensor<4x10xf32>
  %s = npu.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x10xf32>) outs(%e : tensor<4x10xf32>) {} -> tensor<4x10xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<4x10xf32>) outs(%e : tensor<4x10xf32>) {
  ^bb0(%v: f32, %o: f32):
    %n = arith.negf %v : f32
    linalg.yield %n : f32
  } -> tensor<4x10xf32>
  return %s, %y : tensor<4x10xf32>, tensor<4x10xf32>
}

// -----

#id = affine_map<(n, c, w) -> (n, c, w)>

// The larger of two layers takes what joins them, and comes after the other.
// CHECK-LABEL: @larger
// CHECK: %[[SMALL:.*]] = npu.conv ins(%arg0, %arg2
// CHECK: npu.conv ins(%arg0, %arg1 : {{.*}}) extras(%[[SMALL]]
// CHECK-NOT: linalg.generic
func.func @larger(%x: tensor<1x2x8xf32>, %w: tensor<4x2x3xf32>, %v: tensor<4x2x1xf32>) -> tensor<1x4x8xf32> {
  %e = tensor.empty() : tensor<1x4x8xf32>
  %a = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x3xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 1>, group = 1 : i64} -> tensor<1x4x8xf32>
  %b = npu.conv ins(%x, %v : tensor<1x2x8xf32>, tensor<4x2x1xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, group = 1 : i64} -> tensor<1x4x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a, %b : tensor<1x4x8xf32>, tensor<1x4x8xf32>) outs(%e : tensor<1x4x8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}

// -----

#id = affine_map<(n, c, w) -> (n, c, w)>

// What makes elements wider waits for what makes them narrow again.
// RUN: lacuna-opt %s --npu-fuse-epilogues=narrows --split-input-file | FileCheck %s --check-prefix=NARROWS
// NARROWS-LABEL: @wider
// NARROWS: npu.conv {{.*}} -> tensor<1x4x8xi32>
// NARROWS: linalg.generic
// CHECK-LABEL: @wider
// CHECK-NOT: linalg.generic
func.func @wider(%x: tensor<1x2x8xi8>, %w: tensor<4x2x1xi8>) -> tensor<1x4x8xf64> {
  %s = tensor.empty() : tensor<1x4x8xi32>
  %e = tensor.empty() : tensor<1x4x8xf64>
  %c = npu.conv ins(%x, %w : tensor<1x2x8xi8>, tensor<4x2x1xi8>) outs(%s : tensor<1x4x8xi32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, group = 1 : i64} -> tensor<1x4x8xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%c : tensor<1x4x8xi32>) outs(%e : tensor<1x4x8xf64>) {
  ^bb0(%p: i32, %o: f64):
    %f = arith.sitofp %p : i32 to f64
    linalg.yield %f : f64
  } -> tensor<1x4x8xf64>
  return %y : tensor<1x4x8xf64>
}
