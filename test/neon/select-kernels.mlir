// RUN: lacuna-opt %s --neon-select-kernels | FileCheck %s

// Channels go last, padding is made before, weights stay as they are.
// CHECK-LABEL: @conv
// CHECK: %[[X:.*]] = linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: %[[P:.*]] = tensor.pad %[[X]] low[0, 4, 0] high[0, 3, 0]
// CHECK: tensor<1x98x16xf32> to tensor<1x105x16xf32>
// CHECK: %[[Y:.*]] = neon.conv ins(%[[P]], %{{.*}}, %{{.*}} : tensor<1x105x16xf32>, tensor<24x16x9xf32>, tensor<24xf32>)
// CHECK-SAME: outs(%{{.*}} : tensor<1x49x24xf32>)
// CHECK-SAME: kernel = array<i64: 9>
// CHECK-SAME: strides = array<i64: 2>
// CHECK: linalg.transpose ins(%[[Y]] {{.*}} permutation = [0, 2, 1]
func.func @conv(%x: tensor<1x16x98xf32>, %b: tensor<24xf32>) -> tensor<1x24x49xf32> {
  %w = arith.constant dense<1.0> : tensor<24x16x9xf32>
  %y = nn.conv %x, %w bias %b {
      strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 4>, pads_end = array<i64: 3>
    } : (tensor<1x16x98xf32>, tensor<24x16x9xf32>, tensor<24xf32>) -> tensor<1x24x49xf32>
  return %y : tensor<1x24x49xf32>
}

// CHECK-LABEL: @depthwise
// CHECK: neon.conv {{.*}}depthwise{{.*}}group = 8
func.func @depthwise(%x: tensor<1x8x5x5xf32>) -> tensor<1x8x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<8x1x3x3xf32>
  %y = nn.conv %x, %w {
      strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>, group = 8 : i64
    } : (tensor<1x8x5x5xf32>, tensor<8x1x3x3xf32>) -> tensor<1x8x3x3xf32>
  return %y : tensor<1x8x3x3xf32>
}

// Two filters a channel: groups of one channel, not a depthwise kernel.
// CHECK-LABEL: @multiplier
// CHECK: neon.conv
// CHECK-NOT: depthwise
// CHECK-SAME: group = 4
func.func @multiplier(%x: tensor<1x4x5xf32>) -> tensor<1x8x3xf32> {
  %w = arith.constant dense<1.0> : tensor<8x1x3xf32>
  %y = nn.conv %x, %w {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>, group = 4 : i64
    } : (tensor<1x4x5xf32>, tensor<8x1x3xf32>) -> tensor<1x8x3xf32>
  return %y : tensor<1x8x3xf32>
}

