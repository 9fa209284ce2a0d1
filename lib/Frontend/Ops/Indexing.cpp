//===- Indexing.cpp - Gathering, scattering, sorting -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "Movement.h"
#include "OpTable.h"
#include "Reshape.h"

#include "dialects/nn/IR/NNDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lacuna;

/// `raw`, an integer from data, as an index into a dimension of `size`: counted
/// from the end if negative, and kept inside whatever it is.
static Value wrapIndex(ImplicitLocOpBuilder &b, Value raw, int64_t size) {
  Value index = arith::IndexCastOp::create(b, b.getIndexType(), raw);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value limit = arith::ConstantIndexOp::create(b, size);
  Value last = arith::ConstantIndexOp::create(b, size - 1);
  Value negative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, index, zero);
  index = arith::SelectOp::create(
      b, negative, arith::AddIOp::create(b, index, limit), index);
  return arith::MinSIOp::create(b, arith::MaxSIOp::create(b, index, zero),
                                last);
}

/// A gather must find something, unless nothing is wanted.
static LogicalResult checkNotEmpty(Node &node, int64_t size,
                                   ArrayRef<int64_t> shape) {
  if (size == 0 && !llvm::is_contained(shape, 0))
    return node.invalid("it takes elements out of an empty dimension");
  return success();
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

static LogicalResult importGather(Node &node) {
  const Operand &input = node.getInput(0), &indices = node.getInput(1);
  FailureOr<int64_t> axis = node.getAxis("axis", 0, input.getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(input.getShape().take_front(*axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, input.getShape().drop_front(*axis + 1));
  int64_t size = input.getDim(*axis), inner = indices.getRank();
  if (failed(checkNotEmpty(node, size, shape)))
    return failure();
  node.setOutput(
      createRead(node.b, input.value, shape,
                 [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops) {
                   SmallVector<Value> at(loops.take_front(*axis));
                   Value raw = tensor::ExtractOp::create(
                       b, indices.value, loops.slice(*axis, inner));
                   at.push_back(wrapIndex(b, raw, size));
                   llvm::append_range(at, loops.drop_front(*axis + inner));
                   return at;
                 }));
  return success();
}

static LogicalResult importGatherElements(Node &node) {
  const Operand &input = node.getInput(0), &indices = node.getInput(1);
  FailureOr<int64_t> axis = node.getAxis("axis", 0, input.getRank());
  if (failed(axis))
    return failure();
  bool fits = indices.getRank() == input.getRank();
  for (int64_t dim = 0; fits && dim < input.getRank(); ++dim)
    fits = dim == *axis || indices.getDim(dim) <= input.getDim(dim);
  if (!fits)
    return node.invalid("the shape of its indices does not fit its data");
  int64_t size = input.getDim(*axis);
  if (failed(checkNotEmpty(node, size, indices.getShape())))
    return failure();
  node.setOutput(createRead(
      node.b, input.value, indices.getShape(),
      [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops) {
        SmallVector<Value> at(loops);
        Value raw = tensor::ExtractOp::create(b, indices.value, loops);
        at[*axis] = wrapIndex(b, raw, size);
        return at;
      }));
  return success();
}

static LogicalResult importGatherND(Node &node) {
  const Operand &input = node.getInput(0), &indices = node.getInput(1);
  int64_t batch = node.getInt("batch_dims", 0);
  if (batch < 0 || indices.getRank() < 1 || batch >= indices.getRank() ||
      batch > input.getRank())
    return node.invalid("attribute 'batch_dims' is " + Twine(batch));
  int64_t named = indices.getShape().back();
  if (batch + named > input.getRank())
    return node.invalid("its indices name more dimensions than its data has");
  if (input.getShape().take_front(batch) !=
      indices.getShape().take_front(batch))
    return node.invalid("the batch dimensions of its inputs differ");
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, input.getShape().drop_front(batch + named));
  for (int64_t dim = 0; dim < named; ++dim)
    if (failed(checkNotEmpty(node, input.getDim(batch + dim), shape)))
      return failure();
  int64_t outer = indices.getRank() - 1;
  node.setOutput(createRead(
      node.b, input.value, shape,
      [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops) {
        SmallVector<Value> at(loops.take_front(batch));
        SmallVector<Value> row(loops.take_front(outer));
        row.push_back(Value());
        for (int64_t dim = 0; dim < named; ++dim) {
          row.back() = arith::ConstantIndexOp::create(b, dim);
          Value raw = tensor::ExtractOp::create(b, indices.value, row);
          at.push_back(wrapIndex(b, raw, input.getDim(batch + dim)));
        }
        llvm::append_range(at, loops.drop_front(outer));
        return at;
      }));
  return success();
}

//===----------------------------------------------------------------------===//
// Scatter
//===----------------------------------------------------------------------===//

static FailureOr<nn::Reduction> readReduction(Node &node) {
  StringRef name = node.getString("reduction", "none");
  std::optional<nn::Reduction> reduction = nn::symbolizeReduction(name);
  bool isNew =
      reduction == nn::Reduction::Max || reduction == nn::Reduction::Min;
  if (!reduction || (isNew && node.getOpset() < 18))
    return node.invalid("attribute 'reduction' is '" + name + "'");
  if (node.getInput(0).type == DType::Bool && *reduction != nn::Reduction::None)
    return node.unsupported("it combines booleans");
  return *reduction;
}

static LogicalResult importScatterElements(Node &node) {
  const Operand &input = node.getInput(0), &indices = node.getInput(1);
  const Operand &updates = node.getInput(2);
  FailureOr<int64_t> axis = node.getAxis("axis", 0, input.getRank());
  FailureOr<nn::Reduction> reduction = readReduction(node);
  if (failed(axis) || failed(reduction))
    return failure();
  bool fits = indices.getRank() == input.getRank() &&
              updates.getShape() == indices.getShape();
  for (int64_t dim = 0; fits && dim < input.getRank(); ++dim)
    fits = dim == *axis || indices.getDim(dim) <= input.getDim(dim);
  if (!fits)
    return node.invalid("the shapes of its inputs do not fit together");
  node.setOutput(nn::ScatterElementsOp::create(
      node.b, input.value.getType(), input.value, indices.value, updates.value,
      *axis, *reduction, input.isUnsigned()));
  return success();
}

static LogicalResult importScatterND(Node &node) {
  const Operand &input = node.getInput(0), &indices = node.getInput(1);
  const Operand &updates = node.getInput(2);
  FailureOr<nn::Reduction> reduction = readReduction(node);
  if (failed(reduction))
    return failure();
  if (indices.getRank() < 1 || indices.getShape().back() > input.getRank())
    return node.invalid("its indices name more dimensions than its data has");
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape,
                     input.getShape().drop_front(indices.getShape().back()));
  if (updates.getShape() != ArrayRef(shape))
    return node.invalid("the shapes of its inputs do not fit together");
  node.setOutput(nn::ScatterNDOp::create(
      node.b, input.value.getType(), input.value, indices.value, updates.value,
      *reduction, input.isUnsigned()));
  return success();
}

//===----------------------------------------------------------------------===//
// OneHot, TopK
//===----------------------------------------------------------------------===//

static LogicalResult importOneHot(Node &node) {
  const Operand &indices = node.getInput(0), &values = node.getInput(2);
  FailureOr<SmallVector<double>> depths = node.getConstantFloats(1);
  if (failed(depths))
    return failure();
  FailureOr<int64_t> axis = node.getAxis("axis", -1, indices.getRank() + 1);
  if (failed(axis))
    return failure();
  if (depths->size() != 1 || !(depths->front() >= 1) ||
      depths->front() > double(kMaxExtent))
    return node.invalid("its depth must be one positive number");
  if (values.getRank() != 1 || values.getDim(0) != 2)
    return node.invalid("its values must be a pair");
  int64_t depth = int64_t(depths->front());
  SmallVector<int64_t> shape(indices.getShape());
  shape.insert(shape.begin() + *axis, depth);
  node.setOutput(
      0,
      createElementwise(
          node.b, {}, shape, values.getElementType(),
          [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
            SmallVector<Value> at;
            for (size_t dim = 0; dim < shape.size(); ++dim)
              if (int64_t(dim) != *axis)
                at.push_back(linalg::IndexOp::create(b, dim));
            Value index = tensor::ExtractOp::create(b, indices.value, at);
            index = createCast(b, index, indices.type, DType::Int64);
            Value zero = createScalar(b, b.getI64Type(), 0);
            Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                                   index, zero);
            Value wrapped = arith::AddIOp::create(
                b, index, createScalar(b, b.getI64Type(), depth));
            index = arith::SelectOp::create(b, negative, wrapped, index);
            Value place = arith::IndexCastOp::create(
                b, b.getI64Type(), linalg::IndexOp::create(b, *axis));
            Value hot = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                              index, place);
            Value off = tensor::ExtractOp::create(
                b, values.value, Value(arith::ConstantIndexOp::create(b, 0)));
            Value on = tensor::ExtractOp::create(
                b, values.value, Value(arith::ConstantIndexOp::create(b, 1)));
            return arith::SelectOp::create(b, hot, on, off);
          }),
      values.type);
  return success();
}

