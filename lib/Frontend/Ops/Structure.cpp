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
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseSet.h"
#include <cmath>

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
    llvm::copy(
        values,
        tensor.elements<typename decltype(values)::value_type>().begin());
    ElementsAttr elements = createElements(node.b.getContext(), tensor);
    node.setOutput(0, arith::ConstantOp::create(node.b, elements), type);
    return success();
  };
  if (node.hasAttr("value_float"))
    return set(DType::Float32,
               SmallVector<float>{float(node.getFloat("value_float", 0))},
               true);
  if (node.hasAttr("value_floats"))
    return set(DType::Float32, node.getFloats("value_floats"), false);
  if (node.hasAttr("value_int"))
    return set(DType::Int64, node.getExactInts("value_int"), true);
  if (node.hasAttr("value_ints"))
    return set(DType::Int64, node.getExactInts("value_ints"), false);
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
  FailureOr<SmallVector<Operand>> results =
      node.importSubgraph(condition->data()[0] ? "then_branch" : "else_branch");
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
  node.setOutput(
      0,
      arith::ConstantOp::create(node.b, DenseIntElementsAttr::get(type, sizes)),
      DType::Int64);
  return success();
}

static LogicalResult importSize(Node &node) {
  auto type = RankedTensorType::get({}, node.b.getI64Type());
  node.setOutput(0,
                 arith::ConstantOp::create(
                     node.b, DenseElementsAttr::get(
                                 type, node.getInput(0).getNumElements())),
                 DType::Int64);
  return success();
}

static LogicalResult importFlatten(Node &node) {
  const Operand &input = node.getInput(0);
  int64_t rank = input.getRank(), axis = node.getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return node.invalid("axis " + Twine(axis) +
                        " is outside a tensor of rank " + Twine(rank));
  axis = axis < 0 ? axis + rank : axis;
  SmallVector<int64_t> shape = {1, 1};
  for (int64_t dim = 0; dim < rank; ++dim)
    shape[dim >= axis] *= input.getDim(dim);
  return reshapeOutput(node, shape);
}

/// The axes of Squeeze and Unsqueeze in a tensor of rank `rank`: an attribute
/// before opset 13. Nothing if they are not given.
static FailureOr<std::optional<llvm::SmallDenseSet<int64_t>>>
readAxes(Node &node, int64_t extraRank) {
  using Axes = std::optional<llvm::SmallDenseSet<int64_t>>;
  SmallVector<int64_t> values;
  if (node.getOpset() < 13) {
    if (!node.hasAttr("axes"))
      return Axes();
    values = node.getInts("axes");
  } else {
    if (!node.hasInput(1))
      return Axes();
    FailureOr<SmallVector<int64_t>> given = node.getConstantInts(1);
    if (failed(given))
      return failure();
    values = *given;
  }
  llvm::SmallDenseSet<int64_t> axes;
  int64_t rank =
      node.getInput(0).getRank() + (extraRank ? int64_t(values.size()) : 0);
  for (int64_t value : values) {
    FailureOr<int64_t> axis = node.wrapAxis(value, rank);
    if (failed(axis))
      return failure();
    if (!axes.insert(*axis).second)
      return node.invalid("it names axis " + Twine(*axis) + " twice");
  }
  return Axes(axes);
}

static LogicalResult importSqueeze(Node &node) {
  auto axes = readAxes(node, /*extraRank=*/0);
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(node.getInput(0).getShape())) {
    bool named = *axes && (*axes)->contains(dim);
    if (named && size != 1)
      return node.invalid("it squeezes dimension " + Twine(dim) +
                          ", which is " + Twine(size));
    if (!named && (*axes || size != 1))
      shape.push_back(size);
  }
  return reshapeOutput(node, shape);
}

static LogicalResult importUnsqueeze(Node &node) {
  auto axes = readAxes(node, /*extraRank=*/1);
  if (failed(axes))
    return failure();
  if (!*axes)
    return node.invalid("it names no axes");
  ArrayRef<int64_t> sizes = node.getInput(0).getShape();
  SmallVector<int64_t> shape;
  const int64_t *next = sizes.begin();
  for (size_t dim = 0; dim < sizes.size() + (*axes)->size(); ++dim)
    shape.push_back((*axes)->contains(dim) ? 1 : *next++);
  return reshapeOutput(node, shape);
}

