//===- Padding.cpp - Pad -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "Movement.h"
#include "OpTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;

namespace {
/// What Pad does in each dimension; a negative pad crops.
struct Pads {
  SmallVector<int64_t> begin, end;
};
} // namespace

static FailureOr<Pads> readPads(Node &node) {
  const Operand &input = node.getInput(0);
  int64_t rank = input.getRank();
  SmallVector<int64_t> pads, axes;
  if (node.getOpset() < 11) {
    pads = node.getInts("pads");
  } else {
    FailureOr<SmallVector<int64_t>> given = node.getConstantInts(1);
    if (failed(given))
      return failure();
    pads = *given;
  }
  if (node.getOpset() >= 18 && node.hasInput(3)) {
    FailureOr<SmallVector<int64_t>> given = node.getConstantInts(3);
    if (failed(given))
      return failure();
    axes = *given;
  } else {
    axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  }
  if (pads.size() != 2 * axes.size())
    return node.invalid("it has " + Twine(pads.size()) + " pads for " +
                        Twine(axes.size()) + " dimensions");
  Pads result{SmallVector<int64_t>(rank, 0), SmallVector<int64_t>(rank, 0)};
  for (auto [i, value] : llvm::enumerate(axes)) {
    FailureOr<int64_t> axis = node.wrapAxis(value, rank);
    if (failed(axis))
      return failure();
    result.begin[*axis] = pads[i];
    result.end[*axis] = pads[i + axes.size()];
    if (input.getDim(*axis) + pads[i] + pads[i + axes.size()] < 0)
      return node.invalid("it crops more than there is of dimension " +
                          Twine(*axis));
  }
  return result;
}

/// Takes what `crop` takes off a dimension of `size` too many off the pad of
/// the other side.
static void moveExcess(int64_t size, int64_t &crop, int64_t &other) {
  if (int64_t excess = -crop - size; excess > 0) {
    crop += excess;
    other -= excess;
  }
}

/// Crops what is negative and makes it zero.
static Value crop(ImplicitLocOpBuilder &b, Value value, Pads &pads) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> offsets, sizes(type.getShape());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    moveExcess(sizes[dim], pads.begin[dim], pads.end[dim]);
    moveExcess(sizes[dim], pads.end[dim], pads.begin[dim]);
    int64_t before = std::max<int64_t>(0, -pads.begin[dim]);
    int64_t after = std::max<int64_t>(0, -pads.end[dim]);
    sizes[dim] -= before + after;
    // Nothing is taken from nowhere, but not from behind the end.
    offsets.push_back(sizes[dim] ? before : 0);
    pads.begin[dim] = std::max<int64_t>(0, pads.begin[dim]);
    pads.end[dim] = std::max<int64_t>(0, pads.end[dim]);
  }
  return createSlice(b, value, offsets, sizes,
                     SmallVector<int64_t>(type.getRank(), 1));
}

static Value padWithConstant(ImplicitLocOpBuilder &b, Value value,
                             const Pads &pads, Value constant) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<OpFoldResult> low, high;
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    low.push_back(b.getIndexAttr(pads.begin[dim]));
    high.push_back(b.getIndexAttr(pads.end[dim]));
    shape.push_back(type.getDimSize(dim) + pads.begin[dim] + pads.end[dim]);
  }
  // Nothing but pads; no slice of the result is where nothing goes.
  if (type.getNumElements() == 0) {
    Value empty = tensor::EmptyOp::create(b, shape, type.getElementType());
    return linalg::FillOp::create(b, constant, empty).getResult(0);
  }
  return tensor::PadOp::create(
      b, RankedTensorType::get(shape, type.getElementType()), value, low, high,
      constant);
}

/// The index that an index outside [0, size) is read at.
static Value foldIndex(ImplicitLocOpBuilder &b, Value index, int64_t size,
                       StringRef mode) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  if (mode == "edge")
    return arith::MinSIOp::create(
        b, arith::MaxSIOp::create(b, index, constant(0)), constant(size - 1));
  // Reflections repeat every 2 (size - 1) elements, wraps every `size`.
  int64_t period = mode == "wrap" ? size : std::max<int64_t>(1, 2 * size - 2);
  Value rest = arith::RemSIOp::create(b, index, constant(period));
  Value negative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, rest, constant(0));
  rest = arith::SelectOp::create(
      b, negative, arith::AddIOp::create(b, rest, constant(period)), rest);
  if (mode == "wrap")
    return rest;
  return arith::MinSIOp::create(
      b, rest, arith::SubIOp::create(b, constant(period), rest));
}

static LogicalResult importPad(Node &node) {
  FailureOr<Pads> pads = readPads(node);
  if (failed(pads))
    return failure();
  const Operand &input = node.getInput(0);
  StringRef mode = node.getString("mode", "constant");
  Value value = crop(node.b, input.value, *pads);
  auto type = cast<RankedTensorType>(value.getType());
  if (llvm::all_of(pads->begin, [](int64_t pad) { return pad == 0; }) &&
      llvm::all_of(pads->end, [](int64_t pad) { return pad == 0; })) {
    node.setOutput(value);
    return success();
  }
  if (mode == "constant") {
    Value constant;
    if (node.getOpset() >= 11 && node.hasInput(2)) {
      if (node.getInput(2).getNumElements() != 1)
        return node.invalid("its constant must be one number");
      const Operand &given = node.getInput(2);
      SmallVector<Value> zeros(given.getRank());
      for (Value &zero : zeros)
        zero = arith::ConstantIndexOp::create(node.b, 0);
      constant = tensor::ExtractOp::create(node.b, given.value, zeros);
      // A double holds every value of the types that are not 64 bits wide.
      if (node.isConstant(2) && getByteSize(given.type) < 8) {
        FailureOr<SmallVector<double>> number = node.getConstantFloats(2);
        if (failed(number))
          return failure();
        constant =
            createScalar(node.b, input.getElementType(), number->front());
      }
    } else {
      constant = createScalar(node.b, input.getElementType(),
                              node.getFloat("value", 0));
    }
    node.setOutput(padWithConstant(node.b, value, *pads, constant));
    return success();
  }
  if (mode != "edge" && mode != "reflect" &&
      (mode != "wrap" || node.getOpset() < 19))
    return node.invalid("attribute 'mode' is '" + mode + "'");
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (type.getDimSize(dim) == 0)
      return node.invalid("it cannot pad an empty dimension by its contents");
    shape.push_back(type.getDimSize(dim) + pads->begin[dim] + pads->end[dim]);
  }
  node.setOutput(createRead(
      node.b, value, shape,
      [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops) {
        SmallVector<Value> at(loops);
        for (auto [dim, index] : llvm::enumerate(at)) {
          if (!pads->begin[dim] && !pads->end[dim])
            continue;
          Value shift = arith::ConstantIndexOp::create(b, pads->begin[dim]);
          index = foldIndex(b, arith::SubIOp::create(b, index, shift),
                            type.getDimSize(dim), mode);
        }
        return at;
      }));
  return success();
}

void lacuna::registerPaddingOps(OpTable &table) {
  static constexpr OpEntry entries[] = {{"Pad", 2, importPad}};
  table.add(entries);
}
