//===- KeepPlanes.cpp - Products at each point in ONNX's layout -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONKEEPPLANES
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

/// Whether `permutation` brings dimension `from` to place `to`, and leaves the
/// others in their order.
static bool moves(ArrayRef<int64_t> permutation, int64_t from, int64_t to) {
  SmallVector<int64_t> rest(permutation);
  if (rest[to] != from)
    return false;
  rest.erase(rest.begin() + to);
  return llvm::is_sorted(rest);
}

/// Products of floats at each point, which could be made in any layout.
static bool isPointwise(neon::ConvOp op) {
  auto isOne = [](int64_t size) { return size == 1; };
  return !op.getPlanar() && !op.getDepthwise() && !op.getScale() &&
         !op.getResidual() && op.getGroup() == 1 &&
         llvm::all_of(op.getKernel(), isOne) &&
         llvm::all_of(op.getStrides(), isOne) &&
         cast<ShapedType>(op.getInit().getType()).getElementType().isF32();
}

/// The operand in whose memory `value` lies: of a reshape what it reshapes, and
/// of others their destination. Null if there is none.
static Value getAliased(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_present<tensor::CastOp, tensor::CollapseShapeOp,
                      tensor::ExpandShapeOp, tensor::ReshapeOp>(op))
    return op->getOperand(0);
  if (auto written = dyn_cast_if_present<DestinationStyleOpInterface>(op))
    return written.getTiedOpOperand(cast<OpResult>(value))->get();
  return {};
}

/// Whether what `use` says becomes a part of a larger tensor, and its rows
/// points that do not lie side by side there.
static bool makesColumn(OpOperand &use) {
  Operation *user = use.getOwner();
  auto getWidth = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape().back();
  };
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(user))
    return use.get() == insert.getSource() &&
           ((insert.getStaticSizes().back() == 1 &&
             getWidth(insert.getDest()) != 1) ||
            insert.getStaticStrides().back() != 1);
  return isa<tensor::ConcatOp, tensor::PadOp>(user) &&
         getWidth(use.get()) == 1 && getWidth(user->getResult(0)) != 1;
}

/// Whether `value` may lie in a larger tensor where its points do not lie side
/// by side.
static bool isColumn(Value value) {
  return llvm::any_of(value.getUses(), [&](OpOperand &use) {
    return makesColumn(use) ||
           llvm::any_of(use.getOwner()->getResults(), [&](Value result) {
             return getAliased(result) == value && isColumn(result);
           });
  });
}

/// Whether the points of `value` surely lie side by side: it is no view, which
/// may have strides.
static bool liesDense(Value value) {
  for (Value aliased = getAliased(value); aliased;
       value = aliased, aliased = getAliased(value))
    if (isColumn(value))
      return false;
  Operation *op = value.getDefiningOp();
  // Loops may hand views on.
  if (!op)
    return isa<FunctionOpInterface>(value.getParentBlock()->getParentOp());
  // What begins empty may begin many.
  if (isa<tensor::EmptyOp>(op))
    return true;
  return (isa<tensor::PadOp>(op) || op->hasTrait<OpTrait::ConstantLike>()) &&
         !isColumn(value);
}

namespace {
struct KeepPlanes : OpRewritePattern<linalg::TransposeOp> {
  KeepPlanes(MLIRContext *context, int64_t lanes)
      : OpRewritePattern(context), lanes(lanes) {}

  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto conv = op.getInput().getDefiningOp<neon::ConvOp>();
    if (!conv || !conv->hasOneUse() || !isPointwise(conv))
      return rewriter.notifyMatchFailure(op, "not of products at each point");
    auto before = conv.getInput().getDefiningOp<linalg::TransposeOp>();
    int64_t last = conv.getSpatialRank() + 1;
    if (!before || !moves(before.getPermutation(), 1, last) ||
        !moves(op.getPermutation(), last, 1))
      return rewriter.notifyMatchFailure(op, "not between transpositions");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (llvm::product_of(type.getShape().drop_front(2), int64_t(1)) < lanes)
      return rewriter.notifyMatchFailure(op, "fewer points than a register");
    if (!liesDense(before.getInput()) || isColumn(op->getResult(0)))
      return rewriter.notifyMatchFailure(op, "points may lie apart");
    Value init = tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(),
                                         type.getElementType());
    auto planar = cast<neon::ConvOp>(rewriter.clone(*conv));
    rewriter.modifyOpInPlace(planar, [&] {
      planar.getInputMutable().assign(before.getInput());
      planar.getInitMutable().assign(init);
      planar.setPlanar(true);
      planar.getResult().setType(type);
    });
    rewriter.replaceOp(op, planar.getResult());
    return success();
  }

private:
  int64_t lanes;
};

struct NeonKeepPlanes : neon::impl::NeonKeepPlanesBase<NeonKeepPlanes> {
  using NeonKeepPlanesBase::NeonKeepPlanesBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<KeepPlanes>(&getContext(), lanes);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
