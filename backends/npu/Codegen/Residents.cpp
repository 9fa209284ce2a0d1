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
/// array reads its input with any strides, and weights that are constant; a
/// program visits rows of what it reads and writes.
template <typename Op>
static void findFar(Op op, Value input, Value weights, int64_t rowDims,
                    llvm::function_ref<void(Value)> addFar) {
  // A program has arguments for the pitch of four such operands.
  constexpr int64_t kMostPitches = 4;
  auto isConstant = [](Value operand) {
    return findRoot(operand).template getDefiningOp<memref::GetGlobalOp>() !=
           nullptr;
  };
  auto isRows = [&](Value memory) { return isDenseWithin(memory, rowDims); };
  int64_t pitches = 1;
  for (Value operand : op->getOperands()) {
    if (!isa<MemRefType>(operand.getType()) || operand == input)
      continue;
    bool isExtra = llvm::is_contained(op.getExtras(), operand);
    bool stays = false;
    if (operand == op.getInit())
      stays = !op.getEpilogue().empty() && isRows(operand);
    else if (isExtra &&
             *getExtraKind(cast<ShapedType>(operand.getType()),
                           cast<ShapedType>(op.getInit().getType()),
                           getFilterDim(op)) == ExtraKind::EachElement)
      stays = isRows(operand) && ++pitches <= kMostPitches;
    else
      stays = isConstant(operand) &&
              (operand == weights ||
               isDenseWithin(operand,
                             cast<MemRefType>(operand.getType()).getRank()));
    if (!stays)
      addFar(operand);
  }
}

/// What a program of loops reads and writes, if it has not as many operands.
static void findFar(const LoopGroup &group,
                    llvm::function_ref<void(Value)> addFar) {
  llvm::SmallSetVector<Value, 8> roots, constants;
  llvm::SmallDenseSet<Type> types;
  for (mlir::Operation *op : group.ops)
    op->walk([&](mlir::Operation *inner) {
      for (Value operand : inner->getOperands()) {
        if (!isa<MemRefType>(operand.getType()))
          continue;
        Value root = findRoot(operand);
        auto get = root.getDefiningOp<memref::GetGlobalOp>();
        (get ? constants : roots).insert(root);
        if (get)
          types.insert(get.getType().getElementType());
      }
    });
  // Constants in DRAM are an operand for each of their types.
  if (roots.size() + constants.size() > kMaxOperands)
    llvm::for_each(constants, addFar);
  if (roots.size() + types.size() > kMaxOperands)
    llvm::for_each(roots, addFar);
}

static void findFar(mlir::Operation *op,
                    llvm::function_ref<void(Value)> addFar) {
  if (auto conv = dyn_cast<npu::ConvOp>(op)) {
    auto type = cast<MemRefType>(conv.getInit().getType());
    findFar(conv, conv.getInput(), conv.getWeights(), type.getRank() - 2,
            addFar);
    if (conv.getInput() == conv.getWeights())
      addFar(conv.getInput());
  } else if (auto product = dyn_cast<npu::MatMulOp>(op)) {
    findFar(product, product.getLhs(), product.getRhs(), 1, addFar);
    if (product.getLhs() == product.getRhs())
      addFar(product.getLhs());
  }
}

