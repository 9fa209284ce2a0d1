//===- SelectMaps.cpp - Exponentials of many elements at once -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"
#include "backends/neon/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

namespace lacuna::neon {
#define GEN_PASS_DEF_NEONSELECTMAPS
#include "backends/neon/Transforms/Passes.h.inc"
} // namespace lacuna::neon

using namespace mlir;
using namespace lacuna;

/// The memory that `value` is a view of; null if another value may be it too,
/// as what a loop hands on may be.
static Value getBase(Value value) {
  value = memref::skipViewLikeOps(cast<MemrefValue>(value));
  if (auto argument = dyn_cast<BlockArgument>(value))
    return isa<FunctionOpInterface>(argument.getOwner()->getParentOp())
               ? value
               : Value();
  return value.getDefiningOp<memref::AllocOp>() ||
                 value.getDefiningOp<memref::GetGlobalOp>()
             ? value
             : Value();
}

static bool isKnownFloat(Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  return type && type.hasStaticShape() && type.getElementType().isF32() &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         !llvm::is_contained(strides, ShapedType::kDynamic);
}

/// Whether a kernel can go through the memory of `op`: it makes one result, of
/// which each element is for itself, and which lies apart from the inputs.
static bool isMap(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1 || op.hasIndexSemantics() ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !llvm::all_of(op->getOperands(), isKnownFloat) ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation())
    return false;
  Value out = getBase(op.getDpsInitOperand(0)->get());
  return out && llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *input) {
           Value in = getBase(input->get());
           return op.getMatchingIndexingMap(input).isProjectedPermutation() &&
                  in && in != out;
         });
}

namespace {
/// A loop: its size, and the distance of neighbours in each operand.
struct Loop {
  int64_t size;
  SmallVector<int64_t> steps;

  /// Whether this and `inner` are one loop.
  bool continues(const Loop &inner) const {
    return llvm::all_of(llvm::zip(steps, inner.steps), [&](const auto &pair) {
      return std::get<0>(pair) == inner.size * std::get<1>(pair);
    });
  }
};

/// What the body of a loop computes, as text.
class ValueWriter {
public:
  explicit ValueWriter(linalg::GenericOp op);

  /// Nothing if there is no operation for something.
  std::optional<SmallVector<std::string>> write();
  /// Whether anything of it is a call in C++.
  bool isLong() const { return usesCalls; }

private:
  bool write(Operation &op);
  bool writeSelect(arith::SelectOp op);
  std::optional<std::string> getName(Value value) const;
  void add(Value value, const Twine &text);

  linalg::GenericOp op;
  llvm::DenseMap<Value, std::string> names;
  SmallVector<std::string> values;
  bool usesCalls = false;
};
} // namespace

ValueWriter::ValueWriter(linalg::GenericOp op) : op(op) {
  for (auto [i, argument] :
       llvm::enumerate(op.getBody()->getArguments().drop_back()))
    names[argument] = "x" + std::to_string(i);
}

std::optional<std::string> ValueWriter::getName(Value value) const {
  if (auto it = names.find(value); it != names.end())
    return it->second;
  APFloat number(0.0);
  // Nine digits are enough for a float to be read back.
  if (matchPattern(value, m_ConstantFloat(&number)) && !number.isNaN())
    return number.isInfinity()
               ? (number.isNegative() ? "-inf" : "inf")
               : llvm::formatv("{0:e9}", number.convertToDouble()).str();
  return std::nullopt;
}

void ValueWriter::add(Value value, const Twine &text) {
  std::string name = "t" + std::to_string(values.size());
  values.push_back((name + " " + text).str());
  names[value] = name;
}

/// A choice by which of two floats is less.
bool ValueWriter::writeSelect(arith::SelectOp op) {
  using Predicate = arith::CmpFPredicate;
  auto compare = op.getCondition().getDefiningOp<arith::CmpFOp>();
  if (!compare)
    return false;
  auto lhs = getName(compare.getLhs()), rhs = getName(compare.getRhs());
  auto then = getName(op.getTrueValue());
  auto otherwise = getName(op.getFalseValue());
  StringRef operation = "if-less";
  switch (compare.getPredicate()) {
  case Predicate::OLT:
    break;
  case Predicate::OGT:
    std::swap(lhs, rhs);
    break;
  case Predicate::OLE:
    operation = "if-at-most";
    break;
  case Predicate::OGE:
    operation = "if-at-most";
    std::swap(lhs, rhs);
    break;
  // An unordered predicate is the negation of the opposite ordered one.
  case Predicate::UGE:
    std::swap(then, otherwise);
    break;
  case Predicate::ULE:
    std::swap(lhs, rhs);
    std::swap(then, otherwise);
    break;
  case Predicate::UGT:
    operation = "if-at-most";
    std::swap(then, otherwise);
    break;
  case Predicate::ULT:
    operation = "if-at-most";
    std::swap(lhs, rhs);
    std::swap(then, otherwise);
    break;
  default:
    return false;
  }
  if (!lhs || !rhs || !then || !otherwise)
    return false;
  add(op, operation + " " + *lhs + " " + *rhs + " " + *then + " " + *otherwise);
  return true;
}

