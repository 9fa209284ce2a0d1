// RUN: lacuna-opt %s -split-input-file --schedule-plan-memory | FileCheck %s
// RUN: lacuna-opt %s -split-input-file --schedule-plan-memory=alignment=16 | FileCheck %s --check-prefix=SMALL

// In a chain of three, the first and the last lie in the same place.
// CHECK-LABEL: @chain
// CHECK-SAME: %[[ARENA:[a-z0-9]+]]: memref<128xi8>)
// CHECK-SAME: schedule.arena_bytes = 128
// CHECK-SAME: schedule.arena_lower_bound = 128
// CHECK-SAME: schedule.buffers = [
// CHECK-SAME: {bytes = 16 : i64, first = 0 : i64, last = 1 : i64, name = "conv", offset = [[A:[0-9]+]] : i64}
// CHECK-SAME: {bytes = 16 : i64, first = 1 : i64, last = 2 : i64, name = "buffer", offset =
// CHECK-SAME: {bytes = 16 : i64, first = 2 : i64, last = 3 : i64, name = "buffer", offset = [[A]] : i64}
// CHECK-COUNT-3: memref.view %[[ARENA]][%{{.*}}][] : memref<128xi8> to memref<4xf32>
// CHECK-NOT: memref.alloc
// SMALL-LABEL: @chain
// SMALL-SAME: memref<32xi8>)
// SMALL-SAME: schedule.arena_bytes = 32
func.func @chain(%x: memref<4xf32>, %y: memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32> loc(#conv)
  %b = memref.alloc() : memref<4xf32>
  %c = memref.alloc() : memref<4xf32>
  linalg.exp ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  linalg.exp ins(%a : memref<4xf32>) outs(%b : memref<4xf32>)
  linalg.exp ins(%b : memref<4xf32>) outs(%c : memref<4xf32>)
  linalg.exp ins(%c : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}
#conv = loc("conv"("Conv-13"))

// -----

// A view keeps its buffer alive.
// CHECK-LABEL: @view
// CHECK-SAME: {bytes = 16 : i64, first = 0 : i64, last = 2 : i64
// CHECK-SAME: {bytes = 16 : i64, first = 1 : i64, last = 1 : i64
func.func @view(%x: memref<4xf32>, %y: memref<2xf32, strided<[1], offset: 2>>) {
  %a = memref.alloc() : memref<4xf32>
  %b = memref.alloc() : memref<4xf32>
  linalg.exp ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  linalg.exp ins(%x : memref<4xf32>) outs(%b : memref<4xf32>)
  %s = memref.subview %a[2] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: 2>>
  memref.copy %s, %y : memref<2xf32, strided<[1], offset: 2>> to memref<2xf32, strided<[1], offset: 2>>
  return
}

// -----

// What a loop carries lives as long as the loop and what it gives back, and what
// is made inside has its place for as long as the loop runs.
// CHECK-LABEL: @loop
// CHECK-SAME: {bytes = 16 : i64, first = 0 : i64, last = 2 : i64
// CHECK-SAME: {bytes = 16 : i64, first = 1 : i64, last = 1 : i64
// CHECK: memref.view
// CHECK: memref.view
// CHECK: scf.for
func.func @loop(%x: memref<4xf32>, %y: memref<4xf32>, %lo: index, %hi: index, %step: index) {
  %a = memref.alloc() : memref<4xf32>
  linalg.exp ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  %r = scf.for %i = %lo to %hi step %step iter_args(%s = %a) -> memref<4xf32> {
    %b = memref.alloc() : memref<4xf32>
    linalg.exp ins(%s : memref<4xf32>) outs(%b : memref<4xf32>)
    linalg.log ins(%b : memref<4xf32>) outs(%s : memref<4xf32>)
    scf.yield %s : memref<4xf32>
  }
  linalg.exp ins(%r : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// -----

// Either of two may be what a branch gives back.
// CHECK-LABEL: @branch
// CHECK-SAME: schedule.arena_bytes = 128
func.func @branch(%c: i1, %y: memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  %b = memref.alloc() : memref<4xf32>
  linalg.exp ins(%y : memref<4xf32>) outs(%a : memref<4xf32>)
  linalg.exp ins(%y : memref<4xf32>) outs(%b : memref<4xf32>)
  %r = scf.if %c -> memref<4xf32> {
    scf.yield %a : memref<4xf32>
  } else {
    scf.yield %b : memref<4xf32>
  }
  linalg.exp ins(%r : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// -----

// Without buffers there is an arena of nothing.
// CHECK-LABEL: @empty(
// CHECK-SAME: memref<0xi8>) attributes {schedule.arena_bytes = 0
func.func @empty() {
  return
}
