//===- OutlineLayers.cpp - Give each layer a function of its own -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/Passes.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONOUTLINELAYERS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

namespace {
/// Operations of one layer, side by side but for what only names memory.
struct Layer {
  std::string node;
  SmallVector<Operation *> ops;
};

struct NeonOutlineLayers
    : neon::impl::NeonOutlineLayersBase<NeonOutlineLayers> {
  void runOnOperation() override;
};
} // namespace

static bool isConstant(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>();
}

/// Whether `op` stays in main: it names memory and does nothing.
static bool staysInMain(Operation *op) {
  return isConstant(op) || isa<ViewLikeOpInterface>(op) ||
         op->hasTrait<OpTrait::IsTerminator>();
}

/// The layers of `body`, in order. Where a scalar goes from one to a later one,
/// all between are one layer: a function returns nothing.
static std::vector<Layer> findLayers(Block &body) {
  std::vector<Layer> layers;
  llvm::DenseMap<Operation *, size_t> layerOf;
  auto mergeDownTo = [&](size_t first) {
    for (size_t i = first + 1; i < layers.size(); ++i)
      for (Operation *op : layers[i].ops) {
        layers[first].ops.push_back(op);
        layerOf[op] = first;
      }
    layers.resize(first + 1);
  };
  for (Operation &op : body) {
    // A view of what a layer gives back belongs to the layer.
    bool ofLayer = llvm::any_of(op.getOperands(), [&](Value operand) {
      return layerOf.contains(operand.getDefiningOp());
    });
    if (staysInMain(&op) && !ofLayer)
      continue;
    SmallVector<NodeId> nodes = getNodes(op.getLoc());
    std::string node = nodes.empty() ? "" : nodes.front().name.str();
    if (layers.empty() || layers.back().node != node)
      layers.push_back({node, {}});
    layers.back().ops.push_back(&op);
    layerOf[&op] = layers.size() - 1;
    size_t first = layers.size() - 1;
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (auto it = layerOf.find(operand.getDefiningOp());
            it != layerOf.end())
          first = std::min(first, it->second);
    });
    mergeDownTo(first);
  }
  return layers;
}

/// `conv 3/bn` to `run_conv_3_bn`, made unique.
static std::string makeName(StringRef node, llvm::StringSet<> &taken) {
  std::string stem = "run_";
  for (char c : node.empty() ? StringRef("glue") : node)
    stem += llvm::isAlnum(c) ? c : '_';
  // Two underscores side by side belong to the implementation of C++.
  std::string name;
  for (char c : stem)
    if (c != '_' || name.empty() || name.back() != '_')
      name += c;
  std::string unique = name;
  for (int i = 2; !taken.insert(unique).second; ++i)
    unique = name + "_" + llvm::utostr(i);
  return unique;
}

static void outline(const Layer &layer, StringRef name, func::FuncOp main) {
  llvm::SetVector<Value> captured;
  llvm::SmallPtrSet<Operation *, 8> inside(layer.ops.begin(), layer.ops.end());
  auto isOutside = [&](Value value) {
    Operation *owner = value.getDefiningOp();
    if (!owner)
      owner = value.getParentBlock()->getParentOp();
    for (; owner && owner != main; owner = owner->getParentOp())
      if (inside.contains(owner))
        return false;
    return true;
  };
  llvm::SetVector<Operation *> constants;
  for (Operation *op : layer.ops)
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        if (!isOutside(operand))
          continue;
        Operation *def = operand.getDefiningOp();
        if (def && isConstant(def))
          constants.insert(def);
        else
          captured.insert(operand);
      }
    });

  OpBuilder b(main);
  SmallVector<Location> locs;
  for (Operation *op : layer.ops)
    locs.push_back(op->getLoc());
  Location loc = b.getFusedLoc(locs);
  SmallVector<Value> arguments = captured.takeVector();
  auto type = b.getFunctionType(TypeRange(ValueRange(arguments)), {});
  auto func = func::FuncOp::create(b, loc, name, type);
  func.setPrivate();
  Block *body = func.addEntryBlock();
  b.setInsertionPoint(layer.ops.back());
  func::CallOp::create(b, loc, func, arguments);

  b.setInsertionPointToStart(body);
  IRMapping mapping;
  mapping.map(arguments, body->getArguments());
  for (Operation *constant : constants)
    b.clone(*constant, mapping);
  for (Operation *op : layer.ops)
    b.clone(*op, mapping);
  func::ReturnOp::create(b, loc);
  for (Operation *op : llvm::reverse(layer.ops)) {
    op->dropAllUses();
    op->erase();
  }
}

void NeonOutlineLayers::runOnOperation() {
  auto main = getOperation().lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal())
    return;
  llvm::StringSet<> taken;
  for (const Layer &layer : findLayers(main.getBody().front()))
    outline(layer, makeName(layer.node, taken), main);
}
