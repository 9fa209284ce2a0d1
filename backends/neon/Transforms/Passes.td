//===- Passes.td - From tensors to C++ with NEON -----------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_PASSES_TD
#define LACUNA_NEON_PASSES_TD

include "mlir/Pass/PassBase.td"

def NeonDescribeNetwork : Pass<"neon-describe-network", "::mlir::ModuleOp"> {
  let summary = "Remember what the model says of its inputs, outputs and nodes";
  let description = [{
    What the bundle's header, manifest and comments say, and later IR no longer
    knows, becomes attributes of the module: `neon.inputs` and `neon.outputs`
    (name, ONNX type, shape, bytes, and scale and zero point of quantized
    tensors), and `neon.layers` (operands, result and multiplications of each
    node).
  }];
}

def NeonSelectKernels : Pass<"neon-select-kernels"> {
  let summary = "Turn what has a kernel into calls of it";
  let description = [{
    Convolutions, products with constant matrices and poolings of floats become
    `neon` operations on tensors with channels last, between transpositions, on
    inputs that are padded before. Tiles are chosen by counting instructions
    (`Tiles.h`) and weights packed for them. What has no kernel stays as it is.

    A transposed convolution of stride s becomes s convolutions a dimension, one
    for each phase: they read parts of the same padded input, each with the taps
    that meet its outputs, and write every s-th pixel.

    Kernels take 16-bit halves if the core computes with them. Otherwise, and for
    bfloat16, for averages of many elements and for filters of many taps a
    channel, the operation becomes one of float32 between conversions.

    Before:

    ```mlir
    %y = nn.conv %x, %w {strides = array<i64: 1>, dilations = array<i64: 1>,
        pads_begin = array<i64: 4>, pads_end = array<i64: 4>, group = 1 : i64}
      : (tensor<1x16x98xf32>, tensor<24x16x9xf32>) -> tensor<1x24x98xf32>
    ```

    After: a `linalg.transpose` to `1x98x16`, a `tensor.pad` to `1x106x16`, a
    `neon.conv` with packed weights to `1x98x24`, and a `linalg.transpose` back.
  }];
  let dependentDialects = ["::lacuna::neon::NeonDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"fp16", "fp16", "bool", "false", "The core computes with halves">,
    Option<"softmax", "softmax", "bool", "false",
           "There are kernels of softmax: those of lacuna-halide">
  ];
}

