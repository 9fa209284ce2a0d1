//===- Passes.td - Passes of the NPU back end ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_PASSES_TD
#define LACUNA_NPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def NpuSplitTransposed : Pass<"npu-split-transposed"> {
  let summary = "Compute transposed convolutions without the zeros in between";
  let description = [{
    A transposed convolution of stride S is S interleaved convolutions of stride
    1, one a phase of the output, each with the taps that meet it: no zero is
    ever inserted, and none multiplied. In two dimensions there are S x S of them,
    whose results are inserted with stride S. Phases that meet the same inputs are
    filters of one convolution, which loads them once. So are phases of as many
    taps that meet other inputs, with outputs at the edge that nobody wants, where
    that takes less time.

    Before:

    ```mlir
    %y = nn.conv_transpose %x, %w {strides = array<i64: 2>,
        dilations = array<i64: 1>, pads_begin = array<i64: 0>,
        pads_end = array<i64: 0>, group = 1 : i64}
      : (tensor<1x8x5xf32>, tensor<8x4x2xf32>) -> tensor<1x4x10xf32>
    ```

    After: an `nn.conv` with the filter `tensor<8x8x1xf32>`, of whose results the
    first half goes to the even elements, the second to the odd ones.
  }];
  let options = [
    Option<"productsPerByte", "products-per-byte", "double", "0",
           "Products that the machine does while it moves a byte">,
    Option<"memoryBytes", "memory-bytes", "int64_t", "0",
           "Bytes of its memory for inputs and outputs">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def NpuSplitWords : Pass<"npu-split-words"> {
  let summary = "Multiply 16 bits as two times 8";
  let description = [{
    An array that multiplies bytes alone takes a `qnn.conv` of 16 bits as two, or
    as four if both operands have 16 bits: an integer is 256 times its upper half
    plus its lower one, which is unsigned, and so are the zero points. The vector
    unit adds the sums up, with the shifts that belong to them.

    Where an array multiplies 16 bits, this is for convolutions whose sums may need
    64, as those of an array have 32, and for filters of unsigned 16 bits, which
    streams do not have. It is not done where halves may need more than 32 bits
    too: the convolution is left to the scalar unit then.

    Before:

    ```mlir
    %y = qnn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
        pads_begin = array<i64: 0>, pads_end = array<i64: 0>}
      : (tensor<1x3x8xi16>, tensor<4x3x1xi8>) -> tensor<1x4x8xi32>
    ```

    After: two `linalg.generic` that give the halves of `%x`, a `qnn.conv` of each
    with `%w`, and a `linalg.generic` that adds the second sum, shifted by 8 bits,
    to the first.
  }];
  let options = [
    Option<"bytesOnly", "bytes-only", "bool", "false",
           "The array multiplies bytes, not 16 bits">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def NpuSelectLayers : Pass<"npu-select-layers"> {
  let summary = "Give convolutions and products to the PE array";
  let description = [{
    An `nn.conv` or `nn.matmul` of float32, and a `qnn.conv` or `qnn.matmul` whose
    zero points are constants, become `npu.conv` and `npu.matmul`, if the array
    multiplies such elements, its sums of 32 bits hold the result, and there is room
    on the chip for what one sum of a channel takes. Inputs of unsigned 16 bits are
    turned into signed ones first, less 32768. Others go through their reference
    lowering and become programs of the vector or the scalar unit.

    Before:

    ```mlir
    %y = nn.matmul %a, %b : (tensor<4x8xf32>, tensor<8x10xf32>) -> tensor<4x10xf32>
    ```

    After:

    ```mlir
    %e = tensor.empty() : tensor<4x10xf32>
    %y = npu.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x10xf32>)
        outs(%e : tensor<4x10xf32>) {} -> tensor<4x10xf32>
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::lacuna::npu::NpuDialect"
  ];
  let options = [
    Option<"bytes", "bytes", "bool", "true",
           "The array multiplies bytes">,
    Option<"words", "words", "bool", "true",
           "The array multiplies integers of 16 bits">,
    Option<"floats", "floats", "bool", "true",
           "The array multiplies float32">,
    Option<"kernelBytes", "kernel-bytes", "int64_t", "0",
           "Room for a channel of a filter; 0: for any">,
    Option<"windowBytes", "window-bytes", "int64_t", "0",
           "Room for a channel of a window; 0: for any">
  ];
}

def NpuFuseEpilogues : Pass<"npu-fuse-epilogues"> {
  let summary = "Move what is done to each sum into the layer";
  let description = [{
    A `linalg.generic` that works element by element on the result of a layer
    alone, with other operands of the same shape, of one element a filter, or of
    one element, becomes part of the layer's region: sums are requantized where
    they are, on the chip.

    Before:

    ```mlir
    %s = npu.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x10xf32>)
        outs(%e : tensor<4x10xf32>) {} -> tensor<4x10xf32>
    %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%s : tensor<4x10xf32>) outs(%e : tensor<4x10xf32>) {
    ^bb0(%in: f32, %out: f32):
      %r = arith.maximumf %in, %zero : f32
      linalg.yield %r : f32
    } -> tensor<4x10xf32>
    ```

    After, the `npu.matmul` has the region, and `%y` is its result. Of two layers
    whose results it joins the one with more products takes it.
  }];
  let options = [Option<"narrows", "narrows", "bool", /*default=*/"false",
                        "Take only what makes elements no wider">];
  let dependentDialects = ["::mlir::tensor::TensorDialect",
                           "::lacuna::npu::NpuDialect"];
}

def ZeroSkipSchedule : Pass<"zero-skip-schedule"> {
  let summary = "Let kernels that take equally long work at the same time";
  let description = [{
    PEs that skip zeros of weights take as long for a kernel as it has weights
    that are something, and those of a work group wait for each other. The
    filters of an `npu.conv` with known weights are sorted by these numbers, the
    longest first, within each group of the convolution and over all of the
    layer, before it is cut into tiles: so tiles too have filters that are about
    equally long. What there is one of a filter is sorted with them, and
    `filter_order` says which channel of the output a filter gives, where code
    generation puts it. Within a tile the array allocates by itself.

    Where there is little to gain the filters stay: maps of neighbouring filters
    that do not lie side by side in DRAM are a transfer each.

    Before, with kernels of 1, 3, 1 and 3 weights and two PEs:

    ```mlir
    %y = npu.conv ins(%x, %w : tensor<1x3x8xi8>, tensor<4x3x1xi8>) outs(%e : tensor<1x4x8xi32>)
        {strides = array<i64: 1>, dilations = array<i64: 1>, pads_begin = array<i64: 0>}
        -> tensor<1x4x8xi32>
    ```

    After: 3, 3, 1 and 1 weights and `filter_order = array<i64: 1, 3, 0, 2>`; the
    longest kernels of the two rounds have 4 weights together, and had 6.

    With `--remarks-filter=zero-skip-schedule` it says for each layer what was
    gained, or why the filters stay.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let options = [
    Option<"kernels", "kernels", "int64_t", "14",
           "Kernels that work at the same time: the PEs of a work group">,
    Option<"leastGain", "least-gain", "int64_t", "2",
           "Of the weights of the longest kernels so many in a hundred must be "
           "gained">
  ];
  let statistics = [
    Statistic<"numScheduled", "layers-scheduled",
              "Layers whose filters were sorted">
  ];
}

def NpuReadInPlace : Pass<"npu-read-in-place", "::mlir::func::FuncOp"> {
  let summary = "Read tensors where they are, not a copy";
  let description = [{
    A copy or a transposition of memory goes if all that read what it makes can
    read any strides, which arrays and loops can, and if what it copies is not
    written before they have: they read it itself.

    Of larger tensors than `bytes`, and of inputs of the graph that an array
    wants, the copies stay: in DRAM elements that lie apart cost more than a
    copy.

    Before:

    ```mlir
    %t = memref.alloc() : memref<1x16x8x1xi8>
    linalg.transpose ins(%line : memref<1x8x1x16xi8>)
        outs(%t : memref<1x16x8x1xi8>) permutation = [0, 3, 1, 2]
    ```

    After:

    ```mlir
    %t = memref.reinterpret_cast %line to offset: [0], sizes: [1, 16, 8, 1],
        strides: [128, 1, 16, 16]
      : memref<1x8x1x16xi8> to memref<1x16x8x1xi8, strided<[128, 1, 16, 16]>>
    ```
  }];
  let options = [
    Option<"bytes", "bytes", "int64_t", "65536",
           "The largest tensors that are read in place">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"skipped", "skipped", "Number of copies that went">
  ];
}

def NpuTurnReductions : Pass<"npu-turn-reductions"> {
  let summary = "Compute sums side by side, not one after the other";
  let description = [{
    Of a `linalg.generic` whose innermost loop reduces, the largest parallel loop
    goes inside: the lanes of a vector unit then work on elements that do not
    wait for each other. What each element sums, and in which order, stays.

    Before, `iterator_types = ["parallel", "parallel", "reduction"]`; after,
    `["parallel", "reduction", "parallel"]`, if the second loop is the largest.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

#endif // LACUNA_NPU_PASSES_TD