static LogicalResult importTopK(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> axis = node.getAxis("axis", -1, input.getRank());
  FailureOr<int64_t> count = node.getInt("k", -1);
  if (node.getOpset() >= 10)
    count = node.getConstantInt(1);
  if (failed(axis) || failed(count))
    return failure();
  if (*count < 0 || *count > input.getDim(*axis))
    return node.invalid("it takes " + Twine(*count) + " of " +
                        Twine(input.getDim(*axis)) + " elements");
  SmallVector<int64_t> shape(input.getShape());
  shape[*axis] = *count;
  auto topk = nn::TopKOp::create(
      node.b, RankedTensorType::get(shape, input.getElementType()),
      RankedTensorType::get(shape, node.b.getI64Type()), input.value, *axis,
      node.getInt("largest", 1) == 0, input.isUnsigned());
  node.setOutput(0, topk.getValues(), input.type);
  node.setOutput(1, topk.getIndices(), DType::Int64);
  return success();
}

//===----------------------------------------------------------------------===//
// Operators whose result has as many elements as its data says
//===----------------------------------------------------------------------===//

static LogicalResult importNonZero(Node &node) {
  FailureOr<HostTensor> data = node.getConstant(0);
  if (failed(data))
    return failure();
  ArrayRef<int64_t> sizes = data->getShape();
  SmallVector<int64_t> found;
  for (int64_t i = 0; i < data->getNumElements(); ++i)
    if (data->getAsDouble(i) != 0)
      found.push_back(i);
  // One row a dimension; there may be none of size zero if something is found.
  SmallVector<int64_t> rows;
  int64_t stride = data->getNumElements();
  for (int64_t size : sizes) {
    if (found.empty())
      break;
    stride /= size;
    for (int64_t at : found)
      rows.push_back(at / stride % size);
  }
  auto type = RankedTensorType::get(
      {int64_t(sizes.size()), int64_t(found.size())}, node.b.getI64Type());
  node.setOutput(
      0,
      arith::ConstantOp::create(node.b, DenseIntElementsAttr::get(type, rows)),
      DType::Int64);
  return success();
}

