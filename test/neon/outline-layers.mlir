// RUN: lacuna-opt %s -split-input-file --neon-outline-layers | FileCheck %s

// Main becomes a list of calls. Letters that C++ does not know become
// underscores, never two side by side, and a name is taken once.
// CHECK: func.func private @run_conv_3_bn(%[[P:.*]]: memref<4xf32>, %[[Q:.*]]: memref<4xf32>)
// CHECK: linalg.exp ins(%[[P]] {{.*}} outs(%[[Q]]
// CHECK: linalg.log
// CHECK: func.func private @run_relu(
// CHECK: func.func private @run_relu_2(
// CHECK: func.func private @run_glue(
// CHECK-LABEL: func.func @main
// CHECK: memref.view
// CHECK-NEXT: call @run_conv_3_bn(%arg0, %[[V:[a-z0-9_]+]])
// CHECK-NEXT: call @run_relu(%[[V]])
// CHECK-NEXT: call @run_conv_3_bn_2(%[[V]])
// CHECK-NEXT: call @run_relu_2(%[[V]])
// CHECK-NEXT: call @run_glue(%[[V]], %arg1)
// CHECK-NEXT: return
func.func @main(%x: memref<4xf32>, %y: memref<4xf32>, %arena: memref<16xi8>) {
  %zero = arith.constant 0 : index
  %t = memref.view %arena[%zero][] : memref<16xi8> to memref<4xf32>
  linalg.exp ins(%x : memref<4xf32>) outs(%t : memref<4xf32>) loc(#conv)
  linalg.log ins(%t : memref<4xf32>) outs(%t : memref<4xf32>) loc(#conv)
  linalg.exp ins(%t : memref<4xf32>) outs(%t : memref<4xf32>) loc(#relu)
  linalg.exp ins(%t : memref<4xf32>) outs(%t : memref<4xf32>) loc(#conv)
  linalg.exp ins(%t : memref<4xf32>) outs(%t : memref<4xf32>) loc(#relu)
  linalg.exp ins(%t : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}
#conv = loc("conv 3/(bn"("Conv-13"))
#relu = loc("relu"("Relu-13"))

// -----

// A function returns nothing: where a number goes from one layer to a later
// one, all between are one layer. Constants are made where they are needed.
// CHECK: func.func private @run_index(
// CHECK: arith.constant 0 : index
// CHECK: memref.load
// CHECK: linalg.exp
// CHECK: memref.subview
// CHECK: linalg.log
// CHECK-LABEL: func.func @main
// CHECK: call @run_index
// CHECK-NEXT: return
func.func @main(%i: memref<1xindex>, %x: memref<4xf32>, %y: memref<2xf32>) {
  %zero = arith.constant 0 : index
  %at = memref.load %i[%zero] : memref<1xindex> loc(#index)
  linalg.exp ins(%x : memref<4xf32>) outs(%x : memref<4xf32>) loc(#exp)
  %s = memref.subview %x[%at] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: ?>> loc(#slice)
  linalg.log ins(%s : memref<2xf32, strided<[1], offset: ?>>) outs(%y : memref<2xf32>) loc(#slice)
  return
}
#index = loc("index"("Gather-13"))
#exp = loc("exp"("Exp-13"))
#slice = loc("slice"("Slice-13"))
