// RUN: lacuna-opt %s --schedule-separate-results | FileCheck %s

// CHECK-LABEL: @chain
// CHECK: linalg.exp {{.*}} outs(%[[E:.*]] :
// CHECK-NOT: outs(%[[E]] :
// CHECK: linalg.exp
func.func @chain(%x: tensor<16xf32>) -> tensor<16xf32> {
  %e = tensor.empty() : tensor<16xf32>
  %a = linalg.exp ins(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32>
  %b = linalg.exp ins(%a : tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32>
  return %b : tensor<16xf32>
}
