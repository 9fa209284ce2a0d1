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
  }
};
} // namespace
