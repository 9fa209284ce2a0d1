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

namespace {
struct NewAttribute {
  StringLiteral name = "";
  int type = 0;
};

/// What an operator got, or lost, after the newest opset that the library
/// describes.
struct Change {
  StringLiteral name;
  int64_t since;
  /// The inputs it takes now, at most; 0 if as many as before.
  int inputs;
  NewAttribute attributes[3] = {};
  StringLiteral removed = "";
};

/// Types of inputs that an operator takes since then.
struct NewTypes {
  StringLiteral name;
  int64_t since;
  DType types[2];
};

/// An operator that the library does not know at all.
struct NewOp {
  StringLiteral name;
  size_t inputs;
  NewAttribute attributes[3] = {};
};
} // namespace

static constexpr int kInt = onnx::AttributeProto::INT;
static constexpr int kInts = onnx::AttributeProto::INTS;
static constexpr int kFloat = onnx::AttributeProto::FLOAT;
static constexpr int kString = onnx::AttributeProto::STRING;

static constexpr Change kChanges[] = {
    {"AveragePool", 19, 0, {{"dilations", kInts}}},
    {"Cast", 19, 0, {{"saturate", kInt}}},
    {"CastLike", 19, 0, {{"saturate", kInt}}},
    {"DequantizeLinear", 21, 0, {{"block_size", kInt}}},
    {"DequantizeLinear", 23, 0, {{"output_dtype", kInt}}},
    {"LpPool", 18, 0, {{"ceil_mode", kInt}, {"dilations", kInts}}},
    {"Pad", 18, 4},
    {"QuantizeLinear", 19, 0, {{"saturate", kInt}}},
    {"QuantizeLinear", 21, 0, {{"block_size", kInt}, {"output_dtype", kInt}}},
    {"QuantizeLinear", 23, 0, {{"precision", kInt}}},
    {"ReduceL1", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceL2", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceLogSum", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceLogSumExp", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceMax", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceMean", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceMin", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceProd", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"ReduceSumSquare", 18, 2, {{"noop_with_empty_axes", kInt}}, "axes"},
    {"Resize",
     18,
     0,
     {{"antialias", kInt},
      {"axes", kInts},
      {"keep_aspect_ratio_policy", kString}}},
    {"Split", 18, 0, {{"num_outputs", kInt}}},
};

static constexpr NewTypes kNewTypes[] = {
    {"DequantizeLinear", 21, {DType::Int16, DType::UInt16}},
    {"QuantizeLinear", 21, {DType::Int16, DType::UInt16}},
};

static constexpr NewOp kNewOps[] = {
    {"BitwiseAnd", 2},
    {"BitwiseNot", 1},
    {"BitwiseOr", 2},
    {"BitwiseXor", 2},
    {"Gelu", 1, {{"approximate", kString}}},
    {"GroupNormalization",
     3,
     {{"epsilon", kFloat}, {"num_groups", kInt}, {"stash_type", kInt}}},
    {"Mish", 1},
    {"RMSNormalization",
     2,
     {{"axis", kInt}, {"epsilon", kFloat}, {"stash_type", kInt}}},
};

/// Whether `attr` is among `known`; an error if it has another type.
static FailureOr<bool> isAmong(Node &node, const onnx::AttributeProto &attr,
                               ArrayRef<NewAttribute> known) {
  const NewAttribute *found = llvm::find_if(
      known, [&](const NewAttribute &one) { return one.name == attr.name(); });
  if (found == known.end() || attr.name().empty())
    return false;
  if (found->type != attr.type())
    return node.invalid("attribute '" + attr.name() + "' has the wrong type");
  return true;
}

static LogicalResult verifyNode(Node &node, const onnx::NodeProto &proto,
                                const onnx::OpSchema &schema) {
  try {
    schema.Verify(proto);
  } catch (const std::exception &error) {
    StringRef reason = error.what();
    return node.invalid("it does not fit the ONNX standard: " +
                        reason.split('\n').first);
  }
  return success();
}

/// Checks a node against the newest schema that is known of its operator, with
/// what newer opsets changed.
static LogicalResult checkAgainstOlder(Node &node, const onnx::NodeProto &proto,
                                       const onnx::OpSchema &schema) {
  SmallVector<const Change *> changes;
  for (const Change &change : kChanges)
    if (change.name == proto.op_type() && change.since <= node.getOpset())
      changes.push_back(&change);
  if (changes.empty())
    return verifyNode(node, proto, schema);
  // What is new has been checked here; the rest is as it was.
  onnx::NodeProto older = proto;
  older.clear_attribute();
  for (const onnx::AttributeProto &attr : proto.attribute()) {
    bool isNew = false;
    for (const Change *change : changes) {
      if (!change->removed.empty() && attr.name() == change->removed)
        return node.invalid("attribute '" + attr.name() +
                            "' is an input since opset " +
                            Twine(change->since));
      FailureOr<bool> added = isAmong(node, attr, change->attributes);
      if (failed(added))
        return failure();
      isNew |= *added;
    }
    if (!isNew)
      *older.add_attribute() = attr;
  }
  int inputs = schema.max_input();
  for (const Change *change : changes)
    inputs = std::max(inputs, change->inputs);
  if (proto.input_size() > inputs)
    return node.invalid("it has " + Twine(proto.input_size()) +
                        " inputs, but takes " + Twine(inputs));
  while (older.input_size() > schema.max_input())
    older.mutable_input()->RemoveLast();
  return verifyNode(node, older, schema);
}

/// Checks a node whose operator the library does not know.
static LogicalResult checkNewOp(Node &node, const onnx::NodeProto &proto) {
  const NewOp *op = llvm::find_if(kNewOps, [&](const NewOp &known) {
    return known.name == proto.op_type();
  });
  if (op == std::end(kNewOps))
    return success();
  if (node.getNumInputs() != op->inputs)
    return node.invalid("it has " + Twine(node.getNumInputs()) +
                        " inputs, but needs " + Twine(op->inputs));
  for (size_t i = 0; i < op->inputs; ++i)
    if (!node.hasInput(i))
      return node.invalid("input " + Twine(i) + " is missing");
  for (const onnx::AttributeProto &attr : proto.attribute()) {
    FailureOr<bool> known = isAmong(node, attr, op->attributes);
    if (failed(known))
      return failure();
    if (!*known)
      return node.invalid("it has no attribute '" + attr.name() + "'");
  }
  return success();
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

/// Whether the operator of `node` takes inputs of `type` now. Which of them,
/// its handler knows.
static bool isNewType(Node &node, StringRef name, DType type) {
  return llvm::any_of(kNewTypes, [&](const NewTypes &change) {
    return change.name == name && change.since <= node.getOpset() &&
           llvm::is_contained(change.types, type);
  });
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
    allowed |= isNewType(node, schema.Name(), type);
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
    return checkNewOp(node, proto);
  if (failed(exact ? verifyNode(node, proto, *schema)
                   : checkAgainstOlder(node, proto, *schema)))
    return failure();
  if (schema->inputs().empty())
    return success();
  return checkTypes(node, *schema, exact);
}

} // namespace lacuna
