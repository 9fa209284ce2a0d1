// RUN: lacuna-opt %s -split-input-file -verify-diagnostics

func.func @conv_rank(%x: memref<4x4xf32>, %w: memref<4x4xf32>, %y: memref<4x4xf32>) {
  // expected-error @+1 {{expects input and init of static shape and rank 3 to 5, and one kernel size, stride and dilation a spatial dimension (C1)}}
  neon.conv ins(%x, %w : memref<4x4xf32>, memref<4x4xf32>) outs(%y : memref<4x4xf32>)
    {kernel = array<i64>, strides = array<i64>, dilations = array<i64>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_strides(%x: memref<1x5x5x4xf32>, %w: memref<4x4x1x1xf32>, %y: memref<1x5x5x4xf32>) {
  // expected-error @+1 {{one kernel size, stride and dilation a spatial dimension (C1)}}
  neon.conv ins(%x, %w : memref<1x5x5x4xf32>, memref<4x4x1x1xf32>) outs(%y : memref<1x5x5x4xf32>)
    {kernel = array<i64: 1, 1>, strides = array<i64: 1>, dilations = array<i64: 1, 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_dynamic(%x: memref<1x?x4xf32>, %w: memref<4x4x1xf32>, %y: memref<1x5x4xf32>) {
  // expected-error @+1 {{expects input and init of static shape}}
  neon.conv ins(%x, %w : memref<1x?x4xf32>, memref<4x4x1xf32>) outs(%y : memref<1x5x4xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_size(%x: memref<1x8x9x4xf32>, %w: memref<4x4x3x3xf32>, %y: memref<1x6x9x4xf32>) {
  // expected-error @+1 {{does not have the size in spatial dimension 1 that its windows give (C2)}}
  neon.conv ins(%x, %w : memref<1x8x9x4xf32>, memref<4x4x3x3xf32>) outs(%y : memref<1x6x9x4xf32>)
    {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_reach(%x: memref<1x4x4xf32>, %w: memref<4x4x3xf32>, %y: memref<1x1x4xf32>) {
  // expected-error @+1 {{in spatial dimension 0 that its windows give (C2)}}
  neon.conv ins(%x, %w : memref<1x4x4xf32>, memref<4x4x3xf32>) outs(%y : memref<1x1x4xf32>)
    {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 2>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_group(%x: memref<1x5x4xf32>, %w: memref<6x1x1xf32>, %y: memref<1x5x6xf32>) {
  // expected-error @+1 {{has 4 input and 6 output channels, which do not fit group 4 (C3)}}
  neon.conv ins(%x, %w : memref<1x5x4xf32>, memref<6x1x1xf32>) outs(%y : memref<1x5x6xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_bits(%x: memref<1x5x4xf32>, %w: memref<4x4x1xf32>, %y: memref<1x5x4xf32>) {
  // expected-error @+1 {{has weights of 4 bits with 0 outliers, which no kernel takes (C6)}}
  neon.conv ins(%x, %w : memref<1x5x4xf32>, memref<4x4x1xf32>) outs(%y : memref<1x5x4xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, weight_bits = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_factors(%x: memref<1x5x4xi8>, %w: memref<4x4x1xi8>, %b: memref<4xi32>, %s: memref<4xf32>, %y: memref<1x5x4xi8>) {
  // expected-error @+1 {{has a factor for each 24 weights of 4 bits with 0 outliers, which no kernel takes (C7)}}
  neon.conv ins(%x, %w, %b, %s : memref<1x5x4xi8>, memref<4x4x1xi8>, memref<4xi32>, memref<4xf32>) outs(%y : memref<1x5x4xi8>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, weight_bits = 4 : i64, factor_depth = 24 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
  return
}

// -----

func.func @conv_depthwise(%x: memref<1x5x4xf32>, %w: memref<8x1x1xf32>, %y: memref<1x5x8xf32>) {
  // expected-error @+1 {{has 4 input and 8 output channels, which do not fit group 4 (C3)}}
  neon.conv ins(%x, %w : memref<1x5x4xf32>, memref<8x1x1xf32>) outs(%y : memref<1x5x8xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 4 : i64, depthwise, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_residual(%x: memref<1x5x4xf32>, %w: memref<4x4x1xf32>, %r: memref<1x4x5xf32>, %y: memref<1x5x4xf32>) {
  // expected-error @+1 {{has a residual of another shape than its result (C4)}}
  neon.conv ins(%x, %w, %r : memref<1x5x4xf32>, memref<4x4x1xf32>, memref<1x4x5xf32>) outs(%y : memref<1x5x4xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 1, 1>}
  return
}

// -----

func.func @pool_kernel(%x: memref<1x5x4xf32>, %y: memref<1x5x4xf32>) {
  // expected-error @+1 {{(C1)}}
  neon.pool ins(%x : memref<1x5x4xf32>) outs(%y : memref<1x5x4xf32>)
    {kernel = array<i64: 1, 1>, strides = array<i64: 1>, dilations = array<i64: 1>}
  return
}

// -----

func.func @pool_channels(%x: memref<1x5x4xf32>, %y: memref<1x5x8xf32>) {
  // expected-error @+1 {{changes the number of channels (C1)}}
  neon.pool ins(%x : memref<1x5x4xf32>) outs(%y : memref<1x5x8xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>}
  return
}

// -----

func.func @pool_size(%x: memref<1x5x4xf32>, %y: memref<1x3x4xf32>) {
  // expected-error @+1 {{does not have the size in spatial dimension 0 that its windows give (C2)}}
  neon.pool ins(%x : memref<1x5x4xf32>) outs(%y : memref<1x3x4xf32>)
    {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>}
  return
}

// -----

func.func @wide_kernel(%x: memref<1x5x4xi8>, %w: memref<1x1x4xi16>, %b: memref<1xi32>, %s: memref<1xf32>, %y: memref<1x5x8xi8>) {
  // expected-error @+1 {{(C1)}}
  neon.wide_filters ins(%x, %w, %b, %s : memref<1x5x4xi8>, memref<1x1x4xi16>, memref<1xi32>, memref<1xf32>) outs(%y : memref<1x5x8xi8>)
    {filters = array<i64: 5>, kernel = array<i64: 1, 1>, strides = array<i64: 1>, dilations = array<i64: 1>}
  return
}

// -----

func.func @wide_size(%x: memref<1x5x4xi8>, %w: memref<1x1x4xi16>, %b: memref<1xi32>, %s: memref<1xf32>, %y: memref<1x5x8xi8>) {
  // expected-error @+1 {{does not have the size in spatial dimension 0 that its windows give (C2)}}
  neon.wide_filters ins(%x, %w, %b, %s : memref<1x5x4xi8>, memref<1x1x4xi16>, memref<1xi32>, memref<1xf32>) outs(%y : memref<1x5x8xi8>)
    {filters = array<i64: 5>, kernel = array<i64: 1>, strides = array<i64: 2>, dilations = array<i64: 1>}
  return
}

// -----

func.func @wide_filters(%x: memref<1x5x4xi8>, %w: memref<1x1x4xi16>, %b: memref<1xi32>, %s: memref<1xf32>, %y: memref<1x5x8xi8>) {
  // expected-error @+1 {{has filters that are no output channels, or a group that does not divide the channels (C3)}}
  neon.wide_filters ins(%x, %w, %b, %s : memref<1x5x4xi8>, memref<1x1x4xi16>, memref<1xi32>, memref<1xf32>) outs(%y : memref<1x5x8xi8>)
    {filters = array<i64: 8>, kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>}
  return
}

// -----

func.func @copy(%x: memref<2x3xf32>, %y: memref<2x3xf32>) {
  // expected-error @+1 {{has a permutation that does not make init of its input (C1)}}
  neon.copy ins(%x : memref<2x3xf32>) outs(%y : memref<2x3xf32>) {permutation = array<i64: 1, 0>}
  return
}

// -----

func.func @conv_planar(%x: memref<1x4x8xf32>, %w: memref<6x4x3xf32>, %y: memref<1x6x6xf32>) {
  // expected-error @+1 {{is planar, but no product of floats at each point without a residual (C5)}}
  neon.conv ins(%x, %w : memref<1x4x8xf32>, memref<6x4x3xf32>) outs(%y : memref<1x6x6xf32>)
    {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>, planar, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @conv_planar_channels(%x: memref<1x4x8xf32>, %w: memref<6x4x1xf32>, %y: memref<1x6x8xf32>) {
  // expected-error @+1 {{has 4 input and 6 output channels, which do not fit group 5 (C3)}}
  neon.conv ins(%x, %w : memref<1x4x8xf32>, memref<6x4x1xf32>) outs(%y : memref<1x6x8xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 5 : i64, planar, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

func.func @map_steps(%x: memref<64xf32>, %y: memref<64xf32>) {
  // expected-error @+1 {{expects four sizes, and four steps for each operand (C1)}}
  neon.map ins(%x : memref<64xf32>) outs(%y : memref<64xf32>)
    {sizes = array<i64: 1, 1, 1, 64>, steps = array<i64: 0, 0, 0, 1>, values = ["y exp x0"]}
  return
}

// -----

func.func @map_values(%x: memref<64xf32>, %y: memref<64xf32>) {
  // expected-error @+1 {{has no values (C2)}}
  neon.map ins(%x : memref<64xf32>) outs(%y : memref<64xf32>)
    {sizes = array<i64: 1, 1, 1, 64>, steps = array<i64: 0, 0, 0, 1, 0, 0, 0, 1>, values = []}
  return
}

// -----

func.func @softmax(%x: memref<2x10xf32>, %y: memref<2x10xf32>) {
  // expected-error @+1 {{expects input and init of rank 3 and the same static shape (C1)}}
  neon.softmax ins(%x : memref<2x10xf32>) outs(%y : memref<2x10xf32>)
  return
}

// -----

func.func @lookup_shape(%x: memref<4xi8>, %t: memref<256xi8>, %y: memref<5xi8>) {
  // expected-error @+1 {{makes 'memref<5xi8>' of 'memref<4xi8>' (C1)}}
  neon.lookup ins(%x, %t : memref<4xi8>, memref<256xi8>) outs(%y : memref<5xi8>)
  return
}

// -----

func.func @lookup_table(%x: memref<4xi8>, %t: memref<128xi8>, %y: memref<4xi8>) {
  // expected-error @+1 {{has a table of 'memref<128xi8>' (C2)}}
  neon.lookup ins(%x, %t : memref<4xi8>, memref<128xi8>) outs(%y : memref<4xi8>)
  return
}
