//===- TConvDialect.td - The dialect of time ---*- tablegen -*- -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TCONV_DIALECT_TD
#define LACUNA_TCONV_DIALECT_TD

include "mlir/IR/OpBase.td"

def TConv_Dialect : Dialect {
  let name = "tconv";
  let cppNamespace = "::lacuna::tconv";
  let summary = "Networks that walk along time, a few frames at a time";
  let description = [{
    `tconv` holds what a network needs that is given the frames of a recording
    one after the other: state that goes from one step to the next.

    ```
        nn, qnn, linalg      a network of whole clips
            |  --tconv-stream
            v
       +---------+
       |  tconv  |   a step function: the same layers on a few frames,
       +---------+   between lines that hold the frames before
            |  --tconv-lower-to-tensor
            v
       nn, qnn, tensor       as any network from here on
    ```

    *Neighbours.* Above it are `nn`, `qnn` and `linalg`: convolutions and poolings
    along time stay what they are, since a kernel for one of a clip is one for one
    of a few frames. Below it are `tensor` and `scf`, which every back end has.

    *The life of a value.* A step gets a block of frames. Where a layer looks at
    frames of earlier steps, the block is pushed into a line, a tensor that the
    function takes and gives back, and the layer reads a slice of the line. A
    layer that looks into the future computes a frame later: all values of a
    step function have their own delay, and the lines bring together what
    belongs together. Frames before the recording and after it are what the
    layer that reads them pads with.

    A step function is called `main`, as any network, and has the attribute
    `tconv.stream`. Its arguments are the block of frames (time first), the clock
    (`tensor<2xi64>`: how many steps were made before, and of how many frames the
    recording is, as far as is known), and the states; its results are the
    outputs, how many frames of them are new (`tensor<1xi64>`; -1 after the last)
    and the states. States begin as `tconv.initial` of their argument says.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"
  ];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let extraClassDeclaration = [{
    /// Attribute of a step function.
    static constexpr ::llvm::StringLiteral kStreamAttr = "tconv.stream";
    /// Argument attribute of a state: its value before the first step.
    static constexpr ::llvm::StringLiteral kInitialAttr = "tconv.initial";
  }];
}

class TConv_Op<string mnemonic, list<Trait> traits = []>
    : Op<TConv_Dialect, mnemonic, traits>;

def TConv_Tensor : StaticShapeTensorOf<[AnyFloat, AnySignlessInteger]>;
def TConv_BoundsTensor : 2DTensorOf<[I64]>;

#endif // LACUNA_TCONV_DIALECT_TD
