// RUN: lacuna-opt %s --neon-split-kernels="threads=4 macs-per-part=1000" --mlir-pass-statistics | FileCheck %s
// RUN: lacuna-opt %s --neon-split-kernels="threads=4 macs-per-part=1000" --neon-convert-to-emitc | FileCheck %s --check-prefix=CPP
// RUN: not lacuna-opt %s --neon-split-kernels=threads=0 2>&1 | FileCheck %s --check-prefix=WRONG

// Rows are the outer axis of 2 dimensions; of a layer with little work nothing
// is split, and its function stays as it was.
// CHECK-LABEL: func.func private @large(
// CHECK-SAME: %[[POOL:[a-z0-9]+]]: !emitc.ptr<!emitc.opaque<"const Pool">>)
// CHECK-SAME: neon.takes_pool
// CHECK: neon.split = array<i64: 1, 4>
// CHECK-LABEL: func.func private @small(
// CHECK-NOT: Pool
// CHECK: neon.conv
// CHECK-NOT: neon.split
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[POOL:[a-z0-9]+]]: !emitc.ptr<!emitc.opaque<"const Pool">>)
// CHECK-SAME: neon.threads = 4
// CHECK: call @large({{.*}}, %[[POOL]])
// CHECK: call @small({{.*}}) : (memref

// CPP: emitc.func @large({{.*}}neon.kernel = "conv_float Tile<4, 4, 4>, in 4 parts"
// CPP: verbatim "split<large_shape, 1, 4>({}, [=](auto part) {{[{][{]}}\0A  conv_float<decltype(part), Tile<4, 4, 4>>({} + part.in_start(), {}, {}, {}, {} + part.out_start());\0A});"

// WRONG: neon-split-kernels: threads and macs-per-part must be 1 or more

func.func private @large(%x: memref<1x10x10x4xf32>, %w: memref<4x36xf32>, %y: memref<1x8x8x4xf32>) {
  neon.conv ins(%x, %w : memref<1x10x10x4xf32>, memref<4x36xf32>) outs(%y : memref<1x8x8x4xf32>)
    {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
     tile = array<i64: 4, 4, 4>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}
func.func private @small(%x: memref<1x8x8x4xf32>, %w: memref<4x4xf32>, %y: memref<1x8x8x4xf32>) {
  neon.conv ins(%x, %w : memref<1x8x8x4xf32>, memref<4x4xf32>) outs(%y : memref<1x8x8x4xf32>)
    {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
     tile = array<i64: 4, 4, 4>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
  return
}
func.func @main(%x: memref<1x10x10x4xf32>, %y: memref<1x8x8x4xf32>, %t: memref<1x8x8x4xf32>, %v: memref<4x36xf32>, %w: memref<4x4xf32>) {
  call @large(%x, %v, %t) : (memref<1x10x10x4xf32>, memref<4x36xf32>, memref<1x8x8x4xf32>) -> ()
  call @small(%t, %w, %y) : (memref<1x8x8x4xf32>, memref<4x4xf32>, memref<1x8x8x4xf32>) -> ()
  return
}
