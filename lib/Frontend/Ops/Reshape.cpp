//===- Reshape.cpp - Seeing a tensor in another shape -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reshape.h"

#include "Constant.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;

namespace lacuna {

Value createReshape(ImplicitLocOpBuilder &b, Value value,
                    ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  if (ElementsAttr elements = getConstantElements(value))
    return arith::ConstantOp::create(b, reshapeElements(elements, shape));
  auto result = RankedTensorType::get(shape, type.getElementType());
  if (type.getRank() < result.getRank())
    if (auto groups = getReassociationIndicesForReshape(result, type))
      return tensor::ExpandShapeOp::create(b, result, value, *groups);
  if (type.getRank() > result.getRank())
    if (auto groups = getReassociationIndicesForReshape(type, result))
      return tensor::CollapseShapeOp::create(b, result, value, *groups);
  // No grouping takes one shape to the other: by way of one dimension.
  SmallVector<ReassociationIndices> all(1);
  if (type.getRank() != 1) {
    all[0] = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    auto flat =
        RankedTensorType::get({type.getNumElements()}, type.getElementType());
    value =
        type.getRank() == 0
            ? tensor::ExpandShapeOp::create(b, flat, value,
                                            ArrayRef<ReassociationIndices>())
                  .getResult()
            : tensor::CollapseShapeOp::create(b, flat, value, all).getResult();
  }
  if (result.getRank() == 1)
    return value;
  if (result.getRank() == 0)
    return tensor::CollapseShapeOp::create(b, result, value,
                                           ArrayRef<ReassociationIndices>());
  all[0] = llvm::to_vector(llvm::seq<int64_t>(0, result.getRank()));
  return tensor::ExpandShapeOp::create(b, result, value, all);
}

LogicalResult reshapeOutput(Node &node, ArrayRef<int64_t> shape) {
  const Operand &input = node.getInput(0);
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0)
      return node.invalid("its result would have a dimension of " +
                          Twine(size));
    count *= size;
  }
  if (count != input.getNumElements())
    return node.invalid("it cannot reshape " + Twine(input.getNumElements()) +
                        " elements to " + Twine(count));
  node.setOutput(createReshape(node.b, input.value, shape));
  return success();
}

} // namespace lacuna
