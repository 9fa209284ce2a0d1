//===- NpuOps.cpp - Layers that a PE array computes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/IR/NpuDialect.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace lacuna;

#include "backends/npu/IR/NpuDialect.cpp.inc"

#define GET_OP_CLASSES
#include "backends/npu/IR/NpuOps.cpp.inc"

void npu::NpuDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "backends/npu/IR/NpuOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// What the operations share
//===----------------------------------------------------------------------===//

std::optional<npu::ExtraKind>
npu::getExtraKind(ShapedType extra, ShapedType init, int64_t filterDim) {
  if (!extra.hasStaticShape())
    return std::nullopt;
  if (extra.getShape() == init.getShape())
    return ExtraKind::EachElement;
  if (extra.getNumElements() == 1)
    return ExtraKind::One;
  if (extra.getRank() == 1 && extra.getDimSize(0) == init.getDimSize(filterDim))
    return ExtraKind::EachFilter;
  return std::nullopt;
}

static Type getElementType(Value value) {
  return cast<ShapedType>(value.getType()).getElementType();
}

static Type getSumTypeOf(Value input) {
  Type element = getElementType(input);
  return isa<FloatType>(element) ? element
                                 : IntegerType::get(input.getContext(), 32);
}

/// `ins(...) bias(...) extras(...) outs(...) attributes {region} -> T`, of
/// which `bias` and `extras` may be missing.
static ParseResult parseLayer(OpAsmParser &parser, OperationState &result) {
  SmallVector<int32_t> segments;
  auto parseGroup = [&](StringRef keyword, bool optional) -> ParseResult {
    size_t before = result.operands.size();
    SmallVector<OpAsmParser::UnresolvedOperand> operands;
    SmallVector<Type> types;
    SMLoc loc = parser.getCurrentLocation();
    if (optional ? succeeded(parser.parseOptionalKeyword(keyword))
                 : succeeded(parser.parseKeyword(keyword))) {
      if (parser.parseLParen() || parser.parseOperandList(operands) ||
          parser.parseColonTypeList(types) || parser.parseRParen() ||
          parser.resolveOperands(operands, types, loc, result.operands))
        return failure();
    } else if (!optional) {
      return failure();
    }
    segments.push_back(int32_t(result.operands.size() - before));
    return success();
  };
  SMLoc loc = parser.getCurrentLocation();
  if (parseGroup("ins", false))
    return failure();
  if (segments.back() != 2)
    return parser.emitError(loc, "expects two operands in 'ins'");
  segments.back() = 1;
  segments.push_back(1);
  Region *region = result.addRegion();
  if (parseGroup("bias", true) || parseGroup("extras", true) ||
      parseGroup("outs", false) ||
      parser.parseOptionalAttrDict(result.attributes))
    return failure();
  OptionalParseResult parsed = parser.parseOptionalRegion(*region);
  if (parsed.has_value() && failed(*parsed))
    return failure();
  result.addAttribute("operandSegmentSizes",
                      parser.getBuilder().getDenseI32ArrayAttr(segments));
  return parser.parseOptionalArrowTypeList(result.types);
}

static void printLayer(OpAsmPrinter &p, DestinationStyleOpInterface op,
                       ValueRange operands, Value bias, ValueRange extras) {
  auto printGroup = [&](StringRef keyword, ValueRange values) {
    if (!values.empty())
      p << ' ' << keyword << '(' << values << " : " << values.getTypes() << ')';
  };
  printGroup("ins", operands);
  printGroup("bias", bias ? ValueRange(bias) : ValueRange());
  printGroup("extras", extras);
  printGroup("outs", op.getDpsInits());
  // An empty dictionary keeps a region from being read as one.
  SmallVector<NamedAttribute> attributes;
  for (NamedAttribute attribute : op->getAttrs())
    if (attribute.getName() != "operandSegmentSizes")
      attributes.push_back(attribute);
  p << ' ' << DictionaryAttr::get(op->getContext(), attributes);
  if (Region &region = op->getRegion(0); !region.empty()) {
    p << ' ';
    p.printRegion(region);
  }
  if (op->getNumResults())
    p << " -> " << op->getResultTypes();
}

/// A layer reads its inputs and writes its destination, if they are memory.
static void
addEffects(DestinationStyleOpInterface op,
           SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
               &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  }
}

/// The operands of the epilogue and its region; `rules` are their numbers.
static LogicalResult verifyEpilogue(Operation *op, ValueRange extras,
                                    Value init, Type sum, int64_t filterDim,
                                    std::pair<StringRef, StringRef> rules) {
  auto type = cast<ShapedType>(init.getType());
  for (auto [i, extra] : llvm::enumerate(extras))
    if (!npu::getExtraKind(cast<ShapedType>(extra.getType()), type, filterDim))
      return op->emitOpError("has an extra operand ")
             << i << " of type " << extra.getType()
             << ", which has neither the shape of init, nor one element a "
                "filter, nor one element ("
             << rules.first << ")";
  Region &region = op->getRegion(0);
  if (region.empty()) {
    if (!extras.empty() || type.getElementType() != sum)
      return op->emitOpError(
                 "has no region, and so needs no extra operands and "
                 "gives sums of type ")
             << sum << " (" << rules.second << ")";
    return success();
  }
  SmallVector<Type> wanted = {sum};
  for (Value extra : extras)
    wanted.push_back(getElementType(extra));
  auto yield = dyn_cast<npu::YieldOp>(region.front().getTerminator());
  if (region.front().getArgumentTypes() != TypeRange(wanted) || !yield ||
      yield.getValue().getType() != type.getElementType())
    return op->emitOpError("has a region that does not take (")
           << TypeRange(wanted) << ") and yield " << type.getElementType()
           << " (" << rules.second << ")";
  return success();
}

