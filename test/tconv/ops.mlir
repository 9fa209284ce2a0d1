// RUN: lacuna-opt %s | FileCheck %s

// CHECK-LABEL: func @lines
func.func @lines(%x: tensor<1x8x16xf32>, %line: tensor<1x16x16xf32>,
                 %plain: tensor<1x9x16xf32>, %b: tensor<4x2xi64>)
    -> (tensor<1x16x16xf32>, tensor<1x9x16xf32>) {
  // CHECK: tconv.push %{{.*}}, %{{.*}} bounds %{{.*}} {axis = 1 : i64, fill = 0.000000e+00 : f32, row = 2 : i64}
  %0 = tconv.push %x, %line bounds %b {axis = 1 : i64, row = 2 : i64, fill = 0.0 : f32}
    : (tensor<1x8x16xf32>, tensor<1x16x16xf32>, tensor<4x2xi64>) -> tensor<1x16x16xf32>
  // CHECK: tconv.push %{{.*}}, %{{.*}} {axis = 1 : i64}
  %1 = tconv.push %x, %plain {axis = 1 : i64}
    : (tensor<1x8x16xf32>, tensor<1x9x16xf32>) -> tensor<1x9x16xf32>
  return %0, %1 : tensor<1x16x16xf32>, tensor<1x9x16xf32>
}

// CHECK-LABEL: func @main
// CHECK-SAME: tconv.initial = dense<0.000000e+00>
// CHECK-SAME: tconv.stream = #tconv.stream<frames = 1, clip = 49, axis = 1, states = 1, output_axes = -1>
func.func @main(%x: tensor<1x4xf32>, %clock: tensor<2xi64>,
                %h: tensor<1x4xf32> {tconv.initial = dense<0.0> : tensor<1x4xf32>},
                %b: tensor<1x2xi64>) -> tensor<1x4xf32>
    attributes {tconv.stream = #tconv.stream<frames = 1, clip = 49, axis = 1,
                                             states = 1, output_axes = -1>} {
  // CHECK: tconv.keep %{{.*}}, %{{.*}} bounds %{{.*}} {row = 0 : i64}
  %0 = tconv.keep %x, %h bounds %b {row = 0 : i64}
    : (tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x2xi64>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