/// In inference it does nothing; the mask keeps everything.
static LogicalResult importDropout(Node &node) {
  if (node.hasInput(2)) {
    FailureOr<HostTensor> training = node.getConstant(2);
    if (failed(training))
      return failure();
    if (training->getNumElements() == 1 && training->data()[0]) {
      FailureOr<SmallVector<double>> ratio = SmallVector<double>{0.5};
      if (node.hasInput(1))
        ratio = node.getConstantFloats(1);
      if (failed(ratio))
        return failure();
      if (ratio->size() != 1 || ratio->front() != 0)
        return node.unsupported("it drops values at random, as in training");
    }
  }
  const Operand &input = node.getInput(0);
  node.setOutput(input.value);
  bool isBool = node.getOpset() >= 10;
  Type element = isBool ? Type(node.b.getI1Type()) : input.getElementType();
  if (node.wantsOutput(1)) {
    auto type = RankedTensorType::get(input.getShape(), element);
    Attribute one = isBool ? Attribute(node.b.getBoolAttr(true))
                           : node.b.getFloatAttr(element, 1);
    node.setOutput(
        1, arith::ConstantOp::create(node.b, DenseElementsAttr::get(type, one)),
        isBool ? DType::Bool : input.type);
  }
  return success();
}

/// A splat, so that it costs nothing however large it is.
static LogicalResult importConstantOfShape(Node &node) {
  FailureOr<SmallVector<int64_t>> shape = node.getConstantInts(0);
  if (failed(shape))
    return failure();
  for (int64_t size : *shape)
    if (size < 0)
      return node.invalid("its shape has the dimension " + Twine(size));
  DType type = DType::Float32;
  HostTensor value(type, {1});
  if (node.hasAttr("value")) {
    FailureOr<Operand> constant = node.getTensor("value");
    if (failed(constant))
      return failure();
    if (constant->getNumElements() != 1)
      return node.invalid("attribute 'value' must hold one number");
    type = constant->type;
    value = readElements(getConstantElements(constant->value), type);
  }
  Type element = getElementType(node.b.getContext(), type);
  Attribute splat = *createElements(node.b.getContext(), value.reshape({1}))
                         .value_begin<Attribute>();
  node.setOutput(
      0,
      arith::ConstantOp::create(
          node.b, DenseElementsAttr::get(RankedTensorType::get(*shape, element),
                                         splat)),
      type);
  return success();
}

/// start, start + delta, ... until limit.
static LogicalResult importRange(Node &node) {
  HostTensor bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    FailureOr<HostTensor> bound = node.getConstant(i);
    if (failed(bound))
      return failure();
    if (bound->getNumElements() != 1)
      return node.invalid("start, limit and delta must be numbers");
    bounds[i] = *bound;
  }
  DType type = node.getInput(0).type;
  double start = bounds[0].getAsDouble(0), limit = bounds[1].getAsDouble(0);
  double delta = bounds[2].getAsDouble(0);
  double count = delta == 0 ? -1 : std::ceil((limit - start) / delta);
  if (!(delta != 0) || !(count < double(kMaxExtent)))
    return node.invalid("its range does not end");
  int64_t size = std::max<int64_t>(0, int64_t(count));
  Type element = getElementType(node.b.getContext(), type);
  // Multiplied out rather than summed, as in NumPy.
  node.setOutput(
      0,
      createElementwise(node.b, {}, {size}, element,
                        [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
                          Value index = arith::IndexCastOp::create(
                              b, b.getI64Type(), linalg::IndexOp::create(b, 0));
                          Value step = createCast(b, index, DType::Int64, type);
                          Value from = createScalar(b, element, start);
                          Value by = createScalar(b, element, delta);
                          if (isFloat(type))
                            return arith::AddFOp::create(
                                b, from, arith::MulFOp::create(b, step, by));
                          return arith::AddIOp::create(
                              b, from, arith::MulIOp::create(b, step, by));
                        }),
      type);
  return success();
}

static LogicalResult importEyeLike(Node &node) {
  const Operand &input = node.getInput(0);
  if (input.getRank() != 2)
    return node.invalid("it needs a matrix");
  FailureOr<DType> type = node.getDType("dtype", input.type);
  if (failed(type))
    return failure();
  int64_t diagonal = node.getInt("k", 0);
  Type element = getElementType(node.b.getContext(), *type);
  node.setOutput(
      0,
      createElementwise(
          node.b, {}, input.getShape(), element,
          [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
            Value row = linalg::IndexOp::create(b, 0);
            Value column = linalg::IndexOp::create(b, 1);
            Value shifted = arith::AddIOp::create(
                b, row, arith::ConstantIndexOp::create(b, diagonal));
            Value same = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                               column, shifted);
            return arith::SelectOp::create(b, same, createScalar(b, element, 1),
                                           createScalar(b, element, 0));
          }),
      *type);
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
      {"ConstantOfShape", 9, importConstantOfShape},
      {"Dropout", 7, importDropout},
      {"EyeLike", 9, importEyeLike},
      {"Flatten", 1, importFlatten},
      {"Identity", 1, importIdentity},
      {"If", 1, importIf},
      {"Range", 11, importRange},
      {"Reshape", 5, importReshape},
      {"Shape", 1, importShape},
      {"Size", 1, importSize},
      {"Squeeze", 1, importSqueeze},
      {"Unsqueeze", 1, importUnsqueeze},
  };
  table.add(entries);
}
