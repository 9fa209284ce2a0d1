// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
  // expected-error @+1 {{(C1) needs input and result of one rank from 3 to 5, but they have ranks 2 and 2}}
  %y = nn.max_pool %x {kernel = array<i64>, strides = array<i64>, dilations = array<i64>, pads_begin = array<i64>, pads_end = array<i64>} : (tensor<1x16xf32>) -> tensor<1x16xf32>
  return %y : tensor<1x16xf32>
}

// -----

func.func @kernel(%x: tensor<1x1x16xf32>) -> tensor<1x1x16xf32> {
  // expected-error @+1 {{(C2) 'kernel' has the entry 0}}
  %y = nn.avg_pool %x {kernel = array<i64: 0>, strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x1x16xf32>) -> tensor<1x1x16xf32>
  return %y : tensor<1x1x16xf32>
}

// -----

func.func @shape(%x: tensor<1x1x5xf32>) -> tensor<1x1x3xf32> {
  // expected-error @+3 {{(C3) has the wrong result shape}}
  // expected-note @+2 {{the result is 'tensor<1x1x3xf32>'}}
  // expected-note @+1 {{the operands give 'tensor<1x1x2xf32>'}}
  %y = nn.avg_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x1x5xf32>) -> tensor<1x1x3xf32>
  return %y : tensor<1x1x3xf32>
}

// -----

func.func @element(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf16> {
  // expected-error @+1 {{(C4) mixes element types}}
  %y = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x1x4xf32>) -> tensor<1x1x2xf16>
  return %y : tensor<1x1x2xf16>
}

// -----

func.func @indices(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  // expected-error @+1 {{(C4) has results of different shapes}}
  %y, %i = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>} : (tensor<1x1x4xf32>) -> (tensor<1x1x2xf32>, tensor<1x1x3xi64>)
  return %y : tensor<1x1x2xf32>
}

// -----

func.func @unpool(%x: tensor<1x1x2xf32>, %i: tensor<1x1x3xi64>) -> tensor<1x1x4xf32> {
  // expected-error @+1 {{(C1) has an index tensor of another shape than its input}}
  %y = nn.max_unpool %x, %i : (tensor<1x1x2xf32>, tensor<1x1x3xi64>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}
