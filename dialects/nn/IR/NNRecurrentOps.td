//===- NNRecurrentOps.td - Recurrent layers ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_RECURRENT_OPS_TD
#define LACUNA_NN_RECURRENT_OPS_TD

include "dialects/nn/IR/NNAttrs.td"
include "dialects/nn/IR/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_RecurrentOp : NN_Op<"recurrent", [Pure, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<NN_MacOpInterface>]> {
  let summary = "A whole recurrent layer over time: RNN, GRU or LSTM";
  let description = [{
    Repeats `cell` over the first dimension of `input` (`[T, B, I]`), once for
    each of the `D` directions. `G` gates, in the order of ONNX (`rnn` 1, `gru` 3:
    z r h, `lstm` 4: i o f c), take `weights` (`[D, G*H, I]`) and `recurrence`
    (`[D, G*H, H]`); `bias` (`[D, 2*G*H]`) holds that of the weights, then that of
    the recurrence. `lengths` (`[B]`) says how many steps of each batch entry
    count: after them the state stands still and the output is zero; a reverse
    direction begins at the last of them. `h` and `c` (`[D, B, H]`) are the state
    at the start, zero if absent, and `peephole` (`[D, 3*H]`: i o f) weighs the
    cell state of an LSTM in its gates.

    `activations` names the functions of each direction in turn: `rnn` 1, `gru` 2,
    `lstm` 3, with a pair of parameters each in `parameters`. `clip` bounds what
    goes into them, if it is positive. `linear_before_reset` applies the reset
    gate of a GRU after the recurrence, and `input_forget` couples the gates of an
    LSTM.

    The results are the states of all steps (`[T, D, B, H]`), the last one
    (`[D, B, H]`), and the last cell state, which only an LSTM has.

    Constraints:
    - (C1) The shapes of the operands are as above.
    - (C2) The results have the shapes above.
    - (C3) There is an activation, with two parameters, for each function of each
      direction.
    - (C4) `c` and `peephole` belong to an LSTM.

    Example:

    ```mlir
    %y, %h, %c = nn.recurrent %x, %w, %r bias %b {
        cell = #nn.cell<gru>, direction = #nn.direction<forward>,
        activations = ["Sigmoid", "Tanh"],
        parameters = array<f32: 0.0, 0.0, 0.0, 0.0>
      } : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>)
        -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input, NN_FloatTensor:$weights, NN_FloatTensor:$recurrence,
    Optional<NN_FloatTensor>:$bias, Optional<NN_IndexTensor>:$lengths,
    Optional<NN_FloatTensor>:$initial_h, Optional<NN_FloatTensor>:$initial_c,
    Optional<NN_FloatTensor>:$peephole,
    NN_CellAttr:$cell, NN_DirectionAttr:$direction, StrArrayAttr:$activations,
    DenseF32ArrayAttr:$parameters, DefaultValuedAttr<F32Attr, "0.0f">:$clip,
    UnitAttr:$linear_before_reset, UnitAttr:$input_forget);
  let results = (outs NN_FloatTensor:$states, NN_FloatTensor:$last_h,
                      NN_FloatTensor:$last_c);
  let assemblyFormat = [{
    $input `,` $weights `,` $recurrence (`bias` $bias^)?
    (`lengths` $lengths^)? (`h` $initial_h^)? (`c` $initial_c^)?
    (`peephole` $peephole^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getGates() {
      return getCell() == Cell::LSTM ? 4 : getCell() == Cell::GRU ? 3 : 1;
    }
    /// The activation functions of one direction.
    int64_t getFunctions() {
      return getCell() == Cell::LSTM ? 3 : getCell() == Cell::GRU ? 2 : 1;
    }
    int64_t getDirections() {
      return getDirection() == Direction::Bidirectional ? 2 : 1;
    }
    bool isReverse(int64_t direction) {
      return getDirection() == Direction::Reverse || direction == 1;
    }
    /// The activation functions that cells may use.
    static ::llvm::ArrayRef<::llvm::StringLiteral> getKnownActivations();
  }];
}

#endif // LACUNA_NN_RECURRENT_OPS_TD
