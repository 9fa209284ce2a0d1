// RUN: lacuna-opt %s --split-input-file --verify-diagnostics

func.func @rank(%x: tensor<1x2x8xf32>, %w: tensor<4x2x1xf32>, %e: tensor<1x4x8x1xf32>) {
  // expected-error @+1 {{expects input, weights and init of one rank, 3 to 5, and a stride, dilation and pad a spatial dimension (C1)}}
  %c = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x1xf32>) outs(%e : tensor<1x4x8x1xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>} -> tensor<1x4x8x1xf32>
  return
}

// -----

func.func @groups(%x: tensor<1x2x8xf32>, %w: tensor<4x2x1xf32>, %e: tensor<1x4x8xf32>) {
  // expected-error @+1 {{that do not fit 2 groups of}}
  %c = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x1xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, group = 2 : i64} -> tensor<1x4x8xf32>
  return
}

// -----

func.func @window(%x: tensor<1x2x8xf32>, %w: tensor<4x2x1xf32>, %e: tensor<1x4x8xf32>) {
  // expected-error @+1 {{has a window that begins after its input in spatial dimension 0 (C3)}}
  %c = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x1xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 2>, dilations = array<i64: 1>, pads_begin = array<i64: 0>} -> tensor<1x4x8xf32>
  return
}

// -----

func.func @extra(%x: tensor<1x2x8xf32>, %w: tensor<4x2x1xf32>, %s: tensor<8xf32>, %e: tensor<1x4x8xf32>) {
  // expected-error @+1 {{has an extra operand 0 of type 'tensor<8xf32>', which has neither the shape of init, nor one element a filter, nor one element (C4)}}
  %c = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x1xf32>) extras(%s : tensor<8xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>} -> tensor<1x4x8xf32>
  return
}

// -----

func.func @region(%a: tensor<4x8xi8>, %b: tensor<8x10xi8>, %e: tensor<4x10xi8>) {
  // expected-error @+1 {{has no region, and so needs no extra operands and gives sums of type 'i32' (C4)}}
  %c = npu.matmul ins(%a, %b : tensor<4x8xi8>, tensor<8x10xi8>) outs(%e : tensor<4x10xi8>) {} -> tensor<4x10xi8>
  return
}

// -----

func.func @arguments(%a: tensor<4x8xf32>, %b: tensor<8x10xf32>, %e: tensor<4x10xf32>) {
  // expected-error @+1 {{has a region that does not take ('f32') and yield 'f32' (C4)}}
  %c = npu.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x10xf32>) outs(%e : tensor<4x10xf32>) {} {
  ^bb0(%x: f32, %y: f32):
    npu.yield %x : f32
  } -> tensor<4x10xf32>
  return
}

// -----

func.func @depth(%a: tensor<4x8xf32>, %b: tensor<9x10xf32>, %e: tensor<4x10xf32>) {
  // expected-error @+1 {{does not contract}}
  %c = npu.matmul ins(%a, %b : tensor<4x8xf32>, tensor<9x10xf32>) outs(%e : tensor<4x10xf32>) {} -> tensor<4x10xf32>
  return
}

// -----

func.func @batch(%a: tensor<2x4x8xf32>, %b: tensor<3x8x10xf32>, %e: tensor<2x4x10xf32>) {
  // expected-error @+1 {{expects lhs and init of one rank and with the same leading sizes, and rhs with these or without (C1)}}
  %c = npu.matmul ins(%a, %b : tensor<2x4x8xf32>, tensor<3x8x10xf32>) outs(%e : tensor<2x4x10xf32>) {} -> tensor<2x4x10xf32>
  return
}

// -----

func.func @order(%x: tensor<1x2x8xf32>, %w: tensor<4x1x1xf32>, %e: tensor<1x4x8xf32>) {
  // expected-error @+1 {{has a filter_order that does not have each filter once, within its group (C6)}}
  %c = npu.conv ins(%x, %w : tensor<1x2x8xf32>, tensor<4x1x1xf32>) outs(%e : tensor<1x4x8xf32>)
    {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, group = 2 : i64,
     filter_order = array<i64: 0, 2, 1, 3>} -> tensor<1x4x8xf32>
  return
}
