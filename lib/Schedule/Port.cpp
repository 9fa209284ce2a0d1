//===- Port.cpp - What a network takes and gives -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/Port.h"

#include "dialects/nn/IR/NNDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace lacuna {

static Port makePort(Type type, DictionaryAttr attrs, StringRef fallback,
                     unsigned index) {
  auto tensor = cast<RankedTensorType>(type);
  Port port;
  port.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  port.name = (fallback + Twine(index)).str();
  if (attrs) {
    if (auto name = attrs.getAs<StringAttr>(nn::NNDialect::kNameAttr))
      port.name = name.str();
    if (auto name = attrs.getAs<StringAttr>(nn::NNDialect::kTypeAttr))
      if (std::optional<DType> dtype = parseDType(name.getValue())) {
        port.type = *dtype;
        return port;
      }
  }
  // A module that was written by hand need not say.
  Type element = tensor.getElementType();
  port.type = element.isF64()         ? DType::Float64
              : element.isF16()       ? DType::Float16
              : element.isBF16()      ? DType::BFloat16
              : element.isInteger(1)  ? DType::Bool
              : element.isInteger(8)  ? DType::Int8
              : element.isInteger(16) ? DType::Int16
              : element.isInteger(32) ? DType::Int32
              : element.isInteger(64) ? DType::Int64
                                      : DType::Float32;
  return port;
}

static func::FuncOp getMain(ModuleOp module) {
  return module.lookupSymbol<func::FuncOp>("main");
}

std::vector<Port> getInputs(ModuleOp module) {
  std::vector<Port> ports;
  func::FuncOp func = getMain(module);
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    ports.push_back(makePort(func.getArgument(i).getType(),
                             func.getArgAttrDict(i), "input", i));
  return ports;
}

std::vector<Port> getOutputs(ModuleOp module) {
  std::vector<Port> ports;
  func::FuncOp func = getMain(module);
  for (unsigned i = 0; i < func.getNumResults(); ++i)
    ports.push_back(makePort(func.getResultTypes()[i],
                             func.getResultAttrDict(i), "output", i));
  return ports;
}

} // namespace lacuna
