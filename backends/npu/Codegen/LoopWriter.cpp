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

#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/MapVector.h"

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

FailureOr<LoopProgram> npu::writeProgram(const LoopGroup &group,
                                         const MemoryMap &memory) {
  // Buffers of one region and type are one operand, which spans them.
  struct Span {
    uint64_t begin = UINT64_MAX, end = 0;
    SmallVector<std::pair<Value, uint64_t>> roots;
  };
  llvm::MapVector<std::pair<unsigned, unsigned>, Span> spans;
  llvm::DenseSet<Value> seen;
  for (mlir::Operation *op : group.ops) {
    if (isa<npu::ConvOp, npu::MatMulOp>(op))
      return op->emitOpError("shares a value with loops");
    WalkResult walk = op->walk([&](mlir::Operation *inner) {
      for (Value operand : inner->getOperands()) {
        auto type = dyn_cast<MemRefType>(operand.getType());
        if (!type)
          continue;
        Value root = findRoot(operand);
        if (!seen.insert(root).second)
          continue;
        std::optional<Address> address = memory.findRootAddress(root);
        std::optional<ValueType> element =
            getValueType(cast<MemRefType>(root.getType()).getElementType());
        if (!address || !element) {
          inner->emitError("cannot be a program: it uses memory of type ")
              << root.getType() << ", whose place is not known";
          return WalkResult::interrupt();
        }
        Span &span = spans[{address->region, unsigned(*element)}];
        uint64_t bytes = getDenseBytes(cast<MemRefType>(root.getType()));
        span.begin = std::min(span.begin, address->offset);
        span.end = std::max(span.end, address->offset + bytes);
        span.roots.push_back({root, address->offset});
      }
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();
  }
  if (spans.size() > kMaxOperands)
    return emitError(group.loc, "cannot be a program: it uses ")
           << spans.size() << " kinds of buffers; there may be "
           << kMaxOperands;

  ProgramWriter writer;
  LoopProgram result;
  for (auto &[key, span] : spans) {
    auto [region, type] = key;
    unsigned operand = writer.addOperand(static_cast<ValueType>(type));
    unsigned bytes = getBytes(static_cast<ValueType>(type));
    for (auto [root, offset] : span.roots)
      writer.bind(root, operand, (offset - span.begin) / bytes);
    result.command.operands[operand] = {static_cast<uint8_t>(region),
                                        span.begin};
  }
  for (mlir::Operation *op : group.ops)
    if (failed(writer.write(op)))
      return failure();
  result.program = writer.take("");
  unsigned operand = 0;
  for (auto &[key, span] : spans)
    result.program.operands[operand++].bytes = span.end - span.begin;
  return result;
}
