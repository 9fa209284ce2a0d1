// RUN: lacuna-opt %s --neon-select-maps | FileCheck %s

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#channel = affine_map<(d0, d1, d2) -> (d1)>
#turned = affine_map<(d0, d1, d2) -> (d2, d0, d1)>

// Loops that continue each other in all operands are one; a channel's number
// stays where it is along pixels.
// CHECK-LABEL: @swish
// CHECK: neon.map ins(%arg0, %arg1 : {{.*}}) outs(%arg2 : {{.*}})
// CHECK-SAME: sizes = array<i64: 1, 2, 8, 16>
// CHECK-SAME: steps = array<i64: 0, 128, 16, 1, 0, 0, 1, 0, 0, 128, 16, 1>
// CHECK-SAME: values = ["t0 mul x0 x1", "t1 neg t0", "t2 exp t1", "t3 add t2 1.000000000e+00", "t4 div t0 t3"]
func.func @swish(%x: memref<2x8x16xf32>, %a: memref<8xf32>, %y: memref<2x8x16xf32>) {
  %one = arith.constant 1.0 : f32
  linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %a : memref<2x8x16xf32>, memref<8xf32>) outs(%y : memref<2x8x16xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.mulf %p, %q : f32
    %n = arith.negf %s : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %r = arith.divf %s, %d : f32
    linalg.yield %r : f32
  }
  return
}

// A choice, and memory that is read across the grain.
// CHECK-LABEL: @elu
// CHECK: neon.map
// CHECK-SAME: sizes = array<i64: 1, 1, 16, 16>
// CHECK-SAME: steps = array<i64: 0, 0, 1, 16, 0, 0, 16, 1>
// CHECK-SAME: values = ["t0 exp x0", "t1 sub t0 1.000000000e+00", "t2 if-at-most x0 0.000000000e+00 t1 x0"]
func.func @elu(%x: memref<16x2x8xf32>, %y: memref<2x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : memref<16x2x8xf32>) outs(%y : memref<2x8x16xf32>) {
  ^bb0(%p: f32, %out: f32):
    %c = arith.cmpf ugt, %p, %zero : f32
    %e = math.exp %p : f32
    %m = arith.subf %e, %one : f32
    %r = arith.select %c, %p, %m : f32
    linalg.yield %r : f32
  }
  return
}

// Sums and products are as fast in C++; few elements are done at once; nothing is
// written over what is read; and there is no kernel of a sine.
// CHECK-LABEL: @others
// CHECK-NOT: neon.map
func.func @others(%x: memref<128xf32>, %y: memref<128xf32>, %a: memref<8xf32>, %b: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : memref<128xf32>) outs(%y : memref<128xf32>) {
  ^bb0(%p: f32, %out: f32):
    %r = arith.addf %p, %p : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a : memref<8xf32>) outs(%b : memref<8xf32>) {
  ^bb0(%p: f32, %out: f32):
    %r = math.exp %p : f32
    linalg.yield %r : f32
  }
  %front = memref.subview %y[0] [64] [1] : memref<128xf32> to memref<64xf32, strided<[1]>>
  %back = memref.subview %y[64] [64] [1] : memref<128xf32> to memref<64xf32, strided<[1], offset: 64>>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%front : memref<64xf32, strided<[1]>>) outs(%back : memref<64xf32, strided<[1], offset: 64>>) {
  ^bb0(%p: f32, %out: f32):
    %r = math.exp %p : f32
    linalg.yield %r : f32
  }
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  // From the second turn on the state is what is written.
  %last = scf.for %i = %zero to %one step %one iter_args(%state = %x) -> memref<128xf32> {
    linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
        ins(%state : memref<128xf32>) outs(%y : memref<128xf32>) {
    ^bb0(%p: f32, %out: f32):
      %r = math.exp %p : f32
      linalg.yield %r : f32
    }
    scf.yield %y : memref<128xf32>
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : memref<128xf32>) outs(%y : memref<128xf32>) {
  ^bb0(%p: f32, %out: f32):
    %e = math.exp %p : f32
    %r = math.sin %e : f32
    linalg.yield %r : f32
  }
  return
}
