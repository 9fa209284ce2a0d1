// RUN: lacuna-opt %s --zero-skip-schedule=kernels=2 --split-input-file | FileCheck %s
// RUN: lacuna-opt %s --zero-skip-schedule=kernels=2 --split-input-file --remarks-filter=zero-skip-schedule --remark-format=emitRemark -o %t 2>&1 | FileCheck %s --check-prefix=REMARK

// Two rounds of two kernels: those of three weights together. Zero points, bias
// and what there is one of a filter go with them; what has the shape of the
// result does not.
// CHECK-LABEL: @sorted
// CHECK-DAG: %[[W:.*]] = arith.constant dense_resource<[[WN:.*]]> : tensor<4x3x1xi8>
// CHECK-DAG: %[[B:.*]] = arith.constant dense_resource<[[BN:.*]]> : tensor<4xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense_resource<[[SN:.*]]> : tensor<4xf32>
// CHECK: npu.conv ins(%arg0, %[[W]] : {{.*}}) bias(%[[B]] : {{.*}}) extras(%[[S]], %arg1 : {{.*}})
// CHECK-SAME: filter_order = array<i64: 1, 3, 0, 2>
// CHECK-SAME: weight_zero_points = array<i64: 0, 7, 0, 0>
// REMARK: remark: [Passed] kernels | Category:zero-skip-schedule | Before=6,{{.*}} Weights=4
func.func @sorted(%x: tensor<1x3x2xi8>, %r: tensor<1x4x2xi32>) -> tensor<1x4x2xi32> {
  %w = arith.constant dense<[[[0], [1], [0]], [[1], [2], [3]], [[0], [0], [4]], [[8], [9], [10]]]> : tensor<4x3x1xi8>
  %b = arith.constant dense<[10, 11, 12, 13]> : tensor<4xi32>
  %s = arith.constant dense<[0.5, 1.5, 2.5, 3.5]> : tensor<4xf32>
  %e = tensor.empty() : tensor<1x4x2xi32>
  %y = npu.conv ins(%x, %w : tensor<1x3x2xi8>, tensor<4x3x1xi8>) bias(%b : tensor<4xi32>)
      extras(%s, %r : tensor<4xf32>, tensor<1x4x2xi32>) outs(%e : tensor<1x4x2xi32>)
      {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>,
       weight_zero_points = array<i64: 0, 0, 0, 7>} {
  ^bb0(%sum: i32, %scale: f32, %other: i32):
    %f = arith.sitofp %sum : i32 to f32
    %p = arith.mulf %f, %scale : f32
    %i = arith.fptosi %p : f32 to i32
    %a = arith.addi %i, %other : i32
    npu.yield %a : i32
  } -> tensor<1x4x2xi32>
  return %y : tensor<1x4x2xi32>
}
// The constants are printed at the end.
// CHECK: [[WN]]: "0x0100000001020308090A000100000004"
// CHECK: [[BN]]: "0x040000000B0000000D0000000A0000000C000000"
// CHECK: [[SN]]: "0x040000000000C03F000060400000003F00002040"

// -----

// Filters stay in their group.
// CHECK-LABEL: @groups
// CHECK: filter_order = array<i64: 1, 2, 0, 4, 5, 3>
func.func @groups(%x: tensor<1x2x2xf32>) -> tensor<1x6x2xf32> {
  %w = arith.constant dense<[[[0.0]], [[1.0]], [[1.0]], [[0.0]], [[1.0]], [[1.0]]]> : tensor<6x1x1xf32>
  %e = tensor.empty() : tensor<1x6x2xf32>
  %y = npu.conv ins(%x, %w : tensor<1x2x2xf32>, tensor<6x1x1xf32>) outs(%e : tensor<1x6x2xf32>)
      {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, group = 2 : i64} -> tensor<1x6x2xf32>
  return %y : tensor<1x6x2xf32>
}

// -----

// What gains nothing stays, and what is not known.
// CHECK-LABEL: @stays
// CHECK-COUNT-4: filter_order = array<i64>,
// REMARK: remark: [Missed] kernels | Category:zero-skip-schedule | Reason={{.*}}about equally long
// REMARK: remark: [Missed] kernels | Category:zero-skip-schedule | Reason={{.*}}weights are not known
// REMARK: remark: [Missed] kernels | Category:zero-skip-schedule | Reason={{.*}}at work at once
// REMARK: remark: [Missed] kernels | Category:zero-skip-schedule | Reason={{.*}}one of a filter is not known
func.func @stays(%x: tensor<1x1x2xf32>, %v: tensor<4x1x1xf32>, %b: tensor<4xf32>)
    -> (tensor<1x4x2xf32>, tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1x4x2xf32>) {
  %w = arith.constant dense<[[[1.0]], [[1.0]], [[0.0]], [[0.0]]]> : tensor<4x1x1xf32>
  %w2 = arith.constant dense<[[[1.0]], [[0.0]]]> : tensor<2x1x1xf32>
  %w3 = arith.constant dense<[[[1.0]], [[0.0]], [[1.0]], [[0.0]]]> : tensor<4x1x1xf32>
  %e = tensor.empty() : tensor<1x4x2xf32>
  %e2 = tensor.empty() : tensor<1x2x2xf32>
  %y = npu.conv ins(%x, %w : tensor<1x1x2xf32>, tensor<4x1x1xf32>) outs(%e : tensor<1x4x2xf32>)
      {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>} -> tensor<1x4x2xf32>
  %z = npu.conv ins(%x, %v : tensor<1x1x2xf32>, tensor<4x1x1xf32>) outs(%e : tensor<1x4x2xf32>)
      {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>} -> tensor<1x4x2xf32>
  %u = npu.conv ins(%x, %w2 : tensor<1x1x2xf32>, tensor<2x1x1xf32>) outs(%e2 : tensor<1x2x2xf32>)
      {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>} -> tensor<1x2x2xf32>
  %t = npu.conv ins(%x, %w3 : tensor<1x1x2xf32>, tensor<4x1x1xf32>) bias(%b : tensor<4xf32>) outs(%e : tensor<1x4x2xf32>)
      {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>} -> tensor<1x4x2xf32>
  return %y, %z, %u, %t : tensor<1x4x2xf32>, tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1x4x2xf32>
}
