// RUN: lacuna-opt %s -split-input-file --compress-fold-scales | FileCheck %s

// (c - 3) / sqrt(4) * 2 + 5 and the like: weights are scaled, a bias comes.
// CHECK-LABEL: @batch_norm
// CHECK: nn.conv %arg0, %{{.*}} bias
// CHECK-NOT: nn.batch_norm
func.func @batch_norm(%x: tensor<1x1x4xf32>) -> tensor<1x2x4xf32> {
  %w = arith.constant dense<1.0> : tensor<2x1x1xf32>
  %scale = arith.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %bias = arith.constant dense<[5.0, 0.0]> : tensor<2xf32>
  %mean = arith.constant dense<[3.0, 0.0]> : tensor<2xf32>
  %variance = arith.constant dense<4.0> : tensor<2xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4xf32>
  %y = nn.batch_norm %c, %scale, %bias, %mean, %variance {epsilon = 0.0 : f64}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// A convolution that others read too keeps its numbers.
// CHECK-LABEL: @shared
// CHECK: nn.batch_norm
func.func @shared(%x: tensor<1x1x4xf32>) -> (tensor<1x2x4xf32>, tensor<1x2x4xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x1x1xf32>
  %one = arith.constant dense<1.0> : tensor<2xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4xf32>
  %y = nn.batch_norm %c, %one, %one, %one, %one {epsilon = 0.0 : f64}
    : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %c, %y : tensor<1x2x4xf32>, tensor<1x2x4xf32>
}

// -----

// A constant of channels becomes the bias; one of columns cannot.
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#channel = affine_map<(d0, d1, d2) -> (d1, 0)>
#column = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-LABEL: @bias
// CHECK: nn.conv %arg0, %{{.*}} bias
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
func.func @bias(%x: tensor<1x1x2xf32>) -> tensor<1x2x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x1x1xf32>
  %b = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %d = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x1x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2xf32>
  %e = tensor.empty() : tensor<1x2x2xf32>
  %s = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%c, %b : tensor<1x2x2xf32>, tensor<2x1xf32>) outs(%e : tensor<1x2x2xf32>) {
    ^bb0(%l: f32, %r: f32, %o: f32):
      %v = arith.addf %l, %r : f32
      linalg.yield %v : f32
  } -> tensor<1x2x2xf32>
  %t = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %d : tensor<1x2x2xf32>, tensor<2xf32>) outs(%e : tensor<1x2x2xf32>) {
    ^bb0(%l: f32, %r: f32, %o: f32):
      %v = arith.addf %l, %r : f32
      linalg.yield %v : f32
  } -> tensor<1x2x2xf32>
  return %t : tensor<1x2x2xf32>
}

// -----

// CHECK-LABEL: @mean
// CHECK: nn.avg_pool %arg0
// CHECK-SAME: kernel = array<i64: 5>
// CHECK: tensor.collapse_shape {{.*}} : tensor<1x2x1xf32> into tensor<1x2xf32>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#kept = affine_map<(d0, d1, d2) -> (d0, d1)>
#flat = affine_map<(d0, d1) -> (d0, d1)>
func.func @mean(%x: tensor<1x2x5xf32>) -> tensor<1x2xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %s = linalg.generic {indexing_maps = [#all, #kept], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<1x2x5xf32>) outs(%f : tensor<1x2xf32>) {
    ^bb0(%i: f32, %o: f32):
      %v = arith.addf %o, %i : f32
      linalg.yield %v : f32
  } -> tensor<1x2xf32>
  %m = linalg.generic {indexing_maps = [#flat, #flat], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<1x2xf32>) outs(%e : tensor<1x2xf32>) {
    ^bb0(%i: f32, %o: f32):
      %five = arith.constant 5.0 : f32
      %v = arith.divf %i, %five : f32
      linalg.yield %v : f32
  } -> tensor<1x2xf32>
  return %m : tensor<1x2xf32>
}