def NeonPropagateLayouts : Pass<"neon-propagate-layouts"> {
  let summary = "Let transpositions meet and vanish";
  let description = [{
    Transpositions move towards what makes their operand: through padding,
    concatenation, slices and reshapes of dimensions of size 1, into
    `linalg.generic` operations, which read and write in any order. Two that meet
    become one or none.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NeonFuseEpilogues : Pass<"neon-fuse-epilogues"> {
  let summary = "Let kernels finish what they began";
  let description = [{
    A bias, the sum with a residual and a clamp (Relu, Clip) after a `neon.conv`
    that nothing else uses become part of it, in this order. A clamp that reads the
    convolution in another order leaves a transposition behind. A clamp of a
    transposed convolution becomes part of all its phases.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NeonKeepPlanes : Pass<"neon-keep-planes"> {
  let summary = "Leave products at each point in the layout they come in and go in";
  let description = [{
    A `neon.conv` of floats that only multiplies at each point, between two
    transpositions that found nothing to meet, becomes `planar` and reads and
    writes what they did: to turn its input and its result takes as long as the
    products. It has at least `lanes` points and no residual, and neither its input
    nor its result may be a view whose points do not lie side by side.

    Before:

    ```mlir
    %t = linalg.transpose ins(%x : tensor<1x64x3136xf32>)
        outs(%e : tensor<1x3136x64xf32>) permutation = [0, 2, 1]
    %c = neon.conv ins(%t, %w : tensor<1x3136x64xf32>, tensor<64x64x1xf32>)
        outs(%i : tensor<1x3136x64xf32>) {kernel = array<i64: 1>,
        strides = array<i64: 1>, dilations = array<i64: 1>,
        operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}
        -> tensor<1x3136x64xf32>
    %y = linalg.transpose ins(%c : tensor<1x3136x64xf32>)
        outs(%f : tensor<1x64x3136xf32>) permutation = [0, 2, 1]
    ```

    After: one `neon.conv` of `%x` into a `tensor<1x64x3136xf32>`.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
  let options = [
    Option<"lanes", "lanes", "int64_t", "1", "Floats in a register">
  ];
}

def NeonPlacePads : Pass<"neon-place-pads"> {
  let summary = "Make what is padded inside its padding";
  let description = [{
    A `tensor.pad` with a constant becomes a tensor whose border is filled with it
    before the source is made, and a `tensor.insert_slice`. Bufferization then lets
    the source be written where it is wanted, and padding copies nothing.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NeonSelectMaps : Pass<"neon-select-maps"> {
  let summary = "Turn loops that take exponentials into neon.map";
  let description = [{
    A `linalg.generic` over memory of floats, of which each element is made for
    itself, becomes a `neon.map` if exponentials, logarithms, hyperbolic tangents
    or error functions are among what it does: those are calls in C++, one an
    element, and instructions on whole registers in a kernel. Sums and products
    alone stay: what moves them through memory is all they cost. So do loops of
    few elements, more than four loops, and what a kernel has no operation for.

    Before:

    ```mlir
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%x : memref<512xf32>) outs(%y : memref<512xf32>) {
    ^bb0(%a: f32, %out: f32):
      %e = math.exp %a : f32
      linalg.yield %e : f32
    }
    ```

    After:

    ```mlir
    neon.map ins(%x : memref<512xf32>) outs(%y : memref<512xf32>)
      {sizes = array<i64: 1, 1, 1, 512>,
       steps = array<i64: 0, 0, 0, 1, 0, 0, 0, 1>, values = ["t0 exp x0"]}
    ```
  }];
  let dependentDialects = ["::lacuna::neon::NeonDialect"];
}

def NeonSelectCopies : Pass<"neon-select-copies"> {
  let summary = "Turn what only moves elements in memory into neon.copy";
  let description = [{
    `memref.copy`, `linalg.copy`, `linalg.transpose` and `linalg.generic` that
    yields its one operand, read and written once each, all become `neon.copy`.
  }];
  let dependentDialects = ["::lacuna::neon::NeonDialect"];
}

def NeonSelectLookups : Pass<"neon-select-lookups"> {
  let summary = "Turn loops over a table of bytes into neon.lookup";
  let description = [{
    A `linalg.generic` on memory that yields, of a table of 256 bytes, that which
    its one operand, a byte, names becomes `neon.lookup`, if neighbours lie side
    by side in both.

    Before:

    ```mlir
    linalg.generic {
        indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
        iterator_types = ["parallel"]
      } ins(%x : memref<40xi8>) outs(%y : memref<40xi8>) {
    ^bb0(%in: i8, %out: i8):
      %at = arith.index_castui %in : i8 to index
      %found = memref.load %table[%at] : memref<256xi8>
      linalg.yield %found : i8
    }
    ```

    After:

    ```mlir
    neon.lookup ins(%x, %table : memref<40xi8>, memref<256xi8>) outs(%y : memref<40xi8>)
    ```
  }];
  let dependentDialects = ["::lacuna::neon::NeonDialect"];
}

def NeonCollapseLoops : Pass<"neon-collapse-loops"> {
  let summary = "Make one loop of dimensions that lie side by side in memory";
  let description = [{
    Operations of `linalg` on memory lose the dimensions that no operand
    distinguishes: a loop over 64 x 56 x 56 neighbours is one over 200,704.

    Before:

    ```mlir
    linalg.fill ins(%zero : f32) outs(%x : memref<1x64x56x56xf32>)
    ```

    After:

    ```mlir
    %flat = memref.collapse_shape %x [[0, 1, 2, 3]]
      : memref<1x64x56x56xf32> into memref<200704xf32>
    linalg.fill ins(%zero : f32) outs(%flat : memref<200704xf32>)
    ```
  }];
  let statistics = [
    Statistic<"collapsed", "collapsed", "Number of operations with fewer loops">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def NeonPackWeights : Pass<"neon-pack-weights", "::mlir::ModuleOp"> {
  let summary = "Bring weights into the order that kernels read them";
  let description = [{
    After bufferization it is known which taps lie side by side. Each `neon.conv`
    gets its tile of registers, chosen by counting instructions (`Tiles.h`), and
    of bytes the form of multiplication: by SMMLA or SDOT if the core has them,
    in 16-bit sums where `128 * sum|w| <= 32767` for every filter, or for every
    lane of it, proves that no partial sum leaves 16 bits, else by SMULL, SMLAL
    and SADALP. Weights, biases
    and scales become new constants in the order of the kernel; weights of bytes
    are stored in 1, 2 or 4 bits where they fit, all but a few, or where they are
    such numbers times factors that neighbours share (`StoredBits`).

    With `lanes`, kernels are those of lacuna-halide (docs/host.md), which chooses
    tiles itself: filters are packed in blocks of at most so many, which
    `neon.block` says. A kernel of bytes whose sums might leave 32 bits keeps the
    form above. With `winograd-bytes`, 3x3 convolutions of floats that move by one
    become Winograd's (`neon.winograd`) where fewer products outweigh the
    transformations and so many bytes hold the weights, which are transformed here.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let options = [
    Option<"dotprod", "dotprod", "bool", "false", "The core has SDOT">,
    Option<"i8mm", "i8mm", "bool", "false", "The core has SMMLA">,
    Option<"lanes", "lanes", "int64_t", "0",
           "Pack for kernels of Halide: floats in a register">,
    Option<"together", "together", "int64_t", "1",
           "Products of bytes that one instruction sums">,
    Option<"winogradBytes", "winograd-bytes", "int64_t", "0",
           "What weights of Winograd's kernels of Halide may take: half of the "
           "second cache">
  ];
}

def NeonPlaceWeights : Pass<"neon-place-weights", "::mlir::ModuleOp"> {
  let summary = "Place every constant in one block of bytes";
  let description = [{
    Each `memref.global` of the module gets an offset, `neon.offset`, in a block
    of constants that the function `main` takes as a new last argument;
    `memref.get_global` becomes a view of that argument. The function gets the
    attribute `neon.weight_bytes`. Offsets are multiples of `alignment`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
  let options = [
    Option<"alignment", "alignment", "int64_t", "64",
           "Bytes of the widest vectors that kernels load">
  ];
}

def NeonOutlineLayers : Pass<"neon-outline-layers", "::mlir::ModuleOp"> {
  let summary = "Give each layer a function of its own";
  let description = [{
    Loops and stores of `main` that stand side by side and come from the same
    ONNX node become a function `run_<node>`, private, with the memory it uses as
    arguments. What remains in `main` is a list of buffers and calls: the network
    at a glance.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def NeonSplitKernels : Pass<"neon-split-kernels", "::mlir::ModuleOp"> {
  let summary = "Let several threads share the kernels with much work";
  let description = [{
    A convolution of many multiply-accumulates is marked to run in parts, at most
    `threads`, each of at least `macs-per-part`: `neon.split` is the axis of the
    output (0 planes, 1 rows, 2 columns: the outermost one that is long enough)
    and the number of parts. Parts share no output and compute each as the whole
    would, so results are the same bits; those of Winograd's kernels are of whole
    pairs of rows.

    Functions with such kernels, and `main`, take a new last argument, the pool of
    the app.
  }];
  let dependentDialects = ["::mlir::emitc::EmitCDialect"];
  let options = [
    Option<"threads", "threads", "int64_t", "1", "How many parts at most">,
    Option<"macsPerPart", "macs-per-part", "int64_t", "32768",
           "What is worth waking a thread">
  ];
  let statistics = [
    Statistic<"numSplit", "num-split", "Number of kernels that run in parts">
  ];
}

def NeonProfileLayers : Pass<"neon-profile-layers", "::mlir::ModuleOp"> {
  let summary = "Tell the app before and after each layer";
  let description = [{
    Around each call of `main`, now EmitC, the hook of the app is called with the
    layer's index and name. `main` takes it as a new last argument.
  }];
  let dependentDialects = ["::mlir::emitc::EmitCDialect"];
}

def NeonConvertToEmitC : Pass<"neon-convert-to-emitc", "::mlir::ModuleOp"> {
  let summary = "Turn loops over memory into EmitC";
  let description = [{
    Functions, loops, loads, stores and scalar arithmetic become EmitC
    operations that print as C++. A `memref` becomes a pointer to its first
    element, its strides go into the index. Operations that C++ has no operator
    for, or leaves undefined, become calls of the functions in
    `backends/neon/Kernels/scalar.h`.

    Upstream's conversions make C arrays of memrefs and cannot print views, so
    only the conversion of `scf` is theirs.

    The pass fails, naming the operation, if something has no C++ form.
  }];
  let dependentDialects = ["::mlir::emitc::EmitCDialect"];
}

#endif // LACUNA_NEON_PASSES_TD