static LogicalResult importCompress(Node &node) {
  const Operand &input = node.getInput(0);
  FailureOr<HostTensor> condition = node.getConstant(1);
  if (failed(condition))
    return failure();
  bool flat = !node.hasAttr("axis");
  FailureOr<int64_t> axis = int64_t(0);
  if (!flat)
    axis = node.getAxis("axis", 0, input.getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(input.getShape());
  Value value = input.value;
  if (flat) {
    shape = {input.getNumElements()};
    value = createReshape(node.b, value, shape);
  }
  SmallVector<int64_t> kept;
  int64_t limit = std::min(shape[*axis], condition->getNumElements());
  for (int64_t i = 0; i < limit; ++i)
    if (condition->data()[i])
      kept.push_back(i);
  shape[*axis] = kept.size();
  auto type =
      RankedTensorType::get({int64_t(kept.size())}, node.b.getI64Type());
  Value places =
      arith::ConstantOp::create(node.b, DenseIntElementsAttr::get(type, kept));
  node.setOutput(
      createRead(node.b, value, shape,
                 [&](ImplicitLocOpBuilder &b, ArrayRef<Value> loops) {
                   SmallVector<Value> at(loops);
                   at[*axis] = arith::IndexCastOp::create(
                       b, b.getIndexType(),
                       tensor::ExtractOp::create(b, places, loops[*axis]));
                   return at;
                 }));
  return success();
}

void lacuna::registerIndexingOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Compress", 9, importCompress},
      {"Gather", 1, importGather},
      {"GatherElements", 11, importGatherElements},
      {"GatherND", 11, importGatherND},
      {"NonMaxSuppression", 10, nullptr,
       "the number of its results depends on its data"},
      {"NonZero", 9, importNonZero},
      {"OneHot", 9, importOneHot},
      {"Scatter", 9, importScatterElements},
      {"ScatterElements", 11, importScatterElements},
      {"ScatterND", 11, importScatterND},
      {"TopK", 1, importTopK},
      {"Unique", 11, nullptr, "the number of its results depends on its data"},
  };
  table.add(entries);
}
