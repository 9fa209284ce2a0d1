// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @weights(%x: tensor<5x2x3xf32>, %w: tensor<1x4x2xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+2 {{(C1) has 'weights' of the wrong shape}}
  // expected-note @+1 {{it is 'tensor<1x4x2xf32>', but 'tensor<1x4x3xf32>' fits}}
  %y, %h, %c = nn.recurrent %x, %w, %r {cell = #nn.cell<rnn>, direction = #nn.direction<forward>, activations = ["Tanh"], parameters = array<f32: 0.0, 0.0>} : (tensor<5x2x3xf32>, tensor<1x4x2xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @result(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+2 {{(C2) has 'last_h' of the wrong shape}}
  // expected-note @+1 {{it is 'tensor<1x2x5xf32>', but 'tensor<1x2x4xf32>' fits}}
  %y, %h, %c = nn.recurrent %x, %w, %r {cell = #nn.cell<rnn>, direction = #nn.direction<forward>, activations = ["Tanh"], parameters = array<f32: 0.0, 0.0>} : (tensor<5x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x5xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @activations(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error @+1 {{(C3) has the unknown activation "Swish"}}
  %y, %h, %c = nn.recurrent %x, %w, %r {cell = #nn.cell<rnn>, direction = #nn.direction<forward>, activations = ["Swish"], parameters = array<f32: 0.0, 0.0>} : (tensor<5x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @cell_state(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>, %c0: tensor<1x2x4xf32>) {
  // expected-error @+1 {{(C4) has operands that only an LSTM takes}}
  %y, %h, %c = nn.recurrent %x, %w, %r c %c0 {cell = #nn.cell<rnn>, direction = #nn.direction<forward>, activations = ["Tanh"], parameters = array<f32: 0.0, 0.0>} : (tensor<5x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<1x2x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return
}
