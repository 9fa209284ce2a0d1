// RUN: lacuna-opt %s -split-input-file --neon-convert-to-emitc | FileCheck %s
// RUN: lacuna-opt %s -split-input-file --neon-emit | lacuna-translate -split-input-file --mlir-to-cpp | FileCheck %s --check-prefix=CPP

// Memory becomes a pointer, its strides go into the index. Indices are signed.
// CHECK-LABEL: emitc.func @scale(%arg0: !emitc.ptr<f32>, %arg1: !emitc.ptr<f32>)
// CHECK: for %{{.*}} : i64
// CHECK: mul %{{.*}} : (i64, i64) -> i64
// CHECK: subscript %arg0
// CPP-LABEL: void scale(float* {{.*}}, float*
// CPP: for (int64_t
// CPP: * 8
// CPP: + 3
func.func @scale(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    %v = memref.load %x[%i, %c3] : memref<4x8xf32>
    %n = arith.negf %v : f32
    memref.store %n, %y[%i] : memref<4xf32>
  }
  return
}

// -----

// What C++ leaves undefined, or has no operator for, is a call.
// CHECK-LABEL: emitc.func @scalars
// CPP-LABEL: void scalars
// CPP-DAG: wrap_add(
// CPP-DAG: divide(
// CPP-DAG: shift_left(
// CPP-DAG: maximum(
// CPP-DAG: less_unsigned(
func.func @scalars(%x: memref<4xi32>, %y: memref<4xf32>, %z: memref<1xi1>) {
  %c0 = arith.constant 0 : index
  %a = memref.load %x[%c0] : memref<4xi32>
  %f = memref.load %y[%c0] : memref<4xf32>
  %b = arith.addi %a, %a : i32
  %c = arith.divsi %b, %a : i32
  %d = arith.shli %c, %a : i32
  memref.store %d, %x[%c0] : memref<4xi32>
  %g = arith.maximumf %f, %f : f32
  memref.store %g, %y[%c0] : memref<4xf32>
  %l = arith.cmpi ult, %a, %d : i32
  memref.store %l, %z[%c0] : memref<1xi1>
  return
}

// -----

// Views are pointers. Attributes of functions stay.
// CHECK-LABEL: emitc.func @views
// CHECK-SAME: attributes {schedule.arena_bytes = 64 : i64}
// CHECK: call_opaque "at"(%arg0, %{{.*}}) {template_args = [f32]}
// CPP-LABEL: void views
// CPP: at<float>({{.*}}, 16)
// CPP: + 5
func.func @views(%arena: memref<64xi8>, %y: memref<4xf32>) attributes {schedule.arena_bytes = 64 : i64} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %a = memref.view %arena[%c16][] : memref<64xi8> to memref<3x4xf32>
  %s = memref.subview %a[1, 1] [2, 2] [1, 1] : memref<3x4xf32> to memref<2x2xf32, strided<[4, 1], offset: 5>>
  %v = memref.load %s[%c0, %c0] : memref<2x2xf32, strided<[4, 1], offset: 5>>
  memref.store %v, %y[%c0] : memref<4xf32>
  return
}

// -----

// A kernel is a call of a template with all of the shape as constants, and the
// tile that the weights are packed for. Taps side by side are depth.
// CHECK-LABEL: emitc.func @run_conv
// CHECK-SAME: neon.kernel = "conv_f32 Tile<2, 4, 12>
// CPP: #include "conv_f32.h"
// CPP: struct run_conv_shape : ConvGeometry {
// CPP: out[3] = {1, 1, 4};
// CPP: in_step[3] = {0, 0, 8};
// CPP: depth = 12;
// CPP: channels = 8;
// CPP: lo = 0.000000000e+00f;
// CPP: hi = std::numeric_limits<float>::infinity();
// CPP: has_bias = true;
// CPP-NOT: has_residual
// CPP-LABEL: run_conv(
// CPP: conv_f32<run_conv_shape, Tile<2, 4, 12>>(
// CPP-SAME: nullptr
func.func private @run_conv(%x: memref<1x9x4xf32>, %w: memref<96xf32>, %b: memref<8xf32>, %y: memref<1x4x8xf32>) {
  neon.conv ins(%x, %w, %b : memref<1x9x4xf32>, memref<96xf32>, memref<8xf32>) outs(%y : memref<1x4x8xf32>)
    {kernel = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
     tile = array<i64: 2, 4, 12>, lo = 0.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>}
  return
}

// -----

// CPP: #include "conv_s8.h"
// CPP: struct run_bytes_shape : ByteGeometry {
// CPP: out_unsigned = true;
// CPP: zero_point = 3;
// CPP: lo = 0;
// CPP: hi = 255;
// CPP: conv_s8<run_bytes_shape, ByteTile<4, 16, 2, Multiply::sdot>>(
func.func private @run_bytes(%x: memref<1x9x4xi8>, %w: memref<96xi8>, %b: memref<8xi32>, %s: memref<8xf32>, %y: memref<1x9x8xi8>) {
  neon.conv ins(%x, %w, %b, %s : memref<1x9x4xi8>, memref<96xi8>, memref<8xi32>, memref<8xf32>) outs(%y : memref<1x9x8xi8>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, zero_point = 3 : i64, output_unsigned,
     tile = array<i64: 4, 16, 2>, form = "sdot", operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
  return
}

// -----

// CPP: depthwise_f32<run_depthwise_shape, Tile<7, 8>>(
// CPP: maximum_pool_f32<run_depthwise_shape_2, Tile<4, 8>>(
// CPP: average_pool_f32<run_depthwise_shape_3, Tile<4, 8>>({{[^,]*}}, nullptr,
func.func private @run_depthwise(%x: memref<1x9x8xf32>, %w: memref<24xf32>, %y: memref<1x7x8xf32>, %z: memref<1x3x8xf32>) {
  neon.conv ins(%x, %w : memref<1x9x8xf32>, memref<24xf32>) outs(%y : memref<1x7x8xf32>)
    {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 8 : i64, depthwise,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  neon.pool ins(%y : memref<1x7x8xf32>) outs(%z : memref<1x3x8xf32>)
    {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>}
  neon.pool ins(%y : memref<1x7x8xf32>) outs(%z : memref<1x3x8xf32>)
    {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, average, factor = 0.5 : f64}
  return
}
