// RUN: lacuna-opt %s -split-input-file --neon-convert-to-emitc | FileCheck %s

// Memory becomes a pointer, its strides go into the index. Indices are signed.
// CHECK-LABEL: emitc.func @scale(%arg0: !emitc.ptr<f32>, %arg1: !emitc.ptr<f32>)
// CHECK: for %[[I:.*]] = %{{.*}} : i64 {
// CHECK: %[[EIGHT:.*]] = literal "8" : i64
// CHECK: %[[ROW:.*]] = mul %[[I]], %[[EIGHT]]
// CHECK: %[[THREE:.*]] = literal "3" : i64
// CHECK: %[[AT:.*]] = add %[[ROW]], %[[THREE]]
// CHECK: subscript %arg0[%[[AT]]]
// CHECK: %[[TO:.*]] = subscript %arg1[%[[I]]]
// CHECK: assign %{{.*}} : f32 to %[[TO]]
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
// CHECK: call_opaque "wrap_add"
// CHECK: call_opaque "divide"
// CHECK: call_opaque "shift_left"
// CHECK: call_opaque "maximum"
// CHECK: call_opaque "less_unsigned"
func.func @scalars(%x: memref<4xi32>, %y: memref<4xf32>, %z: memref<1xi1>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.load %x[%c0] : memref<4xi32>
  %f = memref.load %y[%c0] : memref<4xf32>
  %b = arith.addi %a, %a : i32
  %c = arith.divsi %b, %a : i32
  %d = arith.shli %c, %a : i32
  memref.store %d, %x[%c0] : memref<4xi32>
  %e = memref.load %y[%c1] : memref<4xf32>
  %g = arith.maximumf %f, %e : f32
  memref.store %g, %y[%c0] : memref<4xf32>
  %l = arith.cmpi ult, %a, %d : i32
  memref.store %l, %z[%c0] : memref<1xi1>
  return
}

// -----

// Views are pointers. Attributes of functions stay.
// CHECK-LABEL: emitc.func @views
// CHECK-SAME: attributes {schedule.arena_bytes = 64 : i64}
// CHECK: %[[SIXTEEN:.*]] = literal "16" : i64
// CHECK: %[[A:.*]] = call_opaque "at"(%arg0, %[[SIXTEEN]]) {template_args = [f32]}
// CHECK: %[[FIVE:.*]] = literal "5" : i64
// CHECK: %[[S:.*]] = add %[[A]], %[[FIVE]] : (!emitc.ptr<f32>, i64)
// CHECK: subscript %[[S]]
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
// CHECK: emitc.include "conv_float.h"
// CHECK: emitc.verbatim "\0Astruct run_conv_shape : ConvGeometry {
// CHECK-SAME: out[3] = {1, 1, 4};
// CHECK-SAME: in_step[3] = {0, 0, 8};
// CHECK-NOT: taps
// CHECK-SAME: depth = 12;
// CHECK-SAME: channels = 8;
// CHECK-SAME: lo = 0.000000000e+00f;
// CHECK-SAME: hi = std::numeric_limits<float>::infinity();
// CHECK-SAME: has_bias = true;
// CHECK-NOT: has_residual
// CHECK: emitc.func @run_conv
// CHECK-SAME: neon.kernel = "conv_float Tile<2, 4, 12>
// CHECK: %[[NONE:.*]] = literal "nullptr"
// CHECK: call_opaque "conv_float"(%arg0, %arg1, %arg2, %[[NONE]], %arg3)
// CHECK-SAME: [#emitc.opaque<"run_conv_shape">, #emitc.opaque<"Tile<2, 4, 12>">]
func.func private @run_conv(%x: memref<1x9x4xf32>, %w: memref<96xf32>, %b: memref<8xf32>, %y: memref<1x4x8xf32>) {
  neon.conv ins(%x, %w, %b : memref<1x9x4xf32>, memref<96xf32>, memref<8xf32>) outs(%y : memref<1x4x8xf32>)
    {kernel = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
     tile = array<i64: 2, 4, 12>, lo = 0.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>}
  return
}

// A layer of the same shape shares the structure, and so the kernel's code.
// CHECK: emitc.verbatim "\0Ausing run_again_shape = run_conv_shape;"
// CHECK: [#emitc.opaque<"run_again_shape">, #emitc.opaque<"Tile<2, 4, 12>">]
func.func private @run_again(%x: memref<1x9x4xf32>, %w: memref<96xf32>, %b: memref<8xf32>, %y: memref<1x4x8xf32>) {
  neon.conv ins(%x, %w, %b : memref<1x9x4xf32>, memref<96xf32>, memref<8xf32>) outs(%y : memref<1x4x8xf32>)
    {kernel = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
     tile = array<i64: 2, 4, 12>, lo = 0.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>}
  return
}

