// RUN: lacuna-opt %s --split-input-file --tconv-stream --verify-diagnostics
// RUN: not lacuna-opt %s --split-input-file --tconv-stream=axis=3 2>&1 | FileCheck %s

// What is in the way of each dimension.
// CHECK: error: its input, 'tensor<1x4x9xf32>', has no dimension 3
// expected-error @+2 {{no layer walks along a dimension of its input}}
// expected-note @+1 {{name the dimension: --stream=axis=N}}
func.func @main(%x: tensor<1x4x9xf32>) -> tensor<1x4x9xf32> {
  // expected-note @+1 {{dimension 2: it mixes the frames of a clip}}
  %y = nn.softmax %x {axis = 2 : i64} : (tensor<1x4x9xf32>) -> tensor<1x4x9xf32>
  return %y : tensor<1x4x9xf32>
}

// -----

// expected-error @+2 {{time may be dimension 1 or 2 of its input}}
// expected-note @+1 {{name the dimension: --stream=axis=N}}
func.func @main(%x: tensor<1x9x9xf32>) -> tensor<1x7x7xf32> {
  %y = nn.max_pool %x {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x9x9xf32>) -> tensor<1x9x7xf32>
  %t = tensor.empty() : tensor<1x7x9xf32>
  %u = linalg.transpose ins(%y : tensor<1x9x7xf32>) outs(%t : tensor<1x7x9xf32>) permutation = [0, 2, 1]
  %z = nn.max_pool %u {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x7x9xf32>) -> tensor<1x7x7xf32>
  return %z : tensor<1x7x7xf32>
}
