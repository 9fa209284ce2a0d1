//===- Reduction.cpp - Reductions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"
#include "Reshape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <limits>

using namespace mlir;
using namespace lacuna;

namespace {
enum class Reduce {
  L1,
  L2,
  LogSum,
  LogSumExp,
  Max,
  Mean,
  Min,
  Prod,
  Sum,
  SumSquare,
};

/// Which dimensions of a tensor are reduced.
struct ReducedDims {
  SmallVector<int64_t> shape;
  SmallVector<bool> reduced;

  ReducedDims(ArrayRef<int64_t> shape)
      : shape(shape), reduced(shape.size(), false) {}

  bool any() const { return llvm::is_contained(reduced, true); }
  /// The dimensions that are left; `kept` keeps the others as ones.
  SmallVector<int64_t> getResultShape(bool kept) const {
    SmallVector<int64_t> result;
    for (auto [size, isReduced] : llvm::zip(shape, reduced)) {
      if (!isReduced)
        result.push_back(size);
      else if (kept)
        result.push_back(1);
    }
    return result;
  }
  /// How many elements become one.
  int64_t getCount() const {
    int64_t count = 1;
    for (auto [size, isReduced] : llvm::zip(shape, reduced))
      count *= isReduced ? size : 1;
    return count;
  }
  SmallVector<utils::IteratorType> getIterators() const {
    SmallVector<utils::IteratorType> iterators;
    for (bool isReduced : reduced)
      iterators.push_back(isReduced ? utils::IteratorType::reduction
                                    : utils::IteratorType::parallel);
    return iterators;
  }
  AffineMap getResultMap(MLIRContext *context) const {
    SmallVector<AffineExpr> exprs;
    for (auto [dim, isReduced] : llvm::enumerate(reduced))
      if (!isReduced)
        exprs.push_back(getAffineDimExpr(dim, context));
    return AffineMap::get(reduced.size(), 0, exprs, context);
  }
};
} // namespace

static Value createFilled(ImplicitLocOpBuilder &b, ArrayRef<int64_t> shape,
                          Value value) {
  Value empty = tensor::EmptyOp::create(b, shape, value.getType());
  return linalg::FillOp::create(b, value, empty).getResult(0);
}

/// Reduces the first of `operands`; the others have the shape of the result.
/// `combine` takes an element of each and what was accumulated, from
/// `identity`.
static Value createReduction(ImplicitLocOpBuilder &b, ArrayRef<Value> operands,
                             const ReducedDims &dims, Value identity,
                             ScalarBuilder combine) {
  SmallVector<AffineMap> maps(operands.size() + 1,
                              dims.getResultMap(b.getContext()));
  maps[0] = b.getMultiDimIdentityMap(dims.shape.size());
  Value init = createFilled(b, dims.getResultShape(false), identity);
  return linalg::GenericOp::create(
             b, init.getType(), operands, init, maps, dims.getIterators(),
             [&](OpBuilder &inner, Location loc, ValueRange args) {
               ImplicitLocOpBuilder scalar(loc, inner);
               linalg::YieldOp::create(scalar, combine(scalar, args));
             })
      .getResult(0);
}

/// The value that any other is greater (or less) than.
static Value createExtreme(ImplicitLocOpBuilder &b, DType type, bool least) {
  Type element = getElementType(b.getContext(), type);
  if (auto floating = dyn_cast<FloatType>(element))
    return createScalar(b, element,
                        least ? -std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::infinity());
  unsigned width = element.getIntOrFloatBitWidth();
  bool isUnsigned = lacuna::isUnsigned(type);
  APInt value = least        ? isUnsigned ? APInt::getMinValue(width)
                                          : APInt::getSignedMinValue(width)
                : isUnsigned ? APInt::getMaxValue(width)
                             : APInt::getSignedMaxValue(width);
  return arith::ConstantOp::create(b, b.getIntegerAttr(element, value));
}

/// The type to accumulate in.
static DType getAccumulatorType(Reduce kind, DType type) {
  if (kind == Reduce::Max || kind == Reduce::Min)
    return type;
  if (isFloat(type))
    return type == DType::Float64 ? type : DType::Float32;
  if (kind == Reduce::L2 || kind == Reduce::LogSum || kind == Reduce::LogSumExp)
    return DType::Float64;
  if (kind == Reduce::Mean)
    return isUnsigned(type) ? DType::UInt64 : DType::Int64;
  return type;
}

/// The greatest element, to subtract before `exp`; zero where it is infinite,
/// as the difference would not be a number.
static Value createShift(ImplicitLocOpBuilder &b, const Operand &input,
                         const ReducedDims &dims, DType type) {
  Value greatest = createReduction(
      b, input.value, dims, createExtreme(b, type, /*least=*/true),
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value x = createCast(b, args[0], input.type, type);
        return createMax(b, args[1], x, /*isUnsigned=*/false);
      });
  return createElementwise(
      b, greatest, dims.getResultShape(false),
      getElementType(b.getContext(), type),
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value magnitude = math::AbsFOp::create(b, args[0]);
        Value infinity = createExtreme(b, type, /*least=*/false);
        Value isInfinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                                 magnitude, infinity);
        return arith::SelectOp::create(b, isInfinite,
                                       createScalar(b, args[0].getType(), 0),
                                       args[0])
            .getResult();
      });
}

