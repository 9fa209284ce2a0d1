//===- DescribeNetwork.cpp - Remember what the model says -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Interface.h"
#include "backends/neon/Bundle/StepApi.h"
#include "backends/neon/Transforms/Passes.h"
#include "lacuna/Schedule/Buffers.h"
#include "lacuna/Schedule/Port.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/NodeLocation.h"
#include "dialects/qnn/IR/QNNDialect.h"
#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/raw_ostream.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONDESCRIBENETWORK
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

namespace {
struct NeonDescribeNetwork
    : neon::impl::NeonDescribeNetworkBase<NeonDescribeNetwork> {
  void runOnOperation() override;
};

struct Quantization {
  Attribute scale;
  int64_t zeroPoint = 0;
};
} // namespace

/// The scale and the zero point, if they are constants for the whole tensor.
static std::optional<Quantization>
readQuantization(Value scale, Value zeroPoint, bool isUnsigned) {
  DenseElementsAttr scales, zeroPoints;
  if (!matchPattern(scale, m_Constant(&scales)) || scales.getNumElements() != 1)
    return std::nullopt;
  Quantization found;
  found.scale = *scales.value_begin<Attribute>();
  if (!zeroPoint)
    return found;
  if (!matchPattern(zeroPoint, m_Constant(&zeroPoints)) ||
      zeroPoints.getNumElements() != 1)
    return std::nullopt;
  APInt value = *zeroPoints.value_begin<APInt>();
  found.zeroPoint = isUnsigned ? value.getZExtValue() : value.getSExtValue();
  return found;
}

static std::optional<Quantization> findInputQuantization(Value input) {
  for (Operation *user : input.getUsers())
    if (auto op = dyn_cast<qnn::DequantizeOp>(user))
      return readQuantization(op.getScale(), op.getZeroPoint(),
                              op.getIsUnsigned());
  return std::nullopt;
}

static std::optional<Quantization> findOutputQuantization(Value output) {
  if (auto op = output.getDefiningOp<qnn::QuantizeOp>())
    return readQuantization(op.getScale(), op.getZeroPoint(),
                            op.getIsUnsigned());
  return std::nullopt;
}

static DictionaryAttr describePort(Builder &b, const Port &port,
                                   std::optional<Quantization> quantization) {
  int64_t bytes = llvm::product_of(port.shape, int64_t(1)) *
                  int64_t(getByteSize(port.type));
  NamedAttrList attrs;
  attrs.append("name", b.getStringAttr(port.name));
  attrs.append("type", b.getStringAttr(getName(port.type)));
  attrs.append("shape", b.getDenseI64ArrayAttr(port.shape));
  attrs.append("bytes", b.getI64IntegerAttr(bytes));
  if (quantization) {
    attrs.append("scale", quantization->scale);
    attrs.append("zero_point", b.getI64IntegerAttr(quantization->zeroPoint));
  }
  return attrs.getDictionary(b.getContext());
}

/// `1x24x49xf32`
static std::string describeType(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  std::string text;
  llvm::raw_string_ostream os(text);
  if (!shaped) {
    os << type;
    return text;
  }
  for (int64_t dim : shaped.getShape())
    os << dim << 'x';
  os << shaped.getElementType();
  return text;
}

static bool isOfNode(Operation *op, StringRef name) {
  SmallVector<NodeId> nodes = getNodes(op->getLoc());
  return !nodes.empty() && nodes.front().name == name;
}

static DictionaryAttr describeLayers(Builder &b, func::FuncOp main) {
  struct Layer {
    std::string operands, result;
    int64_t macs = 0;
  };
  llvm::MapVector<StringRef, Layer> layers;
  for (Operation &op : main.getBody().front()) {
    SmallVector<NodeId> nodes = getNodes(op.getLoc());
    if (nodes.empty() || op.getNumResults() == 0 ||
        op.hasTrait<OpTrait::ConstantLike>())
      continue;
    Layer &layer = layers[nodes.front().name];
    // The operands that another node makes: the first operations have them.
    for (Value operand : op.getOperands()) {
      Operation *def = operand.getDefiningOp();
      if (def && (def->hasTrait<OpTrait::ConstantLike>() ||
                  isOfNode(def, nodes.front().name)))
        continue;
      if (isa<ShapedType>(operand.getType()))
        layer.operands += (layer.operands.empty() ? "" : ", ") +
                          describeType(operand.getType());
    }
    layer.result = describeType(op.getResult(0).getType());
    if (auto mac = dyn_cast<nn::MacOpInterface>(&op))
      layer.macs += mac.getMacs();
  }
  NamedAttrList entries;
  for (const auto &[name, layer] : layers)
    if (!name.empty())
      entries.append(
          name,
          b.getDictionaryAttr(
              {b.getNamedAttr("operands", b.getStringAttr(layer.operands)),
               b.getNamedAttr("result", b.getStringAttr(layer.result)),
               b.getNamedAttr("macs", b.getI64IntegerAttr(layer.macs))}));
  return entries.getDictionary(b.getContext());
}

/// The last `count` arguments of a step function.
static SmallVector<Attribute> describeStates(Builder &b, func::FuncOp main,
                                             ArrayRef<Port> ports,
                                             unsigned count) {
  SmallVector<Attribute> states;
  unsigned total = main.getNumArguments();
  for (unsigned i = total - count; i < total; ++i) {
    auto type = cast<RankedTensorType>(main.getArgument(i).getType());
    int64_t bytes =
        type.getNumElements() * getElementBytes(type.getElementType());
    states.push_back(b.getDictionaryAttr(
        {b.getNamedAttr("type", b.getStringAttr(getName(ports[i].type))),
         b.getNamedAttr("bytes", b.getI64IntegerAttr(bytes)),
         b.getNamedAttr(
             "initial",
             main.getArgAttr(i, tconv::TConvDialect::kInitialAttr))}));
  }
  return states;
}

void NeonDescribeNetwork::runOnOperation() {
  ModuleOp module = getOperation();
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal()) {
    module.emitError("has no function 'main'");
    return signalPassFailure();
  }
  Builder b(module.getContext());
  SmallVector<Attribute> inputs, outputs, states;
  for (auto [port, argument] :
       llvm::zip_equal(lacuna::getInputs(module), main.getArguments()))
    inputs.push_back(describePort(b, port, findInputQuantization(argument)));
  Operation *terminator = main.getBody().front().getTerminator();
  for (auto [port, result] :
       llvm::zip_equal(lacuna::getOutputs(module), terminator->getOperands()))
    outputs.push_back(describePort(b, port, findOutputQuantization(result)));
  if (tconv::StreamAttr stream = tconv::getStream(module)) {
    states =
        describeStates(b, main, lacuna::getInputs(module), stream.getStates());
    // Frames and clock; outputs without what is new of them, and the states.
    inputs.resize(2);
    outputs.resize(outputs.size() - stream.getStates() - 1);
    module->setAttr(neon::kStatesAttr, b.getArrayAttr(states));
  }
  // Inputs belong to the app: nothing is computed in place there.
  for (size_t i = 0; i < inputs.size(); ++i)
    main.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName,
                    b.getBoolAttr(false));
  module->setAttr(neon::kInputsAttr, b.getArrayAttr(inputs));
  module->setAttr(neon::kOutputsAttr, b.getArrayAttr(outputs));
  module->setAttr(neon::kLayersAttr, describeLayers(b, main));
}
