// RUN: lacuna-opt %s --split-input-file --tconv-stream | FileCheck %s

// A window that looks one frame ahead is one frame late: at step s it makes frame
// s - 1, and reads frames s - 2 to s from a line.
// CHECK-LABEL: func @main
// CHECK-SAME: (%[[X:.*]]: tensor<1x1x4xf32> {{.*}}, %[[CLOCK:.*]]: tensor<2xi64> {{.*}}, %[[LINE:.*]]: tensor<1x3x4xf32> {{{.*}}tconv.initial = dense<0.000000e+00>
// CHECK-SAME: -> (tensor<1x8x1xf32> {nn.name = "y"}, tensor<1xi64> {nn.name = "ready"}, tensor<1x3x4xf32>
// CHECK-SAME: tconv.stream = #tconv.stream<frames = 1, clip = 9, axis = 2, states = 1, output_axes = 2>
// CHECK: %[[BOUNDS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x2xi64>)
// CHECK: %[[NEXT:.*]] = tconv.push %{{.*}}, %[[LINE]] bounds %[[BOUNDS]] {axis = 1 : i64, fill = 0.000000e+00 : f32, row = 0 : i64}
// CHECK: %[[WINDOW:.*]] = linalg.transpose ins(%[[NEXT]]
// CHECK: %[[Y:.*]] = nn.conv %[[WINDOW]], %{{.*}} pads_begin = array<i64: 0>, pads_end = array<i64: 0>
// CHECK: return %[[Y]], %{{.*}}, %[[NEXT]]
func.func @main(%x: tensor<1x4x9xf32> {nn.name = "x"}) -> (tensor<1x8x9xf32> {nn.name = "y"}) {
  %w = arith.constant dense<1.0> : tensor<8x4x3xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>}
    : (tensor<1x4x9xf32>, tensor<8x4x3xf32>) -> tensor<1x8x9xf32>
  return %y : tensor<1x8x9xf32>
}

// -----

// Strides multiply to the frames of a step. What sums up a clip has all of it in a
// line: 10 / 2 frames.
// CHECK-LABEL: func @main
// CHECK-SAME: tensor<2x1x4xf32>
// CHECK-SAME: tensor<1x5x4xf32>
// CHECK-SAME: tconv.stream = #tconv.stream<frames = 2, clip = 10, axis = 2, states = 1, output_axes = -1>
// CHECK: nn.max_pool {{.*}} : (tensor<1x4x2xf32>) -> tensor<1x4x1xf32>
// CHECK: tconv.push
// CHECK: linalg.reduce
func.func @main(%x: tensor<1x4x10xf32>) -> tensor<1x4xf32> {
  %y = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x4x10xf32>) -> tensor<1x4x5xf32>
  %zero = arith.constant dense<0.0> : tensor<1x4xf32>
  %sum = linalg.reduce {arith.addf} ins(%y : tensor<1x4x5xf32>)
    outs(%zero : tensor<1x4xf32>) dimensions = [2]
  return %sum : tensor<1x4xf32>
}

// -----

// A way that is faster than another waits in the line that the other needs: of
// frames s - 2 to s, it takes s - 1.
// CHECK-LABEL: func @main
// CHECK-COUNT-1: tconv.push
// CHECK-NOT: tconv.push
// CHECK: tensor.extract_slice %{{.*}}[0, 1, 0] [1, 1, 4]
func.func @main(%x: tensor<1x4x9xf32>) -> tensor<1x4x9xf32> {
  %w = arith.constant dense<1.0> : tensor<4x4x3xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>}
    : (tensor<1x4x9xf32>, tensor<4x4x3xf32>) -> tensor<1x4x9xf32>
  %e = tensor.empty() : tensor<1x4x9xf32>
  %sum = linalg.add ins(%x, %y : tensor<1x4x9xf32>, tensor<1x4x9xf32>)
    outs(%e : tensor<1x4x9xf32>) -> tensor<1x4x9xf32>
  return %sum : tensor<1x4x9xf32>
}

// -----

