// RUN: split-file %s %t
// RUN: lacuna-opt %t/tensors.mlir -verify-diagnostics --neon-pack-weights
// RUN: lacuna-opt %t/tensors.mlir -verify-diagnostics --neon-convert-to-emitc
// RUN: lacuna-opt %t/strides.mlir -verify-diagnostics --neon-convert-to-emitc
// RUN: lacuna-opt %t/packed.mlir -verify-diagnostics --neon-convert-to-emitc

// Kernels that are not ready for a pass are errors, whatever they say.

//--- tensors.mlir
func.func @main(%x: tensor<1x5x4xf32>, %e: tensor<1x5x4xf32>, %y: memref<1x5x4xf32>) {
  %w = arith.constant dense<1.0> : tensor<4x4x1xf32>
  // expected-error @+1 {{'neon.conv'}}
  %c = neon.conv ins(%x, %w : tensor<1x5x4xf32>, tensor<4x4x1xf32>) outs(%e : tensor<1x5x4xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>} -> tensor<1x5x4xf32>
  return
}
//--- strides.mlir
func.func @main(%x: memref<1x5x4xf32, strided<[20, ?, 1]>>, %w: memref<16xf32>, %y: memref<1x5x4xf32>) {
  // expected-error @+1 {{'neon.conv'}}
  neon.conv ins(%x, %w : memref<1x5x4xf32, strided<[20, ?, 1]>>, memref<16xf32>) outs(%y : memref<1x5x4xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, tile = array<i64: 4, 4, 4>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}
//--- packed.mlir
func.func @main(%x: memref<1x5x4xi8>, %w: memref<4x4x1xi8>, %b: memref<4xi32>, %s: memref<4xf32>, %y: memref<1x5x4xi8>) {
  // expected-error @+1 {{'neon.conv'}}
  neon.conv ins(%x, %w, %b, %s : memref<1x5x4xi8>, memref<4x4x1xi8>, memref<4xi32>, memref<4xf32>) outs(%y : memref<1x5x4xi8>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
  return
}
