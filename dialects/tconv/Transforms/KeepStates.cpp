//===- KeepStates.cpp - States stay where they are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tconv/IR/TConvDialect.h"
#include "dialects/tconv/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "llvm/ADT/BitVector.h"

namespace lacuna::tconv {
#define GEN_PASS_DEF_TCONVKEEPSTATES
#include "dialects/tconv/Transforms/Passes.h.inc"
} // namespace lacuna::tconv

using namespace mlir;
using namespace lacuna;
using namespace lacuna::tconv;

/// The copy with which `next` is made of `state`, if nothing else touches it.
static memref::CopyOp findCopy(Value state, Value next) {
  if (!next.hasOneUse())
    return {};
  auto copy = dyn_cast<memref::CopyOp>(*next.getUsers().begin());
  return copy && copy.getSource() == state ? copy : memref::CopyOp();
}

/// Whether `a` and `b` are pieces of one buffer that have nothing in common.
static bool lieApart(Value a, Value b) {
  auto first = a.getDefiningOp<memref::SubViewOp>();
  auto second = b.getDefiningOp<memref::SubViewOp>();
  if (!first || !second || first.getSource() != second.getSource())
    return false;
  FailureOr<bool> overlap = ValueBoundsConstraintSet::areOverlappingSlices(
      a.getContext(), HyperrectangularSlice(first),
      HyperrectangularSlice(second));
  return succeeded(overlap) && !*overlap;
}

/// The copy that passes on what `copy` has just put into a buffer that nothing
/// else touches, to a place that has nothing in common with where it came from.
static memref::CopyOp findSecondCopy(memref::CopyOp copy) {
  auto between = copy.getTarget().getDefiningOp<memref::AllocOp>();
  if (!between || !llvm::hasNItems(between->getUses(), 2))
    return {};
  Operation *next = copy->getNextNode();
  while (next && isMemoryEffectFree(next))
    next = next->getNextNode();
  auto second = dyn_cast_or_null<memref::CopyOp>(next);
  bool passesOn = second && second.getSource() == copy.getTarget() &&
                  lieApart(copy.getSource(), second.getTarget());
  return passesOn ? second : memref::CopyOp();
}

namespace {
struct TConvKeepStates
    : lacuna::tconv::impl::TConvKeepStatesBase<TConvKeepStates> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto stream = func->getAttrOfType<StreamAttr>(TConvDialect::kStreamAttr);
    if (!stream)
      return;
    unsigned states = stream.getStates(), firstState = 2;
    if (func.getNumArguments() < firstState + 2 * states ||
        func.getNumResults()) {
      func.emitOpError("does not take its states as memory");
      return signalPassFailure();
    }
    unsigned firstNext = func.getNumArguments() - states;
    Block &body = func.getBody().front();
    OpBuilder b(func.getContext());
    llvm::BitVector dropped(func.getNumArguments());
    for (unsigned i = 0; i < states; ++i) {
      BlockArgument state = func.getArgument(firstState + i);
      BlockArgument next = func.getArgument(firstNext + i);
      dropped.set(firstNext + i);
      if (memref::CopyOp copy = findCopy(state, next)) {
        copy.erase();
        continue;
      }
      // It is made elsewhere, since what makes it reads the state as it was.
      b.setInsertionPointToStart(&body);
      Value made = memref::AllocOp::create(b, next.getLoc(),
                                           cast<MemRefType>(next.getType()));
      next.replaceAllUsesWith(made);
      b.setInsertionPoint(body.getTerminator());
      memref::CopyOp::create(b, next.getLoc(), made, state);
      ++copied;
    }
    if (failed(func.eraseArguments(dropped)))
      return signalPassFailure();
    moveAtOnce(func);
  }

  /// Bufferization puts a copy between frames and where they move to.
  void moveAtOnce(func::FuncOp func) {
    SmallVector<memref::CopyOp> copies;
    func.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
    for (memref::CopyOp copy : copies) {
      memref::CopyOp second = findSecondCopy(copy);
      if (!second)
        continue;
      Operation *between = copy.getTarget().getDefiningOp();
      second.getSourceMutable().assign(copy.getSource());
      copy.erase();
      between->erase();
      ++moved;
    }
  }
};
} // namespace
