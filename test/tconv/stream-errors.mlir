// RUN: lacuna-opt %s --split-input-file --tconv-stream=axis=2 --verify-diagnostics

func.func @main(%x: tensor<1x4x9xf32>) -> tensor<1x4x9xf32> {
  // expected-error @+2 {{cannot go step by step: it mixes the frames of a clip}}
  // expected-note @+1 {{cut it before this layer}}
  %y = nn.softmax %x {axis = 2 : i64} : (tensor<1x4x9xf32>) -> tensor<1x4x9xf32>
  return %y : tensor<1x4x9xf32>
}

// -----

func.func @main(%x: tensor<1x4x9xf32>) -> tensor<1x4x9xf32> {
  // expected-error @+2 {{at the edges of a clip it averages fewer frames}}
  // expected-note @+1 {{export it with count_include_pad}}
  %y = nn.avg_pool %x {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>}
    : (tensor<1x4x9xf32>) -> tensor<1x4x9xf32>
  return %y : tensor<1x4x9xf32>
}

// -----

func.func @main(%x: tensor<1x4x9xf32>) -> tensor<1x4x9xf32> {
  %e = tensor.empty() : tensor<1x4xf32>
  %0 = arith.constant 0.0 : f32
  %zero = linalg.fill ins(%0 : f32) outs(%e : tensor<1x4xf32>) -> tensor<1x4xf32>
  %sum = linalg.reduce {arith.addf} ins(%x : tensor<1x4x9xf32>)
    outs(%zero : tensor<1x4xf32>) dimensions = [2]
  %out = tensor.empty() : tensor<1x4x9xf32>
  // expected-error @+2 {{it combines frames with what sums up the whole clip}}
  // expected-note @+1 {{without --stream}}
  %y = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>,
      affine_map<(a, b, c) -> (a, b)>, affine_map<(a, b, c) -> (a, b, c)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %sum : tensor<1x4x9xf32>, tensor<1x4xf32>) outs(%out : tensor<1x4x9xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.mulf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<1x4x9xf32>
  return %y : tensor<1x4x9xf32>
}

// -----

// expected-error @+2 {{a network with 2 inputs cannot go step by step}}
// expected-note @+1 {{give all but one a value with --bind}}
func.func @main(%x: tensor<1x4x9xf32>, %y: tensor<1x4x9xf32>) -> tensor<1x4x9xf32> {
  return %y : tensor<1x4x9xf32>
}

// -----

// Frames of every recording, but every second of them.
func.func @main(%x: tensor<1x4x9xf32>) -> (tensor<1x4x9xf32>, tensor<1x4x5xf32>) {
  // expected-error @+2 {{cannot go step by step: outputs have frames at different paces}}
  // expected-note @+1 {{make a model of each}}
  %y = nn.max_pool %x {kernel = array<i64: 1>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x4x9xf32>) -> tensor<1x4x5xf32>
  return %x, %y : tensor<1x4x9xf32>, tensor<1x4x5xf32>
}
