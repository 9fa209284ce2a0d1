//===- TConvAttrs.td - Attributes of tconv ---*- tablegen -*- -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TCONV_ATTRS_TD
#define LACUNA_TCONV_ATTRS_TD

include "dialects/tconv/IR/TConvDialect.td"
include "mlir/IR/AttrTypeBase.td"

def TConv_StreamAttr : AttrDef<TConv_Dialect, "Stream"> {
  let mnemonic = "stream";
  let summary = "How a step function goes through a recording";
  let description = [{
    `frames` is how many frames a step takes, `clip` the number of frames of the
    whole-clip network, `axis` the dimension of its input that was time, `states`
    the number of states. `output_axes` has an entry an output: the dimension
    that is time, or -1 if the output sums up a clip.

    Example:

    ```mlir
    #tconv.stream<frames = 8, clip = 98, axis = 1, states = 9, output_axes = -1>
    ```
  }];
  let parameters = (ins "int64_t":$frames, "int64_t":$clip, "int64_t":$axis,
                        "int64_t":$states,
                        OptionalArrayRefParameter<"int64_t">:$output_axes);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // LACUNA_TCONV_ATTRS_TD
