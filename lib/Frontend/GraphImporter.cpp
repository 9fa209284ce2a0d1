//===- GraphImporter.cpp - Walks an ONNX graph and builds the module -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"

#include "Constant.h"
#include "ConstantEvaluator.h"
#include "SchemaCheck.h"

#include "dialects/nn/IR/NNDialect.h"
#include "dialects/nn/IR/NodeLocation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;

namespace lacuna {

/// Constants are computed at import up to this many elements, in at most so
/// many steps: shape arithmetic, not weights.
static constexpr int64_t kMaxFoldedElements = 1 << 14;
static constexpr int64_t kMaxFoldSteps = 1 << 20;

GraphImporter::GraphImporter(std::shared_ptr<onnx::ModelProto> model,
                             StringRef folder, MLIRContext &context,
                             const ImportOptions &options, ImportResult &result)
    : model(std::move(model)), folder(folder), context(context),
      options(options), result(result), builder(&context) {}

void GraphImporter::note(ImportFailure failure) {
  result.failure = std::max(result.failure, failure);
}

InFlightDiagnostic GraphImporter::emitInvalid(Location loc) {
  note(ImportFailure::Invalid);
  return emitError(loc);
}

InFlightDiagnostic GraphImporter::emitUnsupported(Location loc) {
  note(ImportFailure::Unsupported);
  return emitError(loc);
}

InFlightDiagnostic GraphImporter::emitUsage() {
  note(ImportFailure::Usage);
  return emitError(UnknownLoc::get(&context));
}

void GraphImporter::run() {
  Location loc = UnknownLoc::get(&context);
  if (failed(readOpsets(model->opset_import(), opsets)))
    return;
  result.module = ModuleOp::create(loc, "model");
  builder.setInsertionPointToEnd(result.module->getBody());
  bool complete = succeeded(importGraph()) &&
                  (result.failure == ImportFailure::None ||
                   (options.keepUnsupported &&
                    result.failure == ImportFailure::Unsupported));
  if (!complete) {
    if (result.failure == ImportFailure::None)
      emitInvalid(loc) << "the import failed without saying why";
    result.module = nullptr;
    return;
  }
  if (failed(verify(*result.module))) {
    note(ImportFailure::Unsupported);
    result.module = nullptr;
  }
}

LogicalResult GraphImporter::readOpsets(
    const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &sets,
    llvm::StringMap<int64_t> &opsets) {
  Location loc = UnknownLoc::get(&context);
  for (const onnx::OperatorSetIdProto &set : sets) {
    StringRef domain = set.domain();
    if (domain == "ai.onnx")
      domain = "";
    opsets[domain] = set.version();
    if (!domain.empty())
      continue;
    if (set.version() > kNewestOpset)
      return emitUnsupported(loc)
             << "the model uses ONNX opset " << set.version()
             << ", which is too new: Lacuna knows opsets " << kOldestOpset
             << " to " << kNewestOpset;
    if (set.version() < kOldestOpset)
      return emitUnsupported(loc)
             << "the model uses ONNX opset " << set.version()
             << ", which is too old: Lacuna knows opsets " << kOldestOpset
             << " to " << kNewestOpset;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The graph: inputs, initializers, outputs
//===----------------------------------------------------------------------===//

/// Whether `dim` is open and has no name that could stand in a shape.
static bool isUnnamed(const onnx::TensorShapeProto::Dimension &dim) {
  StringRef name = dim.dim_param();
  bool isName =
      !name.empty() && !name.contains('x') &&
      llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  return !dim.has_dim_value() && !isName;
}

FailureOr<ImportedValue>
GraphImporter::resolveInput(const onnx::ValueInfoProto &info) {
  Location loc = UnknownLoc::get(&context);
  ImportedValue input;
  input.name = info.name();
  if (!info.type().has_tensor_type())
    return emitUnsupported(loc)
           << "input '" << info.name()
           << "' is a sequence, map or optional, not a tensor";
  const auto &tensor = info.type().tensor_type();
  std::optional<DType> type = toDType(tensor.elem_type());
  if (!type)
    return emitUnsupported(loc)
           << "input '" << info.name() << "' has the element type "
           << onnxTypeName(tensor.elem_type());
  input.type = *type;
  auto given = options.shapes.find(input.name);
  auto bound = options.bindings.find(input.name);
  if (!tensor.has_shape() && given == options.shapes.end() &&
      bound == options.bindings.end()) {
    result.inputsToShape.push_back(input.name);
    return emitUnsupported(loc)
           << "input '" << info.name() << "' has no shape; give it one with "
           << "--shape " << info.name() << "=SIZExSIZEx...";
  }

  // Open dimensions go by the names that the model gives them, if these can be
  // told from what is around them.
  std::string pattern, meanings;
  unsigned unnamed = llvm::count_if(tensor.shape().dim(), isUnnamed),
           number = 0;
  for (const auto &dim : tensor.shape().dim()) {
    pattern += pattern.empty() ? "" : "x";
    if (dim.has_dim_value() && dim.dim_value() >= 0) {
      pattern += std::to_string(dim.dim_value());
      input.shape.push_back(dim.dim_value());
      continue;
    }
    if (dim.has_dim_value())
      return emitInvalid(loc) << "input '" << info.name()
                              << "' has the dimension " << dim.dim_value();
    std::string name = dim.dim_param();
    if (isUnnamed(dim)) {
      name = "N" + (unnamed > 1 ? std::to_string(++number) : "");
      if (!dim.dim_param().empty())
        meanings += ", where " + name + " is '" + dim.dim_param() + "'";
    }
    pattern += name;
    input.shape.push_back(ShapedType::kDynamic);
  }
  SmallVector<int64_t> fixed;
  if (given != options.shapes.end())
    fixed = given->second;
  else if (bound != options.bindings.end())
    fixed = SmallVector<int64_t>(bound->second.getShape());
  else
    fixed = input.shape;
  // A literal takes the model's shape, which createBinding compares it with.
  if (bound != options.bindings.end() && given == options.shapes.end() &&
      tensor.has_shape() && !ShapedType::isDynamicShape(input.shape))
    fixed = input.shape;
  if (ShapedType::isDynamicShape(fixed)) {
    result.inputsToShape.push_back(input.name);
    return emitUnsupported(loc)
           << "input '" << info.name() << "' has the open shape " << pattern
           << meanings << "; fix it with --shape " << info.name() << "="
           << pattern << ", with a number for each name";
  }
  if (tensor.has_shape()) {
    bool fits = fixed.size() == input.shape.size();
    for (size_t i = 0; fits && i < fixed.size(); ++i)
      fits =
          ShapedType::isDynamic(input.shape[i]) || input.shape[i] == fixed[i];
    if (!fits)
      return emitUsage() << "the shape given for input '" << info.name()
                         << "' does not fit the model's " << pattern;
  }
  if (!isPossibleShape(input.type, fixed))
    return emitInvalid(loc)
           << "input '" << info.name() << "' has an impossible shape";
  for (int64_t size : fixed)
    if (size > kMaxExtent)
      return emitUnsupported(loc)
             << "input '" << info.name() << "' has the dimension " << size
             << "; the greatest that is supported is " << kMaxExtent;
  input.shape = fixed;
  return input;
}

LogicalResult GraphImporter::checkOptions() {
  auto check = [&](StringRef option, StringRef name) -> LogicalResult {
    if (llvm::is_contained(result.inputNames, name))
      return success();
    return emitUsage() << option << " names '" << name
                       << "', which is no input of the model; there are: "
                       << llvm::join(result.inputNames, ", ");
  };
  for (const auto &entry : options.shapes)
    if (failed(check("--shape", entry.first())))
      return failure();
  for (const auto &entry : options.bindings)
    if (failed(check("--bind", entry.first())))
      return failure();
  return success();
}

FailureOr<Operand> GraphImporter::createBinding(const ImportedValue &input,
                                                const HostTensor &value) {
  Location loc = NameLoc::get(StringAttr::get(&context, input.name));
  if (std::optional<int64_t> lost = value.findLost(input.type))
    return emitUsage() << "the value bound to input '" << input.name
                       << "' holds " << value.getAsDouble(*lost)
                       << ", which is no " << getName(input.type);
  HostTensor tensor = value.convertTo(input.type);
  int64_t count = 1;
  for (int64_t size : input.shape)
    count *= size;
  if (count != tensor.getNumElements())
    return emitUsage() << "the value bound to input '" << input.name << "' is "
                       << describe(value.getType(), value.getShape())
                       << ", not " << describe(input.type, input.shape);
  ElementsAttr elements =
      lacuna::createElements(&context, tensor.reshape(input.shape));
  return Operand{arith::ConstantOp::create(builder, loc, elements), input.type};
}

LogicalResult GraphImporter::importInitializers(const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    if (scope->values.count(tensor.name()))
      return emitInvalid(UnknownLoc::get(&context))
             << "the name '" << tensor.name() << "' is defined twice";
    FailureOr<Operand> constant = createConstant(
        NameLoc::get(StringAttr::get(&context, tensor.name())), tensor);
    // What uses it cannot be imported then, but others still can.
    scope->values[tensor.name()] = succeeded(constant) ? *constant : Operand();
    if (failed(constant) && result.failure == ImportFailure::Invalid)
      return failure();
  }
  if (graph.sparse_initializer_size())
    return emitUnsupported(UnknownLoc::get(&context))
           << "the model has sparse initializers";
  return success();
}

LogicalResult GraphImporter::checkDeclared(const onnx::ValueInfoProto &output,
                                           const Operand &value) {
  if (!output.has_type())
    return success();
  const auto &declared = output.type().tensor_type();
  bool fits = output.type().has_tensor_type() &&
              (declared.elem_type() == 0 ||
               toDType(declared.elem_type()) == value.type);
  std::string pattern = onnxTypeName(declared.elem_type()) + " [";
  if (declared.has_shape()) {
    fits &= declared.shape().dim_size() == value.getRank();
    for (auto [i, dim] : llvm::enumerate(declared.shape().dim())) {
      // A negative dimension is a way of saying that it is open.
      bool fixed = dim.has_dim_value() && dim.dim_value() >= 0;
      fits = fits && (!fixed || dim.dim_value() == value.getDim(i));
      pattern +=
          (i ? ", " : "") + (fixed ? std::to_string(dim.dim_value())
                             : dim.dim_param().empty() ? "?"
                                                       : dim.dim_param());
    }
  }
  if (fits)
    return success();
  return emitInvalid(UnknownLoc::get(&context))
         << "output '" << output.name() << "' is declared "
         << (output.type().has_tensor_type() ? pattern + "]" : "no tensor")
         << ", but is " << describe(value.type, value.getShape());
}

LogicalResult GraphImporter::importGraph() {
  Location unknown = UnknownLoc::get(&context);
  const onnx::GraphProto &graph = model->graph();
  Scope top;
  llvm::SaveAndRestore<Scope *> enter(scope, &top);

  llvm::StringMap<bool> initialized;
  for (const onnx::TensorProto &tensor : graph.initializer())
    initialized[tensor.name()] = true;

  // Until IR version 4 initializers were listed among the inputs.
  SmallVector<ImportedValue> arguments, bound;
  bool ok = true;
  llvm::StringSet<> inputNames;
  for (const onnx::ValueInfoProto &info : graph.input()) {
    if (!inputNames.insert(info.name()).second)
      return emitInvalid(unknown)
             << "the input '" << info.name() << "' is listed twice";
    if (initialized.count(info.name()))
      continue;
    result.inputNames.push_back(info.name());
    FailureOr<ImportedValue> input = resolveInput(info);
    if (failed(input)) {
      ok = false;
      continue;
    }
    (options.bindings.count(info.name()) ? bound : arguments).push_back(*input);
  }
  if (failed(checkOptions()) || !ok)
    return failure();

  SmallVector<Type> types;
  for (const ImportedValue &input : arguments)
    types.push_back(RankedTensorType::get(
        input.shape, getElementType(&context, input.type)));
  auto func = func::FuncOp::create(builder, unknown, "main",
                                   builder.getFunctionType(types, {}));
  Block *body = func.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  auto describeValue = [&](StringRef name, DType type) {
    return builder.getDictionaryAttr(
        {builder.getNamedAttr(nn::NNDialect::kNameAttr,
                              builder.getStringAttr(name)),
         builder.getNamedAttr(nn::NNDialect::kTypeAttr,
                              builder.getStringAttr(getName(type)))});
  };
  for (auto [i, input] : llvm::enumerate(arguments)) {
    BlockArgument argument = body->getArgument(i);
    argument.setLoc(NameLoc::get(builder.getStringAttr(input.name)));
    func.setArgAttrs(i, describeValue(input.name, input.type));
    top.values[input.name] = {argument, input.type};
    argumentNames[argument] = input.name;
  }
  for (const ImportedValue &input : bound) {
    FailureOr<Operand> constant =
        createBinding(input, options.bindings.find(input.name)->second);
    if (failed(constant))
      return failure();
    top.values[input.name] = *constant;
  }
  if (failed(importInitializers(graph)) || failed(importNodes(graph.node())))
    return failure();

  SmallVector<Value> results;
  SmallVector<Type> resultTypes;
  SmallVector<Attribute> resultAttrs;
  if (graph.output_size() == 0)
    return emitInvalid(unknown) << "the graph has no output";
  llvm::StringSet<> outputNames;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    if (!outputNames.insert(output.name()).second)
      return emitInvalid(unknown)
             << "the output '" << output.name() << "' is listed twice";
    const Operand *value = scope->find(output.name());
    if (!value)
      return emitInvalid(unknown)
             << "graph output '" << output.name() << "' is made by no node";
    if (!value->value && options.keepUnsupported)
      continue;
    if (!value->value)
      return failure();
    if (failed(checkDeclared(output, *value)))
      return failure();
    results.push_back(value->value);
    resultTypes.push_back(value->value.getType());
    resultAttrs.push_back(describeValue(output.name(), value->type));
  }
  func::ReturnOp::create(builder, unknown, results);
  func.setType(builder.getFunctionType(types, resultTypes));
  func.setAllResultAttrs(resultAttrs);

  // What only unsupported nodes use is not dead.
  if (result.failure != ImportFailure::None)
    return success();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*body)))
    if (isOpTriviallyDead(&op))
      op.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

