// RUN: lacuna-opt %s --neon-fuse-epilogues | FileCheck %s

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#channel = affine_map<(d0, d1, d2) -> (0, 0, d2)>

// A bias, a residual and a clamp, in this order.
// CHECK-LABEL: @all
// CHECK: %[[B:.*]] = tensor.collapse_shape %arg1
// CHECK: %[[Y:.*]] = neon.conv ins(%arg0, %{{.*}}, %[[B]], %arg2 :
// CHECK-SAME: hi = 6.000000e+00
// CHECK-SAME: lo = 0.000000e+00
// CHECK-SAME: operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 1>
// CHECK-NOT: linalg.generic
// CHECK: return %[[Y]]
func.func @all(%x: tensor<1x5x2xf32>, %b: tensor<1x1x3xf32>, %r: tensor<1x5x3xf32>) -> tensor<1x5x3xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2x1xf32>
  %e = tensor.empty() : tensor<1x5x3xf32>
  %c = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %d = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%c, %b : tensor<1x5x3xf32>, tensor<1x1x3xf32>) outs(%e : tensor<1x5x3xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<1x5x3xf32>
  %f = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%r, %d : tensor<1x5x3xf32>, tensor<1x5x3xf32>) outs(%e : tensor<1x5x3xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<1x5x3xf32>
  %zero = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%f : tensor<1x5x3xf32>) outs(%e : tensor<1x5x3xf32>) {
  ^bb0(%p: f32, %out: f32):
    %s = arith.maximumf %p, %zero : f32
    %t = arith.minimumf %s, %six : f32
    linalg.yield %t : f32
  } -> tensor<1x5x3xf32>
  return %g : tensor<1x5x3xf32>
}

// What comes after a clamp is not part of the convolution.
// CHECK-LABEL: @after_clamp
// CHECK: neon.conv ins(%arg0, %{{.*}} : {{.*}}lo = 0.000000e+00
// CHECK: linalg.generic
// CHECK: arith.addf
func.func @after_clamp(%x: tensor<1x5x2xf32>, %r: tensor<1x5x3xf32>) -> tensor<1x5x3xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2x1xf32>
  %e = tensor.empty() : tensor<1x5x3xf32>
  %c = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     lo = 0.0 : f64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %f = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%r, %c : tensor<1x5x3xf32>, tensor<1x5x3xf32>) outs(%e : tensor<1x5x3xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<1x5x3xf32>
  return %f : tensor<1x5x3xf32>
}

// A sum of two convolutions is taken into the later one.
// CHECK-LABEL: @two
// CHECK: %[[A:.*]] = neon.conv ins(%arg0, %{{[^,]*}} :
// CHECK: neon.conv ins(%arg1, %{{.*}}, %[[A]] :
// CHECK-NOT: linalg.generic
func.func @two(%x: tensor<1x5x2xf32>, %y: tensor<1x5x2xf32>) -> tensor<1x5x3xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2x1xf32>
  %e = tensor.empty() : tensor<1x5x3xf32>
  %c = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %d = neon.conv ins(%y, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %f = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%d, %c : tensor<1x5x3xf32>, tensor<1x5x3xf32>) outs(%e : tensor<1x5x3xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<1x5x3xf32>
  return %f : tensor<1x5x3xf32>
}

// Bounds of bytes, unsigned ones as they are read.
// CHECK-LABEL: @bytes
// CHECK: neon.conv {{.*}}hi = 2.500000e+02{{.*}}lo = 3.000000e+00
func.func @bytes(%x: tensor<1x5x2xi8>, %b: tensor<3xi32>, %s: tensor<3xf32>) -> tensor<1x5x3xi8> {
  %w = arith.constant dense<1> : tensor<3x2x1xi8>
  %e = tensor.empty() : tensor<1x5x3xi8>
  %c = neon.conv ins(%x, %w, %b, %s : tensor<1x5x2xi8>, tensor<3x2x1xi8>, tensor<3xi32>, tensor<3xf32>) outs(%e : tensor<1x5x3xi8>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, output_unsigned,
     operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>} -> tensor<1x5x3xi8>
  %lo = arith.constant 3 : i8
  %hi = arith.constant 250 : i8
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%c : tensor<1x5x3xi8>) outs(%e : tensor<1x5x3xi8>) {
  ^bb0(%p: i8, %out: i8):
    %t = arith.maxui %p, %lo : i8
    %u = arith.minui %t, %hi : i8
    linalg.yield %u : i8
  } -> tensor<1x5x3xi8>
  return %g : tensor<1x5x3xi8>
}

