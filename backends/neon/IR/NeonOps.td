//===- NeonOps.td - Kernels for Arm cores as operations ----*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_OPS_TD
#define LACUNA_NEON_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Neon_Dialect : Dialect {
  let name = "neon";
  let cppNamespace = "::lacuna::neon";
  let summary = "Calls of the kernels in backends/neon/Kernels";
  let description = [{
    Between `nn` and `qnn`, of which it implements what is worth a kernel of its
    own, and EmitC, where each operation becomes a call of a C++ template.

    The life of a value: `neon-select-kernels` turns an `nn.conv` into a
    `neon.conv` between two transpositions, with weights packed for the tile that
    was chosen; `neon-propagate-layouts` lets the transpositions meet and vanish;
    `neon-fuse-epilogues` takes in activations and residual additions;
    bufferization turns tensors into memory, whose strides say where padding and
    neighbours lie; `neon-convert-to-emitc` makes a call, with all of the shape
    as constants.

    Tensors have their channels last: `[N, spatial..., C]`. Operations are in
    destination style.
  }];
}

class Neon_Op<string mnemonic, list<Trait> traits = []>
    : Op<Neon_Dialect, mnemonic, !listconcat(traits, [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])> {
  let hasVerifier = 1;
}

def Neon_ConvOp : Neon_Op<"conv", [AttrSizedOperandSegments]> {
  let summary = "Convolution of an input that contains its padding";
  let description = [{
    The sum over taps and channels of `input`, `[N, D..., C]`, and the filters,
    plus `bias`, plus `residual`, clamped to `lo` .. `hi`, into `init`,
    `[N, O..., M]`. The input contains its padding: every window lies inside.

    `weights` are the filters as ONNX has them, `[M, C / group, K...]`, until
    `neon-pack-weights` brings them into the order that the kernel reads and
    chooses its `tile`: rows, columns, unroll.

    With `scale` the elements are bytes, of the input less 128 if it is
    `input_unsigned`: the sum is exact in 32 bits, is multiplied in float32 by
    `scale` (one a filter), rounded half to even, and `zero_point` added,
    saturating. `fits_int16` says that for these weights no input makes a result
    that leaves 16 bits before it saturates to a byte. Packed weights are stored
    in `weight_bits`, all but `outliers` of them, which keep 8; or as numbers of so
    many bits and factors, each shared by `factor_depth` neighbours of a filter.

    A `planar` convolution has channels where ONNX has them, before space: `input`
    is `[N, C, D...]` and `init` `[N, M, O...]`. Only products of floats at each
    point, which kernels of Halide make, come so.

    Constraints:
    - (C1) `input` and `init` have the same rank, 3 to 5; `kernel`, `strides` and
      `dilations` have one entry a spatial dimension.
    - (C2) The spatial sizes of `init` are
      `(D - (K - 1) * dilation - 1) / stride + 1`, rounded down.
    - (C3) `group` divides the channels of `input` and `init`; of a `depthwise`
      convolution both have `group`.
    - (C4) `residual` has the shape of `init`.
    - (C5) A `planar` convolution has kernels and strides of 1, `group` 1, no
      `scale` and no `residual`.
    - (C6) `weight_bits` is 1, 2, 4 or 8, and 8 for all but bytes that are not
      `depthwise`; with 8 there are no `outliers`.
    - (C7) `factor_depth` is 0 or a multiple of 16, and 0 where `weight_bits` is 8
      or there are `outliers`.

    Example:

    ```mlir
    %y = neon.conv ins(%x, %w, %b : tensor<1x106x16xf32>, tensor<24x16x9xf32>,
                       tensor<24xf32>) outs(%init : tensor<1x49x24xf32>)
      {kernel = array<i64: 9>, strides = array<i64: 2>,
       dilations = array<i64: 1>,
       operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>} -> tensor<1x49x24xf32>
    ```
  }];
  let arguments = (ins
    AnyShaped:$input, AnyShaped:$weights, Optional<AnyShaped>:$bias,
    Optional<AnyShaped>:$scale, Optional<AnyShaped>:$residual,
    AnyShaped:$init,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$group, UnitAttr:$depthwise,
    OptionalAttr<DenseI64ArrayAttr>:$tile,
    OptionalAttr<F64Attr>:$lo, OptionalAttr<F64Attr>:$hi,
    DefaultValuedAttr<I64Attr, "0">:$zero_point,
    UnitAttr:$input_unsigned, UnitAttr:$output_unsigned,
    OptionalAttr<StrAttr>:$form, UnitAttr:$fits_int16, UnitAttr:$planar,
    DefaultValuedAttr<I64Attr, "8">:$weight_bits,
    DefaultValuedAttr<I64Attr, "0">:$outliers,
    DefaultValuedAttr<I64Attr, "0">:$factor_depth);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
    int64_t getSpatialRank() { return getKernel().size(); }
    /// Which dimension of the input and the result is that of channels, and
    /// which is the first of space.
    int64_t getChannelDim() { return getPlanar() ? 1 : getSpatialRank() + 1; }
    int64_t getSpaceDim() { return getPlanar() ? 2 : 1; }
    int64_t getInputChannels();
    int64_t getOutputChannels();
    /// Multiply-accumulates of one run.
    int64_t getMacs();
  }];
}

