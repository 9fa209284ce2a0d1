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

def NeonPlaceWeights : Pass<"neon-place-weights", "::mlir::ModuleOp"> {
  let summary = "Place every constant in one block of bytes";
  let description = [{
    Each `memref.global` of the module gets an offset, `neon.offset`, in a block
    of constants that the function `main` takes as a new last argument;
    `memref.get_global` becomes a view of that argument. The function gets the
    attribute `neon.weight_bytes`. Offsets are multiples of 64.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
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
