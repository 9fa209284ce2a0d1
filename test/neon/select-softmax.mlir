// RUN: lacuna-opt %s --neon-select-kernels=softmax=true | FileCheck %s
// RUN: lacuna-opt %s --neon-select-kernels | FileCheck %s --check-prefix=NONE

// NONE-NOT: neon.softmax
// CHECK-LABEL: @channels
// CHECK: %[[X:.*]] = tensor.collapse_shape %arg0 {{\[\[}}0], [1], [2, 3]]
// CHECK: %[[Y:.*]] = neon.softmax ins(%[[X]] : tensor<2x5x21xf32>) outs({{.*}}) {log}
// CHECK: tensor.expand_shape %[[Y]]
func.func @channels(%x: tensor<2x5x3x7xf32>) -> tensor<2x5x3x7xf32> {
  %y = nn.softmax %x {axis = 1 : i64, log} : (tensor<2x5x3x7xf32>) -> tensor<2x5x3x7xf32>
  return %y : tensor<2x5x3x7xf32>
}

// CHECK-LABEL: @classes
// CHECK: neon.softmax {{.*}} : tensor<1x10x1xf32>
func.func @classes(%x: tensor<1x10xf32>) -> tensor<1x10xf32> {
  %y = nn.softmax %x {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
  return %y : tensor<1x10xf32>
}
