//===- ChannelsLast.cpp - Between ONNX's layout and that of kernels -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Transforms/ChannelsLast.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace lacuna;

Value neon::transpose(ImplicitLocOpBuilder &b, Value tensor,
                      ArrayRef<int64_t> permutation) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape;
  for (int64_t dim : permutation)
    shape.push_back(type.getDimSize(dim));
  Value empty = tensor::EmptyOp::create(b, shape, type.getElementType());
  return linalg::TransposeOp::create(b, tensor, empty, permutation)
      ->getResult(0);
}

Value neon::toChannelsLast(ImplicitLocOpBuilder &b, Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  SmallVector<int64_t> permutation = {0};
  for (int64_t i = 2; i < rank; ++i)
    permutation.push_back(i);
  permutation.push_back(1);
  return transpose(b, tensor, permutation);
}

Value neon::toChannelsFirst(ImplicitLocOpBuilder &b, Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  SmallVector<int64_t> permutation = {0, rank - 1};
  for (int64_t i = 1; i < rank - 1; ++i)
    permutation.push_back(i);
  return transpose(b, tensor, permutation);
}

Value neon::createEmptyChannelsLast(ImplicitLocOpBuilder &b,
                                    RankedTensorType type) {
  SmallVector<int64_t> shape = {type.getDimSize(0)};
  llvm::append_range(shape, type.getShape().drop_front(2));
  shape.push_back(type.getDimSize(1));
  return tensor::EmptyOp::create(b, shape, type.getElementType());
}

Value neon::padSpatial(ImplicitLocOpBuilder &b, Value tensor,
                       ArrayRef<int64_t> begin, ArrayRef<int64_t> end,
                       double value) {
  auto isZero = [](int64_t pad) { return pad == 0; };
  if (llvm::all_of(begin, isZero) && llvm::all_of(end, isZero))
    return tensor;
  auto type = cast<RankedTensorType>(tensor.getType());
  Type element = type.getElementType();
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> low(type.getRank(), b.getIndexAttr(0)), high = low;
  for (size_t i = 0; i < begin.size(); ++i) {
    low[i + 1] = b.getIndexAttr(begin[i]);
    high[i + 1] = b.getIndexAttr(end[i]);
    shape[i + 1] += begin[i] + end[i];
  }
  TypedAttr attr;
  if (isa<FloatType>(element))
    attr = b.getFloatAttr(element, value);
  else
    attr = b.getIntegerAttr(element, static_cast<int64_t>(value));
  Value scalar = arith::ConstantOp::create(b, attr);
  return tensor::PadOp::create(b, RankedTensorType::get(shape, element), tensor,
                               low, high, scalar);
}

Value neon::reshape(ImplicitLocOpBuilder &b, Value tensor,
                    RankedTensorType type) {
  auto from = cast<RankedTensorType>(tensor.getType());
  if (from == type)
    return tensor;
  if (type.getNumElements() == 0)
    return tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  if (auto groups = getReassociationIndicesForReshape(from, type)) {
    if (from.getRank() > type.getRank())
      return tensor::CollapseShapeOp::create(b, type, tensor, *groups);
    return tensor::ExpandShapeOp::create(b, type, tensor, *groups);
  }
  // By way of one dimension.
  auto flat =
      RankedTensorType::get({type.getNumElements()}, type.getElementType());
  return reshape(b, reshape(b, tensor, flat), type);
}
