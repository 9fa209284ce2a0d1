//===- SeparateResults.cpp - A tensor for each result -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Passes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace lacuna {
#define GEN_PASS_DEF_SCHEDULESEPARATERESULTS
#include "lib/Schedule/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;

namespace {
struct ScheduleSeparateResults
    : lacuna::impl::ScheduleSeparateResultsBase<ScheduleSeparateResults> {
  void runOnOperation() override {
    SmallVector<tensor::EmptyOp> empties;
    getOperation().walk(
        [&](tensor::EmptyOp empty) { empties.push_back(empty); });
    for (tensor::EmptyOp empty : empties)
      for (OpOperand &use : llvm::make_early_inc_range(empty->getUses())) {
        if (empty->hasOneUse())
          break;
        OpBuilder b(use.getOwner());
        use.set(b.clone(*empty)->getResult(0));
      }
  }
};
} // namespace
