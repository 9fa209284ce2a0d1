//===- MemoryMap.cpp - Where the memory of a module is -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/MemoryMap.h"

#include "backends/npu/Codegen/ProgramWriter.h"
#include "lacuna/Schedule/Buffers.h"
#include "lacuna/Schedule/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

std::optional<std::vector<char>> npu::readBytes(Attribute value,
                                                int64_t bytes) {
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(value)) {
    ArrayRef<char> data = resource.getData();
    if (int64_t(data.size()) < bytes)
      return std::nullopt;
    return std::vector<char>(data.begin(), data.begin() + bytes);
  }
  auto dense = dyn_cast_or_null<DenseElementsAttr>(value);
  if (!dense)
    return std::nullopt;
  std::vector<char> data;
  if (dense.getElementType().isInteger(1)) {
    for (bool bit : dense.getValues<bool>())
      data.push_back(bit);
    return data;
  }
  ArrayRef<char> raw = dense.getRawData();
  while (int64_t(data.size()) < bytes && !raw.empty())
    data.insert(data.end(), raw.begin(), raw.end());
  return data;
}

LogicalResult MemoryMap::build(func::FuncOp main, size_t inputCount,
                               size_t states, size_t outputCount,
                               StreamBuilder &builder) {
  body = &main.getBody().front();
  inputs = inputCount;
  outputs = outputCount;
  if (main.getNumArguments() != inputs + states + outputs + 1)
    return main.emitOpError("takes ")
           << main.getNumArguments() << " buffers, not one for each of "
           << inputs << " inputs, " << states << " states and " << outputs
           << " outputs, and a workspace";
  if (auto bytes = main->getAttrOfType<IntegerAttr>(kArenaBytesAttr))
    workspaceBytes = bytes.getInt();
  for (BlockArgument state : body->getArguments().slice(inputs, states)) {
    stateAddresses.push_back(
        Address::workspace(llvm::alignTo(workspaceBytes, 64)));
    workspaceBytes = stateAddresses.back().offset +
                     getDenseBytes(cast<MemRefType>(state.getType()));
  }
  auto module = main->getParentOfType<ModuleOp>();
  for (auto global : module.getOps<memref::GlobalOp>()) {
    std::optional<std::vector<char>> bytes = readBytes(
        global.getInitialValueAttr(), getDenseBytes(global.getType()));
    if (!bytes)
      return global.emitOpError("has no value that is known when compiling");
    globals[global.getSymName()] = builder.addConstant(*bytes);
  }
  return success();
}

std::optional<Address> MemoryMap::findRootAddress(Value root) const {
  if (auto it = chip.find(root); it != chip.end())
    return it->second;
  if (auto argument = dyn_cast<BlockArgument>(root)) {
    if (argument.getOwner() != body)
      return std::nullopt;
    size_t index = argument.getArgNumber();
    if (index < inputs)
      return Address::input(index, 0);
    index -= inputs;
    if (index < stateAddresses.size())
      return stateAddresses[index];
    index -= stateAddresses.size();
    if (index < outputs)
      return Address::output(index, 0);
    return Address::workspace(0);
  }
  if (auto view = root.getDefiningOp<memref::ViewOp>()) {
    std::optional<int64_t> shift = getConstantIntValue(view.getByteShift());
    if (!shift || view.getSource() != body->getArguments().back())
      return std::nullopt;
    return Address::workspace(*shift);
  }
  return findConstant(root);
}

std::optional<Address> MemoryMap::findConstant(Value root) const {
  auto get = root.getDefiningOp<memref::GetGlobalOp>();
  auto it = get ? globals.find(get.getName()) : globals.end();
  if (it == globals.end())
    return std::nullopt;
  return it->second;
}

FailureOr<Address> MemoryMap::findAddress(Value memory) const {
  std::optional<Address> address = findRootAddress(findRoot(memory));
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(memory.getType());
  if (!address || failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset)) {
    emitError(memory.getLoc(), "has no place that is known when compiling: ")
        << type;
    return failure();
  }
  address->offset += offset * getElementBytes(type.getElementType());
  return *address;
}
