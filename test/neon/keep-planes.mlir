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

// -----

// The points are every other one of more, or one column.
// CHECK-LABEL: func @views
// CHECK-NOT: planar
func.func @views(%x: tensor<1x4x6x32xf32>, %w: tensor<8x4x1x1xf32>) -> (tensor<1x8x6x16xf32>, tensor<1x8x6xf32>) {
  %s = tensor.extract_slice %x[0, 0, 0, 0] [1, 4, 6, 16] [1, 1, 1, 2] : tensor<1x4x6x32xf32> to tensor<1x4x6x16xf32>
  %e = tensor.empty() : tensor<1x6x16x4xf32>
  %t = linalg.transpose ins(%s : tensor<1x4x6x16xf32>) outs(%e : tensor<1x6x16x4xf32>) permutation = [0, 2, 3, 1]
  %i = tensor.empty() : tensor<1x6x16x8xf32>
  %c = neon.conv ins(%t, %w : tensor<1x6x16x4xf32>, tensor<8x4x1x1xf32>) outs(%i : tensor<1x6x16x8xf32>)
    {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x6x16x8xf32>
  %f = tensor.empty() : tensor<1x8x6x16xf32>
  %y = linalg.transpose ins(%c : tensor<1x6x16x8xf32>) outs(%f : tensor<1x8x6x16xf32>) permutation = [0, 3, 1, 2]

  %s1 = tensor.extract_slice %x[0, 0, 0, 2] [1, 4, 6, 1] [1, 1, 1, 1] : tensor<1x4x6x32xf32> to tensor<1x4x6x1xf32>
  %s2 = tensor.collapse_shape %s1 [[0], [1], [2, 3]] : tensor<1x4x6x1xf32> into tensor<1x4x6xf32>
  %w1 = tensor.collapse_shape %w [[0], [1], [2, 3]] : tensor<8x4x1x1xf32> into tensor<8x4x1xf32>
  %e1 = tensor.empty() : tensor<1x6x4xf32>
  %t1 = linalg.transpose ins(%s2 : tensor<1x4x6xf32>) outs(%e1 : tensor<1x6x4xf32>) permutation = [0, 2, 1]
  %i1 = tensor.empty() : tensor<1x6x8xf32>
  %c1 = neon.conv ins(%t1, %w1 : tensor<1x6x4xf32>, tensor<8x4x1xf32>) outs(%i1 : tensor<1x6x8xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x6x8xf32>
  %f1 = tensor.empty() : tensor<1x8x6xf32>
  %y1 = linalg.transpose ins(%c1 : tensor<1x6x8xf32>) outs(%f1 : tensor<1x8x6xf32>) permutation = [0, 2, 1]
  return %y, %y1 : tensor<1x8x6x16xf32>, tensor<1x8x6xf32>
}

// -----

// The result goes into a column of more.
// CHECK-LABEL: func @column
// CHECK-NOT: planar
func.func @column(%x: tensor<1x4x64x1xf32>, %w: tensor<8x4x1x1xf32>, %all: tensor<1x8x64x2xf32>) -> tensor<1x8x64x2xf32> {
  %e = tensor.empty() : tensor<1x64x1x4xf32>
  %t = linalg.transpose ins(%x : tensor<1x4x64x1xf32>) outs(%e : tensor<1x64x1x4xf32>) permutation = [0, 2, 3, 1]
  %i = tensor.empty() : tensor<1x64x1x8xf32>
  %c = neon.conv ins(%t, %w : tensor<1x64x1x4xf32>, tensor<8x4x1x1xf32>) outs(%i : tensor<1x64x1x8xf32>)
    {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x64x1x8xf32>
  %f = tensor.empty() : tensor<1x8x64x1xf32>
  %y = linalg.transpose ins(%c : tensor<1x64x1x8xf32>) outs(%f : tensor<1x8x64x1xf32>) permutation = [0, 3, 1, 2]
  %z = tensor.insert_slice %y into %all[0, 0, 0, 1] [1, 8, 64, 1] [1, 1, 1, 1] : tensor<1x8x64x1xf32> into tensor<1x8x64x2xf32>
  return %z : tensor<1x8x64x2xf32>
}
