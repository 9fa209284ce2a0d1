//===- CollapseLoops.cpp - One loop for neighbours in memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONCOLLAPSELOOPS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

/// Whether what `operand` reads along the loops `sequence` lies side by side.
static bool isContiguous(linalg::LinalgOp op, OpOperand &operand,
                         ReassociationIndicesRef sequence) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type)
    return true;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<ReassociationIndices> groups;
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    int64_t loop = cast<AffineDimExpr>(expr).getPosition();
    if (!groups.empty() && llvm::is_contained(sequence.drop_front(), loop))
      groups.back().push_back(dim);
    else
      groups.push_back({int64_t(dim)});
  }
  return memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups);
}

static bool canCollapse(linalg::LinalgOp op, ReassociationIndicesRef sequence) {
  SmallVector<utils::IteratorType> types = op.getIteratorTypesArray();
  if (types[sequence.front()] != types[sequence.back()])
    return false;
  for (AffineMap map : op.getIndexingMapsArray())
    if (!linalg::isDimSequencePreserved(map, sequence))
      return false;
  return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
    return isContiguous(op, operand, sequence);
  });
}

/// Runs of loops that may become one, each as long as can be.
static SmallVector<ReassociationIndices> findSequences(linalg::LinalgOp op) {
  SmallVector<ReassociationIndices> sequences;
  ReassociationIndices sequence;
  auto finish = [&] {
    if (sequence.size() > 1)
      sequences.push_back(sequence);
    sequence.clear();
  };
  for (int64_t loop = 0, end = op.getNumLoops(); loop != end; ++loop) {
    sequence.push_back(loop);
    if (sequence.size() > 1 && !canCollapse(op, sequence)) {
      sequence.pop_back();
      finish();
      sequence.push_back(loop);
    }
  }
  finish();
  return sequences;
}

namespace {
struct NeonCollapseLoops
    : neon::impl::NeonCollapseLoopsBase<NeonCollapseLoops> {
  void runOnOperation() override;
};
} // namespace

void NeonCollapseLoops::runOnOperation() {
  SmallVector<linalg::LinalgOp> ops;
  getOperation()->walk([&](linalg::LinalgOp op) {
    if (op.hasPureBufferSemantics() &&
        llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
          return map.isProjectedPermutation();
        }))
      ops.push_back(op);
  });
  IRRewriter rewriter(&getContext());
  for (linalg::LinalgOp op : ops) {
    SmallVector<ReassociationIndices> sequences = findSequences(op);
    if (sequences.empty())
      continue;
    rewriter.setInsertionPoint(op);
    if (!isa<linalg::GenericOp>(op)) {
      FailureOr<linalg::GenericOp> generic =
          linalg::generalizeNamedOp(rewriter, op);
      if (failed(generic))
        continue;
      op = *generic;
    }
    rewriter.setInsertionPoint(op);
    if (failed(linalg::collapseOpIterationDims(op, sequences, rewriter)))
      continue;
    rewriter.eraseOp(op);
    ++collapsed;
  }
}
