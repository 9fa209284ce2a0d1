//===- Passes.td - Passes over tconv ---*- tablegen -*- -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TCONV_PASSES_TD
#define LACUNA_TCONV_PASSES_TD

include "mlir/Pass/PassBase.td"

def TConvStream : Pass<"tconv-stream", "::mlir::ModuleOp"> {
  let summary = "Turn a network of whole clips into one that goes step by step";
  let description = [{
    Rewrites `main`, which maps a clip to outputs, into a step function: one
    block of frames in, what is new of the outputs out, with states between. Each
    layer computes each of its frames once.

    A block has as many frames as the strides along time multiply to, so that
    every layer fires a fixed number of times a step. Layers that look at
    neighbouring frames read them from a line (`tconv.push`), recurrent cells
    keep their state (`tconv.keep`), and branches that meet are brought to the
    same delay. What takes a whole clip at once (global pooling, a dense layer
    over all frames) gets the newest clip's worth of frames, once a step: a mean
    over a window that slides, summed anew each time and so without drift.

    From the first step on, the frames of a clip and then the flush (steps whose
    frames lie after the end that the clock tells) give the result of the
    whole-clip network. In longer recordings each output is that of the same
    network, its layers seeing the true neighbours of every frame in place of the
    padding at the edges of a clip.

    Time is the dimension `axis` of the input, or, if that is -1, the longest
    that convolutions, poolings or recurrent layers walk along.

    Before:

    ```mlir
    func.func @main(%x: tensor<1x98x16xf32>) -> tensor<1x98x16xf32> { ... nn.conv ... }
    ```

    After:

    ```mlir
    func.func @main(%frames: tensor<1x1x16xf32>, %clock: tensor<2xi64>,
                    %s0: tensor<1x9x16xf32> {tconv.initial = dense<0.0> : ...})
        -> (tensor<1x1x16xf32>, tensor<1xi64>, tensor<1x9x16xf32>)
        attributes {tconv.stream = #tconv.stream<...>}
    ```
  }];
  let options = [
    Option<"input", "input", "std::string", "",
           "Name of the input; the only one if not given">,
    Option<"axis", "axis", "int64_t", "-1", "Its dimension that is time">,
    Option<"hop", "hop", "int64_t", "0",
           "Frames a step, a multiple of what the strides multiply to; 0: that">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::lacuna::tconv::TConvDialect"
  ];
  let statistics = [
    Statistic<"lines", "lines", "Number of lines">,
    Statistic<"stateBytes", "state-bytes", "Bytes of all states">
  ];
}

def TConvLowerToTensor : Pass<"tconv-lower-to-tensor"> {
  let summary = "Define every tconv operation by tensor and scf";
  let description = [{
    The reference lowering. Lines move by parts that do not overlap, so that
    bufferization moves them in place, and the first thing in the function, so
    that what makes new frames can write them where they stay.

    Before:

    ```mlir
    %next = tconv.push %frames, %line {axis = 0 : i64}
      : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    ```

    After:

    ```mlir
    %part = tensor.extract_slice %line[2, 0] [1, 4] [1, 1]
      : tensor<3x4xf32> to tensor<1x4xf32>
    %moved = tensor.insert_slice %part into %line[0, 0] [1, 4] [1, 1]
      : tensor<1x4xf32> into tensor<3x4xf32>
    %next = tensor.insert_slice %frames into %moved[1, 0] [2, 4] [1, 1]
      : tensor<2x4xf32> into tensor<3x4xf32>
    ```

    What stands for frames outside of the recording is written over them by
    loops that have bounds of their own. With `select-frames`, for vector units
    that know no such loops, it is chosen frame by frame before the frames are
    written; and a line of many frames moves at once, by way of another tensor,
    not in a loop.
  }];
  let options = [
    Option<"selectFrames", "select-frames", "bool", "false",
           "Whether frames outside of the recording are chosen, not overwritten">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

def TConvKeepStates : Pass<"tconv-keep-states", "::mlir::func::FuncOp"> {
  let summary = "Let a step function change its states in place";
  let description = [{
    For step functions whose tensors have become memory. What the function gives
    back of a state goes where the state was: most are changed in place already,
    and the copy to the caller's memory goes; others are copied at the end. The
    arguments for the states after the step go. Frames that move within a state to
    where they do not overlap are copied once.

    Before:

    ```mlir
    func.func @main(%frames: memref<1x4xf32>, %clock: memref<2xi64>,
                    %s0: memref<3x4xf32>, %ready: memref<1xi64>,
                    %next_s0: memref<3x4xf32>) {
      ...
      memref.copy %s0, %next_s0 : memref<3x4xf32> to memref<3x4xf32>
    ```

    After: neither the last argument nor the copy.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"copied", "copied", "Number of states that are copied">,
    Statistic<"moved", "moved", "Number of copies between frames and their new place">
  ];
}

#endif // LACUNA_TCONV_PASSES_TD
