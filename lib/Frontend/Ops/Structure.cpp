//===- Structure.cpp - Constants, shapes and control flow -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constant.h"
#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lacuna;

static LogicalResult importConstant(Node &node) {
  if (node.hasAttr("value")) {
    FailureOr<Operand> constant = node.getTensor("value");
    if (failed(constant))
      return failure();
    node.setOutput(0, constant->value, constant->type);
    return success();
  }
  auto set = [&](DType type, auto values, bool isScalar) {
    SmallVector<int64_t> shape;
    if (!isScalar)
      shape.push_back(values.size());
    HostTensor tensor(type, shape);
    llvm::copy(values, tensor.elements<typename decltype(values)::value_type>()
                           .begin());
    ElementsAttr elements = createElements(node.b.getContext(), tensor);
    node.setOutput(0, arith::ConstantOp::create(node.b, elements), type);
    return success();
  };
  if (node.hasAttr("value_float"))
    return set(DType::Float32,
               SmallVector<float>{float(node.getFloat("value_float", 0))}, true);
  if (node.hasAttr("value_floats"))
    return set(DType::Float32, node.getFloats("value_floats"), false);
  if (node.hasAttr("value_int"))
    return set(DType::Int64, SmallVector<int64_t>{node.getInt("value_int", 0)},
               true);
  if (node.hasAttr("value_ints"))
    return set(DType::Int64, node.getInts("value_ints"), false);
  return node.unsupported("it holds neither numbers nor a dense tensor");
}

static LogicalResult importIdentity(Node &node) {
  node.setOutput(node.getInput(0).value);
  return success();
}

static LogicalResult importIf(Node &node) {
  FailureOr<HostTensor> condition = node.getConstant(0);
  if (failed(condition))
    return failure();
  if (condition->getNumElements() != 1)
    return node.invalid("its condition must be one boolean");
  FailureOr<SmallVector<Operand>> results = node.importSubgraph(
      condition->data()[0] ? "then_branch" : "else_branch");
  if (failed(results))
    return failure();
  if (results->size() != node.getNumOutputs())
    return node.invalid("its branch has another number of results");
  for (auto [i, result] : llvm::enumerate(*results))
    node.setOutput(i, result.value, result.type);
  return success();
}

/// The operator Reshape: 0 keeps a dimension, -1 takes what is left.
static LogicalResult importReshape(Node &node) {
  FailureOr<SmallVector<int64_t>> shape = node.getConstantInts(1);
  if (failed(shape))
    return failure();
  const Operand &input = node.getInput(0);
  bool allowZero = node.getInt("allowzero", 0) != 0;
  int64_t known = 1, open = -1;
  for (auto [i, size] : llvm::enumerate(*shape)) {
    if (size == 0 && !allowZero) {
      if (int64_t(i) >= input.getRank())
        return node.invalid("its shape keeps dimension " + Twine(i) +
                            " of an input that has none");
      size = input.getDim(i);
    }
    if (size == -1) {
      if (open >= 0)
        return node.invalid("its shape leaves two dimensions open");
      open = i;
      continue;
    }
    known *= size;
  }
  if (open >= 0)
    (*shape)[open] = known ? input.getNumElements() / known : 0;
  return reshapeOutput(node, *shape);
}

static LogicalResult importShape(Node &node) {
  const Operand &input = node.getInput(0);
  int64_t rank = input.getRank();
  auto clampAxis = [&](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  int64_t start = clampAxis(node.getInt("start", 0));
  int64_t end = std::max(start, clampAxis(node.getInt("end", rank)));
  ArrayRef<int64_t> sizes = input.getShape().slice(start, end - start);
  auto type = RankedTensorType::get({end - start}, node.b.getI64Type());
  node.setOutput(0,
                 arith::ConstantOp::create(
                     node.b, DenseIntElementsAttr::get(type, sizes)),
                 DType::Int64);
  return success();
}

static LogicalResult importCast(Node &node) {
  FailureOr<DType> type = node.getDType("to", DType::Float32);
  if (failed(type))
    return failure();
  Operand result = castTensor(node.b, node.getInput(0), *type);
  node.setOutput(0, result.value, result.type);
  return success();
}

static LogicalResult importCastLike(Node &node) {
  Operand result = castTensor(node.b, node.getInput(0), node.getInput(1).type);
  node.setOutput(0, result.value, result.type);
  return success();
}

void lacuna::registerStructureOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Cast", 6, importCast},
      {"CastLike", 15, importCastLike},
      {"Constant", 1, importConstant},
      {"Identity", 1, importIdentity},
      {"If", 1, importIf},
      {"Reshape", 5, importReshape},
      {"Shape", 1, importShape},
  };
  table.add(entries);
}
