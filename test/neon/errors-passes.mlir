// RUN: split-file %s %t
// RUN: lacuna-opt %t/describe.mlir -verify-diagnostics --neon-describe-network
// RUN: lacuna-opt %t/pack.mlir -split-input-file -verify-diagnostics --neon-pack-weights
// RUN: lacuna-opt %t/place.mlir -verify-diagnostics --neon-place-weights
// RUN: lacuna-opt %t/plan.mlir -split-input-file -verify-diagnostics --schedule-plan-memory
// RUN: lacuna-opt %t/alignment.mlir -verify-diagnostics --schedule-plan-memory=alignment=48
// RUN: lacuna-opt %t/emitc.mlir -split-input-file -verify-diagnostics --neon-convert-to-emitc

//--- describe.mlir
// expected-error @+1 {{has no function 'main'}}
module {
}
//--- pack.mlir
func.func @floats(%x: memref<1x5x4xf32>, %w: memref<4x4x1xf32>, %y: memref<1x5x4xf32>) {
  // expected-error @+1 {{has weights that are not constant}}
  neon.conv ins(%x, %w : memref<1x5x4xf32>, memref<4x4x1xf32>) outs(%y : memref<1x5x4xf32>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}

// -----

// Bytes need constant scales too, and a bias.
memref.global "private" constant @w : memref<4x4x1xi8> = dense<1>
func.func @bytes(%x: memref<1x5x4xi8>, %s: memref<4xf32>, %y: memref<1x5x4xi8>) {
  %w = memref.get_global @w : memref<4x4x1xi8>
  // expected-error @+1 {{has weights that are not constant}}
  neon.conv ins(%x, %w, %s : memref<1x5x4xi8>, memref<4x4x1xi8>, memref<4xf32>) outs(%y : memref<1x5x4xi8>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 1, 0, 1>}
  return
}
//--- place.mlir
// expected-error @+1 {{has no function 'main'}}
module {
}
//--- plan.mlir
func.func @dynamic(%n: index) {
  // expected-error @+1 {{cannot be placed: its shape is not static or its layout not dense}}
  %a = memref.alloc(%n) : memref<?xf32>
  return
}

// -----

func.func @strided() {
  // expected-error @+1 {{cannot be placed: its shape is not static or its layout not dense}}
  %a = memref.alloc() : memref<4xf32, strided<[2]>>
  return
}

// -----

func.func @returned() -> memref<4xf32> {
  // expected-error @+1 {{cannot be placed: it is returned}}
  %a = memref.alloc() : memref<8xf32>
  %s = memref.subview %a[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %c = memref.cast %s : memref<4xf32, strided<[1]>> to memref<4xf32>
  return %c : memref<4xf32>
}
//--- alignment.mlir
// expected-error @+1 {{alignment 48 is not a power of two}}
func.func @alignment() {
  return
}
//--- emitc.mlir
func.func @operation() {
  // expected-error @+1 {{failed to legalize operation 'memref.alloc'}}
  %a = memref.alloc() : memref<4xf32>
  return
}

// -----

// expected-error @+1 {{failed to legalize operation 'func.func'}}
func.func @result(%x: f32) -> f32 {
  return %x : f32
}

// -----

// expected-error @+1 {{failed to legalize operation 'func.func'}}
func.func @type(%x: memref<4xf8E5M2>) {
  return
}

// -----

func.func @strides(%x: memref<4x4xf32, strided<[?, 1]>>) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{failed to legalize operation 'memref.load'}}
  %a = memref.load %x[%c0, %c0] : memref<4x4xf32, strided<[?, 1]>>
  return
}
