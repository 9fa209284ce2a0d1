//===- Pooling.cpp - Pooling -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"
#include "WindowAttrs.h"

#include "dialects/nn/IR/NNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;

/// The window of a pooling that slides.
static FailureOr<nn::Window> readPoolWindow(Node &node) {
  const Operand &input = node.getInput(0);
  int64_t rank = input.getRank();
  if (rank < 3)
    return node.invalid("its input has rank " + Twine(rank) +
                        ", which leaves no spatial dimensions");
  if (rank > 5)
    return node.unsupported("it pools over " + Twine(rank - 2) +
                            " dimensions; up to 3 are supported");
  return readWindow(node, node.getInts("kernel_shape"),
                    input.getShape().drop_front(2));
}

static RankedTensorType getPoolType(RankedTensorType input,
                                    const nn::Window &window) {
  SmallVector<int64_t> shape(input.getShape().take_front(2));
  for (size_t i = 0; i < window.rank(); ++i)
    shape.push_back(window.outputSize(i, input.getDimSize(i + 2)));
  return RankedTensorType::get(shape, input.getElementType());
}

static Value createMaxPool(Node &node, Value input, const nn::Window &window,
                           bool columnMajor, Value *indices) {
  RankedTensorType type =
      getPoolType(cast<RankedTensorType>(input.getType()), window);
  Type indexType =
      indices ? RankedTensorType::get(type.getShape(), node.b.getI64Type())
              : Type();
  auto pool = nn::MaxPoolOp::create(
      node.b, type, indexType, input, window.kernel, window.strides,
      window.dilations, window.padsBegin, window.padsEnd, window.ceilMode,
      columnMajor, node.getInput(0).isUnsigned());
  if (indices)
    *indices = pool.getIndices();
  return pool.getOutput();
}

static Value createAvgPool(Node &node, Value input, const nn::Window &window,
                           bool includePad) {
  return nn::AvgPoolOp::create(
      node.b, getPoolType(cast<RankedTensorType>(input.getType()), window),
      input, window.kernel, window.strides, window.dilations, window.padsBegin,
      window.padsEnd, window.ceilMode, includePad);
}

static LogicalResult importMaxPool(Node &node) {
  FailureOr<nn::Window> window = readPoolWindow(node);
  if (failed(window))
    return failure();
  int64_t order = node.getInt("storage_order", 0);
  if (order != 0 && order != 1)
    return node.invalid("attribute 'storage_order' is " + Twine(order));
  Value indices;
  node.setOutput(createMaxPool(node, node.getInput(0).value, *window,
                               order == 1 && node.wantsOutput(1),
                               node.wantsOutput(1) ? &indices : nullptr));
  if (indices)
    node.setOutput(1, indices, DType::Int64);
  return success();
}

static LogicalResult importAveragePool(Node &node) {
  FailureOr<nn::Window> window = readPoolWindow(node);
  if (failed(window))
    return failure();
  node.setOutput(createAvgPool(node, node.getInput(0).value, *window,
                               node.getInt("count_include_pad", 0) != 0));
  return success();
}

//===----------------------------------------------------------------------===//
// Global pooling: one window over the whole space
//===----------------------------------------------------------------------===//

namespace {
struct GlobalPool {
  /// The input, with up to three spatial dimensions.
  Value input;
  nn::Window window;
  /// The shape of the result, with as many dimensions as the node's input.
  SmallVector<int64_t> shape;
};
} // namespace

