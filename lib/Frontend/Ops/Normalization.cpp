//===- Normalization.cpp - Softmax and normalisations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"

#include "dialects/nn/IR/NNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;

/// The type in which elements of `type` are summed.
static DType getWideType(DType type) {
  return type == DType::Float64 ? DType::Float64 : DType::Float32;
}

/// Sums what `body` makes of the elements of `input` over the dimensions that
/// `isReduced` tells, which become 1.
static Value createSum(ImplicitLocOpBuilder &b, Value input,
                       function_ref<bool(int64_t)> isReduced,
                       ScalarBuilder body) {
  auto type = cast<RankedTensorType>(input.getType());
  int64_t rank = type.getRank();
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<AffineExpr> out;
  SmallVector<utils::IteratorType> iterators;
  for (int64_t i = 0; i < rank; ++i) {
    bool reduced = isReduced(i);
    if (reduced)
      shape[i] = 1;
    out.push_back(reduced ? b.getAffineConstantExpr(0) : b.getAffineDimExpr(i));
    iterators.push_back(reduced ? utils::IteratorType::reduction
                                : utils::IteratorType::parallel);
  }
  Value zero = createScalar(b, type.getElementType(), 0);
  Value empty = tensor::EmptyOp::create(b, shape, type.getElementType());
  Value init = linalg::FillOp::create(b, zero, empty).getResult(0);
  return linalg::GenericOp::create(
             b, init.getType(), input, init,
             ArrayRef{b.getMultiDimIdentityMap(rank),
                      AffineMap::get(rank, 0, out, b.getContext())},
             iterators,
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder scalar(loc, inner);
               Value element = body(scalar, args[0]);
               Value sum = arith::AddFOp::create(scalar, args[1], element);
               linalg::YieldOp::create(scalar, sum);
             })
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Softmax and its kin
//===----------------------------------------------------------------------===//

/// Applies `create` to the input along the node's axis. Before opset 13 the
/// dimensions from the axis on are one.
static LogicalResult
importAlongAxis(Node &node, function_ref<Value(Value, int64_t)> create) {
  const Operand &input = node.getInput(0);
  bool flattens = node.getOpset() < 13;
  FailureOr<int64_t> axis =
      node.getAxis("axis", flattens ? 1 : -1, input.getRank());
  if (failed(axis))
    return failure();
  ArrayRef<int64_t> shape = input.getShape();
  SmallVector<int64_t> large;
  for (int64_t i = *axis; i < input.getRank(); ++i)
    if (shape[i] != 1)
      large.push_back(i);
  if (!flattens || large.size() <= 1) {
    int64_t dim = flattens && large.size() == 1 ? large[0] : *axis;
    node.setOutput(create(input.value, dim));
    return success();
  }
  SmallVector<int64_t> flat(2, 1);
  for (int64_t i = 0; i < input.getRank(); ++i)
    flat[i >= *axis] *= shape[i];
  Value result = create(createReshape(node.b, input.value, flat), 1);
  node.setOutput(createReshape(node.b, result, shape));
  return success();
}

template <bool log>
static LogicalResult importSoftmax(Node &node) {
  return importAlongAxis(node, [&](Value input, int64_t axis) -> Value {
    return nn::SoftmaxOp::create(node.b, input.getType(), input, axis, log);
  });
}

