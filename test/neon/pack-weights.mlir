// RUN: lacuna-opt %s -split-input-file --neon-pack-weights | FileCheck %s --check-prefixes=CHECK,GENERIC
// RUN: lacuna-opt %s -split-input-file --neon-pack-weights=dotprod | FileCheck %s --check-prefixes=CHECK,DOTPROD
// RUN: lacuna-opt %s -split-input-file --neon-pack-weights="dotprod i8mm" | FileCheck %s --check-prefixes=CHECK,I8MM

// Three filters of two channels: one tile of four columns, the last one zero.
// What was packed is gone.
// CHECK-LABEL: module @floats
// CHECK: memref.global "private" constant @[[P:.*]] : memref<8xf32> = dense_resource<[[R:.*]]>
// CHECK-NOT: @weights
// CHECK: %[[W:.*]] = memref.get_global @[[P]]
// CHECK: neon.conv ins(%arg0, %[[W]] : memref<1x5x2xf32>, memref<8xf32>)
// CHECK-SAME: tile = array<i64: {{[0-9]+}}, 4, 4>
// CHECK: [[R]]: "0x040000000000803F0000404000000000{{.*}}"
module @floats {
  memref.global "private" constant @weights : memref<3x2x1xf32> = dense<[[[1.0], [2.0]], [[3.0], [4.0]], [[0.0], [0.0]]]>
  func.func @main(%x: memref<1x5x2xf32>, %y: memref<1x5x3xf32>) {
    %w = memref.get_global @weights : memref<3x2x1xf32>
    neon.conv ins(%x, %w : memref<1x5x2xf32>, memref<3x2x1xf32>) outs(%y : memref<1x5x3xf32>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    return
  }
}

// -----

// A constant that two layers read is packed for each, and one that another
// operation reads stays.
// CHECK-LABEL: module @shared
// CHECK-COUNT-2: memref.global "private" constant @packed
// CHECK: memref.global "private" constant @weights
module @shared {
  memref.global "private" constant @weights : memref<4x4x1xf32> = dense<1.0>
  func.func @main(%x: memref<1x5x4xf32>, %y: memref<1x5x4xf32>, %z: memref<4x4x1xf32>) {
    %w = memref.get_global @weights : memref<4x4x1xf32>
    neon.conv ins(%x, %w : memref<1x5x4xf32>, memref<4x4x1xf32>) outs(%y : memref<1x5x4xf32>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    neon.conv ins(%y, %w : memref<1x5x4xf32>, memref<4x4x1xf32>) outs(%x : memref<1x5x4xf32>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    memref.copy %w, %z : memref<4x4x1xf32> to memref<4x4x1xf32>
    return
  }
}

// -----

// Biases and scales are filled up to four columns, and doubled for SMMLA. Of what the core has, the
// form with the fewest instructions is taken; 16-bit sums, if proved exact.
// CHECK-LABEL: module @bytes
// GENERIC-DAG: memref.global {{.*}} : memref<4xi32>
// GENERIC-DAG: memref.global {{.*}} : memref<4xf32>
// I8MM-DAG: memref.global {{.*}} : memref<8xi32>
// I8MM-DAG: memref.global {{.*}} : memref<8xf32>
// CHECK: fits_int16
// GENERIC-SAME: form = "int16"
// GENERIC-SAME: neon.proof = "128 x sum|w| <= 32640: 16 bits hold all sums"
// GENERIC-SAME: tile = array<i64: 2, 8, 2>
// DOTPROD-SAME: form = "sdot"
// DOTPROD-SAME: tile = array<i64: 4, 16, 2>
// I8MM-SAME: form = "smmla"
// I8MM-SAME: tile = array<i64: 4, 16, 2>
module @bytes {
  memref.global "private" constant @w : memref<1x3x1xi8> = dense<[[[127], [-127], [1]]]>
  memref.global "private" constant @b : memref<1xi32> = dense<5>
  memref.global "private" constant @s : memref<1xf32> = dense<0.5>
  func.func @main(%x: memref<1x5x3xi8>, %y: memref<1x5x1xi8>) {
    %w = memref.get_global @w : memref<1x3x1xi8>
    %b = memref.get_global @b : memref<1xi32>
    %s = memref.get_global @s : memref<1xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x5x3xi8>, memref<1x3x1xi8>, memref<1xi32>, memref<1xf32>) outs(%y : memref<1x5x1xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// One more, and a sum might not fit, but no two products meet in a lane.
// CHECK-LABEL: module @wide
// GENERIC: form = "int16_lanes"
// GENERIC-SAME: neon.proof = "128 x sum|w| <= 16256 in each lane: 16 bits hold all"
module @wide {
  memref.global "private" constant @w : memref<1x3x1xi8> = dense<[[[127], [-127], [2]]]>
  memref.global "private" constant @b : memref<1xi32> = dense<5>
  memref.global "private" constant @s : memref<1xf32> = dense<0.5>
  func.func @main(%x: memref<1x5x3xi8>, %y: memref<1x5x1xi8>) {
    %w = memref.get_global @w : memref<1x3x1xi8>
    %b = memref.get_global @b : memref<1xi32>
    %s = memref.get_global @s : memref<1xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x5x3xi8>, memref<1x3x1xi8>, memref<1xi32>, memref<1xf32>) outs(%y : memref<1x5x1xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// Of three in one lane, the sum might not.
// CHECK-LABEL: module @lanes
// GENERIC: form = "smull"
// GENERIC-NOT: neon.proof
module @lanes {
  memref.global "private" constant @w : memref<1x24x1xi8> = dense<127>
  memref.global "private" constant @b : memref<1xi32> = dense<5>
  memref.global "private" constant @s : memref<1xf32> = dense<0.5>
  func.func @main(%x: memref<1x5x24xi8>, %y: memref<1x5x1xi8>) {
    %w = memref.get_global @w : memref<1x24x1xi8>
    %b = memref.get_global @b : memref<1xi32>
    %s = memref.get_global @s : memref<1xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x5x24xi8>, memref<1x24x1xi8>, memref<1xi32>, memref<1xf32>) outs(%y : memref<1x5x1xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// Of nine taps of 42, six are 252 and fit 16 bits; biases and scales are eight
// at least.
// CHECK-LABEL: module @depthwise
// CHECK-DAG: memref.global {{.*}} : memref<8xi32>
// CHECK-DAG: memref.global {{.*}} : memref<8xf32>
// CHECK-DAG: memref.global {{.*}} : memref<72xi8>
// CHECK: form = "int16 sums of 6 taps
// CHECK-SAME: tile = array<i64: 1, 6>
module @depthwise {
  memref.global "private" constant @w : memref<2x1x9xi8> = dense<42>
  memref.global "private" constant @b : memref<2xi32> = dense<5>
  memref.global "private" constant @s : memref<2xf32> = dense<0.5>
  func.func @main(%x: memref<1x9x2xi8>, %y: memref<1x1x2xi8>) {
    %w = memref.get_global @w : memref<2x1x9xi8>
    %b = memref.get_global @b : memref<2xi32>
    %s = memref.get_global @s : memref<2xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x9x2xi8>, memref<2x1x9xi8>, memref<2xi32>, memref<2xf32>) outs(%y : memref<1x1x2xi8>)
      {kernel = array<i64: 9>, strides = array<i64: 1>, dilations = array<i64: 1>,
       group = 2 : i64, depthwise, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// A scale that large sends sums out of 16 bits.
// CHECK-LABEL: module @wide
// CHECK: neon.conv
// CHECK-NOT: fits_int16
module @wide {
  memref.global "private" constant @w : memref<4x4x1xi8> = dense<100>
  memref.global "private" constant @b : memref<4xi32> = dense<0>
  memref.global "private" constant @s : memref<4xf32> = dense<0.7>
  func.func @main(%x: memref<1x5x4xi8>, %y: memref<1x5x4xi8>) {
    %w = memref.get_global @w : memref<4x4x1xi8>
    %b = memref.get_global @b : memref<4xi32>
    %s = memref.get_global @s : memref<4xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x5x4xi8>, memref<4x4x1xi8>, memref<4xi32>, memref<4xf32>) outs(%y : memref<1x5x4xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// Weights that four bits hold take four, in half as many bytes.
// CHECK-LABEL: module @few_bits
// CHECK: memref.global "private" constant @[[P:packed.*]] : memref<64xi8> = dense_resource<[[R:.*]]>
// CHECK: weight_bits = 4
// CHECK: [[R]]: "0x0100000077777777{{(77)*}}"
module @few_bits {
  memref.global "private" constant @w : memref<16x8x1xi8> = dense<7>
  memref.global "private" constant @b : memref<16xi32> = dense<0>
  memref.global "private" constant @s : memref<16xf32> = dense<0.01>
  func.func @main(%x: memref<1x5x8xi8>, %y: memref<1x5x16xi8>) {
    %w = memref.get_global @w : memref<16x8x1xi8>
    %b = memref.get_global @b : memref<16xi32>
    %s = memref.get_global @s : memref<16xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x5x8xi8>, memref<16x8x1xi8>, memref<16xi32>, memref<16xf32>) outs(%y : memref<1x5x16xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// Neighbours that have a factor in common are stored without it: 256 weights of one
// bit, and the factor of each filter.
// CHECK-LABEL: module @factors
// CHECK: memref.global "private" constant @[[P:packed.*]] : memref<48xi8> = dense_resource<[[R:.*]]>
// CHECK: factor_depth = 128 : i64
// CHECK-SAME: weight_bits = 1
// CHECK: [[R]]: "0x01000000{{((00)+(07)+)+}}"
module @factors {
  memref.global "private" constant @w : memref<16x16x1xi8> = dense<7>
  memref.global "private" constant @b : memref<16xi32> = dense<0>
  memref.global "private" constant @s : memref<16xf32> = dense<0.01>
  func.func @main(%x: memref<1x5x16xi8>, %y: memref<1x5x16xi8>) {
    %w = memref.get_global @w : memref<16x16x1xi8>
    %b = memref.get_global @b : memref<16xi32>
    %s = memref.get_global @s : memref<16xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x5x16xi8>, memref<16x16x1xi8>, memref<16xi32>, memref<16xf32>) outs(%y : memref<1x5x16xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// No tile of 16, 8 or 4 columns of so many weights fits the stack: they stay
// bytes.
// CHECK-LABEL: module @deep
// CHECK: memref<80000xi8>
// CHECK: weight_bits = 8
module @deep {
  memref.global "private" constant @w : memref<4x20000x1xi8> = dense<1>
  memref.global "private" constant @b : memref<4xi32> = dense<0>
  memref.global "private" constant @s : memref<4xf32> = dense<0.01>
  func.func @main(%x: memref<1x1x20000xi8>, %y: memref<1x1x4xi8>) {
    %w = memref.get_global @w : memref<4x20000x1xi8>
    %b = memref.get_global @b : memref<4xi32>
    %s = memref.get_global @s : memref<4xf32>
    neon.conv ins(%x, %w, %b, %s : memref<1x1x20000xi8>, memref<4x20000x1xi8>, memref<4xi32>, memref<4xf32>) outs(%y : memref<1x1x4xi8>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}
    return
  }
}

// -----

// Halves fill a register by eight.
// CHECK-LABEL: module @halves
// CHECK: memref.global "private" constant @[[P:.*]] : memref<16xf16> = dense_resource<[[R:.*]]>
// CHECK: tile = array<i64: {{[0-9]+}}, 8, 8>
// CHECK: [[R]]: "0x{{........}}003C004200000000{{.*}}"
module @halves {
  memref.global "private" constant @weights : memref<3x2x1xf16> = dense<[[[1.0], [2.0]], [[3.0], [4.0]], [[0.0], [0.0]]]>
  func.func @main(%x: memref<1x5x2xf16>, %y: memref<1x5x3xf16>) {
    %w = memref.get_global @weights : memref<3x2x1xf16>
    neon.conv ins(%x, %w : memref<1x5x2xf16>, memref<3x2x1xf16>) outs(%y : memref<1x5x3xf16>)
      {kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
    return
  }
}
