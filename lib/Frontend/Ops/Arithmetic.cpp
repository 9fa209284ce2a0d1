//===- Arithmetic.cpp - Binary arithmetic and comparison -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lacuna;

/// An operator that is one scalar operation for floats and one for integers.
template <typename FloatOp, typename IntOp>
static LogicalResult importBinary(Node &node) {
  bool floating = node.getInput(0).isFloat();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    if (floating)
      return FloatOp::create(b, args[0], args[1]).getResult();
    return IntOp::create(b, args[0], args[1]).getResult();
  });
}

static LogicalResult importDiv(Node &node) {
  if (node.getInput(0).isUnsigned())
    return importBinary<arith::DivFOp, arith::DivUIOp>(node);
  return importBinary<arith::DivFOp, arith::DivSIOp>(node);
}

void lacuna::registerArithmeticOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Add", 7, importBinary<arith::AddFOp, arith::AddIOp>},
      {"Div", 7, importDiv},
      {"Mul", 7, importBinary<arith::MulFOp, arith::MulIOp>},
      {"Sub", 7, importBinary<arith::SubFOp, arith::SubIOp>},
  };
  table.add(entries);
}