/// One where `input` has its first maximum along `axis`, else zero.
static Value createHardmax(ImplicitLocOpBuilder &b, Value input, int64_t axis) {
  auto type = cast<RankedTensorType>(input.getType());
  int64_t rank = type.getRank();
  AffineMap same = b.getMultiDimIdentityMap(rank);
  AffineMap outer = same.dropResult(axis);
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  auto fill = [&](Value value) {
    Value empty = tensor::EmptyOp::create(b, shape, value.getType());
    return linalg::FillOp::create(b, value, empty).getResult(0);
  };
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators[axis] = utils::IteratorType::reduction;
  Value best = fill(createScalar(b, type.getElementType(), 0));
  Value none = fill(createScalar(b, b.getI64Type(), -1));
  auto found = linalg::GenericOp::create(
      b, TypeRange{best.getType(), none.getType()}, input,
      ValueRange{best, none}, ArrayRef{same, outer, outer}, iterators,
      [&](OpBuilder &inner, Location loc, ValueRange args) {
        ImplicitLocOpBuilder b(loc, inner);
        Value here = arith::IndexCastOp::create(
            b, b.getI64Type(), linalg::IndexOp::create(b, axis));
        Value first =
            arith::CmpIOp::create(b, arith::CmpIPredicate::slt, args[2],
                                  createScalar(b, b.getI64Type(), 0));
        // NaN is the greatest, and the first one counts.
        Value greater = arith::CmpFOp::create(b, arith::CmpFPredicate::UGT,
                                              args[0], args[1]);
        Value number = arith::CmpFOp::create(b, arith::CmpFPredicate::ORD,
                                             args[1], args[1]);
        greater = arith::AndIOp::create(b, greater, number);
        Value take = arith::OrIOp::create(b, first, greater);
        Value value = arith::SelectOp::create(b, take, args[0], args[1]);
        Value index = arith::SelectOp::create(b, take, here, args[2]);
        linalg::YieldOp::create(b, ValueRange{value, index});
      });
  SmallVector<int64_t> kept(type.getShape());
  kept[axis] = 1;
  Value index = createReshape(b, found.getResult(1), kept);
  return createElementwise(
      b, index, type.getShape(), type.getElementType(),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value here = arith::IndexCastOp::create(
            b, b.getI64Type(), linalg::IndexOp::create(b, axis));
        Value hit =
            arith::CmpIOp::create(b, arith::CmpIPredicate::eq, here, args[0]);
        return arith::SelectOp::create(
            b, hit, createScalar(b, type.getElementType(), 1),
            createScalar(b, type.getElementType(), 0));
      });
}

static LogicalResult importHardmax(Node &node) {
  return importAlongAxis(node, [&](Value input, int64_t axis) {
    return createHardmax(node.b, input, axis);
  });
}

//===----------------------------------------------------------------------===//
// Normalisations by channel
//===----------------------------------------------------------------------===//

/// Whether inputs [first, last) have shape [size].
static LogicalResult checkParameters(Node &node, size_t first, size_t last,
                                     int64_t size) {
  for (size_t i = first; i < last; ++i)
    if (node.getInput(i).getShape() != ArrayRef(size))
      return node.invalid("input '" + node.getInputName(i) + "' needs shape [" +
                          Twine(size) + "]");
  return success();
}

/// Replaces the given mean and variance by those of the batch, and makes the
/// running ones outputs 1 and 2.
static void importBatchStatistics(Node &node, Value input, Value &mean,
                                  Value &variance) {
  const Operand &operand = node.getInput(0);
  Operand wide =
      castTensor(node.b, {input, operand.type}, getWideType(operand.type));
  ArrayRef<int64_t> shape = wide.getShape();
  int64_t channels = shape[1];
  double count = double(wide.getNumElements()) / std::max<int64_t>(channels, 1);
  SmallVector<int64_t> kept(shape.size(), 1);
  kept[1] = channels;
  auto createMean = [&](Value tensor, ScalarBuilder body) {
    Value sum =
        createSum(node.b, tensor, [](int64_t dim) { return dim != 1; }, body);
    return createElementwise(
        node.b, sum, kept, wide.getElementType(),
        [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          return arith::DivFOp::create(
              b, args[0], createScalar(b, args[0].getType(), count));
        });
  };
  Value average =
      createMean(wide.value, [](ImplicitLocOpBuilder &, ValueRange args) {
        return args[0];
      });
  Value centred = createElementwise(
      node.b, {wide.value, average}, shape, wide.getElementType(),
      [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return arith::SubFOp::create(b, args[0], args[1]);
      });
  Value spread = createMean(
      centred, [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return arith::MulFOp::create(b, args[0], args[0]);
      });
  double momentum = node.getFloat("momentum", 0.9);
  auto setRunning = [&](size_t index, const Operand &given, Value current) {
    Operand old = castTensor(node.b, given, wide.type);
    Value next = createElementwise(
        node.b, {old.value, current}, ArrayRef(channels), wide.getElementType(),
        [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          Type type = args[0].getType();
          Value kept = arith::MulFOp::create(b, args[0],
                                             createScalar(b, type, momentum));
          Value added = arith::MulFOp::create(
              b, args[1], createScalar(b, type, 1 - momentum));
          return arith::AddFOp::create(b, kept, added);
        });
    Operand result = castTensor(node.b, {next, wide.type}, given.type);
    node.setOutput(index, result.value, result.type);
  };
  mean = createReshape(node.b, average, channels);
  variance = createReshape(node.b, spread, channels);
  setRunning(1, node.getInput(3), mean);
  setRunning(2, node.getInput(4), variance);
}

