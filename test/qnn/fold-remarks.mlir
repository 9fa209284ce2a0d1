// RUN: lacuna-opt %s --qnn-fold-quantization --remarks-filter-missed="quantization" 2>&1 | FileCheck %s

// What stays in floats between bytes says why.
// CHECK: FloatWork{{.*}}Reason="there is no integer form of it", Remark="nn.softmax computes with floats"
func.func @softmax(%x: tensor<1x4xi8>) -> tensor<1x4xi8> {
  %s = arith.constant dense<0.3> : tensor<f32>
  %xf = qnn.dequantize %x, %s : (tensor<1x4xi8>, tensor<f32>) -> tensor<1x4xf32>
  %f = nn.softmax %xf {axis = 1 : i64} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = qnn.quantize %f, %s : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xi8>
  return %y : tensor<1x4xi8>
}
