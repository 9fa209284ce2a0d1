//===- Recurrent.cpp - LSTM, GRU, RNN -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"
#include "OpTable.h"

#include "dialects/nn/IR/NNDialect.h"

using namespace mlir;
using namespace lacuna;

namespace {
/// The activation functions of a node: names, and two parameters each.
struct Activations {
  SmallVector<StringRef> names;
  SmallVector<float> parameters;
};
} // namespace

/// What ONNX gives a function where the node does not say.
static std::pair<float, float> getDefaults(StringRef name) {
  if (name == "LeakyRelu")
    return {0.01f, 0.0f};
  if (name == "Elu" || name == "ThresholdedRelu" || name == "Affine")
    return {1.0f, 0.0f};
  if (name == "HardSigmoid")
    return {0.2f, 0.5f};
  if (name == "ScaledTanh")
    return {1.0f, 1.0f};
  return {0.0f, 0.0f};
}

static bool hasAlpha(StringRef name) {
  return getDefaults(name) != std::pair(0.0f, 0.0f);
}

static bool hasBeta(StringRef name) {
  return name == "Affine" || name == "HardSigmoid" || name == "ScaledTanh";
}

/// Reads `activations`; the lists of parameters hold an entry for each function
/// that takes one, in order.
static FailureOr<Activations>
readActivations(Node &node, ArrayRef<StringRef> defaults, int64_t directions) {
  SmallVector<std::string> given = node.getStrings("activations");
  if (given.empty())
    for (int64_t i = 0; i < directions; ++i)
      for (StringRef name : defaults)
        given.push_back(name.str());
  if (given.size() != defaults.size() * directions)
    return node.invalid("it needs " + Twine(defaults.size() * directions) +
                        " activations, but names " + Twine(given.size()));
  SmallVector<float> alphas = node.getFloats("activation_alpha");
  SmallVector<float> betas = node.getFloats("activation_beta");
  size_t nextAlpha = 0, nextBeta = 0;
  Activations result;
  for (const std::string &text : given) {
    const StringLiteral *known = llvm::find_if(
        nn::RecurrentOp::getKnownActivations(),
        [&](StringRef name) { return name.equals_insensitive(text); });
    if (known == nn::RecurrentOp::getKnownActivations().end())
      return node.unsupported("its activation '" + text + "' is not supported");
    auto [alpha, beta] = getDefaults(*known);
    if (hasAlpha(*known) && nextAlpha < alphas.size())
      alpha = alphas[nextAlpha++];
    if (hasBeta(*known) && nextBeta < betas.size())
      beta = betas[nextBeta++];
    result.names.push_back(*known);
    result.parameters.append({alpha, beta});
  }
  return result;
}

/// An optional input of the given shape.
static FailureOr<Value> readOptional(Node &node, size_t index,
                                     ArrayRef<int64_t> shape) {
  if (!node.hasInput(index))
    return Value();
  if (node.getInput(index).getShape() != shape)
    return node.invalid("input '" + node.getInputName(index) + "' should be " +
                        describe(node.getInput(index).type, shape));
  return node.getInput(index).value;
}

static LogicalResult importCell(Node &node, nn::Cell cell, int64_t gates,
                                ArrayRef<StringRef> defaults) {
  std::optional<nn::Direction> direction =
      nn::symbolizeDirection(node.getString("direction", "forward"));
  if (!direction)
    return node.invalid("attribute 'direction' is '" +
                        node.getString("direction", "") + "'");
  int64_t directions = *direction == nn::Direction::Bidirectional ? 2 : 1;
  FailureOr<Activations> activations =
      readActivations(node, defaults, directions);
  if (failed(activations))
    return failure();
  for (size_t i = 0; i < 3; ++i)
    if (node.getInput(i).getRank() != 3)
      return node.invalid("input '" + node.getInputName(i) +
                          "' must have 3 dimensions");
  bool isLstm = cell == nn::Cell::LSTM;
  // With layout 1 the batch comes first, in states too.
  bool batchFirst = node.getInt("layout", 0) != 0;
  auto swapFirst = [&](Value value) {
    return createTranspose(node.b, value, {1, 0, 2});
  };
  Value input = node.getInput(0).value;
  if (batchFirst)
    input = swapFirst(input);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
  int64_t time = shape[0], batch = shape[1];
  int64_t hidden = node.getInput(2).getDim(2), rows = gates * hidden;
  if (node.getInt("hidden_size", hidden) != hidden)
    return node.invalid("attribute 'hidden_size' differs from its weights");
  SmallVector<int64_t> stateShape = {directions, batch, hidden};
  if (batchFirst)
    std::swap(stateShape[0], stateShape[1]);
  FailureOr<Value> weights =
      readOptional(node, 1, {directions, rows, shape[2]});
  FailureOr<Value> recurrence =
      readOptional(node, 2, {directions, rows, hidden});
  FailureOr<Value> bias = readOptional(node, 3, {directions, 2 * rows});
  FailureOr<Value> lengths = readOptional(node, 4, {batch});
  FailureOr<Value> h = readOptional(node, 5, stateShape);
  FailureOr<Value> c = Value(), peephole = Value();
  if (isLstm) {
    c = readOptional(node, 6, stateShape);
    peephole = readOptional(node, 7, {directions, 3 * hidden});
  }
  if (failed(weights) || failed(recurrence) || failed(bias) ||
      failed(lengths) || failed(h) || failed(c) || failed(peephole))
    return failure();
  if (batchFirst && *h)
    h = swapFirst(*h);
  if (batchFirst && *c)
    c = swapFirst(*c);

  Type element = node.getInput(0).getElementType();
  auto statesType =
      RankedTensorType::get({time, directions, batch, hidden}, element);
  auto lastType = RankedTensorType::get({directions, batch, hidden}, element);
  auto layer = nn::RecurrentOp::create(
      node.b, statesType, lastType, lastType, input, *weights, *recurrence,
      *bias, *lengths, *h, *c, *peephole, cell, *direction,
      node.b.getStrArrayAttr(activations->names), activations->parameters,
      llvm::APFloat(float(node.getFloat("clip", 0))),
      node.getInt("linear_before_reset", 0) != 0,
      node.getInt("input_forget", 0) != 0);
  DType type = node.getInput(0).type;
  Value states = layer.getStates(), lastH = layer.getLastH();
  Value lastC = layer.getLastC();
  if (batchFirst) {
    states = createTranspose(node.b, states, {2, 0, 1, 3});
    lastH = swapFirst(lastH);
    lastC = swapFirst(lastC);
  }
  node.setOutput(0, states, type);
  node.setOutput(1, lastH, type);
  if (isLstm)
    node.setOutput(2, lastC, type);
  return success();
}

static LogicalResult importRNN(Node &node) {
  return importCell(node, nn::Cell::RNN, 1, {"Tanh"});
}

static LogicalResult importGRU(Node &node) {
  return importCell(node, nn::Cell::GRU, 3, {"Sigmoid", "Tanh"});
}

static LogicalResult importLSTM(Node &node) {
  return importCell(node, nn::Cell::LSTM, 4, {"Sigmoid", "Tanh", "Tanh"});
}

void lacuna::registerRecurrentOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"GRU", 7, importGRU},
      {"LSTM", 7, importLSTM},
      {"RNN", 7, importRNN},
  };
  table.add(entries);
}