/// What of `select` all layers could use where it is.
static std::vector<Resident>
findUsed(ArrayRef<LoopGroup> groups,
         llvm::function_ref<bool(Value root)> select) {
  llvm::MapVector<Value, Resident> found;
  llvm::SmallPtrSet<Value, 8> far;
  for (auto [index, group] : llvm::enumerate(groups)) {
    if (!isArrayLayer(group))
      findFar(group, [&](Value root) { far.insert(root); });
    for (mlir::Operation *op : group.ops) {
      findFar(op, [&](Value operand) { far.insert(findRoot(operand)); });
      llvm::SmallPtrSet<Value, 8> seen;
      op->walk([&](mlir::Operation *inner) {
        for (Value operand : inner->getOperands()) {
          if (!isa<MemRefType>(operand.getType()))
            continue;
          Value root = findRoot(operand);
          if (!seen.insert(root).second || !select(root))
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
    if (!far.contains(root))
      residents.push_back(resident);
  return residents;
}

static void wantAlways(Resident &resident, ArrayRef<LoopGroup> groups) {
  resident.first = 0;
  resident.last = groups.size() - 1;
}

std::vector<Resident> npu::findResidents(ArrayRef<LoopGroup> groups,
                                         const MemoryMap &memory) {
  std::vector<Resident> residents = findUsed(groups, [&](Value root) {
    std::optional<Address> address = memory.findRootAddress(root);
    return address && address->region == kWorkspace &&
           (!isa<BlockArgument>(root) ||
            llvm::is_contained(memory.getStates(), root));
  });
  for (Resident &resident : residents)
    if (isa<BlockArgument>(resident.root))
      wantAlways(resident, groups);
  return residents;
}

/// What arrays read of constants.
static llvm::SmallPtrSet<Value, 8>
findArrayOperands(ArrayRef<LoopGroup> groups) {
  llvm::SmallPtrSet<Value, 8> operands;
  for (const LoopGroup &group : groups) {
    Value weights, bias;
    if (auto conv = dyn_cast<npu::ConvOp>(group.ops.front())) {
      weights = conv.getWeights();
      bias = conv.getBias();
    } else if (auto product = dyn_cast<npu::MatMulOp>(group.ops.front())) {
      weights = product.getRhs();
      bias = product.getBias();
    }
    for (Value operand : {weights, bias})
      if (operand)
        operands.insert(findRoot(operand));
  }
  return operands;
}

std::vector<Resident> npu::findConstants(ArrayRef<LoopGroup> groups,
                                         const MemoryMap &memory,
                                         bool ofArray) {
  llvm::SmallPtrSet<Value, 8> operands = findArrayOperands(groups);
  std::vector<Resident> constants = findUsed(groups, [&](Value root) {
    return memory.findConstant(root) && operands.contains(root) == ofArray;
  });
  for (Resident &constant : constants)
    wantAlways(constant, groups);
  return constants;
}

std::vector<Resident> npu::chooseMostValuable(ArrayRef<Resident> residents,
                                              int64_t bytes, int64_t large,
                                              const Machine &machine) {
  constexpr int64_t kAlignment = 64, kMostUnits = 4096;
  int64_t unit =
      std::max(kAlignment, int64_t(llvm::divideCeil(bytes, kMostUnits)));
  auto getUnits = [&](const Resident &it) {
    return int64_t(llvm::divideCeil(it.bytes, unit));
  };
  auto getValue = [&](const Resident &it) {
    double clocks = double(machine.dma.latencyClocks) +
                    2 * double(it.bytes) / machine.getDramBytesPerClock();
    // More than all others together, or as good as that.
    double first = it.bytes > large ? 1e6 : 1;
    return double(it.uses) * clocks * first;
  };
  // For each number of units: what is worth most, and with which of those that
  // were looked at.
  int64_t units = bytes / unit;
  std::vector<double> best(units + 1, 0);
  std::vector<std::vector<bool>> isIn(residents.size());
  for (auto [index, resident] : llvm::enumerate(residents)) {
    isIn[index].resize(units + 1);
    int64_t wanted = getUnits(resident);
    for (int64_t room = units; room >= wanted; --room) {
      double value = best[room - wanted] + getValue(resident);
      if (value <= best[room])
        continue;
      best[room] = value;
      isIn[index][room] = true;
    }
  }
  std::vector<Resident> chosen;
  int64_t room = units;
  for (size_t index = residents.size(); index-- > 0;)
    if (isIn[index][room]) {
      chosen.push_back(residents[index]);
      room -= getUnits(residents[index]);
    }
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}
