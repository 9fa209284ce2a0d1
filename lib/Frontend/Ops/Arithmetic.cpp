//===- Arithmetic.cpp - Arithmetic of two and more inputs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constant.h"
#include "Elementwise.h"
#include "OpTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

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

//===----------------------------------------------------------------------===//
// Integer division. Where ONNX leaves the result open, a divisor of zero and
// the quotient of the least integer and -1, processors may trap: compiled code
// must not.
//===----------------------------------------------------------------------===//

/// Whether dividing by input 1 is known to be harmless.
static bool isSafeDivisor(const Node &node) {
  const Operand &divisor = node.getInput(1);
  ElementsAttr elements = getConstantElements(divisor.value);
  if (!elements)
    return false;
  HostTensor tensor = readElements(elements, divisor.type);
  for (int64_t i = 0; i < tensor.getNumElements(); ++i)
    if (double value = tensor.getAsDouble(i); value == 0 || value == -1)
      return false;
  return true;
}

static Value isEqual(ImplicitLocOpBuilder &b, Value x, double value) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x,
                               createScalar(b, x.getType(), value));
}

static Value createIntDiv(ImplicitLocOpBuilder &b, Value x, Value y,
                          bool isUnsigned, bool isSafe) {
  if (isSafe && isUnsigned)
    return arith::DivUIOp::create(b, x, y);
  if (isSafe)
    return arith::DivSIOp::create(b, x, y);
  Value isZero = isEqual(b, y, 0);
  Value one = createScalar(b, y.getType(), 1);
  if (isUnsigned)
    return arith::DivUIOp::create(b, x,
                                  arith::SelectOp::create(b, isZero, one, y));
  Value isMinusOne = isEqual(b, y, -1);
  Value isOdd = arith::OrIOp::create(b, isZero, isMinusOne);
  Value quotient =
      arith::DivSIOp::create(b, x, arith::SelectOp::create(b, isOdd, one, y));
  Value negated = arith::SubIOp::create(b, createScalar(b, x.getType(), 0), x);
  return arith::SelectOp::create(b, isMinusOne, negated, quotient);
}

/// The remainder with the sign of `x`.
static Value createIntRem(ImplicitLocOpBuilder &b, Value x, Value y,
                          bool isUnsigned, bool isSafe) {
  if (!isSafe) {
    Value isOdd = isEqual(b, y, 0);
    if (!isUnsigned)
      isOdd = arith::OrIOp::create(b, isOdd, isEqual(b, y, -1));
    y = arith::SelectOp::create(b, isOdd, createScalar(b, y.getType(), 1), y);
  }
  if (isUnsigned)
    return arith::RemUIOp::create(b, x, y);
  return arith::RemSIOp::create(b, x, y);
}

static LogicalResult importDiv(Node &node) {
  const Operand &input = node.getInput(0);
  if (input.isFloat())
    return importBinary<arith::DivFOp, arith::DivSIOp>(node);
  bool isUnsigned = input.isUnsigned(), isSafe = isSafeDivisor(node);
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    return createIntDiv(b, args[0], args[1], isUnsigned, isSafe);
  });
}

/// The result has the sign of the dividend if `fmod` is set, as in C, else that
/// of the divisor, as in Python.
static LogicalResult importMod(Node &node) {
  const Operand &input = node.getInput(0);
  bool isC = node.getInt("fmod", 0) != 0;
  if (input.isFloat() && !isC)
    return node.invalid("attribute 'fmod' must be 1 for floats");
  bool isUnsigned = input.isUnsigned();
  bool isSafe = input.isFloat() || isSafeDivisor(node);
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    if (isa<FloatType>(args[0].getType()))
      return createWide(b, args, [](ImplicitLocOpBuilder &b, ValueRange args) {
        return arith::RemFOp::create(b, args[0], args[1]).getResult();
      });
    Value rem = createIntRem(b, args[0], args[1], isUnsigned, isSafe);
    if (isUnsigned || isC)
      return rem;
    Value zero = createScalar(b, rem.getType(), 0);
    Value signs = arith::XOrIOp::create(b, rem, args[1]);
    Value differ = createLess(b, signs, zero, /*isUnsigned=*/false);
    Value isExact = isEqual(b, rem, 0);
    Value moved = arith::SelectOp::create(
        b, differ, arith::AddIOp::create(b, rem, args[1]), rem);
    return arith::SelectOp::create(b, isExact, rem, moved).getResult();
  });
}

//===----------------------------------------------------------------------===//
// Pow
//===----------------------------------------------------------------------===//

