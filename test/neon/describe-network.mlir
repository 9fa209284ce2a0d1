// RUN: lacuna-opt %s --neon-describe-network | FileCheck %s

// Of a node: operands that others make, without constants; its last result; its
// multiplications.
// CHECK: neon.inputs = [{bytes = 64 : i64, name = "audio", scale = 5.000000e-01 : f32, shape = array<i64: 1, 16, 4>, type = "uint8", zero_point = 128 : i64}]
// CHECK-SAME: neon.layers = {
// CHECK-SAME: conv = {macs = 320 : i64, operands = "1x16x4xf32", result = "1x5x4xf32"}
// CHECK-SAME: quantize = {macs = 0 : i64, operands = "1x5x4xf32", result = "1x5x4xi8"}
// CHECK-SAME: neon.outputs = [{bytes = 20 : i64, name = "y", scale = 2.500000e-01 : f32, shape = array<i64: 1, 5, 4>, type = "int8", zero_point = -3 : i64}]
// Inputs belong to the app.
// CHECK: func.func @main(%{{.*}}: tensor<1x16x4xi8> {bufferization.writable = false,
func.func @main(%x: tensor<1x16x4xi8> {nn.name = "audio", nn.type = "uint8"}) -> (tensor<1x5x4xi8> {nn.name = "y", nn.type = "int8"}) {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<-128> : tensor<i8>
  %t = arith.constant dense<0.25> : tensor<f32>
  %u = arith.constant dense<-3> : tensor<i8>
  %w = arith.constant dense<1.0> : tensor<5x16x1xf32> loc(#conv)
  %a = qnn.dequantize %x, %s zero_point %z {is_unsigned} : (tensor<1x16x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x16x4xf32> loc(#dequantize)
  %c = nn.conv %a, %w {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x16x4xf32>, tensor<5x16x1xf32>) -> tensor<1x5x4xf32> loc(#conv)
  %y = qnn.quantize %c, %t zero_point %u : (tensor<1x5x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x5x4xi8> loc(#quantize)
  return %y : tensor<1x5x4xi8>
}
#dequantize = loc("dequantize"("DequantizeLinear-13"))
#conv = loc("conv"("Conv-13"))
#quantize = loc("quantize"("QuantizeLinear-13"))