// -----

// CHECK: emitc.include "conv_s8.h"
// CHECK: struct run_bytes_shape : ByteGeometry {
// CHECK-SAME: out_unsigned = true;
// CHECK-SAME: zero_point = 3;
// CHECK-SAME: lo = 0;
// CHECK-SAME: hi = 255;
// CHECK: neon.kernel = "conv_s8 sdot 4x16"
// CHECK: call_opaque "conv_s8"(%arg0, %arg1, %arg2, %arg3, %arg4)
// CHECK-SAME: "ByteTile<4, 16, 2, Multiply::sdot>"
func.func private @run_bytes(%x: memref<1x9x4xi8>, %w: memref<96xi8>, %b: memref<8xi32>, %s: memref<8xf32>, %y: memref<1x9x8xi8>) {
  neon.conv ins(%x, %w, %b, %s : memref<1x9x4xi8>, memref<96xi8>, memref<8xi32>, memref<8xf32>) outs(%y : memref<1x9x8xi8>)
    {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, zero_point = 3 : i64, output_unsigned,
     tile = array<i64: 4, 16, 2>, form = "sdot", operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
  return
}

// -----

// Each kernel of a function has a shape of its own.
// CHECK: taps[3] = {1, 1, 3};
// CHECK-SAME: tap_step[3] = {0, 0, 8};
// CHECK: scale = 5.000000000e-01f;
// CHECK-LABEL: emitc.func @run_windows
// CHECK: call_opaque "depthwise_float"({{.*}}<"run_windows_shape">, #emitc.opaque<"Tile<7, 8>">]
// CHECK: call_opaque "maximum_pool_float"(%arg2, %arg3) {{.*}}<"run_windows_shape_2">, #emitc.opaque<"Tile<4, 8>">]
// CHECK: call_opaque "average_pool_float"(%arg2, %arg3) {{.*}}<"run_windows_shape_3">, #emitc.opaque<"Tile<4, 8>">]
func.func private @run_windows(%x: memref<1x9x8xf32>, %w: memref<24xf32>, %y: memref<1x7x8xf32>, %z: memref<1x3x8xf32>) {
  neon.conv ins(%x, %w : memref<1x9x8xf32>, memref<24xf32>) outs(%y : memref<1x7x8xf32>)
    {kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 8 : i64, depthwise,
     operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  neon.pool ins(%y : memref<1x7x8xf32>) outs(%z : memref<1x3x8xf32>)
    {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>}
  neon.pool ins(%y : memref<1x7x8xf32>) outs(%z : memref<1x3x8xf32>)
    {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, average, factor = 0.5 : f64}
  return
}

// -----

// A filter of the second group reads the input from channel 2 on.
// CHECK: emitc.include "wide_filters_s8.h"
// CHECK: count = 2, zero_point = 3;
// CHECK-SAME: filters[] = {1, 5}, from[] = {0, 2};
// CHECK: call_opaque "wide_filters_s8"(%arg0, %arg1, %arg2, %arg3, %arg4) {template_args = [#emitc.opaque<"run_wide_shape">]}
func.func private @run_wide(%x: memref<1x5x4xi8>, %w: memref<2x1x2xi16>, %b: memref<2xi32>, %s: memref<2xf32>, %y: memref<1x5x8xi8>) {
  neon.wide_filters ins(%x, %w, %b, %s : memref<1x5x4xi8>, memref<2x1x2xi16>, memref<2xi32>, memref<2xf32>) outs(%y : memref<1x5x8xi8>)
    {filters = array<i64: 1, 5>, kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 2 : i64, zero_point = 3 : i64}
  return
}

// -----

// Rows and columns of a picture are one dimension; its channels are next to each
// other in the destination, and last come the neighbours of the source.
// CHECK: emitc.include "copy.h"
// CHECK: struct run_copy_shape : CopyGeometry {
// CHECK-SAME: rank = 3;
// CHECK-SAME: size[] = {2, 3, 42};
// CHECK-SAME: in_step[] = {126, 42, 1};
// CHECK-SAME: out_step[] = {126, 1, 3};
// CHECK: call_opaque "copy"(%arg0, %arg1) {template_args = [#emitc.opaque<"run_copy_shape">]}
func.func private @run_copy(%x: memref<2x3x6x7xi8>, %y: memref<2x6x7x3xi8>) {
  neon.copy ins(%x : memref<2x3x6x7xi8>) outs(%y : memref<2x6x7x3xi8>) {permutation = array<i64: 0, 2, 3, 1>}
  return
}

// -----

// Halves are stored only: each result of float32 is rounded.
// CHECK: emitc.include "half.h"
// CHECK-LABEL: emitc.func @halves(%arg0: !emitc.ptr<!emitc.opaque<"half">>)
// CHECK: literal "half(1.5f)"
// CHECK: %[[S:.*]] = add %{{.*}} : (f32, f32) -> f32
// CHECK: %[[H:.*]] = cast %[[S]] : f32 to !emitc.opaque<"half">
// CHECK: %[[F:.*]] = cast %[[H]] : !emitc.opaque<"half"> to f32
// CHECK: mul %[[F]], %[[F]]
func.func @halves(%x: memref<2xf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %h = arith.constant 1.5 : f16
  %a = memref.load %x[%c0] : memref<2xf16>
  %b = arith.addf %a, %a : f16
  %c = arith.mulf %b, %b : f16
  memref.store %c, %x[%c0] : memref<2xf16>
  memref.store %h, %x[%c1] : memref<2xf16>
  return
}

// -----

// Eight channels of halves are one register.
// CHECK: struct run_pool_shape : ConvGeometry {
// CHECK-SAME: using Element = half;
// CHECK: call_opaque "maximum_pool_float"(%arg0, %arg1) {{.*}}#emitc.opaque<"Tile<4, 8>">]
func.func private @run_pool(%x: memref<1x6x8xf16>, %y: memref<1x3x8xf16>) {
  neon.pool ins(%x : memref<1x6x8xf16>) outs(%y : memref<1x3x8xf16>)
    {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>}
  return
}

// -----

// What lacuna-halide makes is a function of C. Layers of one shape call the same,
// and the module remembers what it must do.
// CHECK-LABEL: module attributes
// CHECK-SAME: neon.requests = "kernel kernel_first conv f32\0A block 4 1\0A out 1 1 1 5\0A in-step 0 0 0 8\0A out-step 0 0 0 4\0A taps 1 1 1\0A tap-step 0 0 0\0A depth 8\0A channels 4\0A clamp 0.000000000e+00 inf\0A"
// CHECK: emitc.func @first
// CHECK: call_opaque "kernel_first"(%arg0, %arg1, %arg2)
// CHECK: emitc.func @second
// CHECK: call_opaque "kernel_first"(%arg0, %arg1, %arg2)
module {
  func.func @first(%x: memref<1x5x8xf32>, %w: memref<32xf32>, %y: memref<1x5x4xf32>) {
    neon.conv ins(%x, %w : memref<1x5x8xf32>, memref<32xf32>) outs(%y : memref<1x5x4xf32>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, lo = 0.0 : f64,
       neon.block = array<i64: 4, 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    return
  }
  func.func @second(%x: memref<1x5x8xf32>, %w: memref<32xf32>, %y: memref<1x5x4xf32>) {
    neon.conv ins(%x, %w : memref<1x5x8xf32>, memref<32xf32>) outs(%y : memref<1x5x4xf32>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, lo = 0.0 : f64,
       neon.block = array<i64: 4, 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    return
  }
}

// -----

// A part of a kernel of Halide is a function too: 5 columns in two parts are 3 and
// 2.
// CHECK-LABEL: module attributes
// CHECK-SAME: kernel longer_main conv f32\0A block 4 1\0A out 1 1 1 3
// CHECK-SAME: kernel kernel_main conv f32\0A block 4 1\0A out 1 1 1 2
// CHECK: verbatim "split_range<5, 2>({}, [=](std::ptrdiff_t first, bool is_longer) {{{{}}\0A if (is_longer)\0A longer_main({} + first * 8, {}, {} + first * 4);\0A else\0A kernel_main(
module {
  func.func @main(%x: memref<1x5x8xf32>, %w: memref<32xf32>, %y: memref<1x5x4xf32>, %pool: !emitc.ptr<!emitc.opaque<"const Pool">>) attributes {neon.takes_pool} {
    neon.conv ins(%x, %w : memref<1x5x8xf32>, memref<32xf32>) outs(%y : memref<1x5x4xf32>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, neon.split = array<i64: 2, 2>,
       neon.block = array<i64: 4, 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    return
  }
}
