//===- Functions.cpp - Operators defined by other operators -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// ONNX defines some operators by a graph of others, and a model may bring
// functions of its own. Where no handler knows an operator better, its
// definition is imported in its place.
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "OpTable.h"

#include "onnx/defs/function.h"
#include "onnx/defs/schema.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;

namespace lacuna {

static constexpr unsigned kMaxFunctionDepth = 32;
/// How many nodes all calls together may put in their place: a function that
/// calls another twice, and so on, grows beyond any bound.
static constexpr size_t kMaxFunctionNodes = size_t(1) << 17;

static onnx::TypeProto makeTypeProto(const Operand &operand) {
  onnx::TypeProto type;
  if (!operand.value)
    return type;
  auto *tensor = type.mutable_tensor_type();
  for (int32_t code = 1; code < 17; ++code)
    if (toDType(code) == operand.type)
      tensor->set_elem_type(code);
  auto *shape = tensor->mutable_shape();
  for (int64_t size : operand.getShape())
    shape->add_dim()->set_dim_value(size);
  return type;
}

bool GraphImporter::findFunction(const Node &node,
                                 onnx::FunctionProto &function) {
  for (const onnx::FunctionProto &local : model->functions()) {
    if (local.name() == node.proto.op_type() &&
        local.domain() == node.proto.domain()) {
      function = local;
      return true;
    }
  }
  const onnx::OpSchema *schema = onnx::OpSchemaRegistry::Schema(
      node.proto.op_type(), node.getOpset(), node.proto.domain());
  if (!schema)
    return false;
  if (schema->HasFunction()) {
    function = *schema->GetFunction();
  } else if (schema->HasContextDependentFunction()) {
    std::vector<onnx::TypeProto> types;
    for (const Operand &input : node.getInputs())
      types.push_back(makeTypeProto(input));
    onnx::FunctionBodyBuildContextImpl bodyContext(node.proto, types);
    try {
      if (!schema->BuildContextDependentFunction(bodyContext, function))
        return false;
    } catch (const std::exception &) {
      return false;
    }
  } else {
    return false;
  }
  return true;
}

/// The value of attribute `name` in a call: the node's own, else the default.
static const onnx::AttributeProto *
findCallAttribute(const onnx::NodeProto &call, int64_t opset,
                  const std::string &name) {
  for (const onnx::AttributeProto &attr : call.attribute())
    if (attr.name() == name)
      return &attr;
  const onnx::OpSchema *schema =
      onnx::OpSchemaRegistry::Schema(call.op_type(), opset, call.domain());
  if (!schema)
    return nullptr;
  auto known = schema->attributes().find(name);
  if (known == schema->attributes().end() ||
      !known->second.default_value.has_name())
    return nullptr;
  return &known->second.default_value;
}

LogicalResult
GraphImporter::importFunction(Node &node, const onnx::FunctionProto &function) {
  if (depth >= kMaxFunctionDepth)
    return node.invalid("functions call each other more than " +
                        Twine(kMaxFunctionDepth) + " deep");
  functionNodes += function.node_size() + 1;
  if (functionNodes > kMaxFunctionNodes)
    return node.invalid("the functions of the model come to more than " +
                        Twine(kMaxFunctionNodes) + " nodes");
  Scope inner;
  for (int i = 0; i < function.input_size(); ++i)
    inner.values[function.input(i)] =
        node.hasInput(i) ? node.getInput(i) : Operand();

  onnx::FunctionProto body = function;
  for (onnx::NodeProto &inside : *body.mutable_node()) {
    // An optional input that the call leaves out is left out inside too.
    for (std::string &name : *inside.mutable_input()) {
      auto found = inner.values.find(name);
      if (found != inner.values.end() && !found->second.value)
        name.clear();
    }
    auto *attributes = inside.mutable_attribute();
    for (int i = attributes->size(); i-- > 0;) {
      onnx::AttributeProto &attr = *attributes->Mutable(i);
      if (attr.ref_attr_name().empty())
        continue;
      std::string name = attr.name();
      const onnx::AttributeProto *value =
          findCallAttribute(node.proto, node.getOpset(), attr.ref_attr_name());
      if (!value) {
        attributes->DeleteSubrange(i, 1);
        continue;
      }
      attr = *value;
      attr.set_name(name);
    }
  }

  llvm::StringMap<int64_t> innerOpsets;
  if (failed(readOpsets(body.opset_import(), innerOpsets)))
    return failure();
  for (const auto &set : opsets)
    innerOpsets.try_emplace(set.first(), set.second);
  node.reported = true;
  llvm::SaveAndRestore<Scope *> enterScope(scope, &inner);
  llvm::SaveAndRestore<Node *> enterNode(enclosing,
                                         enclosing ? enclosing : &node);
  llvm::SaveAndRestore<unsigned> deeper(depth, depth + 1);
  std::swap(opsets, innerOpsets);
  LogicalResult imported = importNodes(body.node());
  std::swap(opsets, innerOpsets);
  if (failed(imported))
    return failure();
  for (int i = 0; i < function.output_size(); ++i) {
    const Operand *output = inner.find(function.output(i));
    if (output && output->value)
      node.setOutput(i, output->value, output->type);
    else if (node.wantsOutput(i))
      return failure();
  }
  node.reported = false;
  return success();
}

/// The definition of `schema` for float tensors; false if it has none.
static bool readDefinition(const onnx::OpSchema &schema,
                           onnx::FunctionProto &function) {
  if (schema.HasFunction()) {
    function = *schema.GetFunction();
    return true;
  }
  if (!schema.HasContextDependentFunction())
    return false;
  onnx::NodeProto call;
  call.set_op_type(schema.Name());
  for (const auto &[name, attribute] : schema.attributes())
    if (attribute.default_value.has_name())
      *call.add_attribute() = attribute.default_value;
  std::vector<onnx::TypeProto> types(schema.min_input());
  for (onnx::TypeProto &type : types) {
    call.add_input("x" + std::to_string(call.input_size()));
    type.mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  }
  for (int i = 0; i < schema.min_output(); ++i)
    call.add_output("y" + std::to_string(i));
  onnx::FunctionBodyBuildContextImpl context(call, types);
  try {
    return schema.BuildContextDependentFunction(context, function);
  } catch (const std::exception &) {
    return false;
  }
}

/// Whether every operator in the definition of `schema` is in the table, or
/// defined by such in turn.
static bool isDefinedByTable(const onnx::OpSchema &schema) {
  onnx::FunctionProto function;
  if (schema.deprecated() || !readDefinition(schema, function))
    return false;
  int64_t opset = schema.SinceVersion();
  for (const onnx::OperatorSetIdProto &set : function.opset_import())
    if (set.domain().empty())
      opset = set.version();
  return llvm::all_of(function.node(), [&](const onnx::NodeProto &node) {
    if (const OpEntry *entry =
            OpTable::get().lookup(node.domain(), node.op_type(), opset))
      return entry->handler != nullptr;
    const onnx::OpSchema *inner =
        onnx::OpSchemaRegistry::Schema(node.op_type(), opset, node.domain());
    return inner && inner->Name() != schema.Name() && isDefinedByTable(*inner);
  });
}

void addInlinedOps(std::vector<SupportedOp> &ops) {
  for (const onnx::OpSchema &schema :
       onnx::OpSchemaRegistry::get_all_schemas_with_history())
    if (schema.domain().empty() && !OpTable::get().knows("", schema.Name()) &&
        isDefinedByTable(schema))
      ops.push_back({"", schema.Name(), schema.SinceVersion(), "", true});
}

} // namespace lacuna