def Neon_WideFiltersOp : Neon_Op<"wide_filters"> {
  let summary = "Some filters of a convolution of bytes, with weights of 16 bits";
  let description = [{
    Of the convolution that `neon.conv` with a scale does, the output channels
    `filters` again, now with weights that 8 bits do not hold: asymmetric weights
    less their zero point have a few such outliers a layer. All other channels of
    `init` stay as they are.

    `weights` are `[F, taps, C / group]`, of 16 bits.

    Constraints:
    - (C1) `input` and `init` have the same rank, 3 to 5; `kernel`, `strides` and
      `dilations` have one entry a spatial dimension.
    - (C2) The spatial sizes of `init` are
      `(D - (K - 1) * dilation - 1) / stride + 1`, rounded down.
    - (C3) `filters` are output channels, and `group` divides the channels of
      `input` and `init`.

    Example:

    ```mlir
    %z = neon.wide_filters ins(%x, %w, %b, %s : tensor<1x8x8x16xi8>,
        tensor<1x1x16xi16>, tensor<1xi32>, tensor<1xf32>)
      outs(%y : tensor<1x8x8x24xi8>)
      {filters = array<i64: 5>, kernel = array<i64: 1, 1>,
       strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>}
      -> tensor<1x8x8x24xi8>
    ```
  }];
  let arguments = (ins
    AnyShaped:$input, AnyShaped:$weights, AnyShaped:$bias, AnyShaped:$scale,
    AnyShaped:$init, DenseI64ArrayAttr:$filters,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DefaultValuedAttr<I64Attr, "1">:$group,
    DefaultValuedAttr<I64Attr, "0">:$zero_point,
    UnitAttr:$input_unsigned, UnitAttr:$output_unsigned);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
}

def Neon_PoolOp : Neon_Op<"pool"> {
  let summary = "Maximum or average of windows of an input that contains its padding";
  let description = [{
    The largest element of each window of `input`, `[N, D..., C]`, channel by
    channel, or, if `average`, the sum of the window times `factor`. The input
    contains its padding: every window lies inside.

    Constraints:
    - (C1) `input` and `init` have the same rank, 3 to 5, and the same channels;
      `kernel`, `strides` and `dilations` have one entry a spatial dimension.
    - (C2) The spatial sizes of `init` are
      `(D - (K - 1) * dilation - 1) / stride + 1`, rounded down.

    Example:

    ```mlir
    %y = neon.pool ins(%x : tensor<1x8x8x16xf32>) outs(%init : tensor<1x4x4x16xf32>)
      {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
       dilations = array<i64: 1, 1>} -> tensor<1x4x4x16xf32>
    ```
  }];
  let arguments = (ins
    AnyShaped:$input, AnyShaped:$init,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, UnitAttr:$average,
    DefaultValuedAttr<F64Attr, "1.0">:$factor);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
    int64_t getSpatialRank() { return getKernel().size(); }
  }];
}

