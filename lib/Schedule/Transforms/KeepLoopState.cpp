//===- KeepLoopState.cpp - Loops carry their state in one place -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace lacuna {
#define GEN_PASS_DEF_SCHEDULEKEEPLOOPSTATE
#include "lib/Schedule/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;
using namespace lacuna;

/// Whether `value` is what `state` becomes, step by step, in place.
static bool isMadeIn(Value value, Value state) {
  while (value != state) {
    auto result = dyn_cast<OpResult>(value);
    if (!result)
      return false;
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(result.getOwner()))
      value = insert.getDest();
    else if (auto op = dyn_cast<DestinationStyleOpInterface>(result.getOwner()))
      value = op.getTiedOpOperand(result)->get();
    else
      return false;
  }
  return true;
}

namespace {
struct ScheduleKeepLoopState
    : lacuna::impl::ScheduleKeepLoopStateBase<ScheduleKeepLoopState> {
  void runOnOperation() override {
    getOperation()->walk([](scf::ForOp loop) {
      Operation *yield = loop.getBody()->getTerminator();
      OpBuilder b(yield);
      for (auto [operand, state] :
           llvm::zip_equal(yield->getOpOperands(), loop.getRegionIterArgs())) {
        Value value = operand.get();
        if (!isa<RankedTensorType>(value.getType()) || isMadeIn(value, state))
          continue;
        operand.set(linalg::CopyOp::create(b, yield->getLoc(), value, state)
                        .getResult(0));
      }
    });
  }
};
} // namespace
