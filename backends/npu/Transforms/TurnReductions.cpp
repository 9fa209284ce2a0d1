//===- TurnReductions.cpp - Sums side by side -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

namespace lacuna::npu {
#define GEN_PASS_DEF_NPUTURNREDUCTIONS
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;

/// The parallel loop with the most iterations, of several the innermost; none
/// if the innermost loop is parallel, or none has two.
static std::optional<unsigned> findLanes(linalg::GenericOp op) {
  SmallVector<utils::IteratorType> loops = op.getIteratorTypesArray();
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (loops.empty() || loops.back() == utils::IteratorType::parallel ||
      op.hasIndexSemantics())
    return std::nullopt;
  std::optional<unsigned> lanes;
  for (unsigned i = 0; i < loops.size(); ++i)
    if (loops[i] == utils::IteratorType::parallel && sizes[i] > 1 &&
        (!lanes || sizes[i] >= sizes[*lanes]))
      lanes = i;
  return lanes;
}

namespace {
struct NpuTurnReductions : npu::impl::NpuTurnReductionsBase<NpuTurnReductions> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> generics;
    getOperation()->walk([&](linalg::GenericOp op) { generics.push_back(op); });
    for (linalg::GenericOp op : generics) {
      std::optional<unsigned> lanes = findLanes(op);
      if (!lanes)
        continue;
      SmallVector<unsigned> order;
      for (unsigned i = 0; i < op.getNumLoops(); ++i)
        if (i != *lanes)
          order.push_back(i);
      order.push_back(*lanes);
      rewriter.setInsertionPoint(op);
      if (failed(linalg::interchangeGenericOp(rewriter, op, order))) {
        op.emitOpError("cannot be computed with another loop inside");
        return signalPassFailure();
      }
    }
  }
};
} // namespace