std::string GraphImporter::makeUniqueName(const onnx::NodeProto &proto,
                                          size_t index) {
  std::string name = proto.name();
  if (name.empty())
    name = (proto.output_size() ? proto.output(0) : proto.op_type()) + "_" +
           std::to_string(index);
  std::string base = name;
  for (size_t &count = nodeNames[base];
       !nodeNames.try_emplace(name, 1).second && count;)
    name = base + "_" + std::to_string(count++);
  return name;
}

LogicalResult GraphImporter::importNodes(const Nodes &nodes) {
  for (int i = 0; i < nodes.size(); ++i) {
    if (succeeded(importNode(nodes.Get(i), i, nodes)))
      continue;
    // All that is unsupported is reported together; a wrong model stops here.
    if (result.failure >= ImportFailure::Invalid)
      return failure();
    for (const std::string &output : nodes.Get(i).output())
      if (!output.empty())
        scope->values[output] = makePlaceholder(output);
  }
  return success();
}

LogicalResult GraphImporter::gatherInputs(Node &node, const Nodes &nodes) {
  bool known = true;
  for (const std::string &name : node.proto.input()) {
    if (name.empty()) {
      node.inputs.push_back(Operand());
      continue;
    }
    const Operand *operand = scope->find(name);
    if (!operand) {
      for (const onnx::NodeProto &other : nodes)
        if (llvm::is_contained(other.output(), name))
          return node.invalid("it uses '" + name +
                              "', which only a later node makes: the graph is "
                              "cyclic or its nodes are out of order");
      return node.invalid("it uses '" + name +
                          "', which is neither an input nor an initializer nor "
                          "made by a node");
    }
    known &= operand->value != nullptr;
    node.inputs.push_back(*operand);
  }
  // An input that could not be imported has been reported already.
  node.reported = !known;
  return success(known);
}

