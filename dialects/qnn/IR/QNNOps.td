//===- QNNOps.td - Umbrella of the qnn operations ---*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_QNN_OPS_TD
#define LACUNA_QNN_OPS_TD

include "dialects/qnn/IR/QNNDialect.td"
include "dialects/qnn/IR/QNNAttrs.td"
include "dialects/qnn/IR/QNNInterfaces.td"
include "dialects/qnn/IR/QNNScaleOps.td"
include "dialects/qnn/IR/QNNProductOps.td"
include "dialects/qnn/IR/QNNSumOps.td"

#endif // LACUNA_QNN_OPS_TD