def Neon_CopyOp : Neon_Op<"copy"> {
  let summary = "Elements moved, in the same order or another";
  let description = [{
    Dimension `i` of `init` is dimension `permutation[i]` of `input`. Both are
    memory and do not overlap. Which kernel moves them, rows at once or blocks
    that are turned in registers, follows from the strides.

    Constraints:
    - (C1) `permutation` permutes the dimensions of `input`, and gives `init` its
      shape.

    Example:

    ```mlir
    neon.copy ins(%x : memref<1x3x8x8xf32>) outs(%y : memref<1x8x8x3xf32>)
      {permutation = array<i64: 0, 2, 3, 1>}
    ```
  }];
  let arguments = (ins AnyMemRef:$input, AnyMemRef:$init,
                       DenseI64ArrayAttr:$permutation);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
}

def Neon_LookupOp : Neon_Op<"lookup"> {
  let summary = "Bytes replaced by those of a table";
  let description = [{
    Element `i` of `init` is `table[j]`, where `j` is element `i` of `input` read
    as unsigned. `init` may lie where `input` does, and nowhere else on it. Both
    have neighbours side by side in the dimension that is innermost in `init`.

    Constraints:
    - (C1) `input` and `init` are bytes of one shape.
    - (C2) `table` is 256 bytes.

    Example:

    ```mlir
    neon.lookup ins(%x, %table : memref<1x8x5xi8>, memref<256xi8>)
      outs(%y : memref<1x8x5xi8>)
    ```
  }];
  let arguments = (ins AnyMemRef:$input, AnyMemRef:$table, AnyMemRef:$init);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
}

def Neon_MapOp : Neon_Op<"map"> {
  let summary = "Each element of the result made of those of the inputs";
  let description = [{
    Goes through four loops of `sizes`, outer to inner, and writes the last of
    `values` to `init`. Of the first input, of the next and so on up to `init`,
    `steps` are the distances of neighbours along each loop, in elements.

    A value is text: its name, an operation and operands. These are inputs, `x0`,
    `x1` and so on, values before it, or numbers. Operations are those that
    lacuna-halide knows, which makes the kernel; docs/host.md lists them. `init`
    lies apart from the inputs, whose elements are floats.

    Constraints:
    - (C1) `sizes` are four, and so are `steps` for each operand.
    - (C2) There are values.

    Example:

    ```mlir
    neon.map ins(%x : memref<8x64xf32>) outs(%y : memref<8x64xf32>)
      {sizes = array<i64: 1, 1, 1, 512>,
       steps = array<i64: 0, 0, 0, 1, 0, 0, 0, 1>,
       values = ["t0 exp x0", "t1 add t0 1"]}
    ```
  }];
  let arguments = (ins Variadic<AnyMemRef>:$inputs, AnyMemRef:$init,
                       DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$steps,
                       StrArrayAttr:$values);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
}

def Neon_SoftmaxOp : Neon_Op<"softmax"> {
  let summary = "Exponentials by their sum, or the logarithm of that";
  let description = [{
    `nn.softmax` over the middle dimension. lacuna-halide makes the kernel.

    Constraints:
    - (C1) `input` and `init` have rank 3 and the same static shape.

    Example:

    ```mlir
    %y = neon.softmax ins(%x : tensor<1x10x1xf32>) outs(%init : tensor<1x10x1xf32>)
      -> tensor<1x10x1xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$init, UnitAttr:$log);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
}

#endif // LACUNA_NEON_OPS_TD
