//===- Elementwise.cpp - What handlers of elementwise operators share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"

#include "Reshape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace lacuna {

FailureOr<SmallVector<int64_t>> broadcastShapes(Node &node,
                                                ArrayRef<Operand> operands) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (const Operand &operand : operands)
    shapes.push_back(operand.getShape());
  return broadcastShapes(node, shapes);
}

FailureOr<SmallVector<int64_t>>
broadcastShapes(Node &node, ArrayRef<ArrayRef<int64_t>> shapes) {
  SmallVector<int64_t> shape;
  for (ArrayRef<int64_t> sizes : shapes) {
    if (sizes.size() > shape.size())
      shape.insert(shape.begin(), sizes.size() - shape.size(), 1);
    for (size_t i = 0; i < sizes.size(); ++i) {
      int64_t &size = shape[shape.size() - sizes.size() + i];
      if (size == 1)
        size = sizes[i];
      else if (sizes[i] != 1 && sizes[i] != size)
        return node.invalid("its inputs cannot be broadcast together: a "
                            "dimension is " +
                            Twine(size) + " in one and " + Twine(sizes[i]) +
                            " in another");
    }
  }
  return shape;
}

AffineMap getBroadcastMap(MLIRContext *context, ArrayRef<int64_t> shape,
                          int64_t rank) {
  SmallVector<AffineExpr> exprs;
  int64_t missing = rank - shape.size();
  for (auto [i, size] : llvm::enumerate(shape))
    exprs.push_back(size == 1 ? getAffineConstantExpr(0, context)
                              : getAffineDimExpr(i + missing, context));
  return AffineMap::get(rank, 0, exprs, context);
}

Value createElementwise(ImplicitLocOpBuilder &b, ArrayRef<Value> operands,
                        ArrayRef<int64_t> shape, Type type,
                        ScalarBuilder body) {
  int64_t rank = shape.size();
  SmallVector<AffineMap> maps;
  for (Value operand : operands) {
    auto operandType = cast<RankedTensorType>(operand.getType());
    // A dimension of one that is not broadcast is read like any other.
    bool same = operandType.getShape() == shape;
    maps.push_back(
        same ? b.getMultiDimIdentityMap(rank)
             : getBroadcastMap(b.getContext(), operandType.getShape(), rank));
  }
  maps.push_back(b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  Value empty = tensor::EmptyOp::create(b, shape, type);
  return linalg::GenericOp::create(
             b, empty.getType(), operands, empty, maps, iterators,
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder scalar(loc, inner);
               linalg::YieldOp::create(scalar, body(scalar, args.drop_back()));
             })
      .getResult(0);
}

LogicalResult importElementwise(Node &node, DType type, ScalarBuilder body) {
  for (size_t i = 0; i < std::max<size_t>(node.getNumInputs(), 1); ++i)
    if (!node.hasInput(i))
      return node.invalid("input " + Twine(i) + " is missing");
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(node, node.getInputs());
  if (failed(shape))
    return failure();
  SmallVector<Value> operands;
  for (const Operand &input : node.getInputs())
    operands.push_back(input.value);
  Type element = getElementType(node.b.getContext(), type);
  node.setOutput(0, createElementwise(node.b, operands, *shape, element, body),
                 type);
  return success();
}

LogicalResult importElementwise(Node &node, ScalarBuilder body) {
  if (!node.hasInput(0))
    return node.invalid("input 0 is missing");
  return importElementwise(node, node.getInput(0).type, body);
}

LogicalResult applyLegacyBroadcast(Node &node) {
  ArrayRef<int64_t> target = node.getInput(0).getShape();
  ArrayRef<int64_t> source = node.getInput(1).getShape();
  if (target == source)
    return success();
  if (node.getInt("broadcast", 0) == 0)
    return node.invalid("its inputs differ in shape, and attribute 'broadcast' "
                        "is not set");
  int64_t free = int64_t(target.size()) - int64_t(source.size());
  int64_t axis = node.getInt("axis", free);
  if (axis < 0)
    axis += target.size();
  if (axis < 0 || axis > free)
    return node.invalid("its inputs cannot be broadcast together");
  SmallVector<int64_t> shape(source);
  shape.append(free - axis, 1);
  for (auto [size, fixed] :
       llvm::zip(llvm::reverse(shape), llvm::reverse(target)))
    if (size != 1 && size != fixed)
      return node.invalid("its inputs cannot be broadcast together: a "
                          "dimension is " +
                          Twine(fixed) + " in one and " + Twine(size) +
                          " in the other");
  node.replaceInput(1, createReshape(node.b, node.getInput(1).value, shape));
  return success();
}

LogicalResult checkInputs(Node &node, size_t count,
                          function_ref<bool(DType)> accepts) {
  if (node.getNumInputs() != count)
    return node.invalid("it has " + Twine(node.getNumInputs()) +
                        " inputs, but needs " + Twine(count));
  for (size_t i = 0; i < count; ++i) {
    if (!node.hasInput(i))
      return node.invalid("input " + Twine(i) + " is missing");
    if (node.getInput(i).type != node.getInput(0).type)
      return node.invalid("inputs that must have one element type have two");
    if (!accepts(node.getInput(i).type))
      return node.invalid("input '" + node.getInputName(i) + "' is " +
                          getName(node.getInput(i).type) +
                          ", which the operator does not take");
  }
  return success();
}

