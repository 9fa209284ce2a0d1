//===- NeonOps.cpp - Kernels for Arm cores as operations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/IR/NeonDialect.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace lacuna;

#include "backends/neon/IR/NeonDialect.cpp.inc"

#define GET_OP_CLASSES
#include "backends/neon/IR/NeonOps.cpp.inc"

void neon::NeonDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "backends/neon/IR/NeonOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// What the operations share
//===----------------------------------------------------------------------===//

/// `ins(%a, %b : T, T) outs(%c : T) {attributes} -> T`
static ParseResult parseKernel(OpAsmParser &parser, OperationState &result) {
  for (StringRef keyword : {"ins", "outs"}) {
    SmallVector<OpAsmParser::UnresolvedOperand> operands;
    SmallVector<Type> types;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(keyword) || parser.parseLParen() ||
        parser.parseOperandList(operands) || parser.parseColonTypeList(types) ||
        parser.parseRParen() ||
        parser.resolveOperands(operands, types, loc, result.operands))
      return failure();
  }
  if (parser.parseOptionalAttrDict(result.attributes))
    return failure();
  return parser.parseOptionalArrowTypeList(result.types);
}

static void printKernel(OpAsmPrinter &p, DestinationStyleOpInterface op) {
  SmallVector<Value> inputs = op.getDpsInputs();
  p << " ins(" << inputs << " : " << ValueRange(inputs).getTypes() << ") outs("
    << op.getDpsInits() << " : " << op.getDpsInits().getTypes() << ")";
  p.printOptionalAttrDict(op->getAttrs());
  if (op->getNumResults())
    p << " -> " << op->getResultTypes();
}

/// A kernel reads its inputs and writes its destination, if they are memory.
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

/// The sizes of a window operation's result (C1, C2), whose space begins with
/// dimension `first`.
static LogicalResult verifyWindows(Operation *op, ShapedType input,
                                   ShapedType init, ArrayRef<int64_t> kernel,
                                   ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> dilations,
                                   int64_t first = 1) {
  int64_t spatial = kernel.size();
  if (!input.hasStaticShape() || !init.hasStaticShape() ||
      input.getRank() != spatial + 2 || init.getRank() != spatial + 2 ||
      spatial < 1 || spatial > 3 || int64_t(strides.size()) != spatial ||
      int64_t(dilations.size()) != spatial)
    return op->emitOpError("expects input and init of static shape and rank 3 "
                           "to 5, and one kernel size, stride and dilation a "
                           "spatial dimension (C1)");
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t reach = (kernel[i] - 1) * dilations[i] + 1;
    int64_t left = input.getDimSize(first + i) - reach;
    if (kernel[i] < 1 || strides[i] < 1 || dilations[i] < 1 || left < 0 ||
        init.getDimSize(first + i) != left / strides[i] + 1)
      return op->emitOpError("does not have the size in spatial dimension ")
             << i << " that its windows give (C2)";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// conv
//===----------------------------------------------------------------------===//

ParseResult neon::ConvOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseKernel(parser, result);
}

void neon::ConvOp::print(OpAsmPrinter &p) { printKernel(p, *this); }

void neon::ConvOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult neon::ConvOp::verify() {
  auto input = cast<ShapedType>(getInput().getType());
  auto init = cast<ShapedType>(getInit().getType());
  if (failed(verifyWindows(*this, input, init, getKernel(), getStrides(),
                           getDilations(), getSpaceDim())))
    return failure();
  int64_t channels = getInputChannels(), filters = getOutputChannels();
  int64_t group = getGroup();
  if (group < 1 || channels % group || filters % group ||
      (getDepthwise() && (channels != group || filters != group)))
    return emitOpError("has ")
           << channels << " input and " << filters
           << " output channels, which do not fit group " << group << " (C3)";
  if (getResidual() &&
      cast<ShapedType>(getResidual().getType()).getShape() != init.getShape())
    return emitOpError("has a residual of another shape than its result (C4)");
  auto isOne = [](int64_t size) { return size == 1; };
  if (getPlanar() &&
      (group != 1 || getScale() || getResidual() ||
       !llvm::all_of(getKernel(), isOne) || !llvm::all_of(getStrides(), isOne)))
    return emitOpError("is planar, but no product of floats at each point "
                       "without a residual (C5)");
  int64_t bits = getWeightBits(), outliers = getOutliers();
  if (!llvm::is_contained({1, 2, 4, 8}, bits) || outliers < 0 ||
      (bits == 8 && outliers != 0) ||
      (bits != 8 && (!getScale() || getDepthwise())))
    return emitOpError("has weights of ")
           << bits << " bits with " << outliers
           << " outliers, which no kernel takes (C6)";
  int64_t shared = getFactorDepth();
  if (shared < 0 || shared % 16 != 0 ||
      (shared != 0 && (bits == 8 || outliers != 0)))
    return emitOpError("has a factor for each ")
           << shared << " weights of " << bits << " bits with " << outliers
           << " outliers, which no kernel takes (C7)";
  return success();
}

int64_t neon::ConvOp::getInputChannels() {
  return cast<ShapedType>(getInput().getType()).getDimSize(getChannelDim());
}

