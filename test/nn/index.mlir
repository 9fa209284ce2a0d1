// RUN: lacuna-opt %s | FileCheck %s
// RUN: lacuna-opt %s --nn-lower-to-linalg | FileCheck %s --check-prefix=LINALG

// Ranks are counted first, then each place looks for its rank.
// CHECK-LABEL: @topk
// CHECK: nn.topk {{.*}} {axis = 1 : i64}
// LINALG-LABEL: @topk
// LINALG: linalg.generic {{.*}}["parallel", "parallel", "reduction"]
// LINALG: arith.cmpf ugt
// LINALG: linalg.generic {{.*}}["parallel", "parallel", "reduction"]
func.func @topk(%x: tensor<3x10xf32>) -> (tensor<3x4xf32>, tensor<3x4xi64>) {
  %v, %i = nn.topk %x {axis = 1 : i64} : (tensor<3x10xf32>) -> (tensor<3x4xf32>, tensor<3x4xi64>)
  return %v, %i : tensor<3x4xf32>, tensor<3x4xi64>
}

// CHECK-LABEL: @scatter_elements
// CHECK: nn.scatter_elements {{.*}}reduction = #nn.reduction<add>
// LINALG-LABEL: @scatter_elements
// LINALG: scf.for
// LINALG: scf.for
// LINALG: arith.addf
// LINALG: tensor.insert
func.func @scatter_elements(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>, %u: tensor<3x2xf32>) -> tensor<3x4xf32> {
  %y = nn.scatter_elements %x, %i, %u {axis = 1 : i64, reduction = #nn.reduction<add>}
    : (tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// CHECK-LABEL: @scatter_nd
// CHECK: nn.scatter_nd
// LINALG-LABEL: @scatter_nd
// LINALG-COUNT-2: scf.for
// LINALG: tensor.insert
func.func @scatter_nd(%x: tensor<4x5xf32>, %i: tensor<2x1xi64>, %u: tensor<2x5xf32>) -> tensor<4x5xf32> {
  %y = nn.scatter_nd %x, %i, %u : (tensor<4x5xf32>, tensor<2x1xi64>, tensor<2x5xf32>) -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}