LogicalResult GraphImporter::importNode(const onnx::NodeProto &proto,
                                        size_t index, const Nodes &nodes) {
  StringRef domain = proto.domain();
  if (domain == "ai.onnx")
    domain = "";
  auto opset = opsets.find(domain);
  std::string name =
      enclosing ? enclosing->getName().str() : makeUniqueName(proto, index);
  NodeId id{name, proto.op_type(), opset == opsets.end() ? 0 : opset->second};
  Location loc =
      enclosing ? enclosing->b.getLoc() : getNodeLocation(&context, id);
  Node node(*this, proto, name, proto.op_type(), id.opset, loc, builder);
  if (opset == opsets.end())
    return node.invalid("its domain '" + domain +
                        "' is not among the opsets that the model imports");

  bool imported = false;
  llvm::scope_exit recordRefusal([&] {
    if (!imported && !enclosing && options.keepUnsupported)
      record(node, /*folded=*/false, /*supported=*/false);
  });
  bool complete = succeeded(gatherInputs(node, nodes));
  if (!complete && result.failure >= ImportFailure::Invalid)
    return failure();
  const OpEntry *entry =
      OpTable::get().lookup(domain, proto.op_type(), id.opset);
  onnx::FunctionProto function;
  bool isFunction = !entry && findFunction(node, function);
  if (!entry && !isFunction) {
    StringRef near =
        domain.empty() ? OpTable::get().nearest(proto.op_type()) : StringRef();
    if (OpTable::get().knows(domain, proto.op_type()))
      return node.unsupported("the operator is not supported at opset " +
                              Twine(id.opset));
    if (!domain.empty())
      return node.unsupported("the operator is not supported; its domain is '" +
                              domain + "'");
    return node.unsupported(
        "the operator is not supported",
        near.empty() ? "" : "the nearest supported operator is " + near.str());
  }
  if (entry && !entry->handler)
    return node.unsupported(entry->refusal);
  if (!complete)
    return failure();
  if (domain.empty() && failed(checkAgainstSchema(node, proto)))
    return failure();

  Operation *before = builder.getInsertionBlock()->empty()
                          ? nullptr
                          : &builder.getInsertionBlock()->back();
  LogicalResult handled =
      isFunction ? importFunction(node, function) : entry->handler(node);
  if (failed(handled)) {
    if (!node.reported)
      return node.unsupported("this use of the operator is not supported");
    return failure();
  }
  if (failed(checkOutputs(node)))
    return failure();
  bool folded = foldOutputs(node, before);
  for (auto [output, operand] : llvm::zip(proto.output(), node.outputs)) {
    if (output.empty())
      continue;
    auto [entry, isNew] = scope->values.try_emplace(output, operand);
    if (!isNew)
      return node.invalid("it makes '" + output +
                          "', which is defined already");
  }
  imported = true;
  if (!enclosing)
    record(node, folded, /*supported=*/true);
  return success();
}

