//===- Interface.cpp - What a bundle says of inputs, outputs and layers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Interface.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "llvm/ADT/StringMap.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace lacuna;

static std::vector<neon::PortInfo> getPorts(ModuleOp module, StringRef name) {
  std::vector<neon::PortInfo> ports;
  auto array = module->getAttrOfType<ArrayAttr>(name);
  if (!array)
    return ports;
  for (auto entry : array.getAsRange<DictionaryAttr>()) {
    neon::PortInfo &port = ports.emplace_back();
    port.name = entry.getAs<StringAttr>("name").getValue();
    port.type = entry.getAs<StringAttr>("type").getValue();
    llvm::append_range(port.shape,
                       entry.getAs<DenseI64ArrayAttr>("shape").asArrayRef());
    port.bytes = entry.getAs<IntegerAttr>("bytes").getInt();
    if (auto scale = entry.getAs<FloatAttr>("scale")) {
      port.scale = scale.getValueAsDouble();
      port.zeroPoint = entry.getAs<IntegerAttr>("zero_point").getInt();
    }
  }
  return ports;
}

std::vector<neon::PortInfo> neon::getInputs(ModuleOp module) {
  return getPorts(module, kInputsAttr);
}

std::vector<neon::PortInfo> neon::getOutputs(ModuleOp module) {
  return getPorts(module, kOutputsAttr);
}

neon::LayerInfo neon::getLayer(ModuleOp module, StringRef node) {
  LayerInfo info;
  auto layers = module->getAttrOfType<DictionaryAttr>(kLayersAttr);
  auto layer = layers ? layers.getAs<DictionaryAttr>(node) : DictionaryAttr();
  if (!layer)
    return info;
  info.operands = layer.getAs<StringAttr>("operands").getValue();
  info.result = layer.getAs<StringAttr>("result").getValue();
  info.macs = layer.getAs<IntegerAttr>("macs").getInt();
  return info;
}

static bool multiplies(emitc::FuncOp func) {
  auto kernel = func->getAttrOfType<StringAttr>(neon::kKernelAttr);
  return kernel && (kernel.getValue().contains("conv_") ||
                    kernel.getValue().contains("depthwise_"));
}

llvm::DenseMap<Operation *, int64_t> neon::countMacs(ModuleOp module) {
  llvm::StringMap<emitc::FuncOp> doing;
  for (auto func : module.getOps<emitc::FuncOp>())
    for (const NodeId &node : getNodes(func.getLoc()))
      if (emitc::FuncOp &best = doing[node.name];
          func.getSymName() != "main" &&
          (!best || multiplies(func) || !multiplies(best)))
        best = func;
  llvm::DenseMap<Operation *, int64_t> macs;
  for (const auto &entry : doing)
    if (emitc::FuncOp func = entry.second)
      macs[func] += getLayer(module, entry.first()).macs;
  return macs;
}
