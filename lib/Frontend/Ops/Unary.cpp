//===- Unary.cpp - Mathematical functions of one input -===//
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
#include <limits>

using namespace mlir;
using namespace lacuna;

/// A function of a float that is one scalar operation, in float32 at least.
template <typename ScalarOp>
static LogicalResult importFunction(Node &node) {
  return importElementwise(node, [](ImplicitLocOpBuilder &b, ValueRange args) {
    return createWide(b, args.take_front(),
                      [](ImplicitLocOpBuilder &b, ValueRange args) {
                        return ScalarOp::create(b, args[0]).getResult();
                      });
  });
}

static LogicalResult importAbs(Node &node) {
  const Operand &input = node.getInput(0);
  if (input.isUnsigned()) {
    node.setOutput(input.value);
    return success();
  }
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    if (input.isFloat())
      return math::AbsFOp::create(b, args[0]).getResult();
    return math::AbsIOp::create(b, args[0]).getResult();
  });
}

static LogicalResult importNeg(Node &node) {
  bool floating = node.getInput(0).isFloat();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    if (floating)
      return arith::NegFOp::create(b, args[0]).getResult();
    Value zero = createScalar(b, args[0].getType(), 0);
    return arith::SubIOp::create(b, zero, args[0]).getResult();
  });
}

static LogicalResult importReciprocal(Node &node) {
  return importElementwise(node, [](ImplicitLocOpBuilder &b, ValueRange args) {
    Value one = createScalar(b, args[0].getType(), 1);
    return arith::DivFOp::create(b, one, args[0]).getResult();
  });
}

/// NaN and zeros stay what they are.
static LogicalResult importSign(Node &node) {
  bool isUnsigned = node.getInput(0).isUnsigned();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value x = args[0];
    Value zero = createScalar(b, x.getType(), 0);
    Value isPositive = createLess(b, zero, x, isUnsigned);
    Value one = createScalar(b, x.getType(), 1);
    Value sign = arith::SelectOp::create(b, isPositive, one, x);
    if (isUnsigned)
      return sign;
    Value isNegative = createLess(b, x, zero, isUnsigned);
    Value minus = createScalar(b, x.getType(), -1);
    return arith::SelectOp::create(b, isNegative, minus, sign).getResult();
  });
}

/// Integers are taken as floats and the result cut, as NumPy would.
static LogicalResult importErf(Node &node) {
  DType type = node.getInput(0).type;
  if (isFloat(type))
    return importFunction<math::ErfOp>(node);
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value x = createCast(b, args[0], type, DType::Float32);
    return createCast(b, math::ErfOp::create(b, x), DType::Float32, type);
  });
}

static LogicalResult importIsNaN(Node &node) {
  return importElementwise(
      node, DType::Bool, [](ImplicitLocOpBuilder &b, ValueRange args) {
        return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, args[0],
                                     args[0])
            .getResult();
      });
}

static LogicalResult importIsInf(Node &node) {
  bool positive = node.getInt("detect_positive", 1) != 0;
  bool negative = node.getInt("detect_negative", 1) != 0;
  return importElementwise(
      node, DType::Bool, [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value x = args[0];
        auto equals = [&](Value y, double infinity) {
          return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, y,
                                       createScalar(b, y.getType(), infinity))
              .getResult();
        };
        constexpr double infinity = std::numeric_limits<double>::infinity();
        if (positive && negative)
          return equals(math::AbsFOp::create(b, x), infinity);
        if (positive)
          return equals(x, infinity);
        if (negative)
          return equals(x, -infinity);
        return createScalar(b, b.getI1Type(), 0);
      });
}

void lacuna::registerUnaryOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Abs", 1, importAbs},
      {"Acos", 7, importFunction<math::AcosOp>},
      {"Acosh", 9, importFunction<math::AcoshOp>},
      {"Asin", 7, importFunction<math::AsinOp>},
      {"Asinh", 9, importFunction<math::AsinhOp>},
      {"Atan", 7, importFunction<math::AtanOp>},
      {"Atanh", 9, importFunction<math::AtanhOp>},
      {"Ceil", 1, importFunction<math::CeilOp>},
      {"Cos", 7, importFunction<math::CosOp>},
      {"Cosh", 9, importFunction<math::CoshOp>},
      {"Erf", 9, importErf},
      {"Exp", 1, importFunction<math::ExpOp>},
      {"Floor", 1, importFunction<math::FloorOp>},
      {"IsInf", 10, importIsInf},
      {"IsNaN", 9, importIsNaN},
      {"Log", 1, importFunction<math::LogOp>},
      {"Neg", 1, importNeg},
      {"Reciprocal", 1, importReciprocal},
      {"Round", 11, importFunction<math::RoundEvenOp>},
      {"Sign", 9, importSign},
      {"Sin", 7, importFunction<math::SinOp>},
      {"Sinh", 9, importFunction<math::SinhOp>},
      {"Sqrt", 1, importFunction<math::SqrtOp>},
      {"Tan", 7, importFunction<math::TanOp>},
  };
  table.add(entries);
}
