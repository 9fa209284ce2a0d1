// RUN: lacuna-opt %s --neon-place-pads | FileCheck %s

// The border is filled before what goes inside is made.
// CHECK-LABEL: @pad
// CHECK: %[[ZERO:.*]] = arith.constant 0.0
// CHECK: %[[E:.*]] = tensor.empty() : tensor<1x8x2xf32>
// CHECK: %[[S:.*]] = tensor.empty() : tensor<1x1x2xf32>
// CHECK: %[[F:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[S]] :
// CHECK: %[[LOW:.*]] = tensor.insert_slice %[[F]] into %[[E]][0, 0, 0] [1, 1, 2] [1, 1, 1]
// CHECK: %[[T:.*]] = tensor.empty() : tensor<1x2x2xf32>
// CHECK: %[[G:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[T]] :
// CHECK: %[[BORDER:.*]] = tensor.insert_slice %[[G]] into %[[LOW]][0, 6, 0] [1, 2, 2] [1, 1, 1]
// CHECK: %[[Y:.*]] = linalg.exp
// CHECK: tensor.insert_slice %[[Y]] into %[[BORDER]][0, 1, 0] [1, 5, 2] [1, 1, 1]
// CHECK-NOT: tensor.pad
func.func @pad(%x: tensor<1x5x2xf32>, %e: tensor<1x5x2xf32>) -> tensor<1x8x2xf32> {
  %y = linalg.exp ins(%x : tensor<1x5x2xf32>) outs(%e : tensor<1x5x2xf32>) -> tensor<1x5x2xf32>
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %y low[0, 1, 0] high[0, 2, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %z : f32
  } : tensor<1x5x2xf32> to tensor<1x8x2xf32>
  return %p : tensor<1x8x2xf32>
}

// Slabs beside the rows are as high as what is inside, and do not overlap.
// CHECK-LABEL: @sides
// CHECK: tensor.insert_slice %{{.*}}[0, 0] [1, 9] [1, 1]
// CHECK: tensor.insert_slice %{{.*}}[1, 0] [4, 3] [1, 1]
// CHECK: tensor.insert_slice %{{.*}}[1, 8] [4, 1] [1, 1]
// CHECK: tensor.insert_slice %{{.*}}[1, 3] [4, 5] [1, 1]
// CHECK-NOT: insert_slice
// CHECK: return
func.func @sides(%x: tensor<4x5xf32>) -> tensor<5x9xf32> {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[1, 3] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : f32
  } : tensor<4x5xf32> to tensor<5x9xf32>
  return %p : tensor<5x9xf32>
}

// What is cut off has no border.
// CHECK-LABEL: @cut
// CHECK: tensor.pad
func.func @cut(%x: tensor<5xf32>) -> tensor<5xf32> {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[-1] high[1] {
  ^bb0(%i: index):
    tensor.yield %z : f32
  } : tensor<5xf32> to tensor<5xf32>
  return %p : tensor<5xf32>
}

// Reshapes do not make anything.
// CHECK-LABEL: @reshaped
// CHECK: linalg.fill
// CHECK: linalg.exp
// CHECK: tensor.expand_shape
// CHECK: tensor.insert_slice
func.func @reshaped(%x: tensor<5x2xf32>, %e: tensor<5x2xf32>) -> tensor<1x6x2xf32> {
  %y = linalg.exp ins(%x : tensor<5x2xf32>) outs(%e : tensor<5x2xf32>) -> tensor<5x2xf32>
  %r = tensor.expand_shape %y [[0, 1], [2]] output_shape [1, 5, 2] : tensor<5x2xf32> into tensor<1x5x2xf32>
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %r low[0, 1, 0] high[0, 0, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %z : f32
  } : tensor<1x5x2xf32> to tensor<1x6x2xf32>
  return %p : tensor<1x6x2xf32>
}

// Where each element has a value of its own, padding stays.
// CHECK-LABEL: @computed
// CHECK: tensor.pad
func.func @computed(%x: tensor<5xf32>) -> tensor<6xf32> {
  %p = tensor.pad %x low[1] high[0] {
  ^bb0(%i: index):
    %j = arith.index_cast %i : index to i32
    %f = arith.sitofp %j : i32 to f32
    tensor.yield %f : f32
  } : tensor<5xf32> to tensor<6xf32>
  return %p : tensor<6xf32>
}

// A value that is computed after the source is not used before that.
// CHECK-LABEL: @late
// CHECK: linalg.exp
// CHECK: %[[Z:.*]] = arith.mulf
// CHECK: %[[Z]] : f32
func.func @late(%x: tensor<5xf32>, %e: tensor<5xf32>, %v: f32) -> tensor<6xf32> {
  %y = linalg.exp ins(%x : tensor<5xf32>) outs(%e : tensor<5xf32>) -> tensor<5xf32>
  %w = arith.addf %v, %v : f32
  %z = arith.mulf %w, %w : f32
  %p = tensor.pad %y low[1] high[0] {
  ^bb0(%i: index):
    tensor.yield %z : f32
  } : tensor<5xf32> to tensor<6xf32>
  return %p : tensor<6xf32>
}

// A value may be an argument.
// CHECK-LABEL: @argument
// CHECK: %arg1 : f32
func.func @argument(%x: tensor<5xf32>, %v: f32) -> tensor<6xf32> {
  %p = tensor.pad %x low[1] high[0] {
  ^bb0(%i: index):
    tensor.yield %v : f32
  } : tensor<5xf32> to tensor<6xf32>
  return %p : tensor<6xf32>
}
