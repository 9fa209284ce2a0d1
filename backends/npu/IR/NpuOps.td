//===- NpuOps.td - Layers that a PE array computes ---------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NPU_OPS_TD
#define LACUNA_NPU_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Npu_Dialect : Dialect {
  let name = "npu";
  let cppNamespace = "::lacuna::npu";
  let summary = "Layers of products, with what a vector unit does to their sums";
  let description = [{
    Between `nn` and `qnn`, whose convolutions and products a PE array takes as
    they are, and the command stream. What no array computes stays in `linalg`
    and becomes a program of the vector or the scalar unit.

    The life of a value: `npu-select-layers` makes an `npu.conv` of a
    `qnn.conv`; `npu-fuse-epilogues` moves the requantization and what comes
    after it, element by element, into the operation's region; bufferization
    turns tensors into memory of DRAM; code generation cuts the layer into tiles
    that fit on the chip and writes the commands that load, multiply, run the
    region as a program, and store. A command is not an operation: the stream
    has a text form of its own.

    Tensors are as in ONNX, channels first: machines address by strides.
    Operations are in destination style.
  }];
}

class Npu_LayerOp<string mnemonic>
    : Op<Npu_Dialect, mnemonic, [
        AttrSizedOperandSegments, DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let regions = (region MaxSizedRegion<1>:$epilogue);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  code layerDeclaration = [{
    mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }

    /// The element type of sums: that of floats, else 32-bit integers.
    mlir::Type getSumType();
  }];
}

def Npu_ConvOp : Npu_LayerOp<"conv"> {
  let summary = "Convolution, and what is done to each sum";
  let description = [{
    The sums over taps and channels of `input`, `[N, C, D...]`, less
    `input_zero_point`, and `weights`, `[M, C / group, K...]`, less
    `weight_zero_points` (none, one, or one a filter), plus `bias`, `[M]`. What
    lies outside of the input is no product. Integers, of 8 or 16 bits, are summed in
    32 bits, which wrap around; those of 16 bits are signed.

    The region computes an element of `init`, `[N, M, O...]`, from its sum and
    from the elements of `extras`, which have the shape of `init`, or one element
    a filter, or one element. Without a region sums are the result.

    Filter `i` gives channel `filter_order[i]` of `init`, or channel `i` if there
    is no order. What there is one of a filter is in the order of `weights`, what
    has the shape of `init` is in that of its channels.

    Constraints:
    - (C1) `input`, `weights` and `init` have the same rank, 3 to 5; strides,
      dilations and pads have one entry a spatial dimension.
    - (C2) `group` divides the channels and the filters; weights have
      `C / group` channels.
    - (C3) No window begins after the end of the padded input.
    - (C4) Each of `extras` has the shape of `init`, `[M]`, or one element.
    - (C5) The region takes a sum and one element of each of `extras`, and yields
      an element of `init`.
    - (C6) `filter_order`, if any, has each filter once, and those of a group
      among those of the same group.

    Example:

    ```mlir
    %y = npu.conv ins(%x, %w : tensor<1x8x20xi8>, tensor<16x8x9xi8>)
        extras(%s : tensor<16xf32>) outs(%init : tensor<1x16x20xi8>)
        {strides = array<i64: 1>, dilations = array<i64: 1>,
         pads_begin = array<i64: 4>, group = 1 : i64} {
    ^bb0(%sum: i32, %scale: f32):
      %f = arith.sitofp %sum : i32 to f32
      %p = arith.mulf %f, %scale : f32
      %r = math.roundeven %p : f32
      %b = arith.fptosi %r : f32 to i8
      npu.yield %b : i8
    } -> tensor<1x16x20xi8>
    ```
  }];
  let arguments = (ins
    AnyShaped:$input, AnyShaped:$weights, Optional<AnyShaped>:$bias,
    Variadic<AnyShaped>:$extras, AnyShaped:$init,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads_begin, DefaultValuedAttr<I64Attr, "1">:$group,
    DefaultValuedAttr<I64Attr, "0">:$input_zero_point,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$weight_zero_points,
    UnitAttr:$input_unsigned, UnitAttr:$weights_unsigned,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$filter_order);
  let results = (outs Variadic<AnyRankedTensor>:$result);
  let extraClassDeclaration = layerDeclaration;
}

def Npu_MatMulOp : Npu_LayerOp<"matmul"> {
  let summary = "Product of matrices, and what is done to each sum";
  let description = [{
    The sums over K of `lhs`, `[B..., M, K]`, less `lhs_zero_point`, and `rhs`,
    `[K, N]` or `[B..., K, N]` (the last two exchanged with `transpose_rhs`), less
    `rhs_zero_points` (none, one, or one a column), plus `bias`, `[N]`. The
    region is that of `npu.conv`, with columns for filters.

    Constraints:
    - (C1) `lhs` and `init` have the same rank, at least 2; `rhs` has that rank
      and the same leading sizes, or rank 2.
    - (C2) The contracted sizes agree.
    - (C3) Each of `extras` has the shape of `init`, `[N]`, or one element.
    - (C4) The region takes a sum and one element of each of `extras`, and yields
      an element of `init`.

    Example:

    ```mlir
    %y = npu.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x10xf32>)
        outs(%init : tensor<4x10xf32>) {} -> tensor<4x10xf32>
    ```
  }];
  let arguments = (ins
    AnyShaped:$lhs, AnyShaped:$rhs, Optional<AnyShaped>:$bias,
    Variadic<AnyShaped>:$extras, AnyShaped:$init, UnitAttr:$transpose_rhs,
    DefaultValuedAttr<I64Attr, "0">:$lhs_zero_point,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$rhs_zero_points,
    UnitAttr:$lhs_unsigned, UnitAttr:$rhs_unsigned);
  let results = (outs Variadic<AnyRankedTensor>:$result);
  let extraClassDeclaration = layerDeclaration;
}

def Npu_YieldOp : Op<Npu_Dialect, "yield", [
    Pure, Terminator, ParentOneOf<["ConvOp", "MatMulOp"]>]> {
  let summary = "The element that an epilogue computes";
  let description = [{
    See `npu.conv`.

    Example:

    ```mlir
    %y = npu.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x10xf32>)
        outs(%init : tensor<4x10xf32>) {} {
    ^bb0(%sum: f32):
      %n = arith.negf %sum : f32
      npu.yield %n : f32
    } -> tensor<4x10xf32>
    ```
  }];
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif // LACUNA_NPU_OPS_TD
