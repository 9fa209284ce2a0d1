//===- NNOps.td - Umbrella of the nn operations ------------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_OPS_TD
#define LACUNA_NN_OPS_TD

include "dialects/nn/IR/NNDialect.td"
include "dialects/nn/IR/NNAttrs.td"
include "dialects/nn/IR/NNInterfaces.td"
include "dialects/nn/IR/NNConvOps.td"
include "dialects/nn/IR/NNPoolOps.td"
include "dialects/nn/IR/NNNormOps.td"
include "dialects/nn/IR/NNRecurrentOps.td"
include "dialects/nn/IR/NNResizeOps.td"
include "dialects/nn/IR/NNIndexOps.td"

#endif // LACUNA_NN_OPS_TD
