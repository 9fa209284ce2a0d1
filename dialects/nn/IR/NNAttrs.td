//===- NNAttrs.td - Enums and attributes of nn -------------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_ATTRS_TD
#define LACUNA_NN_ATTRS_TD

include "dialects/nn/IR/NNDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def NN_Reduction : I32EnumAttr<"Reduction", "how scattered values combine", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Add", 1, "add">,
    I32EnumAttrCase<"Mul", 2, "mul">,
    I32EnumAttrCase<"Max", 3, "max">,
    I32EnumAttrCase<"Min", 4, "min">]> {
  let cppNamespace = "::lacuna::nn";
  let genSpecializedAttr = 0;
}
def NN_ReductionAttr : EnumAttr<NN_Dialect, NN_Reduction, "reduction"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_Cell : I32EnumAttr<"Cell", "what a recurrent layer repeats", [
    I32EnumAttrCase<"RNN", 0, "rnn">,
    I32EnumAttrCase<"GRU", 1, "gru">,
    I32EnumAttrCase<"LSTM", 2, "lstm">]> {
  let cppNamespace = "::lacuna::nn";
  let genSpecializedAttr = 0;
}
def NN_CellAttr : EnumAttr<NN_Dialect, NN_Cell, "cell"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_Direction : I32EnumAttr<"Direction", "how a layer walks through time", [
    I32EnumAttrCase<"Forward", 0, "forward">,
    I32EnumAttrCase<"Reverse", 1, "reverse">,
    I32EnumAttrCase<"Bidirectional", 2, "bidirectional">]> {
  let cppNamespace = "::lacuna::nn";
  let genSpecializedAttr = 0;
}
def NN_DirectionAttr : EnumAttr<NN_Dialect, NN_Direction, "direction"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // LACUNA_NN_ATTRS_TD
