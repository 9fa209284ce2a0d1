//===- MatMul.cpp - Matrix products -===//
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
#include <cmath>

using namespace mlir;
using namespace lacuna;

/// The matrix product of two values of rank 2 or more.
static FailureOr<Value> createMatMul(Node &node, Value lhs, Value rhs,
                                     bool transposeLhs, bool transposeRhs) {
  auto lhsType = cast<RankedTensorType>(lhs.getType());
  auto rhsType = cast<RankedTensorType>(rhs.getType());
  auto last = [](RankedTensorType type, unsigned fromEnd) {
    return type.getDimSize(type.getRank() - fromEnd);
  };
  if (last(lhsType, transposeLhs ? 2 : 1) !=
      last(rhsType, transposeRhs ? 1 : 2))
    return node.invalid("the inner dimensions of its inputs differ");
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(node, ArrayRef{lhsType.getShape().drop_back(2),
                                     rhsType.getShape().drop_back(2)});
  if (failed(shape))
    return failure();
  shape->push_back(last(lhsType, transposeLhs ? 1 : 2));
  shape->push_back(last(rhsType, transposeRhs ? 2 : 1));
  return nn::MatMulOp::create(
             node.b, RankedTensorType::get(*shape, lhsType.getElementType()),
             lhs, rhs, transposeLhs, transposeRhs)
      .getResult();
}

static LogicalResult importGemm(Node &node) {
  const Operand &lhs = node.getInput(0), &rhs = node.getInput(1);
  if (lhs.getRank() != 2 || rhs.getRank() != 2)
    return node.invalid("its inputs must be matrices");
  FailureOr<Value> product =
      createMatMul(node, lhs.value, rhs.value, node.getInt("transA", 0) != 0,
                   node.getInt("transB", 0) != 0);
  if (failed(product))
    return failure();
  double alpha = node.getFloat("alpha", 1), beta = node.getFloat("beta", 1);
  SmallVector<Value> operands = {*product};
  if (node.hasInput(2))
    operands.push_back(node.getInput(2).value);
  if (!lhs.isFloat()) {
    for (auto [name, factor] :
         {std::pair("alpha", alpha),
          std::pair("beta", node.hasInput(2) ? beta : 1.0)})
      if (std::trunc(factor) != factor || std::fabs(factor) > kMaxExtent)
        return node.unsupported("attribute '" + Twine(name) +
                                "' is no integer by which " +
                                getName(lhs.type) + " could be scaled");
  }
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(product->getType()).getShape();
  if (operands.size() == 2) {
    FailureOr<SmallVector<int64_t>> joined =
        broadcastShapes(node, ArrayRef{shape, node.getInput(2).getShape()});
    if (failed(joined))
      return failure();
    if (ArrayRef(*joined) != shape)
      return node.invalid("input C does not broadcast to the product");
  }
  if (operands.size() == 1 && alpha == 1) {
    node.setOutput(*product);
    return success();
  }
  auto scale = [](ImplicitLocOpBuilder &b, Value value, double by) -> Value {
    if (by == 1)
      return value;
    Value factor = createScalar(b, value.getType(), by);
    if (isa<FloatType>(value.getType()))
      return arith::MulFOp::create(b, value, factor);
    return arith::MulIOp::create(b, value, factor);
  };
  node.setOutput(
      createElementwise(node.b, operands, shape, lhs.getElementType(),
                        [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                          Value result = scale(b, args[0], alpha);
                          if (args.size() == 1)
                            return result;
                          Value bias = scale(b, args[1], beta);
                          if (isa<FloatType>(result.getType()))
                            return arith::AddFOp::create(b, result, bias);
                          return arith::AddIOp::create(b, result, bias);
                        }));
  return success();
}

/// As in NumPy: a vector is a row on the left and a column on the right, and
/// that dimension is dropped again.
static LogicalResult importMatMul(Node &node) {
  const Operand &lhs = node.getInput(0), &rhs = node.getInput(1);
  if (lhs.getRank() == 0 || rhs.getRank() == 0)
    return node.invalid("its inputs must not be scalars");
  bool dropRow = lhs.getRank() == 1, dropColumn = rhs.getRank() == 1;
  Value left = dropRow ? createReshape(node.b, lhs.value, {1, lhs.getDim(0)})
                       : lhs.value;
  Value right = dropColumn
                    ? createReshape(node.b, rhs.value, {rhs.getDim(0), 1})
                    : rhs.value;
  FailureOr<Value> product = createMatMul(node, left, right, false, false);
  if (failed(product))
    return failure();
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(product->getType()).getShape());
  if (dropColumn)
    shape.pop_back();
  if (dropRow)
    shape.erase(shape.end() - (dropColumn ? 1 : 2));
  node.setOutput(createReshape(node.b, *product, shape));
  return success();
}

void lacuna::registerMatMulOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Gemm", 1, importGemm},
      {"MatMul", 1, importMatMul},
  };
  table.add(entries);
}
