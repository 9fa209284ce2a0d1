//===- PlanMemory.cpp - Place every buffer in one arena -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/ArenaPlanner.h"
#include "lacuna/Schedule/Buffers.h"
#include "lacuna/Schedule/Passes.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace lacuna {
#define GEN_PASS_DEF_SCHEDULEPLANMEMORY
#include "lib/Schedule/Transforms/Passes.h.inc"
} // namespace lacuna

using namespace mlir;
using namespace lacuna;

namespace {
struct SchedulePlanMemory
    : lacuna::impl::SchedulePlanMemoryBase<SchedulePlanMemory> {
  using SchedulePlanMemoryBase::SchedulePlanMemoryBase;
  void runOnOperation() override;

private:
  FailureOr<ArenaBuffer> getBuffer(memref::AllocOp alloc);

  /// The step of each operation of the body that does something.
  llvm::DenseMap<Operation *, int64_t> steps;
};
} // namespace

/// Whether `op` only names memory.
static bool isNaming(Operation *op) {
  return isa<ViewLikeOpInterface, memref::AllocOp, memref::GetGlobalOp>(op) ||
         op->hasTrait<OpTrait::ConstantLike>();
}

FailureOr<ArenaBuffer> SchedulePlanMemory::getBuffer(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  if (!type.hasStaticShape() || !type.getLayout().isIdentity())
    return alloc.emitOpError(
        "cannot be placed: its shape is not static or its layout not dense");
  ArenaBuffer buffer;
  SmallVector<NodeId> nodes = getNodes(alloc.getLoc());
  buffer.name = nodes.empty() ? "buffer" : nodes.back().name.str();
  buffer.bytes = getDenseBytes(type);
  buffer.first = std::numeric_limits<int64_t>::max();
  buffer.last = -1;

  Block *body = &getOperation().getBody().front();
  SmallVector<Value> aliases = {alloc};
  llvm::DenseSet<Value> seen = {alloc};
  auto addAliases = [&](ValueRange values) {
    for (Value value : values)
      if (isa<BaseMemRefType>(value.getType()) && seen.insert(value).second)
        aliases.push_back(value);
  };
  while (!aliases.empty()) {
    Value alias = aliases.pop_back_val();
    for (Operation *user : alias.getUsers()) {
      if (isa<func::ReturnOp>(user))
        return alloc.emitOpError("cannot be placed: it is returned");
      // What a loop or a branch is given may be what any of its regions sees
      // and what it gives back.
      Operation *parent =
          user->hasTrait<OpTrait::IsTerminator>() ? user->getParentOp() : user;
      addAliases(user->getResults());
      addAliases(parent->getResults());
      for (Region &region : parent->getRegions())
        for (Block &block : region)
          addAliases(block.getArguments());
      auto step = steps.find(body->findAncestorOpInBlock(*user));
      if (step == steps.end())
        continue;
      buffer.first = std::min(buffer.first, step->second);
      buffer.last = std::max(buffer.last, step->second);
    }
  }
  if (buffer.last < 0)
    buffer.first = buffer.last = 0;
  return buffer;
}

void SchedulePlanMemory::runOnOperation() {
  func::FuncOp func = getOperation();
  if (func.isExternal())
    return;
  steps.clear();
  for (Operation &op : func.getBody().front())
    if (!isNaming(&op))
      steps.insert({&op, steps.size()});

  ArenaProblem problem;
  problem.alignment = alignment;
  SmallVector<memref::AllocOp> allocs;
  WalkResult result = func.walk([&](memref::AllocOp alloc) {
    FailureOr<ArenaBuffer> buffer = getBuffer(alloc);
    if (failed(buffer))
      return WalkResult::interrupt();
    problem.buffers.push_back(*buffer);
    allocs.push_back(alloc);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return signalPassFailure();
  if (llvm::Error error = problem.check()) {
    func.emitError() << llvm::toString(std::move(error));
    return signalPassFailure();
  }
  ArenaSolution solution = planArena(problem);
  if (llvm::Error error = solution.verify(problem)) {
    func.emitError() << llvm::toString(std::move(error));
    return signalPassFailure();
  }

  OpBuilder b(func.getContext());
  auto arenaType = MemRefType::get({solution.bytes}, b.getI8Type());
  unsigned index = func.getNumArguments();
  if (failed(func.insertArgument(index, arenaType, {}, func.getLoc())))
    return signalPassFailure();
  Value arena = func.getArgument(index);
  SmallVector<Attribute> described;
  for (auto [i, alloc] : llvm::enumerate(allocs)) {
    b.setInsertionPointToStart(&func.getBody().front());
    Value offset =
        arith::ConstantIndexOp::create(b, alloc.getLoc(), solution.offsets[i]);
    Value view = memref::ViewOp::create(b, alloc.getLoc(), alloc.getType(),
                                        arena, offset, ValueRange());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
    const ArenaBuffer &buffer = problem.buffers[i];
    described.push_back(b.getDictionaryAttr(
        {b.getNamedAttr("name", b.getStringAttr(buffer.name)),
         b.getNamedAttr("bytes", b.getI64IntegerAttr(buffer.bytes)),
         b.getNamedAttr("offset", b.getI64IntegerAttr(solution.offsets[i])),
         b.getNamedAttr("first", b.getI64IntegerAttr(buffer.first)),
         b.getNamedAttr("last", b.getI64IntegerAttr(buffer.last))}));
  }
  arenaBytes = solution.bytes;
  lowerBound = problem.getLowerBound();
  func->setAttr(kArenaBytesAttr, b.getI64IntegerAttr(solution.bytes));
  func->setAttr(kBuffersAttr, b.getArrayAttr(described));
  func->setAttr(kArenaLowerBoundAttr,
                b.getI64IntegerAttr(problem.getLowerBound()));
}
