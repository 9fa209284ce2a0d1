//===- Node.cpp - What a handler sees of an ONNX node -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Node.h"

#include "Constant.h"
#include "GraphImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;

namespace lacuna {

Type getElementType(MLIRContext *context, DType type) {
  switch (type) {
  case DType::Float32:
    return Float32Type::get(context);
  case DType::Float64:
    return Float64Type::get(context);
  case DType::Float16:
    return Float16Type::get(context);
  case DType::BFloat16:
    return BFloat16Type::get(context);
  case DType::Bool:
    return IntegerType::get(context, 1);
  default:
    return IntegerType::get(context, 8 * getByteSize(type));
  }
}

/// No tensor has more bytes than this.
static constexpr int64_t kMaxTensorBytes = int64_t(1) << 38;

bool isPossibleShape(DType type, ArrayRef<int64_t> shape) {
  int64_t bytes = getByteSize(type);
  for (int64_t size : shape) {
    bytes =
        llvm::checkedMul(bytes, std::max<int64_t>(size, 1)).value_or(INT64_MAX);
    if (size < 0 || bytes > kMaxTensorBytes)
      return false;
  }
  return true;
}

static int64_t clampExtent(int64_t value) {
  return std::clamp(value, -kMaxExtent, kMaxExtent);
}

Node::Node(GraphImporter &importer, const onnx::NodeProto &proto,
           StringRef name, StringRef opType, int64_t opset, Location loc,
           OpBuilder &builder)
    : b(loc, builder), importer(importer), proto(proto), name(name),
      opType(opType), opset(opset), outputs(proto.output_size()) {}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

StringRef Node::getInputName(size_t index) const {
  return int(index) < proto.input_size() ? StringRef(proto.input(index)) : "";
}

size_t Node::getNumOutputs() const { return proto.output_size(); }

bool Node::wantsOutput(size_t index) const {
  return int(index) < proto.output_size() && !proto.output(index).empty();
}

bool Node::isConstant(size_t index) const {
  return hasInput(index) && getConstantElements(inputs[index].value);
}

FailureOr<HostTensor> Node::getConstant(size_t index) {
  if (!hasInput(index))
    return invalid("input " + Twine(index) + " is missing");
  if (ElementsAttr elements = getConstantElements(inputs[index].value)) {
    consumed.insert(index);
    return readElements(elements, inputs[index].type);
  }
  SmallVector<std::string> toBind;
  if (!importer.traceInputs(inputs[index].value, toBind)) {
    // It comes from a node that has been refused: that has been said.
    reported = true;
    return failure();
  }
  std::string remedy;
  for (const std::string &input : toBind)
    remedy += (remedy.empty() ? "--bind " : " --bind ") + input + "=VALUE";
  return unsupported("the value of input '" + getInputName(index) +
                         "' must be known when the model is compiled",
                     remedy.empty() ? "" : "fix it with " + remedy);
}

FailureOr<SmallVector<int64_t>> Node::getConstantInts(size_t index) {
  FailureOr<HostTensor> tensor = getConstant(index);
  if (failed(tensor))
    return failure();
  if (lacuna::isFloat(tensor->getType()))
    return invalid("input '" + getInputName(index) +
                   "' must hold integers, not " +
                   lacuna::getName(tensor->getType()));
  SmallVector<int64_t> values;
  HostTensor wide = tensor->convertTo(DType::Int64);
  for (int64_t value : wide.elements<int64_t>())
    values.push_back(clampExtent(value));
  return values;
}

FailureOr<int64_t> Node::getConstantInt(size_t index) {
  FailureOr<SmallVector<int64_t>> values = getConstantInts(index);
  if (failed(values))
    return failure();
  if (values->size() != 1)
    return invalid("input '" + getInputName(index) + "' must hold one number");
  return values->front();
}

FailureOr<SmallVector<double>> Node::getConstantFloats(size_t index) {
  FailureOr<HostTensor> tensor = getConstant(index);
  if (failed(tensor))
    return failure();
  SmallVector<double> values;
  for (int64_t i = 0; i < tensor->getNumElements(); ++i)
    values.push_back(tensor->getAsDouble(i));
  return values;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *Node::findAttr(StringRef name) const {
  for (const onnx::AttributeProto &attr : proto.attribute())
    if (attr.name() == name)
      return &attr;
  return nullptr;
}

bool Node::hasAttr(StringRef name) const { return findAttr(name); }

int64_t Node::getInt(StringRef name, int64_t otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? clampExtent(attr->i()) : otherwise;
}

double Node::getFloat(StringRef name, double otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? attr->f() : otherwise;
}

StringRef Node::getString(StringRef name, StringRef otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? StringRef(attr->s()) : otherwise;
}

SmallVector<int64_t> Node::getInts(StringRef name) const {
  SmallVector<int64_t> values;
  if (const onnx::AttributeProto *attr = findAttr(name))
    for (int64_t value : attr->ints())
      values.push_back(clampExtent(value));
  return values;
}

SmallVector<int64_t> Node::getExactInts(StringRef name) const {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr)
    return {};
  if (attr->type() == onnx::AttributeProto::INT)
    return {attr->i()};
  return SmallVector<int64_t>(attr->ints().begin(), attr->ints().end());
}

SmallVector<float> Node::getFloats(StringRef name) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? SmallVector<float>(attr->floats().begin(), attr->floats().end())
              : SmallVector<float>();
}

