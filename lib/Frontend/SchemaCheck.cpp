//===- SchemaCheck.cpp - Nodes against the ONNX schemas -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SchemaCheck.h"

#include "GraphImporter.h"

#include "onnx/defs/schema.h"

using namespace mlir;

namespace lacuna {

/// The newest opset that the installed ONNX library describes.
static int64_t newestSchemaOpset() {
  static int64_t newest =
      onnx::OpSchemaRegistry::DomainToVersionRange::Instance()
          .Map()
          .at("")
          .second;
  return newest;
}

/// How schemas spell the type of a tensor.
static std::string schemaTypeName(DType type) {
  StringRef name = getName(type);
  if (name == "float32")
    name = "float";
  if (name == "float64")
    name = "double";
  return ("tensor(" + name + ")").str();
}

static LogicalResult checkTypes(Node &node, const onnx::OpSchema &schema,
                                bool exact) {
  llvm::StringMap<DType> bound;
  for (size_t i = 0; i < node.getNumInputs(); ++i) {
    size_t formal = std::min(i, schema.inputs().size() - 1);
    const auto &parameter = schema.inputs()[formal];
    bool variadic = parameter.GetOption() == onnx::OpSchema::Variadic;
    if (i > formal && !variadic)
      break;
    if (!node.hasInput(i)) {
      if (parameter.GetOption() == onnx::OpSchema::Single)
        return node.invalid("input " + Twine(i) + " ('" + parameter.GetName() +
                            "') is missing");
      continue;
    }
    DType type = node.getInput(i).type;
    std::string name = schemaTypeName(type);
    bool allowed = llvm::any_of(parameter.GetTypes(), [&](const auto *known) {
      return known && *known == name;
    });
    if (!allowed && exact)
      return node.invalid("input '" + node.getInputName(i) + "' is " +
                          getName(type) + ", which the operator does not take");
    if (!allowed)
      return node.unsupported("input '" + node.getInputName(i) + "' is " +
                              getName(type) + ", which is not supported here");
    if (variadic && !parameter.GetIsHomogeneous())
      continue;
    auto [entry, isNew] = bound.try_emplace(parameter.GetTypeStr(), type);
    if (!isNew && entry->second != type)
      return node.invalid("inputs that must have one element type are " +
                          getName(entry->second) + " and " + getName(type));
  }
  return success();
}

LogicalResult checkAgainstSchema(Node &node, const onnx::NodeProto &proto) {
  bool exact = node.getOpset() <= newestSchemaOpset();
  const onnx::OpSchema *schema = onnx::OpSchemaRegistry::Schema(
      proto.op_type(), std::min<int64_t>(node.getOpset(), newestSchemaOpset()),
      "");
  if (!schema)
    return success();
  if (exact) {
    try {
      schema->Verify(proto);
    } catch (const std::exception &error) {
      StringRef reason = error.what();
      return node.invalid("it does not fit the ONNX standard: " +
                          reason.split('\n').first);
    }
  } else {
    if (proto.input_size() < schema->min_input())
      return node.invalid("it has " + Twine(proto.input_size()) +
                          " inputs, but needs " + Twine(schema->min_input()));
    for (const onnx::AttributeProto &attr : proto.attribute()) {
      auto known = schema->attributes().find(attr.name());
      if (known != schema->attributes().end() &&
          known->second.type != attr.type())
        return node.invalid("attribute '" + attr.name() +
                            "' has the wrong type");
    }
  }
  if (schema->inputs().empty())
    return success();
  return checkTypes(node, *schema, exact);
}

} // namespace lacuna