static FailureOr<GlobalPool> readGlobalPool(Node &node, Value input) {
  auto type = cast<RankedTensorType>(input.getType());
  int64_t rank = type.getRank();
  if (rank < 3)
    return node.invalid("its input has rank " + Twine(rank) +
                        ", which leaves no spatial dimensions");
  SmallVector<int64_t> space(type.getShape().drop_front(2));
  if (llvm::is_contained(space, 0))
    return node.invalid("its input has no elements to pool");
  GlobalPool pool;
  pool.shape.assign(rank, 1);
  pool.shape[0] = type.getDimSize(0);
  pool.shape[1] = type.getDimSize(1);
  if (space.size() > 3) {
    int64_t plane = 1;
    for (int64_t size : space)
      plane *= size;
    space.assign(1, plane);
  }
  SmallVector<int64_t> flat = {pool.shape[0], pool.shape[1]};
  llvm::append_range(flat, space);
  pool.input = createReshape(node.b, input, flat);
  SmallVector<int64_t> ones(space.size(), 1), zeros(space.size(), 0);
  pool.window = {space, ones, ones, zeros, zeros};
  return pool;
}

static LogicalResult importGlobalAveragePool(Node &node) {
  FailureOr<GlobalPool> pool = readGlobalPool(node, node.getInput(0).value);
  if (failed(pool))
    return failure();
  Value mean = createAvgPool(node, pool->input, pool->window, false);
  node.setOutput(createReshape(node.b, mean, pool->shape));
  return success();
}

static LogicalResult importGlobalMaxPool(Node &node) {
  FailureOr<GlobalPool> pool = readGlobalPool(node, node.getInput(0).value);
  if (failed(pool))
    return failure();
  Value best = createMaxPool(node, pool->input, pool->window, false, nullptr);
  node.setOutput(createReshape(node.b, best, pool->shape));
  return success();
}

//===----------------------------------------------------------------------===//
// Lp pooling: (sum |x|^p)^(1/p), by way of the mean of |x|^p
//===----------------------------------------------------------------------===//

static Value createPower(ImplicitLocOpBuilder &b, Value value,
                         double exponent) {
  if (exponent == 1)
    return value;
  if (exponent == 2)
    return arith::MulFOp::create(b, value, value);
  if (exponent == 0.5)
    return math::SqrtOp::create(b, value);
  return math::PowFOp::create(b, value,
                              createScalar(b, value.getType(), exponent));
}

static FailureOr<int64_t> readPower(Node &node) {
  int64_t power = node.getInt("p", 2);
  if (power < 1)
    return node.invalid("attribute 'p' is " + Twine(power));
  return power;
}

/// |x|^p of the input, in float32 or wider.
static Operand createPowers(Node &node, int64_t power) {
  const Operand &input = node.getInput(0);
  Operand wide = castTensor(node.b, input,
                            input.type == DType::Float64 ? DType::Float64
                                                         : DType::Float32);
  wide.value = createElementwise(
      node.b, wide.value, wide.getShape(), wide.getElementType(),
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        return createPower(b, math::AbsFOp::create(b, args[0]), power);
      });
  return wide;
}

/// Output 0 from the mean of |x|^p over `window`, padding included.
static LogicalResult setLpOutput(Node &node, Operand mean,
                                 const nn::Window &window, int64_t power) {
  double count = 1;
  for (int64_t size : window.kernel)
    count *= size;
  mean.value = createElementwise(
      node.b, mean.value, mean.getShape(), mean.getElementType(),
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value sum = arith::MulFOp::create(
            b, args[0], createScalar(b, args[0].getType(), count));
        return createPower(b, sum, 1.0 / power);
      });
  node.setOutput(castTensor(node.b, mean, node.getInput(0).type).value);
  return success();
}

static LogicalResult importLpPool(Node &node) {
  FailureOr<nn::Window> window = readPoolWindow(node);
  if (failed(window))
    return failure();
  FailureOr<int64_t> power = readPower(node);
  if (failed(power))
    return failure();
  // With explicit pads instead of ceil mode every window has the same count.
  for (size_t i = 0; i < window->rank(); ++i) {
    int64_t size = node.getInput(0).getDim(i + 2);
    int64_t reach = (window->outputSize(i, size) - 1) * window->strides[i] +
                    window->extent(i);
    window->padsEnd[i] =
        std::max(window->padsEnd[i], reach - window->padsBegin[i] - size);
  }
  window->ceilMode = false;
  Operand powers = createPowers(node, *power);
  powers.value =
      createAvgPool(node, powers.value, *window, /*includePad=*/true);
  return setLpOutput(node, powers, *window, *power);
}