LogicalResult GraphImporter::checkOutputs(Node &node) {
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (!node.wantsOutput(i))
      continue;
    if (!node.outputs[i].value)
      return node.unsupported("its output " + Twine(i) + " ('" +
                              node.proto.output(i) + "') is not supported");
    if (!isPossibleShape(node.outputs[i].type, node.outputs[i].getShape()))
      return node.invalid("its output '" + node.proto.output(i) +
                          "' would have an impossible shape");
  }
  return success();
}

bool GraphImporter::foldOutputs(Node &node, Operation *before) {
  if (!node.isFoldable())
    return false;
  for (size_t i = 0; i < node.getNumInputs(); ++i)
    if (node.hasInput(i) && !node.isConstant(i))
      return false;
  bool all = true;
  for (auto [i, output] : llvm::enumerate(node.outputs)) {
    if (!output.value || getConstantElements(output.value))
      continue;
    DenseElementsAttr value;
    if (output.getNumElements() <= kMaxFoldedElements)
      value = evaluateConstant(output.value, kMaxFoldSteps);
    if (!value) {
      all = false;
      continue;
    }
    Location loc = NameLoc::get(builder.getStringAttr(node.proto.output(i)));
    output.value = arith::ConstantOp::create(builder, loc, value);
  }
  Block *block = builder.getInsertionBlock();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block))) {
    if (&op == before)
      break;
    bool isOutput = llvm::any_of(node.outputs, [&](const Operand &output) {
      return output.value && output.value.getDefiningOp() == &op;
    });
    if (!isOutput && isOpTriviallyDead(&op))
      op.erase();
  }
  return all;
}

