// RUN: lacuna-opt %s --schedule-keep-loop-state | FileCheck %s

// A state that is made anew is copied into the one before.
// CHECK-LABEL: @anew
// CHECK: scf.for {{.*}} iter_args(%[[S:.*]] = %arg0)
// CHECK: %[[N:.*]] = linalg.exp
// CHECK: %[[C:.*]] = linalg.copy ins(%[[N]] : tensor<4xf32>) outs(%[[S]] : tensor<4xf32>)
// CHECK: scf.yield %[[C]]
func.func @anew(%x: tensor<4xf32>, %lo: index, %hi: index, %step: index) -> tensor<4xf32> {
  %r = scf.for %i = %lo to %hi step %step iter_args(%s = %x) -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %n = linalg.exp ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %n : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// One that is changed in place stays where it is; scalars have no place.
// CHECK-LABEL: @in_place
// CHECK-NOT: linalg.copy
// CHECK: return
func.func @in_place(%x: tensor<4xf32>, %v: tensor<1xf32>, %lo: index, %hi: index, %step: index) -> (tensor<4xf32>, index) {
  %r, %k = scf.for %i = %lo to %hi step %step iter_args(%s = %x, %n = %lo) -> (tensor<4xf32>, index) {
    %a = tensor.insert_slice %v into %s[%i] [1] [1] : tensor<1xf32> into tensor<4xf32>
    %b = linalg.exp ins(%a : tensor<4xf32>) outs(%a : tensor<4xf32>) -> tensor<4xf32>
    %m = arith.addi %n, %i : index
    scf.yield %b, %m : tensor<4xf32>, index
  }
  return %r, %k : tensor<4xf32>, index
}

// States that change places are not where they were.
// CHECK-LABEL: @swap
// CHECK: iter_args(%[[A:.*]] = %arg0, %[[B:.*]] = %arg1)
// CHECK: linalg.copy ins(%[[B]] {{.*}} outs(%[[A]]
// CHECK: linalg.copy ins(%[[A]] {{.*}} outs(%[[B]]
func.func @swap(%x: tensor<4xf32>, %y: tensor<4xf32>, %lo: index, %hi: index, %step: index) -> (tensor<4xf32>, tensor<4xf32>) {
  %r, %s = scf.for %i = %lo to %hi step %step iter_args(%a = %x, %b = %y) -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %r, %s : tensor<4xf32>, tensor<4xf32>
}