static LogicalResult importGlobalLpPool(Node &node) {
  FailureOr<int64_t> power = readPower(node);
  if (failed(power))
    return failure();
  Operand powers = createPowers(node, *power);
  FailureOr<GlobalPool> pool = readGlobalPool(node, powers.value);
  if (failed(pool))
    return failure();
  Value mean = createAvgPool(node, pool->input, pool->window, false);
  powers.value = createReshape(node.b, mean, pool->shape);
  return setLpOutput(node, powers, pool->window, *power);
}

//===----------------------------------------------------------------------===//
// Unpooling
//===----------------------------------------------------------------------===//

static LogicalResult importMaxUnpool(Node &node) {
  const Operand &input = node.getInput(0), &indices = node.getInput(1);
  int64_t rank = input.getRank();
  if (rank < 3 || indices.getShape() != input.getShape())
    return node.invalid("its input needs spatial dimensions, and its indices "
                        "the same shape");
  size_t space = rank - 2;
  SmallVector<int64_t> kernel = node.getInts("kernel_shape");
  FailureOr<SmallVector<int64_t>> strides =
      readSpatial(node, "strides", space, 1, 1);
  FailureOr<SmallVector<int64_t>> pads =
      readSpatial(node, "pads", 2 * space, 0, 0);
  if (failed(strides) || failed(pads))
    return failure();
  if (kernel.size() != space)
    return node.invalid("attribute 'kernel_shape' needs " + Twine(space) +
                        " entries");
  SmallVector<int64_t> shape(input.getShape().take_front(2));
  for (size_t i = 0; i < space; ++i) {
    shape.push_back((input.getDim(i + 2) - 1) * (*strides)[i] + kernel[i] -
                    (*pads)[i] - (*pads)[i + space]);
    if (shape.back() < 1)
      return node.invalid("its result would have a dimension of " +
                          Twine(shape.back()));
  }
  SmallVector<int64_t> wanted = shape;
  if (node.hasInput(2)) {
    FailureOr<SmallVector<int64_t>> given = node.getConstantInts(2);
    if (failed(given))
      return failure();
    wanted = *given;
    if (int64_t(wanted.size()) != rank)
      return node.invalid("its output shape needs " + Twine(rank) + " entries");
    if (wanted[0] != shape[0] || wanted[1] != shape[1])
      return node.invalid("its output shape has other batches or channels "
                          "than its input");
    // The pads are then those that give the wanted size, and the indices count
    // in a result without them.
    for (size_t i = 0; i < space; ++i) {
      shape[i + 2] += (*pads)[i] + (*pads)[i + space];
      if (wanted[i + 2] < shape[i + 2])
        return node.unsupported("its output shape is smaller than what its "
                                "kernel and strides give");
    }
  }
  Value result = nn::MaxUnpoolOp::create(
      node.b, RankedTensorType::get(shape, input.getElementType()), input.value,
      indices.value);
  if (wanted != shape) {
    SmallVector<OpFoldResult> low(rank, node.b.getIndexAttr(0)), high;
    for (int64_t i = 0; i < rank; ++i)
      high.push_back(node.b.getIndexAttr(wanted[i] - shape[i]));
    result = tensor::PadOp::create(
        node.b, RankedTensorType::get(wanted, input.getElementType()), result,
        low, high, createScalar(node.b, input.getElementType(), 0));
  }
  node.setOutput(result);
  return success();
}

void lacuna::registerPoolingOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"AveragePool", 1, importAveragePool},
      {"GlobalAveragePool", 1, importGlobalAveragePool},
      {"GlobalLpPool", 2, importGlobalLpPool},
      {"GlobalMaxPool", 1, importGlobalMaxPool},
      {"LpPool", 2, importLpPool},
      {"MaxPool", 1, importMaxPool},
      {"MaxUnpool", 9, importMaxUnpool},
  };
  table.add(entries);
}
