// RUN: lacuna-opt %s | FileCheck %s
// RUN: lacuna-opt %s --nn-lower-to-linalg | FileCheck %s --check-prefix=LINALG

// The input is multiplied for all steps at once; the loop carries the state.
// CHECK-LABEL: @gru
// CHECK: nn.recurrent {{.*}} bias {{.*}}cell = #nn.cell<gru>
// LINALG-LABEL: @gru
// LINALG: linalg.generic {{.*}}["parallel", "parallel", "parallel", "reduction"]
// LINALG: scf.for {{.*}} iter_args
// LINALG: math.exp
// LINALG: math.tanh
// LINALG: scf.yield
func.func @gru(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>) -> tensor<5x1x2x4xf32> {
  %y, %h, %c = nn.recurrent %x, %w, %r bias %b {
      cell = #nn.cell<gru>, direction = #nn.direction<forward>,
      activations = ["Sigmoid", "Tanh"], parameters = array<f32: 0.0, 0.0, 0.0, 0.0>
    } : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>)
      -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<5x1x2x4xf32>
}

// Two directions are two loops.
// LINALG-LABEL: @both
// LINALG: scf.for
// LINALG: scf.for
// LINALG: tensor.concat
func.func @both(%x: tensor<5x2x3xf32>, %w: tensor<2x4x3xf32>, %r: tensor<2x4x4xf32>) -> tensor<2x2x4xf32> {
  %y, %h, %c = nn.recurrent %x, %w, %r {
      cell = #nn.cell<rnn>, direction = #nn.direction<bidirectional>,
      activations = ["Tanh", "Relu"], parameters = array<f32: 0.0, 0.0, 0.0, 0.0>
    } : (tensor<5x2x3xf32>, tensor<2x4x3xf32>, tensor<2x4x4xf32>)
      -> (tensor<5x2x2x4xf32>, tensor<2x2x4xf32>, tensor<2x2x4xf32>)
  return %h : tensor<2x2x4xf32>
}
