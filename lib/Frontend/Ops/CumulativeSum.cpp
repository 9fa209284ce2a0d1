//===- CumulativeSum.cpp - Running sums -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;

/// `value` moved by `distance` along `axis`, towards the end or, if `reverse`,
/// the beginning; zeros come in.
static Value createShifted(ImplicitLocOpBuilder &b, Value value, int64_t axis,
                           int64_t distance, bool reverse) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t rank = type.getRank(), size = type.getDimSize(axis);
  distance = std::min(distance, size);
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> low(rank, b.getIndexAttr(0)), high = low, sizes;
  for (int64_t extent : type.getShape())
    sizes.push_back(b.getIndexAttr(extent));
  sizes[axis] = b.getIndexAttr(size - distance);
  if (reverse)
    offsets[axis] = b.getIndexAttr(distance);
  (reverse ? high : low)[axis] = b.getIndexAttr(distance);
  Value slice =
      tensor::ExtractSliceOp::create(b, value, offsets, sizes, strides);
  Value zero = createScalar(b, type.getElementType(), 0);
  return tensor::PadOp::create(b, type, slice, low, high, zero);
}

/// After each step every element is the sum of twice as many as before.
static LogicalResult importCumSum(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> given = node.getConstantInt(1);
  if (failed(given))
    return failure();
  FailureOr<int64_t> axis = node.wrapAxis(*given, input.getRank());
  if (failed(axis))
    return failure();
  bool reverse = node.getInt("reverse", 0) != 0;

  ImplicitLocOpBuilder &b = node.b;
  bool isHalf = input.isFloat() && getByteSize(input.type) < 4;
  Operand sum = castTensor(b, input, isHalf ? DType::Float32 : input.type);
  if (node.getInt("exclusive", 0) != 0)
    sum.value = createShifted(b, sum.value, *axis, 1, reverse);
  for (int64_t distance = 1; distance < input.getDim(*axis); distance *= 2) {
    Value before = createShifted(b, sum.value, *axis, distance, reverse);
    sum.value = createElementwise(b, {sum.value, before}, input.getShape(),
                                  sum.getElementType(),
                                  [](ImplicitLocOpBuilder &b, ValueRange args) {
                                    return createAdd(b, args[0], args[1]);
                                  });
  }
  node.setOutput(castTensor(b, sum, input.type).value);
  return success();
}

void lacuna::registerCumulativeSumOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"CumSum", 11, importCumSum},
  };
  table.add(entries);
}
