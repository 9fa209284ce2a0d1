// RUN: lacuna-opt %s --neon-propagate-layouts | FileCheck %s

// Shapes without elements have no dimensions to group, by way of one or not.
// CHECK: return %{{.*}} : tensor<3x0xf32>
func.func @main(%x: tensor<0x3xf32>, %s: tensor<2xindex>) -> tensor<3x0xf32> {
  %y = tensor.reshape %x(%s) : (tensor<0x3xf32>, tensor<2xindex>) -> tensor<3x0xf32>
  return %y : tensor<3x0xf32>
}
