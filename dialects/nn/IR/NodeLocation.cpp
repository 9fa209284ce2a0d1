//===- NodeLocation.cpp - How locations name ONNX nodes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace lacuna {

Location getNodeLocation(MLIRContext *context, const NodeId &node) {
  std::string kind = (node.opType + "-" + llvm::Twine(node.opset)).str();
  return NameLoc::get(StringAttr::get(context, node.name),
                      NameLoc::get(StringAttr::get(context, kind)));
}

static void collectNodes(Location loc, SmallVectorImpl<NodeId> &nodes) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectNodes(part, nodes);
    return;
  }
  if (auto call = dyn_cast<CallSiteLoc>(loc)) {
    collectNodes(call.getCallee(), nodes);
    return;
  }
  auto name = dyn_cast<NameLoc>(loc);
  if (!name)
    return;
  auto kind = dyn_cast<NameLoc>(name.getChildLoc());
  if (!kind) {
    collectNodes(name.getChildLoc(), nodes);
    return;
  }
  NodeId node;
  node.name = name.getName().getValue();
  StringRef opset;
  std::tie(node.opType, opset) = kind.getName().getValue().rsplit('-');
  if (opset.getAsInteger(10, node.opset))
    return;
  if (llvm::none_of(
          nodes, [&](const NodeId &known) { return known.name == node.name; }))
    nodes.push_back(node);
}

SmallVector<NodeId> getNodes(Location loc) {
  SmallVector<NodeId> nodes;
  collectNodes(loc, nodes);
  return nodes;
}

std::string describeNodes(ArrayRef<NodeId> nodes) {
  std::string text;
  for (const NodeId &node : nodes) {
    if (!text.empty())
      text += " + ";
    text += ("node '" + node.name + "' (" + node.opType + ", opset " +
             llvm::Twine(node.opset) + ")")
                .str();
  }
  return text;
}

} // namespace lacuna