/// `args` are the element, the shift of LogSumExp, and what is accumulated.
static Value createStep(ImplicitLocOpBuilder &b, Reduce kind, ValueRange args,
                        DType from, DType type) {
  bool isUnsigned = lacuna::isUnsigned(type);
  Value x = createCast(b, args.front(), from, type), sum = args.back();
  switch (kind) {
  case Reduce::Max:
    return createMax(b, sum, x, isUnsigned);
  case Reduce::Min:
    return createMin(b, sum, x, isUnsigned);
  case Reduce::Prod:
    return createMul(b, sum, x);
  case Reduce::L2:
  case Reduce::SumSquare:
    return createAdd(b, sum, createMul(b, x, x));
  case Reduce::L1:
    if (isFloat(type))
      x = math::AbsFOp::create(b, x);
    else if (!isUnsigned)
      x = math::AbsIOp::create(b, x);
    return createAdd(b, sum, x);
  case Reduce::LogSumExp:
    x = math::ExpOp::create(b, arith::SubFOp::create(b, x, args[1]));
    return createAdd(b, sum, x);
  case Reduce::LogSum:
  case Reduce::Mean:
  case Reduce::Sum:
    return createAdd(b, sum, x);
  }
  llvm_unreachable("covered switch");
}

/// What is done to the accumulated value `args[0]` at the end.
static Value createFinish(ImplicitLocOpBuilder &b, Reduce kind, ValueRange args,
                          DType type, int64_t count) {
  Value x = args[0];
  switch (kind) {
  case Reduce::L2:
    return math::SqrtOp::create(b, x);
  case Reduce::LogSum:
    return math::LogOp::create(b, x);
  case Reduce::LogSumExp:
    return arith::AddFOp::create(b, math::LogOp::create(b, x), args[1]);
  case Reduce::Mean:
    if (isFloat(type))
      return arith::DivFOp::create(b, x, createScalar(b, x.getType(), count));
    // The mean of no integers may be anything.
    count = std::max<int64_t>(count, 1);
    if (type == DType::UInt64)
      return arith::DivUIOp::create(b, x, createScalar(b, x.getType(), count));
    return arith::DivSIOp::create(b, x, createScalar(b, x.getType(), count));
  default:
    return x;
  }
}

static Value createReduce(ImplicitLocOpBuilder &b, Reduce kind,
                          const Operand &input, const ReducedDims &dims) {
  // Over no dimension these are the identity.
  if (!dims.any() &&
      (kind == Reduce::Max || kind == Reduce::Mean || kind == Reduce::Min ||
       kind == Reduce::Prod || kind == Reduce::Sum))
    return input.value;

  DType type = getAccumulatorType(kind, input.type);
  Value identity;
  if (kind == Reduce::Max || kind == Reduce::Min)
    identity = createExtreme(b, type, /*least=*/kind == Reduce::Max);
  else
    identity = createScalar(b, getElementType(b.getContext(), type),
                            kind == Reduce::Prod ? 1 : 0);
  SmallVector<Value> operands = {input.value}, shift;
  if (kind == Reduce::LogSumExp)
    shift.push_back(createShift(b, input, dims, type));
  llvm::append_range(operands, shift);
  Value sum =
      createReduction(b, operands, dims, identity,
                      [&](ImplicitLocOpBuilder &b, ValueRange args) {
                        return createStep(b, kind, args, input.type, type);
                      });
  bool isFinished = kind == Reduce::L1 || kind == Reduce::Max ||
                    kind == Reduce::Min || kind == Reduce::Prod ||
                    kind == Reduce::Sum || kind == Reduce::SumSquare;
  if (isFinished && type == input.type)
    return sum;
  operands = {sum};
  llvm::append_range(operands, shift);
  return createElementwise(
      b, operands, dims.getResultShape(false), input.getElementType(),
      [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value x = createFinish(b, kind, args, type, dims.getCount());
        return createCast(b, x, type, input.type);
      });
}

/// Marks `axes`; all, if there are none and `all` says so.
static LogicalResult markDims(Node &node, ArrayRef<int64_t> axes, bool all,
                              ReducedDims &dims) {
  if (axes.empty())
    dims.reduced.assign(dims.reduced.size(), all);
  for (int64_t axis : axes) {
    FailureOr<int64_t> wrapped = node.wrapAxis(axis, dims.shape.size());
    if (failed(wrapped))
      return failure();
    if (dims.reduced[*wrapped])
      return node.invalid("axis " + Twine(axis) + " is reduced twice");
    dims.reduced[*wrapped] = true;
  }
  return success();
}

static LogicalResult importReduce(Node &node, Reduce kind,
                                  const ReducedDims &dims) {
  Value result = createReduce(node.b, kind, node.getInput(0), dims);
  bool kept = node.getInt("keepdims", 1) != 0;
  node.setOutput(createReshape(node.b, result, dims.getResultShape(kept)));
  return success();
}

