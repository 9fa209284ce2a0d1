//===- Comparison.cpp - Comparison, logic and choice -===//
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

//===----------------------------------------------------------------------===//
// Comparison. What is compared with NaN is false.
//===----------------------------------------------------------------------===//

static LogicalResult importCompare(Node &node, arith::CmpFPredicate forFloat,
                                   arith::CmpIPredicate forSigned,
                                   arith::CmpIPredicate forUnsigned) {
  const Operand &input = node.getInput(0);
  return importElementwise(
      node, DType::Bool,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        if (input.isFloat())
          return arith::CmpFOp::create(b, forFloat, args[0], args[1]);
        return arith::CmpIOp::create(
            b, input.isUnsigned() ? forUnsigned : forSigned, args[0], args[1]);
      });
}

static LogicalResult importEqual(Node &node) {
  return importCompare(node, arith::CmpFPredicate::OEQ,
                       arith::CmpIPredicate::eq, arith::CmpIPredicate::eq);
}

static LogicalResult importGreater(Node &node) {
  return importCompare(node, arith::CmpFPredicate::OGT,
                       arith::CmpIPredicate::sgt, arith::CmpIPredicate::ugt);
}

static LogicalResult importGreaterOrEqual(Node &node) {
  return importCompare(node, arith::CmpFPredicate::OGE,
                       arith::CmpIPredicate::sge, arith::CmpIPredicate::uge);
}

static LogicalResult importLess(Node &node) {
  return importCompare(node, arith::CmpFPredicate::OLT,
                       arith::CmpIPredicate::slt, arith::CmpIPredicate::ult);
}

static LogicalResult importLessOrEqual(Node &node) {
  return importCompare(node, arith::CmpFPredicate::OLE,
                       arith::CmpIPredicate::sle, arith::CmpIPredicate::ule);
}

//===----------------------------------------------------------------------===//
// Logic and bits. A bool is one bit.
//===----------------------------------------------------------------------===//

template <typename BitOp>
static LogicalResult importBits(Node &node) {
  return importElementwise(node, [](ImplicitLocOpBuilder &b, ValueRange args) {
    return BitOp::create(b, args[0], args[1]).getResult();
  });
}

static LogicalResult importNot(Node &node) {
  return importElementwise(node, [](ImplicitLocOpBuilder &b, ValueRange args) {
    auto type = cast<IntegerType>(args[0].getType());
    Value ones = arith::ConstantOp::create(
        b, b.getIntegerAttr(type, APInt::getAllOnes(type.getWidth())));
    return arith::XOrIOp::create(b, args[0], ones).getResult();
  });
}

static bool isInteger(DType type) {
  return !isFloat(type) && type != DType::Bool;
}

template <typename BitOp>
static LogicalResult importBitwise(Node &node) {
  if (failed(checkInputs(node, 2, isInteger)))
    return failure();
  return importBits<BitOp>(node);
}

static LogicalResult importBitwiseNot(Node &node) {
  if (failed(checkInputs(node, 1, isInteger)))
    return failure();
  return importNot(node);
}

/// What is shifted by its width or more is zero.
static LogicalResult importBitShift(Node &node) {
  StringRef direction = node.getString("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    return node.invalid(
        "attribute 'direction' must be 'LEFT' or 'RIGHT', not '" + direction +
        "'");
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Type type = args[0].getType();
    Value width = createScalar(b, type, type.getIntOrFloatBitWidth());
    Value zero = createScalar(b, type, 0);
    Value fits = createLess(b, args[1], width, /*isUnsigned=*/true);
    Value amount = arith::SelectOp::create(b, fits, args[1], zero);
    Value shifted;
    if (direction == "LEFT")
      shifted = arith::ShLIOp::create(b, args[0], amount);
    else
      shifted = arith::ShRUIOp::create(b, args[0], amount);
    return arith::SelectOp::create(b, fits, shifted, zero).getResult();
  });
}

static LogicalResult importWhere(Node &node) {
  return importElementwise(node, node.getInput(1).type,
                           [](ImplicitLocOpBuilder &b, ValueRange args) {
                             return arith::SelectOp::create(b, args[0], args[1],
                                                            args[2])
                                 .getResult();
                           });
}

void lacuna::registerComparisonOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"And", 1, importLegacy<importBits<arith::AndIOp>>},
      {"And", 7, importBits<arith::AndIOp>},
      {"BitShift", 11, importBitShift},
      {"BitwiseAnd", 18, importBitwise<arith::AndIOp>},
      {"BitwiseNot", 18, importBitwiseNot},
      {"BitwiseOr", 18, importBitwise<arith::OrIOp>},
      {"BitwiseXor", 18, importBitwise<arith::XOrIOp>},
      {"Equal", 1, importLegacy<importEqual>},
      {"Equal", 7, importEqual},
      {"Greater", 1, importLegacy<importGreater>},
      {"Greater", 7, importGreater},
      {"GreaterOrEqual", 12, importGreaterOrEqual},
      {"Less", 1, importLegacy<importLess>},
      {"Less", 7, importLess},
      {"LessOrEqual", 12, importLessOrEqual},
      {"Not", 1, importNot},
      {"Or", 1, importLegacy<importBits<arith::OrIOp>>},
      {"Or", 7, importBits<arith::OrIOp>},
      {"Where", 9, importWhere},
      {"Xor", 1, importLegacy<importBits<arith::XOrIOp>>},
      {"Xor", 7, importBits<arith::XOrIOp>},
  };
  table.add(entries);
}
