// RUN: lacuna-opt %s -split-input-file --compress-equalize-layers | FileCheck %s

// Weights of 8 and 0.5 make a channel and read it: both become 2.
// CHECK-LABEL: @main
// CHECK: %[[A:.*]] = arith.constant dense_resource<[[FIRST:.*]]> : tensor<2x1x1xf32>
// CHECK: nn.conv %arg0, %[[A]]
// CHECK: %[[B:.*]] = arith.constant dense_resource<[[SECOND:.*]]> : tensor<1x2x1xf32>
// CHECK: nn.conv %{{.*}}, %[[B]]
// CHECK-DAG: [[FIRST]]: "0x04000000000000400000803F"
// CHECK-DAG: [[SECOND]]: "0x04000000000000400000803F"
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @main(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %v = arith.constant dense<[[[8.0]], [[1.0]]]> : tensor<2x1x1xf32>
  %w = arith.constant dense<[[[0.5], [1.0]]]> : tensor<1x2x1xf32>
  %c = nn.conv %x, %v {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4xf32>
  %e = tensor.empty() : tensor<1x2x4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%c : tensor<1x2x4xf32>) outs(%e : tensor<1x2x4xf32>) {
    ^bb0(%i: f32, %o: f32):
      %zero = arith.constant 0.0 : f32
      %m = arith.maximumf %i, %zero : f32
      linalg.yield %m : f32
  } -> tensor<1x2x4xf32>
  %y = nn.conv %r, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// -----

// What is clamped from above does not scale.
// CHECK-LABEL: @main
// CHECK-NOT: dense_resource
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @main(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %v = arith.constant dense<8.0> : tensor<1x1x1xf32>
  %w = arith.constant dense<0.5> : tensor<1x1x1xf32>
  %c = nn.conv %x, %v {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>) -> tensor<1x1x4xf32>
  %e = tensor.empty() : tensor<1x1x4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%c : tensor<1x1x4xf32>) outs(%e : tensor<1x1x4xf32>) {
    ^bb0(%i: f32, %o: f32):
      %six = arith.constant 6.0 : f32
      %m = arith.minimumf %i, %six : f32
      linalg.yield %m : f32
  } -> tensor<1x1x4xf32>
  %y = nn.conv %r, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<1x1x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}
