//===- LowerRecurrent.cpp - Reference lowering of recurrent layers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/Transforms/Lowering.h"

using namespace mlir;
using namespace lacuna;

void nn::populateLowerRecurrentPatterns(RewritePatternSet &patterns) {
}
