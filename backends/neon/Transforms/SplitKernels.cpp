//===- SplitKernels.cpp - Let several threads share a kernel -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Interface.h"
#include "backends/neon/Geometry.h"
#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONSPLITKERNELS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

namespace {
struct NeonSplitKernels : neon::impl::NeonSplitKernelsBase<NeonSplitKernels> {
  using NeonSplitKernelsBase::NeonSplitKernelsBase;

  void runOnOperation() override;

private:
  bool split(Operation *op, const neon::Geometry &geometry, int64_t macs);
};
} // namespace

/// Marks `op` if that pays; says whether it does.
bool NeonSplitKernels::split(Operation *op, const neon::Geometry &geometry,
                             int64_t macs) {
  int64_t wanted = std::min(threads.getValue(), macs / macsPerPart);
  if (wanted < 2)
    return false;
  // Along an outer axis parts read the least of each other's input.
  const int64_t *axis =
      llvm::find_if(geometry.out, [&](int64_t size) { return size >= wanted; });
  if (axis == geometry.out.end())
    axis = llvm::max_element(geometry.out);
  int64_t parts = std::min(wanted, *axis);
  // Where tiles of two rows begin decides how they are rounded.
  if (op->hasAttr(neon::kWinogradAttr)) {
    axis = &geometry.out[1];
    while (parts > 1 && *axis % (2 * parts))
      --parts;
  }
  if (parts < 2)
    return false;
  op->setAttr(neon::kSplitAttr,
              Builder(op).getDenseI64ArrayAttr(
                  {std::distance(geometry.out.begin(), axis), parts}));
  ++numSplit;
  return true;
}

static int64_t getMacs(neon::WideFiltersOp op) {
  auto init = cast<MemRefType>(op.getInit().getType());
  return cast<MemRefType>(op.getWeights().getType()).getNumElements() *
         (init.getNumElements() / init.getShape().back());
}

static Value addPool(func::FuncOp func) {
  MLIRContext *context = func.getContext();
  auto pool =
      emitc::PointerType::get(emitc::OpaqueType::get(context, "const Pool"));
  unsigned index = func.getNumArguments();
  (void)func.insertArgument(index, pool, {}, func.getLoc());
  func->setAttr(neon::kTakesPoolAttr, UnitAttr::get(context));
  return func.getArgument(index);
}

void NeonSplitKernels::runOnOperation() {
  auto main = getOperation().lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal() || main->hasAttr(neon::kThreadsAttr))
    return;
  if (threads < 1 || macsPerPart < 1) {
    getOperation().emitError(
        "neon-split-kernels: threads and macs-per-part must be 1 or more");
    return signalPassFailure();
  }
  Builder b(&getContext());
  main->setAttr(neon::kThreadsAttr, b.getI64IntegerAttr(threads));
  Value pool;
  for (auto call : llvm::make_early_inc_range(main.getOps<func::CallOp>())) {
    auto layer = getOperation().lookupSymbol<func::FuncOp>(call.getCallee());
    bool any = false;
    WalkResult result = layer.walk([&](Operation *op) {
      if (!isa<neon::ConvOp, neon::WideFiltersOp>(op))
        return WalkResult::advance();
      if (failed(neon::checkMemory(cast<DestinationStyleOpInterface>(op))))
        return WalkResult::interrupt();
      if (auto conv = dyn_cast<neon::ConvOp>(op))
        any |= split(op, neon::getGeometry(conv), conv.getMacs());
      else if (auto wide = dyn_cast<neon::WideFiltersOp>(op))
        any |= split(op, neon::getGeometry(wide), getMacs(wide));
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    if (!any)
      continue;
    if (!pool)
      pool = addPool(main);
    // Several calls may share a function.
    if (!layer->hasAttr(neon::kTakesPoolAttr))
      addPool(layer);
    call.getOperandsMutable().append(pool);
  }
}
