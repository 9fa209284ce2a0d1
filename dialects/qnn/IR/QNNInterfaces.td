//===- QNNInterfaces.td - Interfaces of qnn ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_QNN_INTERFACES_TD
#define LACUNA_QNN_INTERFACES_TD

include "dialects/nn/IR/NNInterfaces.td"

#endif // LACUNA_QNN_INTERFACES_TD
