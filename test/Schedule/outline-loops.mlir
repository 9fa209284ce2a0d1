// RUN: lacuna-opt %s --schedule-outline-loops | FileCheck %s

// A loop becomes a function that nobody inlines; one that gives a result stays.
// CHECK: func.func private @main_loop0
// CHECK-SAME: passthrough = ["noinline"]
// CHECK: scf.for
// CHECK: func.func @main
// CHECK-NOT: scf.for
// CHECK: call @main_loop0(
// CHECK: scf.for {{.*}} iter_args
func.func @main(%x: memref<16xf32>, %s: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  scf.for %i = %c0 to %c16 step %c1 {
    memref.store %s, %x[%i] : memref<16xf32>
  }
  %r = scf.for %i = %c0 to %c16 step %c1 iter_args(%a = %s) -> f32 {
    %v = memref.load %x[%i] : memref<16xf32>
    %b = arith.addf %a, %v : f32
    scf.yield %b : f32
  }
  return %r : f32
}