// A product is a convolution over one row of pixels, its matrix filters.
// CHECK-LABEL: @matmul
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0, 1], [2]] {{.*}} : tensor<3x2xf32> into tensor<1x3x2xf32>
// CHECK: neon.conv ins(%{{.*}} : tensor<1x3x2xf32>, tensor<2x2x1xf32>) outs(%{{.*}} : tensor<1x3x2xf32>)
// CHECK: tensor.collapse_shape
func.func @matmul(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %y = nn.matmul %x, %w : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// CHECK-LABEL: @max_pool
// CHECK: %[[LEAST:.*]] = arith.constant 0xFF800000 : f32
// CHECK: tensor.pad {{.*}} low[0, 1, 0] high[0, 0, 0]
// CHECK: tensor.yield %[[LEAST]]
// CHECK: neon.pool
// CHECK-NOT: average
func.func @max_pool(%x: tensor<1x8x98xf32>) -> tensor<1x8x49xf32> {
  %y = nn.max_pool %x {
      kernel = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>
    } : (tensor<1x8x98xf32>) -> tensor<1x8x49xf32>
  return %y : tensor<1x8x49xf32>
}

// CHECK-LABEL: @avg_pool
// CHECK: neon.pool {{.*}}average{{.*}}factor = 2.500000e-01
func.func @avg_pool(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32> {
  %y = nn.avg_pool %x {
      kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>
    } : (tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32>
  return %y : tensor<1x8x2x2xf32>
}

// What has no kernel stays: windows that count unlike numbers, filters that are
// computed, elements of another type.
// CHECK-LABEL: @refused
// CHECK-NOT: neon.
// CHECK: nn.avg_pool
// CHECK: nn.conv
// CHECK: nn.matmul
func.func @refused(%x: tensor<1x8x5xf32>, %w: tensor<8x8x1xf32>, %a: tensor<2x2xf64>) -> (tensor<1x8x3xf32>, tensor<2x2xf64>) {
  %p = nn.avg_pool %x {
      kernel = array<i64: 3>, strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>
    } : (tensor<1x8x5xf32>) -> tensor<1x8x3xf32>
  %y = nn.conv %p, %w {
      strides = array<i64: 1>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x8x3xf32>, tensor<8x8x1xf32>) -> tensor<1x8x3xf32>
  %m = arith.constant dense<1.0> : tensor<2x2xf64>
  %z = nn.matmul %a, %m : (tensor<2x2xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>
  return %y, %z : tensor<1x8x3xf32>, tensor<2x2xf64>
}

// Two phases read overlapping parts of one padded input, and write every second
// column each.
// CHECK-LABEL: @transposed
// CHECK: %[[P:.*]] = tensor.pad %{{.*}} low[0, 1, 0] high[0, 1, 0]
// CHECK: %[[X0:.*]] = tensor.extract_slice %[[P]][0, 0, 0] [1, 6, 3]
// CHECK: %[[Y0:.*]] = neon.conv ins(%[[X0]], {{.*}} tensor<2x3x2xf32>
// CHECK: %[[HALF:.*]] = tensor.insert_slice %[[Y0]] into %{{.*}}[0, 0, 0] [1, 5, 2] [1, 2, 1]
// CHECK: %[[X1:.*]] = tensor.extract_slice %[[P]][0, 1, 0] [1, 6, 3]
// CHECK: %[[Y1:.*]] = neon.conv ins(%[[X1]]
// CHECK: %[[ALL:.*]] = tensor.insert_slice %[[Y1]] into %[[HALF]][0, 1, 0] [1, 5, 2] [1, 2, 1]
// CHECK: linalg.transpose ins(%[[ALL]]
func.func @transposed(%x: tensor<1x3x5xf32>) -> tensor<1x2x10xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2x4xf32>
  %y = nn.conv_transpose %x, %w {
      strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 1>, pads_end = array<i64: 1>
    } : (tensor<1x3x5xf32>, tensor<3x2x4xf32>) -> tensor<1x2x10xf32>
  return %y : tensor<1x2x10xf32>
}

// The stride steps over every second output: it has the bias alone.
// CHECK-LABEL: @stepped_over
// CHECK: neon.conv
// CHECK: linalg.broadcast ins(%arg1
// CHECK-NOT: neon.conv
func.func @stepped_over(%x: tensor<1x3x5xf32>, %b: tensor<2xf32>) -> tensor<1x2x9xf32> {
  %w = arith.constant dense<1.0> : tensor<3x2x1xf32>
  %y = nn.conv_transpose %x, %w bias %b {
      strides = array<i64: 2>, dilations = array<i64: 1>,
      pads_begin = array<i64: 0>, pads_end = array<i64: 0>
    } : (tensor<1x3x5xf32>, tensor<3x2x1xf32>, tensor<2xf32>) -> tensor<1x2x9xf32>
  return %y : tensor<1x2x9xf32>
}

// More phases than are worth a layer each.
// CHECK-LABEL: @many_phases
// CHECK: nn.conv_transpose
func.func @many_phases(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x10x10xf32> {
  %w = arith.constant dense<1.0> : tensor<1x1x5x5xf32>
  %y = nn.conv_transpose %x, %w {
      strides = array<i64: 5, 5>, dilations = array<i64: 1, 1>,
      pads_begin = array<i64: 0, 0>, pads_end = array<i64: 0, 0>
    } : (tensor<1x1x2x2xf32>, tensor<1x1x5x5xf32>) -> tensor<1x1x10x10xf32>
  return %y : tensor<1x1x10x10xf32>
}
