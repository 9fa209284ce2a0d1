//===- OutlineLoops.cpp - A function for each loop nest -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"

namespace lacuna {
#define GEN_PASS_DEF_SCHEDULEOUTLINELOOPS
#include "lib/Schedule/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;

/// Moves `loop` into a function called `name`, and calls it.
static LogicalResult outline(scf::ForOp loop, StringRef name) {
  IRRewriter rewriter(loop);
  auto region =
      scf::ExecuteRegionOp::create(rewriter, loop.getLoc(), TypeRange());
  Block &body = region.getRegion().emplaceBlock();
  rewriter.moveOpBefore(loop, &body, body.end());
  rewriter.setInsertionPointToEnd(&body);
  scf::YieldOp::create(rewriter, loop.getLoc());
  func::CallOp call;
  FailureOr<func::FuncOp> func = outlineSingleBlockRegion(
      rewriter, region.getLoc(), region.getRegion(), name, &call);
  if (failed(func))
    return failure();
  rewriter.moveOpBefore(call, region);
  rewriter.eraseOp(region);
  func->setPrivate();
  // What is called once would come back otherwise; its scalar operands are
  // known to be constants only if nobody else can call it.
  (*func)->setAttr("passthrough", rewriter.getStrArrayAttr({"noinline"}));
  (*func)->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(func->getContext(), LLVM::Linkage::Internal));
  return success();
}

namespace {
struct ScheduleOutlineLoops
    : lacuna::impl::ScheduleOutlineLoopsBase<ScheduleOutlineLoops> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (Block &block : func.getBody())
        for (auto loop : block.getOps<scf::ForOp>())
          if (loop->getNumResults() == 0)
            loops.push_back(loop);
    for (auto [index, loop] : llvm::enumerate(loops)) {
      auto func = loop->getParentOfType<func::FuncOp>();
      std::string name = (func.getName() + "_loop" + Twine(index)).str();
      if (failed(outline(loop, name)))
        return signalPassFailure();
    }
    outlined = loops.size();
  }
};
} // namespace
