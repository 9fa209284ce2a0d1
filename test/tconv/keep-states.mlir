// RUN: lacuna-opt %s --tconv-keep-states | FileCheck %s

// The first state is changed in place; the second is made elsewhere.
// CHECK-LABEL: func @main
// CHECK-SAME: (%[[X:.*]]: memref<4xf32>, %{{.*}}: memref<2xi64>, %[[A:.*]]: memref<4xf32>, %[[B:.*]]: memref<4xf32>, %[[READY:.*]]: memref<1xi64>)
func.func @main(%x: memref<4xf32>, %clock: memref<2xi64>, %a: memref<4xf32>,
                %b: memref<4xf32>, %ready: memref<1xi64>,
                %next_a: memref<4xf32>, %next_b: memref<4xf32>)
    attributes {tconv.stream = #tconv.stream<frames = 1, clip = 2, axis = 0,
                                             states = 2, output_axes = 0>} {
  // CHECK: %[[MADE:.*]] = memref.alloc
  // CHECK: linalg.exp ins(%[[X]] {{.*}} outs(%[[A]]
  linalg.exp ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  memref.copy %a, %next_a : memref<4xf32> to memref<4xf32>
  // CHECK-NEXT: linalg.exp ins(%[[B]] {{.*}} outs(%[[MADE]]
  linalg.exp ins(%b : memref<4xf32>) outs(%next_b : memref<4xf32>)
  // CHECK-NEXT: memref.copy %[[MADE]], %[[B]]
  return
}

// Frames move at once to where they do not overlap; others go through a copy.
// CHECK-LABEL: func @moves
// CHECK-SAME: %[[A:[^:]*]]: memref<9x4xf32>, %{{.*}}: memref<1xi64>)
func.func @moves(%x: memref<4xf32>, %clock: memref<2xi64>,
                 %a: memref<9x4xf32>, %ready: memref<1xi64>,
                 %next_a: memref<9x4xf32>)
    attributes {tconv.stream = #tconv.stream<frames = 1, clip = 2, axis = 0,
                                             states = 1, output_axes = 0>} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c6 = arith.constant 6 : index
  scf.for %i = %c0 to %c6 step %c2 {
    %j = arith.addi %i, %c2 : index
    // CHECK: %[[FROM:.*]] = memref.subview %[[A]][%{{.*}}, 0] [2, 4]
    %from = memref.subview %a[%j, 0] [2, 4] [1, 1]
        : memref<9x4xf32> to memref<2x4xf32, strided<[4, 1], offset: ?>>
    // CHECK-NEXT: %[[TO:.*]] = memref.subview %[[A]][%{{.*}}, 0] [2, 4]
    // CHECK-NEXT: memref.copy %[[FROM]], %[[TO]]
    %between = memref.alloc() : memref<2x4xf32>
    memref.copy %from, %between
        : memref<2x4xf32, strided<[4, 1], offset: ?>> to memref<2x4xf32>
    %to = memref.subview %a[%i, 0] [2, 4] [1, 1]
        : memref<9x4xf32> to memref<2x4xf32, strided<[4, 1], offset: ?>>
    memref.copy %between, %to
        : memref<2x4xf32> to memref<2x4xf32, strided<[4, 1], offset: ?>>
  }
  %from = memref.subview %a[1, 0] [8, 4] [1, 1]
      : memref<9x4xf32> to memref<8x4xf32, strided<[4, 1], offset: 4>>
  %to = memref.subview %a[0, 0] [8, 4] [1, 1]
      : memref<9x4xf32> to memref<8x4xf32, strided<[4, 1]>>
  // CHECK: %[[BETWEEN:.*]] = memref.alloc
  // CHECK-NEXT: memref.copy %{{.*}}, %[[BETWEEN]]
  %between = memref.alloc() : memref<8x4xf32>
  memref.copy %from, %between
      : memref<8x4xf32, strided<[4, 1], offset: 4>> to memref<8x4xf32>
  memref.copy %between, %to
      : memref<8x4xf32> to memref<8x4xf32, strided<[4, 1]>>
  memref.copy %a, %next_a : memref<9x4xf32> to memref<9x4xf32>
  return
}
