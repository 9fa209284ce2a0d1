//===- Movement.cpp - Permuting, cutting and joining tensors -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"

#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;

Value lacuna::createTranspose(ImplicitLocOpBuilder &b, Value value,
                              ArrayRef<int64_t> permutation) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape;
  for (int64_t dim : permutation)
    shape.push_back(type.getDimSize(dim));
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, type.getRank())))
    return value;
  Value empty = tensor::EmptyOp::create(b, shape, type.getElementType());
  return linalg::TransposeOp::create(b, value, empty, permutation)
      .getResult()[0];
}

Value lacuna::createRead(
    ImplicitLocOpBuilder &b, Value value, ArrayRef<int64_t> shape,
    function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, ArrayRef<Value>)>
        index) {
  auto type = cast<RankedTensorType>(value.getType());
  return createElementwise(b, {}, shape, type.getElementType(),
                           [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
                             SmallVector<Value> loops;
                             for (size_t dim = 0; dim < shape.size(); ++dim)
                               loops.push_back(linalg::IndexOp::create(b, dim));
                             return tensor::ExtractOp::create(b, value,
                                                              index(b, loops));
                           });
}

Value lacuna::createSlice(ImplicitLocOpBuilder &b, Value value,
                          ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                          ArrayRef<int64_t> strides) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == sizes &&
      llvm::all_of(strides, [](int64_t stride) { return stride > 0; }))
    return value;
  // Of nothing there is no slice: its offset would lie outside.
  if (llvm::is_contained(sizes, 0))
    return tensor::EmptyOp::create(b, sizes, type.getElementType());
  bool forward = true;
  for (auto [size, stride] : llvm::zip(sizes, strides))
    forward &= stride > 0 || size <= 1;
  if (!forward)
    return createRead(
        b, value, sizes, [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops) {
          SmallVector<Value> at;
          for (auto [dim, loop] : llvm::enumerate(loops)) {
            Value stride = arith::ConstantIndexOp::create(b, strides[dim]);
            Value offset = arith::ConstantIndexOp::create(b, offsets[dim]);
            at.push_back(arith::AddIOp::create(
                b, offset, arith::MulIOp::create(b, loop, stride)));
          }
          return at;
        });
  SmallVector<OpFoldResult> begin, count, step;
  for (size_t dim = 0; dim < sizes.size(); ++dim) {
    begin.push_back(b.getIndexAttr(offsets[dim]));
    count.push_back(b.getIndexAttr(sizes[dim]));
    step.push_back(b.getIndexAttr(sizes[dim] > 1 ? strides[dim] : 1));
  }
  return tensor::ExtractSliceOp::create(
      b, RankedTensorType::get(sizes, type.getElementType()), value, begin,
      count, step);
}

static LogicalResult importTranspose(Node &node) {
  const Operand &input = node.getInput(0);
  int64_t rank = input.getRank();
  SmallVector<int64_t> permutation = node.getInts("perm");
  if (!node.hasAttr("perm"))
    for (int64_t dim = rank; dim-- > 0;)
      permutation.push_back(dim);
  SmallVector<bool> seen(rank, false);
  bool valid = int64_t(permutation.size()) == rank;
  for (size_t i = 0; valid && i < permutation.size(); ++i) {
    int64_t dim = permutation[i];
    valid = dim >= 0 && dim < rank && !seen[dim];
    if (valid)
      seen[dim] = true;
  }
  if (!valid)
    return node.invalid("attribute 'perm' is no permutation of " + Twine(rank) +
                        " dimensions");
  node.setOutput(createTranspose(node.b, input.value, permutation));
  return success();
}