bool ValueWriter::write(Operation &op) {
  if (isa<arith::ConstantOp, arith::CmpFOp>(op))
    return true;
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return writeSelect(select);
  bool isCall = isa<math::ExpOp, math::LogOp, math::TanhOp, math::ErfOp>(op);
  StringRef text = llvm::TypeSwitch<Operation *, StringRef>(&op)
                       .Case([](arith::AddFOp) { return "add"; })
                       .Case([](arith::SubFOp) { return "sub"; })
                       .Case([](arith::MulFOp) { return "mul"; })
                       .Case([](arith::DivFOp) { return "div"; })
                       .Case([](arith::NegFOp) { return "neg"; })
                       .Case([](arith::MaximumFOp) { return "max"; })
                       .Case([](arith::MinimumFOp) { return "min"; })
                       .Case([](math::AbsFOp) { return "abs"; })
                       .Case([](math::SqrtOp) { return "sqrt"; })
                       .Case([](math::ExpOp) { return "exp"; })
                       .Case([](math::LogOp) { return "log"; })
                       .Case([](math::TanhOp) { return "tanh"; })
                       .Case([](math::ErfOp) { return "erf"; })
                       .Default([](Operation *) { return ""; });
  if (text.empty())
    return false;
  std::string line = text.str();
  for (Value operand : op.getOperands()) {
    auto name = getName(operand);
    if (!name)
      return false;
    line += " " + *name;
  }
  usesCalls |= isCall;
  add(op.getResult(0), line);
  return true;
}

std::optional<SmallVector<std::string>> ValueWriter::write() {
  for (Operation &inner : op.getBody()->without_terminator())
    if (!write(inner))
      return std::nullopt;
  // The result is the last value.
  Value result = op.getBody()->getTerminator()->getOperand(0);
  if (values.empty() ||
      names.lookup(result) != "t" + std::to_string(values.size() - 1))
    return std::nullopt;
  return values;
}

/// From outer to inner in the memory of the result; what continues each other
/// is one. Nothing if there are more than a kernel has.
static std::optional<SmallVector<Loop>> findLoops(linalg::GenericOp op) {
  constexpr size_t kMost = 4;
  SmallVector<Loop> all;
  for (int64_t size : op.getStaticLoopRanges())
    all.push_back({size, SmallVector<int64_t>(op->getNumOperands(), 0)});
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    auto [strides, offset] =
        cast<MemRefType>(operand.get().getType()).getStridesAndOffset();
    for (auto [expr, stride] : llvm::zip(map.getResults(), strides))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        all[dim.getPosition()].steps[operand.getOperandNumber()] = stride;
  }
  llvm::stable_sort(all, [](const Loop &a, const Loop &b) {
    return a.steps.back() > b.steps.back();
  });
  SmallVector<Loop> loops;
  for (const Loop &loop : all) {
    if (loop.size == 1)
      continue;
    if (!loops.empty() && loops.back().continues(loop))
      loops.back() = {loops.back().size * loop.size, loop.steps};
    else
      loops.push_back(loop);
  }
  if (loops.size() > kMost || loops.empty() || loops.back().steps.back() != 1)
    return std::nullopt;
  SmallVector<int64_t> none(op->getNumOperands(), 0);
  while (loops.size() < kMost)
    loops.insert(loops.begin(), Loop{1, none});
  return loops;
}

namespace {
struct NeonSelectMaps : neon::impl::NeonSelectMapsBase<NeonSelectMaps> {
  void runOnOperation() override;
};
} // namespace

/// Replaces `op` if a kernel does it.
static void select(linalg::GenericOp op) {
  // Fewer are done before a function has begun.
  constexpr int64_t kLeastElements = 64;
  auto type = dyn_cast<MemRefType>(op.getDpsInitOperand(0)->get().getType());
  if (!type || !isMap(op) || type.getNumElements() < kLeastElements)
    return;
  ValueWriter writer(op);
  std::optional<SmallVector<std::string>> values = writer.write();
  std::optional<SmallVector<Loop>> loops = findLoops(op);
  if (!values || !loops || !writer.isLong())
    return;
  SmallVector<int64_t> sizes, steps;
  for (const Loop &loop : *loops)
    sizes.push_back(loop.size);
  for (size_t i = 0; i < op->getNumOperands(); ++i)
    for (const Loop &loop : *loops)
      steps.push_back(loop.steps[i]);
  SmallVector<StringRef> texts(values->begin(), values->end());
  OpBuilder b(op);
  neon::MapOp::create(b, op.getLoc(), op.getDpsInputs(),
                      op.getDpsInitOperand(0)->get(), sizes, steps,
                      b.getStrArrayAttr(texts));
  op.erase();
}

void NeonSelectMaps::runOnOperation() {
  getOperation()->walk([](linalg::GenericOp op) { select(op); });
}
