//===- Activation.cpp - Activation functions and other unary operators -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace lacuna;

/// An operator that is one scalar operation.
template <typename ScalarOp>
static LogicalResult importUnary(Node &node) {
  return importElementwise(node, [](ImplicitLocOpBuilder &b, ValueRange args) {
    return ScalarOp::create(b, args[0]).getResult();
  });
}

static LogicalResult importRelu(Node &node) {
  bool isUnsigned = node.getInput(0).isUnsigned();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    return createMax(b, args[0], createScalar(b, args[0].getType(), 0),
                     isUnsigned);
  });
}

static LogicalResult importSigmoid(Node &node) {
  return importElementwise(node, [](ImplicitLocOpBuilder &b, ValueRange args) {
    Value one = createScalar(b, args[0].getType(), 1);
    Value exp = math::ExpOp::create(b, arith::NegFOp::create(b, args[0]));
    Value sum = arith::AddFOp::create(b, one, exp);
    return arith::DivFOp::create(b, one, sum).getResult();
  });
}

void lacuna::registerActivationOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Exp", 6, importUnary<math::ExpOp>},
      {"Relu", 6, importRelu},
      {"Sigmoid", 6, importSigmoid},
      {"Tanh", 6, importUnary<math::TanhOp>},
  };
  table.add(entries);
}