Type getWideType(Type type) {
  bool isHalf = isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32;
  return isHalf ? Float32Type::get(type.getContext()) : type;
}

Value createWide(ImplicitLocOpBuilder &b, ValueRange args, ScalarBuilder body) {
  Type type = args.front().getType();
  Type wide = getWideType(type);
  if (type == wide)
    return body(b, args);
  SmallVector<Value> widened;
  for (Value arg : args)
    widened.push_back(arith::ExtFOp::create(b, wide, arg));
  return arith::TruncFOp::create(b, type, body(b, widened));
}

Value createScalar(ImplicitLocOpBuilder &b, Type type, double value) {
  if (auto floating = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(b, b.getFloatAttr(floating, value));
  return arith::ConstantOp::create(
      b, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}

Value createMax(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                bool isUnsigned) {
  if (isa<FloatType>(lhs.getType()))
    return arith::MaximumFOp::create(b, lhs, rhs);
  if (isUnsigned)
    return arith::MaxUIOp::create(b, lhs, rhs);
  return arith::MaxSIOp::create(b, lhs, rhs);
}

Value createMin(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                bool isUnsigned) {
  if (isa<FloatType>(lhs.getType()))
    return arith::MinimumFOp::create(b, lhs, rhs);
  if (isUnsigned)
    return arith::MinUIOp::create(b, lhs, rhs);
  return arith::MinSIOp::create(b, lhs, rhs);
}

Value createLess(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                 bool isUnsigned) {
  if (isa<FloatType>(lhs.getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, lhs, rhs);
  return arith::CmpIOp::create(
      b, isUnsigned ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt,
      lhs, rhs);
}

Value createAdd(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType()))
    return arith::AddFOp::create(b, lhs, rhs);
  return arith::AddIOp::create(b, lhs, rhs);
}

Value createMul(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType()))
    return arith::MulFOp::create(b, lhs, rhs);
  return arith::MulIOp::create(b, lhs, rhs);
}

Value createCast(ImplicitLocOpBuilder &b, Value value, DType from, DType to) {
  if (from == to)
    return value;
  Type type = getElementType(b.getContext(), to);
  bool fromFloat = isFloat(from), toFloat = isFloat(to);
  if (to == DType::Bool) {
    Value zero = createScalar(b, value.getType(), 0);
    if (fromFloat)
      return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, value, zero);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, value, zero);
  }
  if (fromFloat && toFloat) {
    unsigned toBits = type.getIntOrFloatBitWidth();
    auto resize = [&](Type type) {
      unsigned bits = value.getType().getIntOrFloatBitWidth();
      if (bits < type.getIntOrFloatBitWidth())
        value = arith::ExtFOp::create(b, type, value);
      else if (bits > type.getIntOrFloatBitWidth())
        value = arith::TruncFOp::create(b, type, value);
    };
    // To bfloat16, and between the halves, by way of float32.
    if (to == DType::BFloat16 ||
        value.getType().getIntOrFloatBitWidth() == toBits)
      resize(b.getF32Type());
    resize(type);
    return value;
  }
  if (fromFloat) {
    // What does not fit wraps around, as it does in NumPy on most machines:
    // through 64 bits, then cut.
    Type wide = b.getI64Type();
    if (Type floating = getWideType(value.getType());
        floating != value.getType())
      value = arith::ExtFOp::create(b, floating, value);
    Value integer = to == DType::UInt64
                        ? arith::FPToUIOp::create(b, wide, value).getResult()
                        : arith::FPToSIOp::create(b, wide, value).getResult();
    if (type == wide)
      return integer;
    return arith::TruncIOp::create(b, type, integer);
  }
  if (toFloat) {
    Type wide = getWideType(type);
    if (lacuna::isUnsigned(from))
      value = arith::UIToFPOp::create(b, wide, value);
    else
      value = arith::SIToFPOp::create(b, wide, value);
    return wide == type ? value : arith::TruncFOp::create(b, type, value);
  }
  unsigned fromBits = value.getType().getIntOrFloatBitWidth();
  unsigned toBits = type.getIntOrFloatBitWidth();
  if (fromBits == toBits)
    return value;
  if (fromBits > toBits)
    return arith::TruncIOp::create(b, type, value);
  if (lacuna::isUnsigned(from))
    return arith::ExtUIOp::create(b, type, value);
  return arith::ExtSIOp::create(b, type, value);
}

Operand castTensor(ImplicitLocOpBuilder &b, const Operand &operand, DType to) {
  if (operand.type == to)
    return operand;
  Value result = createElementwise(
      b, operand.value, operand.getShape(), getElementType(b.getContext(), to),
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        return createCast(b, args[0], operand.type, to);
      });
  return {result, to};
}

} // namespace lacuna