ImportedWeight GraphImporter::makeWeight(const Node &node, size_t index,
                                         ElementsAttr elements) {
  ImportedWeight weight;
  weight.name = node.getInputName(index).str();
  weight.elements = elements;
  weight.isScaling = node.scaling.contains(index);
  auto known = node.zeroPoints.find(index);
  if (known != node.zeroPoints.end() && node.hasInput(known->second.first)) {
    weight.zeroPoint =
        getConstantElements(node.getInput(known->second.first).value);
    weight.axis = known->second.second;
  }
  return weight;
}

void GraphImporter::record(const Node &node, bool folded, bool supported) {
  ImportedNode entry;
  entry.name = node.getName().str();
  entry.opType = node.getOpType().str();
  entry.opset = node.getOpset();
  entry.folded = folded;
  entry.supported = supported;
  entry.refusal = node.refusal;
  entry.remedy = node.remedy;
  for (size_t i = 0; i < node.getNumInputs(); ++i) {
    if (!node.hasInput(i))
      continue;
    const Operand &input = node.getInput(i);
    entry.inputs.push_back({node.getInputName(i).str(), input.type,
                            SmallVector<int64_t>(input.getShape())});
    if (!folded && !node.consumed.count(i))
      if (ElementsAttr elements = getConstantElements(input.value);
          elements && (supported || input.type != DType::Int64))
        entry.weights.push_back(makeWeight(node, i, elements));
  }
  if (!supported && !typesInferred && depth == 0)
    inferTypes();
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (!node.wantsOutput(i))
      continue;
    const std::string &name = node.proto.output(i);
    if (node.outputs[i].value)
      entry.outputs.push_back(
          {name, node.outputs[i].type,
           SmallVector<int64_t>(node.outputs[i].getShape())});
    else if (auto known = inferredTypes.find(name);
             known != inferredTypes.end())
      entry.outputs.push_back(known->second);
  }
  result.nodes.push_back(std::move(entry));
}