int64_t neon::ConvOp::getOutputChannels() {
  return cast<ShapedType>(getInit().getType()).getDimSize(getChannelDim());
}

int64_t neon::ConvOp::getMacs() {
  return cast<ShapedType>(getInit().getType()).getNumElements() *
         (getInputChannels() / getGroup()) *
         llvm::product_of(getKernel(), int64_t(1));
}

//===----------------------------------------------------------------------===//
// wide_filters
//===----------------------------------------------------------------------===//

ParseResult neon::WideFiltersOp::parse(OpAsmParser &parser,
                                       OperationState &result) {
  return parseKernel(parser, result);
}

void neon::WideFiltersOp::print(OpAsmPrinter &p) { printKernel(p, *this); }

void neon::WideFiltersOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult neon::WideFiltersOp::verify() {
  auto input = cast<ShapedType>(getInput().getType());
  auto init = cast<ShapedType>(getInit().getType());
  if (failed(verifyWindows(*this, input, init, getKernel(), getStrides(),
                           getDilations())))
    return failure();
  int64_t filters = init.getShape().back(), group = getGroup();
  if (group < 1 || input.getShape().back() % group || filters % group ||
      !llvm::all_of(
          getFilters(),
          [&](int64_t filter) { return filter >= 0 && filter < filters; }))
    return emitOpError("has filters that are no output channels, or a group "
                       "that does not divide the channels (C3)");
  return success();
}

//===----------------------------------------------------------------------===//
// pool
//===----------------------------------------------------------------------===//

ParseResult neon::PoolOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseKernel(parser, result);
}

void neon::PoolOp::print(OpAsmPrinter &p) { printKernel(p, *this); }

void neon::PoolOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult neon::PoolOp::verify() {
  auto input = cast<ShapedType>(getInput().getType());
  auto init = cast<ShapedType>(getInit().getType());
  if (failed(verifyWindows(*this, input, init, getKernel(), getStrides(),
                           getDilations())))
    return failure();
  if (input.getShape().back() != init.getShape().back())
    return emitOpError("changes the number of channels (C1)");
  return success();
}

//===----------------------------------------------------------------------===//
// copy
//===----------------------------------------------------------------------===//

ParseResult neon::CopyOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseKernel(parser, result);
}

void neon::CopyOp::print(OpAsmPrinter &p) { printKernel(p, *this); }

void neon::CopyOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult neon::CopyOp::verify() {
  auto input = cast<MemRefType>(getInput().getType());
  auto init = cast<MemRefType>(getInit().getType());
  if (int64_t(getPermutation().size()) != input.getRank() ||
      !isPermutationVector(getPermutation()) ||
      applyPermutation(input.getShape(), getPermutation()) !=
          SmallVector<int64_t>(init.getShape()) ||
      input.getElementType() != init.getElementType())
    return emitOpError("has a permutation that does not make init of its "
                       "input (C1)");
  return success();
}

//===----------------------------------------------------------------------===//
// lookup
//===----------------------------------------------------------------------===//

ParseResult neon::LookupOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseKernel(parser, result);
}

void neon::LookupOp::print(OpAsmPrinter &p) { printKernel(p, *this); }

void neon::LookupOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult neon::LookupOp::verify() {
  auto input = cast<MemRefType>(getInput().getType());
  auto init = cast<MemRefType>(getInit().getType());
  auto table = cast<MemRefType>(getTable().getType());
  if (!input.getElementType().isInteger(8) ||
      !init.getElementType().isInteger(8) ||
      input.getShape() != init.getShape())
    return emitOpError("makes ") << init << " of " << input << " (C1)";
  if (!table.getElementType().isInteger(8) ||
      table.getShape() != ArrayRef<int64_t>(256))
    return emitOpError("has a table of ") << table << " (C2)";
  return success();
}

//===----------------------------------------------------------------------===//
// map
//===----------------------------------------------------------------------===//

ParseResult neon::MapOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseKernel(parser, result);
}

void neon::MapOp::print(OpAsmPrinter &p) { printKernel(p, *this); }

void neon::MapOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult neon::MapOp::verify() {
  constexpr size_t kLoops = 4;
  if (getSizes().size() != kLoops ||
      getSteps().size() != kLoops * getNumOperands())
    return emitOpError("expects four sizes, and four steps for each operand "
                       "(C1)");
  if (getValues().empty())
    return emitOpError("has no values (C2)");
  return success();
}

//===----------------------------------------------------------------------===//
// softmax
//===----------------------------------------------------------------------===//

ParseResult neon::SoftmaxOp::parse(OpAsmParser &parser,
                                   OperationState &result) {
  return parseKernel(parser, result);
}

void neon::SoftmaxOp::print(OpAsmPrinter &p) { printKernel(p, *this); }

void neon::SoftmaxOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addEffects(*this, effects);
}

LogicalResult neon::SoftmaxOp::verify() {
  auto input = cast<ShapedType>(getInput().getType());
  auto init = cast<ShapedType>(getInit().getType());
  if (!input.hasStaticShape() || input.getRank() != 3 ||
      input.getShape() != init.getShape())
    return emitOpError("expects input and init of rank 3 and the same static "
                       "shape (C1)");
  return success();
}