static LogicalResult importBatchNormalization(Node &node) {
  const Operand &input = node.getInput(0);
  if (node.getInt("spatial", 1) == 0)
    return node.unsupported("it normalises every element on its own, which "
                            "attribute 'spatial' of 0 asks for");
  bool training = node.getInt("training_mode", 0) != 0;
  if (!training)
    for (size_t i = 1; i < node.getNumOutputs(); ++i)
      if (node.wantsOutput(i))
        return node.unsupported("it wants statistics of the batch, which are "
                                "made in training",
                                "export the model for inference");
  if (input.getRank() < 1)
    return node.invalid("its input is a scalar");
  SmallVector<int64_t> shape(input.getShape());
  if (shape.size() == 1)
    shape.push_back(1);
  if (failed(checkParameters(node, 1, 5, shape[1])))
    return failure();
  Value value = createReshape(node.b, input.value, shape);
  Value mean = node.getInput(3).value, variance = node.getInput(4).value;
  if (training)
    importBatchStatistics(node, value, mean, variance);
  Value result = nn::BatchNormOp::create(
      node.b, value.getType(), value, node.getInput(1).value,
      node.getInput(2).value, mean, variance,
      APFloat(node.getFloat("epsilon", 1e-5)));
  node.setOutput(createReshape(node.b, result, input.getShape()));
  return success();
}

/// Until opset 7 an attribute said whether the node runs or trains.
static LogicalResult importBatchNormalization6(Node &node) {
  if (node.getInt("is_test", 0) == 0)
    return node.unsupported("it trains, which attribute 'is_test' of 0 says",
                            "export the model for inference");
  return importBatchNormalization(node);
}

static LogicalResult importInstanceNormalization(Node &node) {
  const Operand &input = node.getInput(0);
  if (input.getRank() < 3)
    return node.invalid("its input has rank " + Twine(input.getRank()) +
                        ", which leaves no spatial dimensions");
  if (failed(checkParameters(node, 1, 3, input.getDim(1))))
    return failure();
  node.setOutput(nn::InstanceNormOp::create(
      node.b, input.value.getType(), input.value, node.getInput(1).value,
      node.getInput(2).value, APFloat(node.getFloat("epsilon", 1e-5))));
  return success();
}

