//===- SeparateResults.cpp - A tensor for each result -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace lacuna {
#define GEN_PASS_DEF_SCHEDULESEPARATERESULTS
#include "lib/Schedule/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;

/// What `value` is a part or another shape of.
static Value getWhole(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::ExtractSliceOp, tensor::CollapseShapeOp,
             tensor::ExpandShapeOp, tensor::ReshapeOp, tensor::CastOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Copies what is returned again, whole or in part.
static void separateReturned(func::ReturnOp op) {
  llvm::SmallPtrSet<Value, 8> returned;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type || !type.hasStaticShape() ||
        returned.insert(getWhole(operand.get())).second)
      continue;
    OpBuilder b(op);
    Value empty = tensor::EmptyOp::create(b, op.getLoc(), type.getShape(),
                                          type.getElementType());
    operand.set(linalg::CopyOp::create(b, op.getLoc(), operand.get(), empty)
                    .getResult(0));
  }
}

namespace {
struct ScheduleSeparateResults
    : lacuna::impl::ScheduleSeparateResultsBase<ScheduleSeparateResults> {
  void runOnOperation() override {
    getOperation().walk(separateReturned);
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
