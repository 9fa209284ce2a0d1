//===- NNDialect.td - The dense neural-network dialect -----*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_DIALECT_TD
#define LACUNA_NN_DIALECT_TD

include "mlir/IR/OpBase.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::lacuna::nn";
  let summary = "Dense neural-network operations with ONNX semantics";
  let description = [{
    `nn` holds the operations of a neural network that `linalg` has no good
    word for: convolutions, pooling, matrix products with broadcasting,
    recurrent cells, resizing, softmax, normalisations, and the few index
    operations that need a loop. It is small on purpose. Elementwise
    arithmetic, reductions and data movement are imported straight to `linalg`,
    `tensor` and `arith`.

    ```
        model.onnx
            |  lib/Frontend
            v
       +---------+   elementwise, reductions, reshapes: linalg / tensor / arith
       |   nn    |   everything with a name of its own
       +---------+
          |
          +------> qnn, sparse, tconv     types and encodings change
          v
     linalg (reference lowering)      or     scheduled IR -> a backend
    ```

    *Neighbours.* Above it is the ONNX frontend, which has fixed every shape.
    Beside it is `qnn`, whose integer operations lower to `nn` on widened
    integers. Below it is `linalg`: `--nn-lower-to-linalg` is the definition of
    every operation here, and what every backend is compared with.

    *The life of a value.* A value is a ranked tensor with a static shape and a
    signless element type, in the layout that ONNX gives it (batch, channels,
    then space). Its location says which ONNX node made it, as
    `loc("conv_3"("Conv-13"))`; fusing two operations fuses their locations.
    Weights arrive as `dense_resource` constants that point into the model file.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    /// Argument and result attribute: the name of the ONNX input or output.
    static constexpr ::llvm::StringLiteral kNameAttr = "nn.name";
    /// Argument and result attribute: the ONNX element type, which tells
    /// unsigned from signed where the tensor type does not.
    static constexpr ::llvm::StringLiteral kTypeAttr = "nn.type";
  }];
}

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, traits>;

// Tensors here are always ranked and static.
def NN_Tensor : StaticShapeTensorOf<[AnyType]>;
def NN_NumericTensor : StaticShapeTensorOf<[AnyFloat, AnySignlessInteger]>;
def NN_FloatTensor : StaticShapeTensorOf<[AnyFloat]>;
def NN_IndexTensor : StaticShapeTensorOf<[I32, I64]>;

#endif // LACUNA_NN_DIALECT_TD