//===----------------------------------------------------------------------===//
// conv
//===----------------------------------------------------------------------===//

ParseResult npu::ConvOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseLayer(parser, result);
}

void npu::ConvOp::print(OpAsmPrinter &p) {
  printLayer(p, *this, {getInput(), getWeights()}, getBias(), getExtras());
}

void npu::ConvOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

Type npu::ConvOp::getSumType() { return getSumTypeOf(getInput()); }

LogicalResult npu::ConvOp::verify() {
  auto input = cast<ShapedType>(getInput().getType());
  auto weights = cast<ShapedType>(getWeights().getType());
  auto init = cast<ShapedType>(getInit().getType());
  int64_t spatial = input.getRank() - 2;
  auto fits = [&](ArrayRef<int64_t> values) {
    return int64_t(values.size()) == spatial;
  };
  if (spatial < 1 || spatial > 3 || weights.getRank() != input.getRank() ||
      init.getRank() != input.getRank() || !input.hasStaticShape() ||
      !weights.hasStaticShape() || !init.hasStaticShape() ||
      !fits(getStrides()) || !fits(getDilations()) || !fits(getPadsBegin()))
    return emitOpError(
        "expects input, weights and init of one rank, 3 to 5, and "
        "a stride, dilation and pad a spatial dimension (C1)");
  int64_t group = getGroup(), filters = init.getDimSize(1);
  if (group < 1 || input.getDimSize(1) % group || filters % group ||
      weights.getDimSize(0) != filters ||
      weights.getDimSize(1) != input.getDimSize(1) / group ||
      input.getDimSize(0) != init.getDimSize(0))
    return emitOpError("has weights ")
           << weights << " that do not fit " << group << " groups of " << input
           << " and " << init << " (C2)";
  for (int64_t i = 0; i < spatial; ++i)
    if (getStrides()[i] < 1 || getDilations()[i] < 1 || getPadsBegin()[i] < 0 ||
        (init.getDimSize(i + 2) - 1) * getStrides()[i] - getPadsBegin()[i] >=
            std::max<int64_t>(input.getDimSize(i + 2), 1))
      return emitOpError("has a window that begins after its input in spatial "
                         "dimension ")
             << i << " (C3)";
  ArrayRef<int64_t> order = getFilterOrder();
  llvm::SmallBitVector given(filters);
  for (auto [i, channel] : llvm::enumerate(order))
    if (channel >= 0 && channel < filters && int64_t(i) < filters &&
        channel / (filters / group) == int64_t(i) / (filters / group))
      given.set(channel);
  if (!order.empty() && (int64_t(order.size()) != filters || !given.all()))
    return emitOpError("has a filter_order that does not have each filter "
                       "once, within its group (C6)");
  return verifyEpilogue(*this, getExtras(), getInit(), getSumType(), 1,
                        {"C4", "C5"});
}

//===----------------------------------------------------------------------===//
// matmul
//===----------------------------------------------------------------------===//

ParseResult npu::MatMulOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseLayer(parser, result);
}

void npu::MatMulOp::print(OpAsmPrinter &p) {
  printLayer(p, *this, {getLhs(), getRhs()}, getBias(), getExtras());
}

void npu::MatMulOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

Type npu::MatMulOp::getSumType() { return getSumTypeOf(getLhs()); }

LogicalResult npu::MatMulOp::verify() {
  auto lhs = cast<ShapedType>(getLhs().getType());
  auto rhs = cast<ShapedType>(getRhs().getType());
  auto init = cast<ShapedType>(getInit().getType());
  int64_t rank = lhs.getRank();
  if (rank < 2 || init.getRank() != rank || !lhs.hasStaticShape() ||
      !rhs.hasStaticShape() || !init.hasStaticShape() || rhs.getRank() < 2 ||
      lhs.getShape().drop_back() != init.getShape().drop_back() ||
      (rhs.getRank() != 2 &&
       rhs.getShape().drop_back(2) != lhs.getShape().drop_back(2)))
    return emitOpError("expects lhs and init of one rank and with the same "
                       "leading sizes, and rhs with these or without (C1)");
  bool transposed = getTransposeRhs();
  int64_t columns = rhs.getDimSize(rhs.getRank() - (transposed ? 2 : 1));
  int64_t depth = rhs.getDimSize(rhs.getRank() - (transposed ? 1 : 2));
  if (depth != lhs.getShape().back() || columns != init.getShape().back())
    return emitOpError("does not contract ")
           << lhs << " with " << rhs << " to " << init << " (C2)";
  return verifyEpilogue(*this, getExtras(), getInit(), getSumType(), rank - 1,
                        {"C3", "C4"});
}