static LogicalResult importConcat(Node &node) {
  const Operand &first = node.getInput(0);
  FailureOr<int64_t> axis = node.getAxis("axis", 0, first.getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(first.getShape());
  shape[*axis] = 0;
  SmallVector<Value> parts;
  for (const Operand &input : node.getInputs()) {
    bool fits = input.getRank() == first.getRank();
    for (int64_t dim = 0; fits && dim < first.getRank(); ++dim)
      fits = dim == *axis || input.getDim(dim) == shape[dim];
    if (!fits)
      return node.invalid("the shapes of its inputs differ in more than "
                          "dimension " +
                          Twine(*axis));
    shape[*axis] += input.getDim(*axis);
    if (input.getDim(*axis) > 0)
      parts.push_back(input.value);
  }
  if (parts.size() <= 1) {
    node.setOutput(parts.empty() ? first.value : parts.front());
    return success();
  }
  node.setOutput(tensor::ConcatOp::create(
      node.b, RankedTensorType::get(shape, first.getElementType()), *axis,
      parts));
  return success();
}

//===----------------------------------------------------------------------===//
// Slice and Split
//===----------------------------------------------------------------------===//

/// An optional list of integers: attribute `name` before `since`, else input
/// `index`.
static FailureOr<std::optional<SmallVector<int64_t>>>
readInts(Node &node, StringRef name, size_t index, int64_t since) {
  using Ints = std::optional<SmallVector<int64_t>>;
  if (node.getOpset() < since)
    return node.hasAttr(name) ? Ints(node.getInts(name)) : Ints();
  if (!node.hasInput(index))
    return Ints();
  FailureOr<SmallVector<int64_t>> values = node.getConstantInts(index);
  if (failed(values))
    return failure();
  return Ints(*values);
}

static LogicalResult importSlice(Node &node) {
  const Operand &input = node.getInput(0);
  int64_t rank = input.getRank();
  auto starts = readInts(node, "starts", 1, 10);
  auto ends = readInts(node, "ends", 2, 10);
  auto axes = readInts(node, "axes", 3, 10);
  auto steps = readInts(node, "", 4, 10);
  if (failed(starts) || failed(ends) || failed(axes) || failed(steps))
    return failure();
  if (!*starts || !*ends)
    return node.invalid("it does not say where to start and end");
  size_t count = (*starts)->size();
  if (!*axes)
    *axes = llvm::to_vector(llvm::seq<int64_t>(0, count));
  if (!*steps)
    *steps = SmallVector<int64_t>(count, 1);
  if ((*ends)->size() != count || (*axes)->size() != count ||
      (*steps)->size() != count)
    return node.invalid("starts, ends, axes and steps differ in length");

  SmallVector<int64_t> offsets(rank, 0), strides(rank, 1);
  SmallVector<int64_t> sizes(input.getShape());
  for (size_t i = 0; i < count; ++i) {
    FailureOr<int64_t> axis = node.wrapAxis((**axes)[i], rank);
    if (failed(axis))
      return failure();
    int64_t size = input.getDim(*axis), step = (**steps)[i];
    if (step == 0)
      return node.invalid("it has a step of 0");
    auto clamp = [&](int64_t value, int64_t least, int64_t most) {
      return std::clamp(value < 0 ? value + size : value, least, most);
    };
    int64_t begin, length;
    if (step > 0) {
      begin = clamp((**starts)[i], 0, size);
      length = clamp((**ends)[i], 0, size) - begin;
      sizes[*axis] = length > 0 ? (length + step - 1) / step : 0;
    } else {
      begin = clamp((**starts)[i], -1, size - 1);
      length = begin - clamp((**ends)[i], -1, size - 1);
      sizes[*axis] = length > 0 ? (length - step - 1) / -step : 0;
    }
    offsets[*axis] = begin;
    strides[*axis] = step;
  }
  node.setOutput(createSlice(node.b, input.value, offsets, sizes, strides));
  return success();
}

static LogicalResult importSplit(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> axis = node.getAxis("axis", 0, input.getRank());
  if (failed(axis))
    return failure();
  int64_t size = input.getDim(*axis), parts = node.getNumOutputs();
  auto given = readInts(node, "split", 1, 13);
  if (failed(given))
    return failure();
  SmallVector<int64_t> lengths;
  if (*given) {
    lengths = **given;
  } else {
    bool evenly = node.getOpset() < 18;
    if (parts == 0 || (evenly && size % parts))
      return node.invalid("it cannot split " + Twine(size) + " elements into " +
                          Twine(parts) + " equal parts");
    if (!evenly && node.getInt("num_outputs", parts) != parts)
      return node.invalid("attribute 'num_outputs' is not the number of its "
                          "outputs");
    int64_t length = (size + parts - 1) / parts;
    for (int64_t left = size; int64_t(lengths.size()) < parts; left -= length)
      lengths.push_back(std::clamp<int64_t>(left, 0, length));
  }
  int64_t total = 0;
  for (int64_t length : lengths) {
    if (length < 0)
      return node.invalid("it has a part of length " + Twine(length));
    total += length;
  }
  if (int64_t(lengths.size()) != parts || total != size)
    return node.invalid("its parts do not add up to its " + Twine(size) +
                        " elements");
  SmallVector<int64_t> offsets(input.getRank(), 0);
  SmallVector<int64_t> strides(input.getRank(), 1);
  SmallVector<int64_t> sizes(input.getShape());
  for (int64_t i = 0; i < parts; ++i) {
    sizes[*axis] = lengths[i];
    node.setOutput(i, createSlice(node.b, input.value, offsets, sizes, strides),
                   input.type);
    offsets[*axis] += lengths[i];
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Expand, Tile, Trilu
//===----------------------------------------------------------------------===//

static LogicalResult importExpand(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<SmallVector<int64_t>> target = node.getConstantInts(1);
  if (failed(target))
    return failure();
  for (int64_t size : *target)
    if (size < 0)
      return node.invalid("its shape has the dimension " + Twine(size));
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(
      node, ArrayRef{input.getShape(), ArrayRef<int64_t>(*target)});
  if (failed(shape))
    return failure();
  if (ArrayRef<int64_t>(*shape) == input.getShape()) {
    node.setOutput(input.value);
    return success();
  }
  node.setOutput(createElementwise(
      node.b, input.value, *shape, input.getElementType(),
      [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; }));
  return success();
}

static LogicalResult importTile(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<SmallVector<int64_t>> repeats = node.getConstantInts(1);
  if (failed(repeats))
    return failure();
  if (int64_t(repeats->size()) != input.getRank())
    return node.invalid("it needs one repeat a dimension");
  // [d0, d1] becomes [r0, d0, r1, d1], which is read back as [r0 d0, r1 d1].
  SmallVector<int64_t> spread, joined;
  SmallVector<int64_t> ones;
  for (auto [size, repeat] : llvm::zip(input.getShape(), *repeats)) {
    if (repeat < 0)
      return node.invalid("it repeats a dimension " + Twine(repeat) + " times");
    spread.append({repeat, size});
    ones.append({1, size});
    joined.push_back(repeat * size);
  }
  Value value = createReshape(node.b, input.value, ones);
  value = createElementwise(
      node.b, value, spread, input.getElementType(),
      [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; });
  node.setOutput(createReshape(node.b, value, joined));
  return success();
}

static LogicalResult importTrilu(Node &node) {
  const Operand &input = node.getInput(0);
  int64_t rank = input.getRank();
  if (rank < 2)
    return node.invalid("it needs a matrix");
  FailureOr<int64_t> diagonal = int64_t(0);
  if (node.hasInput(1))
    diagonal = node.getConstantInt(1);
  if (failed(diagonal))
    return failure();
  bool upper = node.getInt("upper", 1) != 0;
  node.setOutput(createElementwise(
      node.b, input.value, input.getShape(), input.getElementType(),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value row = linalg::IndexOp::create(b, rank - 2);
        Value column = linalg::IndexOp::create(b, rank - 1);
        Value edge = arith::AddIOp::create(
            b, row, arith::ConstantIndexOp::create(b, *diagonal));
        Value keep = arith::CmpIOp::create(
            b, upper ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle,
            column, edge);
        return arith::SelectOp::create(b, keep, args[0],
                                       createScalar(b, args[0].getType(), 0));
      }));
  return success();
}

//===----------------------------------------------------------------------===//
// Depth and space
//===----------------------------------------------------------------------===//

/// Checks the shape and returns the block size.
static FailureOr<int64_t> readBlock(Node &node) {
  if (node.getInput(0).getRank() != 4)
    return node.invalid("its input must have 4 dimensions");
  int64_t block = node.getInt("blocksize", 0);
  if (block < 1)
    return node.invalid("attribute 'blocksize' is " + Twine(block));
  return block;
}

static LogicalResult importDepthToSpace(Node &node) {
  FailureOr<int64_t> block = readBlock(node);
  if (failed(block))
    return failure();
  const Operand &input = node.getInput(0);
  int64_t s = *block, n = input.getDim(0), c = input.getDim(1);
  int64_t h = input.getDim(2), w = input.getDim(3);
  if (c % (s * s))
    return node.invalid("its " + Twine(c) + " channels are no multiple of " +
                        Twine(s * s));
  bool columnFirst = node.getString("mode", "DCR") == "DCR";
  SmallVector<int64_t> split, permutation;
  if (columnFirst) {
    split = {n, s, s, c / (s * s), h, w};
    permutation = {0, 3, 4, 1, 5, 2};
  } else {
    split = {n, c / (s * s), s, s, h, w};
    permutation = {0, 1, 4, 2, 5, 3};
  }
  Value value = createReshape(node.b, input.value, split);
  value = createTranspose(node.b, value, permutation);
  node.setOutput(createReshape(node.b, value, {n, c / (s * s), h * s, w * s}));
  return success();
}

static LogicalResult importSpaceToDepth(Node &node) {
  FailureOr<int64_t> block = readBlock(node);
  if (failed(block))
    return failure();
  const Operand &input = node.getInput(0);
  int64_t s = *block, n = input.getDim(0), c = input.getDim(1);
  int64_t h = input.getDim(2), w = input.getDim(3);
  if (h % s || w % s)
    return node.invalid("its height and width are no multiples of " + Twine(s));
  Value value = createReshape(node.b, input.value, {n, c, h / s, s, w / s, s});
  value = createTranspose(node.b, value, {0, 3, 5, 1, 2, 4});
  node.setOutput(createReshape(node.b, value, {n, c * s * s, h / s, w / s}));
  return success();
}

/// Reverses the first `lengths[batch]` steps of each batch.
static LogicalResult importReverseSequence(Node &node) {
  const Operand &input = node.getInput(0), &lengths = node.getInput(1);
  int64_t batchAxis = node.getInt("batch_axis", 1);
  int64_t timeAxis = node.getInt("time_axis", 0);
  if (input.getRank() < 2 || batchAxis + timeAxis != 1 || batchAxis < 0 ||
      timeAxis < 0)
    return node.invalid("its batch and time axes must be 0 and 1");
  if (lengths.getRank() != 1 || lengths.getDim(0) != input.getDim(batchAxis))
    return node.invalid("it needs one length a batch");
  node.setOutput(createRead(
      node.b, input.value, input.getShape(),
      [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops) {
        SmallVector<Value> at(loops);
        Value length = arith::IndexCastOp::create(
            b, b.getIndexType(),
            tensor::ExtractOp::create(b, lengths.value, loops[batchAxis]));
        // A length that is out of range must not lead out of the tensor.
        Value most = arith::ConstantIndexOp::create(b, input.getDim(timeAxis));
        length = arith::MinUIOp::create(b, length, most);
        Value time = loops[timeAxis];
        Value inside =
            arith::CmpIOp::create(b, arith::CmpIPredicate::ult, time, length);
        Value one = arith::ConstantIndexOp::create(b, 1);
        Value mirrored = arith::SubIOp::create(
            b, arith::SubIOp::create(b, length, one), time);
        at[timeAxis] = arith::SelectOp::create(b, inside, mirrored, time);
        return at;
      }));
  return success();
}

void lacuna::registerMovementOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Concat", 4, importConcat},
      {"DepthToSpace", 1, importDepthToSpace},
      {"Expand", 8, importExpand},
      {"ReverseSequence", 10, importReverseSequence},
      {"Slice", 1, importSlice},
      {"SpaceToDepth", 1, importSpaceToDepth},
      {"Split", 2, importSplit},
      {"Tile", 6, importTile},
      {"Transpose", 1, importTranspose},
      {"Trilu", 14, importTrilu},
  };
  table.add(entries);
}
