// RUN: lacuna-opt %s --tconv-lower-to-tensor | FileCheck %s
// RUN: lacuna-opt %s --tconv-lower-to-tensor=select-frames | FileCheck %s --check-prefix=SELECT

// The line moves first, in parts that do not overlap, before the frames are made.
// CHECK-LABEL: func @push
func.func @push(%x: tensor<2x4xf32>, %line: tensor<5x4xf32>) -> tensor<5x4xf32> {
  // CHECK: %[[A:.*]] = tensor.extract_slice %{{.*}}[2, 0] [2, 4]
  // CHECK: %[[M:.*]] = tensor.insert_slice %[[A]] into %{{.*}}[0, 0] [2, 4]
  // CHECK: %[[B:.*]] = tensor.extract_slice %[[M]][4, 0] [1, 4]
  // CHECK: %[[N:.*]] = tensor.insert_slice %[[B]] into %[[M]][2, 0] [1, 4]
  // CHECK: %[[Y:.*]] = arith.negf
  // CHECK: tensor.insert_slice %[[Y]] into %[[N]][3, 0] [2, 4]
  %y = arith.negf %x : tensor<2x4xf32>
  %0 = tconv.push %y, %line {axis = 0 : i64}
    : (tensor<2x4xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
  return %0 : tensor<5x4xf32>
}

// Frames before the first bound and from the second on are filled.
// Many pieces move in a loop, what is left after it.
// SELECT-LABEL: func @move_in_loop
// SELECT: %[[ALL:.*]] = tensor.extract_slice %{{.*}}[2, 0] [13, 4]
// SELECT: %[[COPY:.*]] = linalg.copy ins(%[[ALL]]
// SELECT: tensor.insert_slice %[[COPY]] into %{{.*}}[0, 0] [13, 4]
// CHECK-LABEL: func @move_in_loop
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x4xf32>, %[[LINE:[^:]*]]:
func.func @move_in_loop(%x: tensor<2x4xf32>, %line: tensor<15x4xf32>)
    -> tensor<15x4xf32> {
  // CHECK: %[[M:.*]] = scf.for %[[TO:.*]] = %c0{{.*}} to %c12{{.*}} step %c2{{.*}} iter_args(%[[AT:.*]] = %[[LINE]])
  // CHECK: %[[FROM:.*]] = arith.addi %[[TO]], %c2
  // CHECK: %[[A:.*]] = tensor.extract_slice %[[AT]][%[[FROM]], 0] [2, 4]
  // CHECK: tensor.insert_slice %[[A]] into %[[AT]][%[[TO]], 0] [2, 4]
  // CHECK: %[[B:.*]] = tensor.extract_slice %[[M]][14, 0] [1, 4]
  // CHECK: %[[N:.*]] = tensor.insert_slice %[[B]] into %[[M]][12, 0] [1, 4]
  // CHECK: tensor.insert_slice %[[X]] into %[[N]][13, 0] [2, 4]
  %r = tconv.push %x, %line {axis = 0}
      : (tensor<2x4xf32>, tensor<15x4xf32>) -> tensor<15x4xf32>
  return %r : tensor<15x4xf32>
}

// CHECK-LABEL: func @bounds
// SELECT-LABEL: func @bounds
// SELECT-NOT: scf.for
// SELECT: %[[FRAMES:.*]] = linalg.generic
// SELECT: arith.select
// SELECT: tensor.insert_slice %[[FRAMES]] into %{{.*}}[1, 0] [2, 4]
func.func @bounds(%x: tensor<2x4xf32>, %line: tensor<3x4xf32>, %b: tensor<1x2xi64>) -> tensor<3x4xf32> {
  // CHECK: %[[NEW:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[1, 0] [2, 4]
  // CHECK: scf.for %{{.*}} = %c0{{.*}} to %{{.*}} iter_args(%{{.*}} = %[[NEW]])
  // CHECK: linalg.fill
  // CHECK: scf.for %{{.*}} = %{{.*}} to %c2
  %0 = tconv.push %x, %line bounds %b {axis = 0 : i64, row = 0 : i64, fill = 0.0 : f32}
    : (tensor<2x4xf32>, tensor<3x4xf32>, tensor<1x2xi64>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: func @keep
func.func @keep(%h: tensor<4xf32>, %old: tensor<4xf32>, %b: tensor<1x2xi64>) -> tensor<4xf32> {
  // CHECK: %[[COUNTS:.*]] = arith.cmpi eq
  // CHECK: arith.select %[[COUNTS]], %{{.*}}, %{{.*}} : tensor<4xf32>
  %0 = tconv.keep %h, %old bounds %b {row = 0 : i64}
    : (tensor<4xf32>, tensor<4xf32>, tensor<1x2xi64>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
