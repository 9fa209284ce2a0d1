//===- Residents.cpp - Tensors that could stay on the chip -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/Residents.h"

#include "backends/npu/Codegen/ProgramWriter.h"
#include "backends/npu/IR/NpuDialect.h"
#include "backends/npu/Stream/Program.h"
#include "lacuna/Schedule/Buffers.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

/// Whether the last `dims` dimensions lie dense.
static bool isDenseWithin(Value memory, int64_t dims) {
  auto type = cast<MemRefType>(memory.getType());
  SmallVector<int64_t> strides;
  int64_t offset, dense = 1;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return false;
  for (int64_t dim = type.getRank(); dims-- > 0;) {
    --dim;
    if (type.getDimSize(dim) != 1 && strides[dim] != dense)
      return false;
    dense *= type.getDimSize(dim);
  }
  return true;
}

/// The operands of a layer of products that it can only have from DRAM. An
/// array reads its input with any strides; a program visits rows of what it
/// reads and writes.
template <typename Op>
static void findFar(Op op, Value input, int64_t rowDims,
                    llvm::function_ref<void(Value)> addFar) {
  // A program has arguments for the pitch of four such operands.
  constexpr int64_t kMostPitches = 4;
  auto isRows = [&](Value memory) { return isDenseWithin(memory, rowDims); };
  int64_t pitches = 1;
  for (Value operand : op->getOperands()) {
    if (!isa<MemRefType>(operand.getType()) || operand == input)
      continue;
    bool isExtra = llvm::is_contained(op.getExtras(), operand);
    bool stays = false;
    if (operand == op.getInit())
      stays = !op.getEpilogue().empty() && isRows(operand);
    else if (isExtra)
      stays = *getExtraKind(cast<ShapedType>(operand.getType()),
                            cast<ShapedType>(op.getInit().getType()),
                            getFilterDim(op)) == ExtraKind::EachElement &&
              isRows(operand) && ++pitches <= kMostPitches;
    if (!stays)
      addFar(operand);
  }
}

/// What a program of loops reads and writes, if it has not as many operands.
static void findFar(const LoopGroup &group,
                    llvm::function_ref<void(Value)> addFar) {
  llvm::SmallSetVector<Value, 8> roots;
  llvm::SmallDenseSet<Type> constants;
  for (mlir::Operation *op : group.ops)
    op->walk([&](mlir::Operation *inner) {
      for (Value operand : inner->getOperands()) {
        if (!isa<MemRefType>(operand.getType()))
          continue;
        Value root = findRoot(operand);
        if (auto get = root.getDefiningOp<memref::GetGlobalOp>())
          constants.insert(get.getType().getElementType());
        else
          roots.insert(root);
      }
    });
  if (roots.size() + constants.size() > kMaxOperands)
    llvm::for_each(roots, addFar);
}

static void findFar(mlir::Operation *op,
                    llvm::function_ref<void(Value)> addFar) {
  if (auto conv = dyn_cast<npu::ConvOp>(op)) {
    auto type = cast<MemRefType>(conv.getInit().getType());
    findFar(conv, conv.getInput(), type.getRank() - 2, addFar);
    if (conv.getInput() == conv.getWeights())
      addFar(conv.getInput());
  } else if (auto product = dyn_cast<npu::MatMulOp>(op)) {
    findFar(product, product.getLhs(), 1, addFar);
    if (product.getLhs() == product.getRhs())
      addFar(product.getLhs());
  }
}

std::vector<Resident> npu::findResidents(ArrayRef<LoopGroup> groups,
                                         const MemoryMap &memory) {
  llvm::MapVector<Value, Resident> found;
  llvm::SmallPtrSet<Value, 8> far;
  for (auto [index, group] : llvm::enumerate(groups)) {
    findFar(group, [&](Value root) { far.insert(root); });
    for (mlir::Operation *op : group.ops) {
      findFar(op, [&](Value operand) { far.insert(findRoot(operand)); });
      llvm::SmallPtrSet<Value, 8> seen;
      op->walk([&](mlir::Operation *inner) {
        for (Value operand : inner->getOperands()) {
          if (!isa<MemRefType>(operand.getType()))
            continue;
          Value root = findRoot(operand);
          std::optional<Address> address = memory.findRootAddress(root);
          if (!seen.insert(root).second || !address ||
              address->region != kWorkspace)
            continue;
          Resident &resident = found[root];
          if (!resident.root)
            resident = {root, getDenseBytes(cast<MemRefType>(root.getType())),
                        int64_t(index)};
          resident.last = index;
          ++resident.uses;
        }
      });
    }
  }
  std::vector<Resident> residents;
  for (auto &[root, resident] : found)
    if (!far.contains(root) && !isa<BlockArgument>(root))
      residents.push_back(resident);
  return residents;
}