bool GraphImporter::traceInputs(Value value,
                                SmallVectorImpl<std::string> &names) {
  llvm::SetVector<Value> seen;
  seen.insert(value);
  for (size_t i = 0; i < seen.size(); ++i) {
    if (placeholders.contains(seen[i]))
      return false;
    auto argument = argumentNames.find(seen[i]);
    if (argument != argumentNames.end()) {
      names.push_back(argument->second);
      continue;
    }
    if (Operation *op = seen[i].getDefiningOp())
      op->walk([&](Operation *inner) {
        seen.insert(inner->operand_begin(), inner->operand_end());
      });
  }
  for (const std::string &name : names)
    if (!llvm::is_contained(result.inputsToBind, name))
      result.inputsToBind.push_back(name);
  return true;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

FailureOr<Operand>
GraphImporter::createConstant(Location loc, const onnx::TensorProto &tensor) {
  std::optional<DType> type = getReadType(tensor);
  if (!type)
    return emitUnsupported(loc)
           << "constant '" << tensor.name() << "' has the element type "
           << onnxTypeName(tensor.data_type());
  FailureOr<ElementsAttr> elements = createElements(loc, tensor);
  if (failed(elements))
    return failure();
  return Operand{arith::ConstantOp::create(builder, loc, *elements), *type};
}

} // namespace lacuna