template <Reduce kind>
static LogicalResult importReduceAttr(Node &node) {
  ReducedDims dims(node.getInput(0).getShape());
  if (failed(markDims(node, node.getInts("axes"), /*all=*/true, dims)))
    return failure();
  return importReduce(node, kind, dims);
}

template <Reduce kind>
static LogicalResult importReduceInput(Node &node) {
  ReducedDims dims(node.getInput(0).getShape());
  SmallVector<int64_t> axes;
  if (node.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = node.getConstantInts(1);
    if (failed(given))
      return failure();
    axes = *given;
  }
  bool all = node.getInt("noop_with_empty_axes", 0) == 0;
  if (failed(markDims(node, axes, all, dims)))
    return failure();
  return importReduce(node, kind, dims);
}

//===----------------------------------------------------------------------===//
// ArgMax and ArgMin
//===----------------------------------------------------------------------===//

/// The extreme value and its index are reduced together.
static LogicalResult importArg(Node &node, bool isMax) {
  const Operand &input = node.getInput(0);
  FailureOr<int64_t> axis = node.getAxis("axis", 0, input.getRank());
  if (failed(axis))
    return failure();
  ReducedDims dims(input.getShape());
  dims.reduced[*axis] = true;
  SmallVector<int64_t> shape = dims.getResultShape(false);
  if (input.getDim(*axis) == 0 && !llvm::is_contained(shape, 0))
    return node.invalid("it looks for the index of an element among none");

  ImplicitLocOpBuilder &b = node.b;
  bool isLast = node.getInt("select_last_index", 0) != 0;
  Value inits[] = {
      createFilled(b, shape, createExtreme(b, input.type, /*least=*/isMax)),
      createFilled(b, shape, createScalar(b, b.getI64Type(), 0))};
  AffineMap resultMap = dims.getResultMap(b.getContext());
  SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(input.getRank()),
                                 resultMap, resultMap};
  auto search = linalg::GenericOp::create(
      b, TypeRange{inits[0].getType(), inits[1].getType()}, input.value, inits,
      maps, dims.getIterators(),
      [&](OpBuilder &inner, Location loc, ValueRange args) {
        ImplicitLocOpBuilder b(loc, inner);
        Value x = args[0], best = args[1], bestIndex = args[2];
        Value index = arith::IndexCastOp::create(
            b, b.getI64Type(), linalg::IndexOp::create(b, *axis));
        Value better = isMax ? createLess(b, best, x, input.isUnsigned())
                             : createLess(b, x, best, input.isUnsigned());
        if (isLast) {
          Value same;
          if (input.isFloat())
            same = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, best);
          else
            same = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, best);
          better = arith::OrIOp::create(b, better, same);
        }
        Value results[] = {
            arith::SelectOp::create(b, better, x, best),
            arith::SelectOp::create(b, better, index, bestIndex)};
        linalg::YieldOp::create(b, results);
      });
  bool kept = node.getInt("keepdims", 1) != 0;
  node.setOutput(
      0, createReshape(b, search.getResult(1), dims.getResultShape(kept)),
      DType::Int64);
  return success();
}

void lacuna::registerReductionOps(OpTable &table) {
  static constexpr OpEntry entries[] = {
      {"ArgMax", 1, [](Node &node) { return importArg(node, true); }},
      {"ArgMin", 1, [](Node &node) { return importArg(node, false); }},
      {"ReduceL1", 1, importReduceAttr<Reduce::L1>},
      {"ReduceL1", 18, importReduceInput<Reduce::L1>},
      {"ReduceL2", 1, importReduceAttr<Reduce::L2>},
      {"ReduceL2", 18, importReduceInput<Reduce::L2>},
      {"ReduceLogSum", 1, importReduceAttr<Reduce::LogSum>},
      {"ReduceLogSum", 18, importReduceInput<Reduce::LogSum>},
      {"ReduceLogSumExp", 1, importReduceAttr<Reduce::LogSumExp>},
      {"ReduceLogSumExp", 18, importReduceInput<Reduce::LogSumExp>},
      {"ReduceMax", 1, importReduceAttr<Reduce::Max>},
      {"ReduceMax", 18, importReduceInput<Reduce::Max>},
      {"ReduceMean", 1, importReduceAttr<Reduce::Mean>},
      {"ReduceMean", 18, importReduceInput<Reduce::Mean>},
      {"ReduceMin", 1, importReduceAttr<Reduce::Min>},
      {"ReduceMin", 18, importReduceInput<Reduce::Min>},
      {"ReduceProd", 1, importReduceAttr<Reduce::Prod>},
      {"ReduceProd", 18, importReduceInput<Reduce::Prod>},
      {"ReduceSum", 1, importReduceAttr<Reduce::Sum>},
      {"ReduceSum", 13, importReduceInput<Reduce::Sum>},
      {"ReduceSumSquare", 1, importReduceAttr<Reduce::SumSquare>},
      {"ReduceSumSquare", 18, importReduceInput<Reduce::SumSquare>},
  };
  table.add(entries);
}