/// The exponent of `node` if all its elements are the same known number.
static std::optional<double> getConstantExponent(const Node &node) {
  const Operand &exponent = node.getInput(1);
  if (exponent.getNumElements() != 1)
    return std::nullopt;
  if (ElementsAttr elements = getConstantElements(exponent.value))
    return readElements(elements, exponent.type).getAsDouble(0);
  return std::nullopt;
}

/// A negative power of an integer is cut to one as a quotient is: to zero, if
/// the base is neither 1 nor -1. math.ipowi would divide by zero.
static Value createIntPow(ImplicitLocOpBuilder &b, Value x, Value y,
                          bool mayBeNegative) {
  if (!mayBeNegative)
    return math::IPowIOp::create(b, x, y);
  Value zero = createScalar(b, y.getType(), 0);
  Value isNegative = createLess(b, y, zero, /*isUnsigned=*/false);
  Value parity = arith::AndIOp::create(b, y, createScalar(b, y.getType(), 1));
  Value power = math::IPowIOp::create(
      b, x, arith::SelectOp::create(b, isNegative, parity, y));
  Value isUnit = arith::OrIOp::create(b, isEqual(b, x, 1), isEqual(b, x, -1));
  return arith::SelectOp::create(
      b, isNegative, arith::SelectOp::create(b, isUnit, power, zero), power);
}

/// The result has the type of the base. Powers of integers to integers wrap
/// around; all else is computed in floats that hold both inputs.
static LogicalResult importPow(Node &node) {
  DType base = node.getInput(0).type, exponent = node.getInput(1).type;
  if (isFloat(base) && getConstantExponent(node) == 2.0)
    return importElementwise(node,
                             [](ImplicitLocOpBuilder &b, ValueRange args) {
                               return createMul(b, args[0], args[0]);
                             });
  auto needsDouble = [](DType type) {
    return type == DType::Float64 || (!isFloat(type) && getByteSize(type) > 2);
  };
  bool integral = !isFloat(base) && !isFloat(exponent);
  bool mayBeNegative = !node.getInput(1).isUnsigned() &&
                       getConstantExponent(node).value_or(-1) < 0;
  DType wide = integral                                     ? DType::Int64
               : needsDouble(base) || needsDouble(exponent) ? DType::Float64
                                                            : DType::Float32;
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value x = createCast(b, args[0], base, wide);
    Value y = createCast(b, args[1], exponent, wide);
    Value power = integral ? createIntPow(b, x, y, mayBeNegative)
                           : math::PowFOp::create(b, x, y).getResult();
    return createCast(b, power, wide, base);
  });
}

//===----------------------------------------------------------------------===//
// Any number of inputs
//===----------------------------------------------------------------------===//

static LogicalResult importMax(Node &node) {
  bool isUnsigned = node.getInput(0).isUnsigned();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value result = args[0];
    for (Value arg : args.drop_front())
      result = createMax(b, result, arg, isUnsigned);
    return result;
  });
}

static LogicalResult importMin(Node &node) {
  bool isUnsigned = node.getInput(0).isUnsigned();
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    Value result = args[0];
    for (Value arg : args.drop_front())
      result = createMin(b, result, arg, isUnsigned);
    return result;
  });
}

static LogicalResult importSum(Node &node, bool isMean) {
  return importElementwise(node, [&](ImplicitLocOpBuilder &b, ValueRange args) {
    return createWide(b, args, [&](ImplicitLocOpBuilder &b, ValueRange args) {
      Value sum = args[0];
      for (Value arg : args.drop_front())
        sum = arith::AddFOp::create(b, sum, arg);
      if (isMean)
        sum = arith::DivFOp::create(
            b, sum, createScalar(b, sum.getType(), args.size()));
      return sum;
    });
  });
}

void lacuna::registerArithmeticOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"Add", 1, importLegacy<importBinary<arith::AddFOp, arith::AddIOp>>},
      {"Add", 7, importBinary<arith::AddFOp, arith::AddIOp>},
      {"Div", 1, importLegacy<importDiv>},
      {"Div", 7, importDiv},
      {"Max", 1, importMax},
      {"Mean", 1, [](Node &node) { return importSum(node, true); }},
      {"Min", 1, importMin},
      {"Mod", 10, importMod},
      {"Mul", 1, importLegacy<importBinary<arith::MulFOp, arith::MulIOp>>},
      {"Mul", 7, importBinary<arith::MulFOp, arith::MulIOp>},
      {"Pow", 1, importLegacy<importPow>},
      {"Pow", 7, importPow},
      {"Sub", 1, importLegacy<importBinary<arith::SubFOp, arith::SubIOp>>},
      {"Sub", 7, importBinary<arith::SubFOp, arith::SubIOp>},
      {"Sum", 1, [](Node &node) { return importSum(node, false); }},
  };
  table.add(entries);
}