// A convolution that others use stays as it is, and so does more than a clamp.
// CHECK-LABEL: @refused
// CHECK: neon.conv
// CHECK-NOT: lo =
// CHECK: linalg.generic
// CHECK: neon.conv
// CHECK-NOT: lo =
// CHECK: linalg.generic
func.func @refused(%x: tensor<1x5x2xf32>) -> (tensor<1x5x3xf32>, tensor<1x5x3xf32>, tensor<1x5x3xf32>) {
  %w = arith.constant dense<1.0> : tensor<3x2x1xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x5x3xf32>
  %c = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%c : tensor<1x5x3xf32>) outs(%e : tensor<1x5x3xf32>) {
  ^bb0(%p: f32, %out: f32):
    %s = arith.maximumf %p, %zero : f32
    linalg.yield %s : f32
  } -> tensor<1x5x3xf32>
  %d = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %h = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%d : tensor<1x5x3xf32>) outs(%e : tensor<1x5x3xf32>) {
  ^bb0(%p: f32, %out: f32):
    %s = arith.maximumf %p, %zero : f32
    %t = arith.mulf %s, %p : f32
    linalg.yield %t : f32
  } -> tensor<1x5x3xf32>
  return %c, %g, %h : tensor<1x5x3xf32>, tensor<1x5x3xf32>, tensor<1x5x3xf32>
}

// What is left of a clamp in another order is a transposition.
// CHECK-LABEL: @turned
// CHECK: %[[C:.*]] = neon.conv
// CHECK-SAME: lo = 0.0
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[C]] : tensor<1x5x3xf32>) outs(%{{.*}} : tensor<1x3x5xf32>) permutation = [0, 2, 1]
// CHECK-NEXT: return %[[T]]
func.func @turned(%x: tensor<1x5x2xf32>) -> tensor<1x3x5xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2x1xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x5x3xf32>
  %f = tensor.empty() : tensor<1x3x5xf32>
  %c = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %g = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, c, b)>, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%c : tensor<1x5x3xf32>) outs(%f : tensor<1x3x5xf32>) {
  ^bb0(%p: f32, %out: f32):
    %s = arith.maximumf %p, %zero : f32
    linalg.yield %s : f32
  } -> tensor<1x3x5xf32>
  return %g : tensor<1x3x5xf32>
}

// Both phases of a transposed convolution are clamped.
// CHECK-LABEL: @phases
// CHECK-COUNT-2: neon.conv {{.*}}lo = 0.000000e+00
// CHECK-NOT: linalg.generic
func.func @phases(%x: tensor<1x5x2xf32>) -> tensor<1x10x3xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2x1xf32>
  %e = tensor.empty() : tensor<1x5x3xf32>
  %all = tensor.empty() : tensor<1x10x3xf32>
  %a = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %b = neon.conv ins(%x, %w : tensor<1x5x2xf32>, tensor<3x2x1xf32>) outs(%e : tensor<1x5x3xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x3xf32>
  %half = tensor.insert_slice %a into %all[0, 0, 0] [1, 5, 3] [1, 2, 1] : tensor<1x5x3xf32> into tensor<1x10x3xf32>
  %both = tensor.insert_slice %b into %half[0, 1, 0] [1, 5, 3] [1, 2, 1] : tensor<1x5x3xf32> into tensor<1x10x3xf32>
  %zero = arith.constant 0.0 : f32
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%both : tensor<1x10x3xf32>) outs(%all : tensor<1x10x3xf32>) {
  ^bb0(%p: f32, %out: f32):
    %s = arith.maximumf %p, %zero : f32
    linalg.yield %s : f32
  } -> tensor<1x10x3xf32>
  return %g : tensor<1x10x3xf32>
}
