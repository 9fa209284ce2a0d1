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

def NN_ResizeMode : I32EnumAttr<"ResizeMode", "how resizing interpolates", [
    I32EnumAttrCase<"Nearest", 0, "nearest">,
    I32EnumAttrCase<"Linear", 1, "linear">,
    I32EnumAttrCase<"Cubic", 2, "cubic">
  ]> {
  let cppNamespace = "::lacuna::nn";
  let genSpecializedAttr = 0;
}
def NN_ResizeModeAttr : EnumAttr<NN_Dialect, NN_ResizeMode, "resize_mode">;

def NN_ResizeCoordinates : I32EnumAttr<"ResizeCoordinates", 
    "where in the input an element of a resized tensor lies", [
    I32EnumAttrCase<"Asymmetric", 0, "asymmetric">,
    I32EnumAttrCase<"HalfPixel", 1, "half_pixel">,
    I32EnumAttrCase<"HalfPixelSymmetric", 2, "half_pixel_symmetric">,
    I32EnumAttrCase<"PytorchHalfPixel", 3, "pytorch_half_pixel">,
    I32EnumAttrCase<"TfHalfPixelForNn", 4, "tf_half_pixel_for_nn">,
    I32EnumAttrCase<"AlignCorners", 5, "align_corners">,
    I32EnumAttrCase<"TfCropAndResize", 6, "tf_crop_and_resize">
  ]> {
  let cppNamespace = "::lacuna::nn";
  let genSpecializedAttr = 0;
}
def NN_ResizeCoordinatesAttr : EnumAttr<NN_Dialect, NN_ResizeCoordinates, "resize_coordinates">;

def NN_ResizeRounding : I32EnumAttr<"ResizeRounding", "which neighbour is the nearest", [
    I32EnumAttrCase<"RoundPreferFloor", 0, "round_prefer_floor">,
    I32EnumAttrCase<"RoundPreferCeil", 1, "round_prefer_ceil">,
    I32EnumAttrCase<"Floor", 2, "floor">,
    I32EnumAttrCase<"Ceil", 3, "ceil">
  ]> {
  let cppNamespace = "::lacuna::nn";
  let genSpecializedAttr = 0;
}
def NN_ResizeRoundingAttr : EnumAttr<NN_Dialect, NN_ResizeRounding, "resize_rounding">;

#endif // LACUNA_NN_ATTRS_TD
