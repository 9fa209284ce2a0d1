//===- QNNDialect.td - The low-precision dialect ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_QNN_DIALECT_TD
#define LACUNA_QNN_DIALECT_TD

include "mlir/IR/OpBase.td"

def QNN_Dialect : Dialect {
  let name = "qnn";
  let cppNamespace = "::lacuna::qnn";
  let summary = "Low-precision operations with ONNX rounding and saturation";
  let description = [{
    `qnn` holds the operations of quantized networks, with exactly the arithmetic
    of ONNX: division or multiplication in float32, rounding half to even,
    saturation, and integer accumulation that never rounds.

    ```
        model.onnx  (QDQ or QOperator)
            |  lib/Frontend
            v
       +---------+        +--------------------------+
       |   qnn   | -----> | nn on widened integers,  |
       +---------+        | linalg                   |
          |               +--------------------------+
          |                   reference lowering
          v
      integer kernels of a backend
    ```

    *Neighbours.* Above it are the ONNX frontend and, later, the passes that
    quantize. Below it is `nn`: `--qnn-lower-to-nn` widens 8-bit tensors to 32-bit
    ones, takes off their zero points, and leaves the rest to `nn.conv` and
    `nn.matmul` on integers. That lowering is the definition of the dialect.

    *The life of a value.* A float tensor is quantized to one of 8 or 16 bits by a
    scale and a zero point; convolutions and products of such tensors accumulate in
    32 bits, or in 64 where 32 might not hold a sum of 16-bit products; the
    accumulator is requantized; in the end a dequantize gives floats again. Scales
    and zero points are operands, so that a network may compute them as it runs.
    Tensors are signless: a flag says where they are unsigned.

    *Rounding.* A requantize multiplies in float32, as ONNX Runtime does for bytes.
    Of 16 bits that is off by at most 1/64 of a step before it is rounded: results
    are those of exact numbers, but where these lie so close to a half.
  }];
  let dependentDialects = ["::lacuna::nn::NNDialect"];
}

class QNN_Op<string mnemonic, list<Trait> traits = []>
    : Op<QNN_Dialect, mnemonic, traits>;

def QNN_Tensor : StaticShapeTensorOf<[AnySignlessInteger]>;
def QNN_ByteTensor : StaticShapeTensorOf<[I8]>;
// What floats are quantized to.
def QNN_StepsTensor : StaticShapeTensorOf<[I8, I16]>;
def QNN_AccumulatorTensor : StaticShapeTensorOf<[I32, I64]>;
def QNN_FloatTensor : StaticShapeTensorOf<[AnyFloat]>;
// One value for a whole tensor (rank 0) or for each index of an axis (rank 1).
def QNN_ScaleTensor : StaticShapeTensorOf<[F32]>;
def QNN_ZeroPointTensor : StaticShapeTensorOf<[I8, I16, I32]>;

#endif // LACUNA_QNN_DIALECT_TD
