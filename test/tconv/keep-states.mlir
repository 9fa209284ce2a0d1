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