SmallVector<std::string> Node::getStrings(StringRef name) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? SmallVector<std::string>(attr->strings().begin(),
                                         attr->strings().end())
              : SmallVector<std::string>();
}

FailureOr<DType> Node::getDType(StringRef name, DType otherwise) {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr)
    return otherwise;
  if (std::optional<DType> type = toDType(attr->i()))
    return *type;
  return unsupported("attribute '" + name + "' asks for the element type " +
                     onnxTypeName(attr->i()));
}

FailureOr<Operand> Node::getTensor(StringRef name) {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr || !attr->has_t())
    return invalid("attribute '" + name + "' must be a tensor");
  FailureOr<Operand> constant = importer.createConstant(b.getLoc(), attr->t());
  if (failed(constant))
    reported = true;
  return constant;
}

FailureOr<int64_t> Node::getAxis(StringRef name, int64_t otherwise,
                                 int64_t rank) {
  return wrapAxis(getInt(name, otherwise), rank);
}

FailureOr<int64_t> Node::wrapAxis(int64_t value, int64_t rank) {
  if (value < -rank || value >= rank)
    return invalid("axis " + Twine(value) + " is outside a tensor of rank " +
                   Twine(rank));
  return value < 0 ? value + rank : value;
}

//===----------------------------------------------------------------------===//
// Results and refusals
//===----------------------------------------------------------------------===//

void Node::setOutput(size_t index, Value value, DType type) {
  if (index < outputs.size())
    outputs[index] = {value, type};
}

static void attachOperands(InFlightDiagnostic &diag, const Node &node) {
  for (size_t i = 0; i < node.getNumInputs(); ++i)
    if (node.hasInput(i))
      diag.attachNote() << "input '" << node.getInputName(i) << "' is "
                        << describe(node.getInput(i).type,
                                    node.getInput(i).getShape());
}

LogicalResult Node::unsupported(const Twine &reason, const Twine &remedy) {
  reported = true;
  refusal = reason.str();
  this->remedy = remedy.str();
  InFlightDiagnostic diag = importer.emitUnsupported(b.getLoc());
  diag << refusal;
  attachOperands(diag, *this);
  if (!this->remedy.empty())
    diag.attachNote() << this->remedy;
  return failure();
}

LogicalResult Node::invalid(const Twine &reason) {
  reported = true;
  InFlightDiagnostic diag = importer.emitInvalid(b.getLoc());
  diag << reason.str();
  attachOperands(diag, *this);
  return failure();
}

FailureOr<SmallVector<Operand>> Node::importSubgraph(StringRef name) {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr || !attr->has_g())
    return invalid("attribute '" + name + "' must be a graph");
  GraphImporter::Scope inner;
  inner.parent = importer.scope;
  llvm::SaveAndRestore<GraphImporter::Scope *> enter(importer.scope, &inner);
  llvm::SaveAndRestore<unsigned> deeper(importer.depth, importer.depth + 1);
  SmallVector<Operand> results;
  reported = true;
  if (importer.depth > 64)
    return invalid("graphs are nested more than 64 deep");
  if (failed(importer.importInitializers(attr->g())) ||
      failed(importer.importNodes(attr->g().node())))
    return failure();
  for (const onnx::ValueInfoProto &output : attr->g().output()) {
    const Operand *value = inner.find(output.name());
    if (!value)
      return invalid("subgraph output '" + output.name() +
                     "' is made by no node");
    // Its node has been refused: that has been said.
    if (!value->value)
      return failure();
    results.push_back(*value);
  }
  reported = false;
  return results;
}

} // namespace lacuna
