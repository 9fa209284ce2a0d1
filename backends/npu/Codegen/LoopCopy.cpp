//===- LoopCopy.cpp - Loops that only move bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/LoopCopy.h"

#include "backends/npu/Codegen/ProgramWriter.h"
#include "backends/npu/Stream/Accesses.h"
#include "lacuna/Schedule/Buffers.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

namespace {
/// A loop from 0 on, one by one.
struct Loop {
  Value index;
  int64_t count = 0;
};

/// Where the elements of one side lie, in bytes.
struct Side {
  Address address;
  /// Of each loop.
  SmallVector<int64_t> strides;
};
} // namespace

/// The loops around a load and a store of what was loaded; none if there is
/// anything else.
static std::optional<std::pair<memref::LoadOp, memref::StoreOp>>
findMove(mlir::Operation *op, SmallVectorImpl<Loop> &loops) {
  while (auto loop = dyn_cast<scf::ForOp>(op)) {
    std::optional<int64_t> begin = getConstantIntValue(loop.getLowerBound()),
                           end = getConstantIntValue(loop.getUpperBound()),
                           step = getConstantIntValue(loop.getStep());
    if (!begin || !end || !step || *begin != 0 || *step != 1 || *end < 1 ||
        loop.getNumResults())
      return std::nullopt;
    loops.push_back({loop.getInductionVar(), *end});
    Block &body = *loop.getBody();
    op = &body.front();
    if (isa<scf::ForOp>(op) &&
        body.without_terminator().end() != std::next(body.begin()))
      return std::nullopt;
  }
  auto load = dyn_cast<memref::LoadOp>(op);
  auto store = dyn_cast_or_null<memref::StoreOp>(op->getNextNode());
  if (!load || !store || loops.empty() || store.getValue() != load ||
      store->getNextNode() != op->getBlock()->getTerminator())
    return std::nullopt;
  return std::pair(load, store);
}

static std::optional<Side> findSide(Value buffer, ValueRange indices,
                                    ArrayRef<Loop> loops,
                                    const MemoryMap &memory) {
  auto type = cast<MemRefType>(buffer.getType());
  std::optional<Address> root = memory.findRootAddress(findRoot(buffer));
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!root || !root->isChip() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset) ||
      llvm::any_of(strides, ShapedType::isDynamic))
    return std::nullopt;
  int64_t bytes = getElementBytes(type.getElementType());
  Side side;
  side.strides.resize(loops.size());
  for (auto [index, stride] : llvm::zip_equal(indices, strides)) {
    const Loop *loop =
        llvm::find_if(loops, [&](const Loop &it) { return it.index == index; });
    if (loop != loops.end())
      side.strides[loop - loops.begin()] += stride * bytes;
    else if (std::optional<int64_t> constant = getConstantIntValue(index))
      offset += *constant * stride;
    else
      return std::nullopt;
  }
  side.address = {root->region, root->offset + offset * bytes};
  return side;
}

std::optional<CopyCommand> npu::findChipCopy(const LoopGroup &group,
                                             const MemoryMap &memory) {
  SmallVector<Loop> loops;
  if (group.ops.size() != 1)
    return std::nullopt;
  auto move = findMove(group.ops.front(), loops);
  CopyCommand copy;
  if (!move || loops.size() > copy.extents.size())
    return std::nullopt;
  auto [load, store] = *move;
  std::optional<Side> from = findSide(load.getMemref(), load.getIndices(),
                                      loops, memory),
                      to = findSide(store.getMemref(), store.getIndices(),
                                    loops, memory);
  if (!from || !to)
    return std::nullopt;
  copy.source = from->address;
  copy.destination = to->address;
  copy.elementBytes = getElementBytes(load.getType());
  size_t unused = copy.extents.size() - loops.size();
  for (auto [i, loop] : llvm::enumerate(loops)) {
    copy.extents[unused + i] = loop.count;
    copy.sourceStrides[unused + i] = from->strides[i];
    copy.destinationStrides[unused + i] = to->strides[i];
  }
  llvm::Expected<SmallVector<Access, 8>> accesses =
      getAccesses(Queue::DmaOut, copy, {});
  if (!accesses) {
    // Such as an element that is written twice.
    llvm::consumeError(accesses.takeError());
    return std::nullopt;
  }
  ByteRange read = (*accesses)[0].where.getHull(),
            written = (*accesses)[1].where.getHull();
  if (read.region == written.region && read.begin < written.end &&
      written.begin < read.end)
    return std::nullopt;
  return copy;
}
