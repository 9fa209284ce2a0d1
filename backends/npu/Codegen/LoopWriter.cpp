//===- LoopWriter.cpp - Loops as programs on memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/LoopWriter.h"

#include "backends/npu/Codegen/ProgramWriter.h"
#include "backends/npu/IR/NpuDialect.h"
#include "lacuna/Schedule/Buffers.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

static bool isNaming(mlir::Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() ||
         op->hasTrait<OpTrait::IsTerminator>() ||
         isa<ViewLikeOpInterface>(op) ||
         op->getName().getStringRef() == "memref.get_global" ||
         op->getName().getStringRef() == "memref.extract_strided_metadata";
}

std::vector<LoopGroup> npu::groupOperations(Block &body) {
  std::vector<LoopGroup> groups;
  llvm::DenseMap<mlir::Operation *, size_t> groupOf;
  for (mlir::Operation &op : body) {
    size_t first = groups.size();
    op.walk([&](mlir::Operation *inner) {
      for (Value operand : inner->getOperands())
        if (auto it = groupOf.find(operand.getDefiningOp());
            it != groupOf.end())
          first = std::min(first, it->second);
    });
    // Views of what is known belong to nobody; others to who knows.
    if (isNaming(&op) && first == groups.size())
      continue;
    if (op.hasTrait<OpTrait::IsTerminator>())
      continue;
    groups.push_back({{&op}, op.getLoc()});
    groupOf[&op] = groups.size() - 1;
    for (size_t i = first + 1; i < groups.size(); ++i)
      for (mlir::Operation *moved : groups[i].ops) {
        groups[first].ops.push_back(moved);
        groupOf[moved] = first;
      }
    if (first + 1 < groups.size()) {
      SmallVector<Location> locs;
      for (mlir::Operation *member : groups[first].ops)
        locs.push_back(member->getLoc());
      groups[first].loc = FusedLoc::get(op.getContext(), locs);
      groups.resize(first + 1, groups[first]);
    }
  }
  return groups;
}

bool npu::isArrayLayer(const LoopGroup &group) {
  return isa<npu::ConvOp, npu::MatMulOp>(group.ops.front());
}

namespace {
/// What one operand of a program spans.
struct Span {
  uint8_t region = 0;
  ValueType type = ValueType::I8;
  uint64_t begin = 0, end = 0;
  SmallVector<std::pair<Value, uint64_t>> roots;
};
} // namespace

/// The buffers that a group uses, each of them a span.
static FailureOr<std::vector<Span>> findSpans(const LoopGroup &group,
                                              const MemoryMap &memory) {
  std::vector<Span> spans;
  llvm::DenseSet<Value> seen;
  for (mlir::Operation *op : group.ops) {
    WalkResult walk = op->walk([&](mlir::Operation *inner) {
      for (Value operand : inner->getOperands()) {
        if (!isa<MemRefType>(operand.getType()))
          continue;
        Value root = findRoot(operand);
        if (!seen.insert(root).second)
          continue;
        auto type = cast<MemRefType>(root.getType());
        std::optional<Address> address = memory.findRootAddress(root);
        std::optional<ValueType> element = getValueType(type.getElementType());
        if (!address || !element) {
          inner->emitError("cannot be a program: it uses memory of type ")
              << type << ", whose place is not known";
          return WalkResult::interrupt();
        }
        spans.push_back({address->region,
                         *element,
                         address->offset,
                         address->offset + getDenseBytes(type),
                         {{root, address->offset}}});
      }
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();
  }
  return spans;
}

/// Makes one span of all that lie in `region` and have a type in common.
static void joinSpans(std::vector<Span> &spans, uint8_t region) {
  std::vector<Span> joined;
  for (Span &span : spans) {
    auto same = llvm::find_if(joined, [&](const Span &other) {
      return span.region == region && other.region == region &&
             other.type == span.type;
    });
    if (same == joined.end()) {
      joined.push_back(std::move(span));
      continue;
    }
    same->begin = std::min(same->begin, span.begin);
    same->end = std::max(same->end, span.end);
    llvm::append_range(same->roots, span.roots);
  }
  spans = std::move(joined);
}

FailureOr<LoopProgram> npu::writeProgram(const LoopGroup &group,
                                         const MemoryMap &memory) {
  for (mlir::Operation *op : group.ops)
    if (isa<npu::ConvOp, npu::MatMulOp>(op))
      return op->emitOpError("shares a value with loops");
  FailureOr<std::vector<Span>> spans = findSpans(group, memory);
  if (failed(spans))
    return failure();
  // Of memory on the chip no more is named than was written.
  for (uint8_t region : {kConstants, kWorkspace})
    if (spans->size() > kMaxOperands)
      joinSpans(*spans, region);
  if (spans->size() > kMaxOperands)
    return emitError(group.loc, "cannot be a program: it uses ")
           << spans->size() << " kinds of buffers; there may be "
           << kMaxOperands;

  ProgramWriter writer;
  LoopProgram result;
  for (const Span &span : *spans) {
    unsigned operand = writer.addOperand(span.type);
    for (auto [root, offset] : span.roots)
      writer.bind(root, operand, (offset - span.begin) / getBytes(span.type));
    result.command.operands[operand] = {span.region, span.begin};
  }
  for (mlir::Operation *op : group.ops)
    if (failed(writer.write(op)))
      return failure();
  result.program = writer.take("");
  for (auto [operand, span] : llvm::zip_equal(result.program.operands, *spans))
    operand.bytes = span.end - span.begin;
  return result;
}

SmallVector<Value> npu::findScratch(const LoopGroup &group,
                                    llvm::DenseSet<Value> &written) {
  llvm::SetVector<Value> reads, writes;
  for (mlir::Operation *op : group.ops)
    op->walk([&](mlir::Operation *inner) {
      if (auto load = dyn_cast<memref::LoadOp>(inner))
        reads.insert(findRoot(load.getMemref()));
      if (auto store = dyn_cast<memref::StoreOp>(inner))
        writes.insert(findRoot(store.getMemref()));
    });
  SmallVector<Value> scratch;
  for (Value root : writes)
    if (written.insert(root).second && reads.contains(root))
      scratch.push_back(root);
  return scratch;
}