/// Groups are normalised as channels are by InstanceNormalization. Scale and
/// bias are those of groups until opset 20, of channels since.
static LogicalResult importGroupNormalization(Node &node) {
  const Operand &input = node.getInput(0);
  if (input.getRank() < 2)
    return node.invalid("its input needs a dimension of channels");
  for (const Operand &operand : node.getInputs())
    if (!operand.isFloat() || operand.type != input.type)
      return node.invalid("its inputs must hold floating-point numbers of one "
                          "type");
  int64_t channels = input.getDim(1), groups = node.getInt("num_groups", 0);
  if (groups < 1 || channels % groups)
    return node.invalid("its " + Twine(channels) +
                        " channels do not split into " + Twine(groups) +
                        " groups");
  bool byChannel = node.getOpset() >= 21;
  if (failed(checkParameters(node, 1, 3, byChannel ? channels : groups)))
    return failure();
  int64_t rest = channels / groups;
  for (int64_t size : input.getShape().drop_front(2))
    rest *= size;
  Value grouped =
      createReshape(node.b, input.value, {input.getDim(0), groups, rest});
  Value scale = node.getInput(1).value, bias = node.getInput(2).value;
  if (byChannel) {
    auto constant = [&](double value) -> Value {
      auto type = RankedTensorType::get({groups}, input.getElementType());
      return arith::ConstantOp::create(
          node.b, DenseElementsAttr::get(
                      type, node.b.getFloatAttr(type.getElementType(), value)));
    };
    scale = constant(1);
    bias = constant(0);
  }
  Value result =
      nn::InstanceNormOp::create(node.b, grouped.getType(), grouped, scale,
                                 bias, APFloat(node.getFloat("epsilon", 1e-5)));
  result = createReshape(node.b, result, input.getShape());
  if (byChannel) {
    SmallVector<int64_t> spread(input.getRank() - 1, 1);
    spread[0] = channels;
    Value factor = createReshape(node.b, node.getInput(1).value, spread);
    Value offset = createReshape(node.b, node.getInput(2).value, spread);
    result = createElementwise(
        node.b, {result, factor, offset}, input.getShape(),
        input.getElementType(),
        [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          Value scaled = arith::MulFOp::create(b, args[0], args[1]);
          return arith::AddFOp::create(b, scaled, args[2]);
        });
  }
  node.setOutput(result);
  return success();
}

//===----------------------------------------------------------------------===//
// Normalisations over trailing dimensions
//===----------------------------------------------------------------------===//

/// Input `index`, which broadcasts to `shape`, in that shape.
static FailureOr<Value> readAffine(Node &node, size_t index,
                                   ArrayRef<int64_t> shape) {
  const Operand &operand = node.getInput(index);
  ArrayRef<int64_t> own = operand.getShape();
  while (own.size() > shape.size() && own.front() == 1)
    own = own.drop_front();
  FailureOr<SmallVector<int64_t>> joined =
      broadcastShapes(node, ArrayRef{own, shape});
  if (failed(joined))
    return failure();
  if (ArrayRef(*joined) != shape)
    return node.unsupported("input '" + node.getInputName(index) +
                            "' differs between the slices that are "
                            "normalised");
  Value value = createReshape(node.b, operand.value, own);
  if (operand.getNumElements() == llvm::product_of(shape))
    return createReshape(node.b, value, shape);
  return createElementwise(
      node.b, value, shape, operand.getElementType(),
      [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; });
}

static LogicalResult importLayerNormalization(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> axis = node.getAxis("axis", -1, input.getRank());
  FailureOr<DType> stash = node.getDType("stash_type", DType::Float32);
  if (failed(axis) || failed(stash))
    return failure();
  ArrayRef<int64_t> inner = input.getShape().drop_front(*axis);
  FailureOr<Value> scale = readAffine(node, 1, inner), bias = Value();
  if (node.hasInput(2))
    bias = readAffine(node, 2, inner);
  if (failed(scale) || failed(bias))
    return failure();
  DType wide = getWideType(input.type);
  SmallVector<Type> types = {input.value.getType()};
  if (node.wantsOutput(1) || node.wantsOutput(2))
    types.append(
        2, RankedTensorType::get(input.getShape().take_front(*axis),
                                 getElementType(node.b.getContext(), wide)));
  auto norm = nn::LayerNormOp::create(
      node.b, types[0], TypeRange(types).drop_front(), input.value, *scale,
      *bias, *axis, APFloat(node.getFloat("epsilon", 1e-5)), /*rms=*/false);
  node.setOutput(norm.getOutput());
  SmallVector<int64_t> kept(input.getShape().take_front(*axis));
  kept.append(inner.size(), 1);
  for (auto [i, statistic] : llvm::enumerate(norm.getStatistics())) {
    Operand result = castTensor(
        node.b, {createReshape(node.b, statistic, kept), wide}, *stash);
    node.setOutput(i + 1, result.value, result.type);
  }
  return success();
}

