//===- ReadInPlace.cpp - Tensors are read where they are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/IR/NpuDialect.h"
#include "backends/npu/Transforms/Passes.h"
#include "lacuna/Schedule/Buffers.h"

#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace lacuna::npu {
#define GEN_PASS_DEF_NPUREADINPLACE
#include "backends/npu/Transforms/Passes.h.inc"
} // namespace lacuna::npu

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

namespace {
/// An operation that copies `from` to `to`, dimension `order[i]` to `i`.
struct Copy {
  Value from, to;
  SmallVector<int64_t> order;
};
} // namespace

static std::optional<Copy> readCopy(mlir::Operation *op) {
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op))
    return Copy{transpose.getInput(), transpose.getInit(),
                llvm::to_vector(transpose.getPermutation())};
  Copy copy;
  if (auto plain = dyn_cast<memref::CopyOp>(op))
    copy = {plain.getSource(), plain.getTarget(), {}};
  else if (auto plain = dyn_cast<linalg::CopyOp>(op))
    copy = {plain.getInputs().front(), plain.getOutputs().front(), {}};
  else
    return std::nullopt;
  auto type = cast<MemRefType>(copy.to.getType());
  if (cast<MemRefType>(copy.from.getType()).getElementType() !=
      type.getElementType())
    return std::nullopt;
  copy.order = llvm::to_vector(llvm::seq<int64_t>(type.getRank()));
  return copy;
}

/// Whether `op` reads `operand` and can read it with other strides.
static bool readsWithAnyStrides(OpOperand &operand) {
  mlir::Operation *op = operand.getOwner();
  if (auto conv = dyn_cast<npu::ConvOp>(op))
    return operand.get() == conv.getInput() &&
           llvm::count(op->getOperands(), operand.get()) == 1;
  // The matrices of more than one dimension of batches lie evenly apart.
  if (auto product = dyn_cast<npu::MatMulOp>(op))
    return operand.get() == product.getLhs() &&
           llvm::count(op->getOperands(), operand.get()) == 1 &&
           cast<MemRefType>(operand.get().getType()).getRank() <= 3;
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  return structured && structured.isDpsInput(&operand);
}

static Value findRoot(Value memory) {
  return memref::skipViewLikeOps(cast<MemrefValue>(memory));
}

/// Whether `op` may write what is behind `root`.
static bool mayWrite(mlir::Operation &op, Value root) {
  if (isa<ViewLikeOpInterface>(op))
    return false;
  auto isRoot = [&](Value value) { return findRoot(value) == root; };
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return isRoot(copy.getTarget());
  if (auto structured = dyn_cast<DestinationStyleOpInterface>(op))
    return llvm::any_of(structured.getDpsInits(), isRoot);
  return op
      .walk([&](mlir::Operation *inner) {
        return llvm::any_of(inner->getOperands(), isRoot)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Whether `root` is an input of the graph, which is in DRAM.
static bool isInput(func::FuncOp func, Value root) {
  auto argument = dyn_cast<BlockArgument>(root);
  return argument && !func.getArgAttr(argument.getArgNumber(),
                                      tconv::TConvDialect::kInitialAttr);
}

namespace {
struct NpuReadInPlace : npu::impl::NpuReadInPlaceBase<NpuReadInPlace> {
  using NpuReadInPlaceBase::NpuReadInPlaceBase;

  void runOnOperation() override {
    SmallVector<std::pair<mlir::Operation *, Copy>> copies;
    for (mlir::Operation &op : getOperation().getBody().front())
      if (std::optional<Copy> copy = readCopy(&op))
        copies.push_back({&op, std::move(*copy)});
    for (auto &[op, copy] : copies)
      skip(op, copy);
  }

private:
  void skip(mlir::Operation *op, const Copy &copy);
};
} // namespace

void NpuReadInPlace::skip(mlir::Operation *op, const Copy &copy) {
  auto alloc = copy.to.getDefiningOp<memref::AllocOp>();
  Value root = findRoot(copy.from);
  auto type = cast<MemRefType>(root.getType());
  if (!alloc || alloc->getBlock() != op->getBlock() || !type.hasStaticShape() ||
      getDenseBytes(type) > bytes)
    return;
  mlir::Operation *last = op;
  for (OpOperand &use : copy.to.getUses()) {
    mlir::Operation *user = use.getOwner();
    if (user == op)
      continue;
    if (user->getBlock() != op->getBlock() || user->isBeforeInBlock(op) ||
        !readsWithAnyStrides(use) ||
        (isInput(getOperation(), root) && !isa<linalg::LinalgOp>(user)))
      return;
    if (last->isBeforeInBlock(user))
      last = user;
  }
  // What is read later is what was there when it was copied.
  for (auto it = op->getIterator(); &*it != last;)
    if (mayWrite(*++it, root))
      return;
  SmallVector<int64_t> strides, viewStrides;
  int64_t offset;
  if (failed(cast<MemRefType>(copy.from.getType())
                 .getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset) ||
      llvm::any_of(strides, ShapedType::isDynamic))
    return;
  for (int64_t dim : copy.order)
    viewStrides.push_back(strides[dim]);
  OpBuilder b(op);
  ArrayRef<int64_t> shape = alloc.getType().getShape();
  auto viewType = MemRefType::get(
      shape, alloc.getType().getElementType(),
      StridedLayoutAttr::get(op->getContext(), offset, viewStrides));
  Value view = memref::ReinterpretCastOp::create(
      b, op->getLoc(), viewType, copy.from, offset, shape, viewStrides);
  op->erase();
  alloc.getResult().replaceAllUsesWith(view);
  alloc.erase();
  ++skipped;
}
