// RUN: lacuna-opt %s -split-input-file --neon-keep-planes="lanes=8" | FileCheck %s

// Products at each point between two transpositions.
// CHECK-LABEL: func @pointwise
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4x5xf32>
// CHECK: %[[E:.*]] = tensor.empty() : tensor<2x6x4x5xf32>
// CHECK: %[[Y:.*]] = neon.conv ins(%[[X]], %{{.*}}, %{{.*}} :{{.*}}) outs(%[[E]] :
// CHECK-SAME: lo = 0.000000e+00
// CHECK-SAME: planar
// CHECK-NEXT: return %[[Y]]
func.func @pointwise(%x: tensor<2x3x4x5xf32>, %w: tensor<6x3x1x1xf32>, %b: tensor<6xf32>) -> tensor<2x6x4x5xf32> {
  %e = tensor.empty() : tensor<2x4x5x3xf32>
  %t = linalg.transpose ins(%x : tensor<2x3x4x5xf32>) outs(%e : tensor<2x4x5x3xf32>) permutation = [0, 2, 3, 1]
  %i = tensor.empty() : tensor<2x4x5x6xf32>
  %c = neon.conv ins(%t, %w, %b : tensor<2x4x5x3xf32>, tensor<6x3x1x1xf32>, tensor<6xf32>) outs(%i : tensor<2x4x5x6xf32>)
    {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, lo = 0.0,
     operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>} -> tensor<2x4x5x6xf32>
  %f = tensor.empty() : tensor<2x6x4x5xf32>
  %y = linalg.transpose ins(%c : tensor<2x4x5x6xf32>) outs(%f : tensor<2x6x4x5xf32>) permutation = [0, 3, 1, 2]
  return %y : tensor<2x6x4x5xf32>
}

// -----

// Six points do not fill a register.
// CHECK-LABEL: func @few
// CHECK-NOT: planar
func.func @few(%x: tensor<1x3x6xf32>, %w: tensor<6x3x1xf32>) -> tensor<1x6x6xf32> {
  %e = tensor.empty() : tensor<1x6x3xf32>
  %t = linalg.transpose ins(%x : tensor<1x3x6xf32>) outs(%e : tensor<1x6x3xf32>) permutation = [0, 2, 1]
  %i = tensor.empty() : tensor<1x6x6xf32>
  %c = neon.conv ins(%t, %w : tensor<1x6x3xf32>, tensor<6x3x1xf32>) outs(%i : tensor<1x6x6xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x6x6xf32>
  %f = tensor.empty() : tensor<1x6x6xf32>
  %y = linalg.transpose ins(%c : tensor<1x6x6xf32>) outs(%f : tensor<1x6x6xf32>) permutation = [0, 2, 1]
  return %y : tensor<1x6x6xf32>
}

// -----

// The result is wanted with channels last, and strides leave points out.
// CHECK-LABEL: func @others
// CHECK-NOT: planar
func.func @others(%x: tensor<1x3x18xf32>, %w: tensor<6x3x1xf32>) -> (tensor<1x18x6xf32>, tensor<1x6x9xf32>) {
  %e = tensor.empty() : tensor<1x18x3xf32>
  %t = linalg.transpose ins(%x : tensor<1x3x18xf32>) outs(%e : tensor<1x18x3xf32>) permutation = [0, 2, 1]
  %i = tensor.empty() : tensor<1x18x6xf32>
  %c = neon.conv ins(%t, %w : tensor<1x18x3xf32>, tensor<6x3x1xf32>) outs(%i : tensor<1x18x6xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x18x6xf32>
  %j = tensor.empty() : tensor<1x9x6xf32>
  %d = neon.conv ins(%t, %w : tensor<1x18x3xf32>, tensor<6x3x1xf32>) outs(%j : tensor<1x9x6xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 2>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x9x6xf32>
  %f = tensor.empty() : tensor<1x6x9xf32>
  %y = linalg.transpose ins(%d : tensor<1x9x6xf32>) outs(%f : tensor<1x6x9xf32>) permutation = [0, 2, 1]
  return %c, %y : tensor<1x18x6xf32>, tensor<1x6x9xf32>
}