static LogicalResult importRMSNormalization(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> axis = node.getAxis("axis", -1, input.getRank());
  if (failed(axis))
    return failure();
  if (!input.isFloat() || !node.getInput(1).isFloat())
    return node.invalid("its inputs must hold floating-point numbers");
  FailureOr<Value> scale =
      readAffine(node, 1, input.getShape().drop_front(*axis));
  if (failed(scale))
    return failure();
  auto norm = nn::LayerNormOp::create(
      node.b, input.value.getType(), TypeRange(), input.value, *scale, Value(),
      *axis, APFloat(node.getFloat("epsilon", 1e-5)), /*rms=*/true);
  Operand result =
      castTensor(node.b, {norm.getOutput(), input.type}, node.getInput(1).type);
  node.setOutput(0, result.value, result.type);
  return success();
}

/// Divides by the p-norm along the axis; zeros stay zero.
static LogicalResult importLpNormalization(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> axis = node.getAxis("axis", -1, input.getRank());
  if (failed(axis))
    return failure();
  int64_t power = node.getInt("p", 2);
  if (power != 1 && power != 2)
    return node.invalid("attribute 'p' is " + Twine(power));
  DType type = getWideType(input.type);
  Operand wide = castTensor(node.b, input, type);
  Value sum = createSum(
      node.b, wide.value, [&](int64_t dim) { return dim == *axis; },
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        if (power == 1)
          return math::AbsFOp::create(b, args[0]);
        return arith::MulFOp::create(b, args[0], args[0]);
      });
  Value result = createElementwise(
      node.b, {wide.value, sum}, input.getShape(), wide.getElementType(),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value norm =
            power == 1 ? args[1] : math::SqrtOp::create(b, args[1]).getResult();
        Value zero = createScalar(b, norm.getType(), 0);
        Value isZero =
            arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, norm, zero);
        norm = arith::SelectOp::create(
            b, isZero, createScalar(b, norm.getType(), 1), norm);
        return arith::DivFOp::create(b, args[0], norm);
      });
  node.setOutput(castTensor(node.b, {result, type}, input.type).value);
  return success();
}

static LogicalResult importLRN(Node &node) {
  const Operand &input = node.getInput(0);
  if (input.getRank() < 2)
    return node.invalid("its input needs a dimension of channels");
  int64_t size = node.getInt("size", 0);
  if (size < 1)
    return node.invalid("attribute 'size' is " + Twine(size));
  node.setOutput(nn::LrnOp::create(node.b, input.value.getType(), input.value,
                                   size, APFloat(node.getFloat("alpha", 1e-4)),
                                   APFloat(node.getFloat("beta", 0.75)),
                                   APFloat(node.getFloat("bias", 1))));
  return success();
}

void lacuna::registerNormalizationOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"BatchNormalization", 6, importBatchNormalization6},
      {"BatchNormalization", 7, importBatchNormalization},
      {"GroupNormalization", 18, importGroupNormalization},
      {"Hardmax", 1, importHardmax},
      {"InstanceNormalization", 6, importInstanceNormalization},
      {"LRN", 1, importLRN},
      {"LayerNormalization", 17, importLayerNormalization},
      {"LogSoftmax", 1, importSoftmax<true>},
      {"LpNormalization", 1, importLpNormalization},
      {"RMSNormalization", 23, importRMSNormalization},
      {"Softmax", 1, importSoftmax<false>},
  };
  table.add(entries);
}
