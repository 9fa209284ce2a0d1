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

#endif // LACUNA_NN_ATTRS_TD