// A cell keeps its state.
// CHECK-LABEL: func @main
// CHECK-SAME: %[[H:[a-z0-9]*]]: tensor<1x1x4xf32> {nn.name = "state0", tconv.initial
// CHECK: %[[Y:.*]], %[[LAST:.*]], %{{.*}} = nn.recurrent %{{.*}}, %{{.*}}, %{{.*}} h %[[H]]
// CHECK: %[[NEXT:.*]] = tconv.keep %[[LAST]], %[[H]]
// CHECK: return %{{.*}}, %{{.*}}, %[[NEXT]]
func.func @main(%x: tensor<7x1x3xf32>) -> tensor<1x1x4xf32> {
  %w = arith.constant dense<1.0> : tensor<1x12x3xf32>
  %r = arith.constant dense<1.0> : tensor<1x12x4xf32>
  %y, %h, %c = nn.recurrent %x, %w, %r {cell = #nn.cell<gru>,
      direction = #nn.direction<forward>, activations = ["Sigmoid", "Tanh"],
      parameters = array<f32: 0.0, 0.0, 0.0, 0.0>}
    : (tensor<7x1x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>)
      -> (tensor<7x1x1x4xf32>, tensor<1x1x4xf32>, tensor<1x1x4xf32>)
  return %h : tensor<1x1x4xf32>
}

// -----

// Bytes wait as bytes, and what stands for zero outside of a recording is their
// zero point.
// CHECK-LABEL: func @main
// CHECK-SAME: tensor<1x3x4xi8> {{{.*}}tconv.initial = dense<-3> : tensor<1x3x4xi8>
// CHECK: tconv.push {{.*}} fill = -3 : i8
func.func @main(%x: tensor<1x4x9xi8>) -> tensor<1x8x9xi32> {
  %w = arith.constant dense<1> : tensor<8x4x3xi8>
  %z = arith.constant dense<-3> : tensor<i8>
  %y = qnn.conv %x, %w input_zero_point %z {strides = array<i64: 1>,
      dilations = array<i64: 1>, pads_begin = array<i64: 1>, pads_end = array<i64: 1>}
    : (tensor<1x4x9xi8>, tensor<8x4x3xi8>, tensor<i8>) -> tensor<1x8x9xi32>
  return %y : tensor<1x8x9xi32>
}

// -----

// A sum of bytes goes frame by frame. What only sums up a dimension walks along no
// time: not the 16, but the 9.
// CHECK-LABEL: func @main
// CHECK-SAME: tconv.stream = #tconv.stream<frames = 1, clip = 9, axis = 2, {{.*}}output_axes = -1>
// CHECK: qnn.add {{.*}} : (tensor<1x16x1xi8>
// CHECK: qnn.lookup {{.*}} -> tensor<1x16x1xi8>
func.func @main(%x: tensor<1x16x9xi8> {nn.name = "x"}) -> (tensor<1x4x1xi32> {nn.name = "y"}) {
  %w = arith.constant dense<1> : tensor<16x1x3xi8>
  %v = arith.constant dense<1> : tensor<4x16x9xi8>
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i8>
  %c = qnn.conv %x, %w {group = 16 : i64, strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>}
    : (tensor<1x16x9xi8>, tensor<16x1x3xi8>) -> tensor<1x16x9xi32>
  %q = qnn.requantize %c, %s zero_point %z : (tensor<1x16x9xi32>, tensor<f32>, tensor<i8>) -> tensor<1x16x9xi8>
  %a = qnn.add %q, %x scales %s, %s, %s zero_points %z, %z, %z
    : (tensor<1x16x9xi8>, tensor<1x16x9xi8>, tensor<f32>, tensor<f32>, tensor<f32>,
       tensor<i8>, tensor<i8>, tensor<i8>) -> tensor<1x16x9xi8>
  %t = arith.constant dense<3> : tensor<256xi8>
  %l = qnn.lookup %a, %t : (tensor<1x16x9xi8>, tensor<256xi8>) -> tensor<1x16x9xi8>
  %y = qnn.conv %l, %v {strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
    : (tensor<1x16x9xi8>, tensor<4x16x9xi8>) -> tensor<1x4x1xi32>
  return %y : tensor<1x4x1xi32>
}
