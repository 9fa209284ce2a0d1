//===- Probes.cpp - The results of nodes inside a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Probes.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace lacuna;

std::vector<std::string> lacuna::addProbes(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  Block &body = main.getBody().front();
  auto getNode = [](Operation *op) -> std::string {
    SmallVector<NodeId> nodes = getNodes(op->getLoc());
    return nodes.empty() ? "" : describeNodes(nodes);
  };
  std::vector<std::string> names;
  SmallVector<Value> probes;
  for (Operation &op : body) {
    std::string name = getNode(&op);
    if (name.empty() || op.hasTrait<OpTrait::ConstantLike>())
      continue;
    for (Value result : op.getResults()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      bool leaves = llvm::any_of(result.getUsers(), [&](Operation *user) {
        return getNode(body.findAncestorOpInBlock(*user)) != name;
      });
      if (!type || type.getElementType().isIndex() || !leaves)
        continue;
      names.push_back(name);
      probes.push_back(result);
    }
  }
  Operation *terminator = body.getTerminator();
  unsigned given = terminator->getNumOperands();
  terminator->insertOperands(given, probes);
  for (auto [i, probe] : llvm::enumerate(probes))
    if (failed(main.insertResult(given + i, probe.getType(), {})))
      return {};
  return names;
}

void lacuna::keepOutputs(ModuleOp module, const llvm::BitVector &kept) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  Block &body = main.getBody().front();
  llvm::BitVector dropped(kept);
  dropped.flip();
  body.getTerminator()->eraseOperands(dropped);
  if (failed(main.eraseResults(dropped)))
    return;
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op))
      op.erase();
}
