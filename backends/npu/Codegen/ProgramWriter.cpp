//===- ProgramWriter.cpp - Operations as programs of a unit -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/ProgramWriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

std::optional<ValueType> npu::getValueType(Type type) {
  if (type.isIndex())
    return ValueType::I64;
  if (auto integer = dyn_cast<IntegerType>(type)) {
    switch (integer.getWidth()) {
    case 1:
      return ValueType::I1;
    case 8:
      return ValueType::I8;
    case 16:
      return ValueType::I16;
    case 32:
      return ValueType::I32;
    case 64:
      return ValueType::I64;
    }
    return std::nullopt;
  }
  if (type.isF16())
    return ValueType::F16;
  if (type.isBF16())
    return ValueType::BF16;
  if (type.isF32())
    return ValueType::F32;
  if (type.isF64())
    return ValueType::F64;
  return std::nullopt;
}

Value npu::findRoot(Value memory) {
  while (mlir::Operation *op = memory.getDefiningOp()) {
    // A view of the arena is a buffer of its own.
    if (isa<memref::ViewOp, memref::GetGlobalOp>(op))
      return memory;
    if (auto metadata = dyn_cast<memref::ExtractStridedMetadataOp>(op))
      memory = metadata.getSource();
    else if (auto view = dyn_cast<ViewLikeOpInterface>(op))
      memory = view.getViewSource();
    else
      return memory;
  }
  return memory;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

unsigned ProgramWriter::addOperand(ValueType type) {
  program.operands.push_back({type, false, false, 0});
  return program.operands.size() - 1;
}

void ProgramWriter::bind(Value buffer, unsigned operand, int64_t offset) {
  buffers[buffer] = {operand, offset};
}

Register ProgramWriter::makeConstant(ValueType type, uint64_t bits) {
  auto [it, isNew] = constants.try_emplace(bits, 0);
  if (!isNew)
    return it->second;
  Instruction instruction;
  instruction.code = InstructionCode::Const;
  instruction.type = type;
  instruction.result = it->second = makeRegister();
  instruction.index = program.constants.size();
  program.constants.push_back(bits);
  preamble.push_back(instruction);
  return instruction.result;
}

Register ProgramWriter::makeArgument() {
  Instruction instruction;
  instruction.code = InstructionCode::Arg;
  instruction.result = makeRegister();
  instruction.index = program.arguments++;
  preamble.push_back(instruction);
  return instruction.result;
}

Register ProgramWriter::makeLoad(unsigned operand, Register index) {
  program.operands[operand].reads = true;
  Instruction instruction;
  instruction.code = InstructionCode::Load;
  instruction.type = program.operands[operand].type;
  instruction.a = index;
  instruction.index = operand;
  instruction.result = makeRegister();
  add(instruction);
  return instruction.result;
}

void ProgramWriter::makeStore(unsigned operand, Register value,
                              Register index) {
  program.operands[operand].writes = true;
  Instruction instruction;
  instruction.code = InstructionCode::Store;
  instruction.type = program.operands[operand].type;
  instruction.a = index;
  instruction.b = value;
  instruction.index = operand;
  add(instruction);
}

Register ProgramWriter::makeBinary(InstructionCode code, ValueType type,
                                   Register a, Register b) {
  Instruction instruction;
  instruction.code = code;
  instruction.type = type;
  instruction.a = a;
  instruction.b = b;
  instruction.result = makeRegister();
  add(instruction);
  return instruction.result;
}

Register ProgramWriter::makeFor(Register lo, Register hi, Register step) {
  Instruction instruction;
  instruction.code = InstructionCode::For;
  instruction.a = lo;
  instruction.b = hi;
  instruction.c = step;
  instruction.result = makeRegister();
  add(instruction);
  return instruction.result;
}

void ProgramWriter::makeEnd() {
  Instruction instruction;
  instruction.code = InstructionCode::End;
  add(instruction);
}

void ProgramWriter::move(Register to, Register from) {
  Instruction instruction;
  instruction.code = InstructionCode::Move;
  instruction.result = to;
  instruction.a = from;
  add(instruction);
}

void ProgramWriter::moveAll(ArrayRef<Register> to, ArrayRef<Register> from) {
  // A register may be wanted after it was written: by way of others then.
  SmallVector<Register> sources(from);
  if (to.size() > 1)
    for (Register &source : sources)
      if (llvm::is_contained(to, source)) {
        Register copy = makeRegister();
        move(copy, source);
        source = copy;
      }
  for (auto [target, source] : llvm::zip_equal(to, sources))
    if (target != source)
      move(target, source);
}

//===----------------------------------------------------------------------===//
// Values and memory
//===----------------------------------------------------------------------===//

FailureOr<Register> ProgramWriter::lookup(Value value, mlir::Operation *user) {
  if (auto it = registers.find(value); it != registers.end())
    return it->second;
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  std::optional<ValueType> type = getValueType(value.getType());
  if (!constant || !type) {
    user->emitError("cannot be a program: it uses ") << value;
    return failure();
  }
  uint64_t bits;
  if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
    bits = number.getValue().bitcastToAPInt().getZExtValue();
  else
    bits = uint64_t(
        cast<IntegerAttr>(constant.getValue()).getValue().getSExtValue());
  return makeConstant(*type, bits);
}

FailureOr<SmallVector<Register>>
ProgramWriter::lookupAll(ValueRange values, mlir::Operation *user) {
  SmallVector<Register> found;
  for (Value value : values) {
    FailureOr<Register> reg = lookup(value, user);
    if (failed(reg))
      return failure();
    found.push_back(*reg);
  }
  return found;
}

FailureOr<ProgramWriter::Element>
ProgramWriter::findElement(mlir::Operation *op, Value memory,
                           ValueRange indices) {
  auto type = cast<MemRefType>(memory.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  auto it = buffers.find(findRoot(memory));
  if (it == buffers.end() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      llvm::any_of(strides, ShapedType::isDynamic)) {
    op->emitError("cannot be a program: memory of type ")
        << type << " has no place or strides that are not known";
    return failure();
  }
  int64_t constant = it->second.offset;
  std::optional<Register> sum;
  auto addTerm = [&](Register term) {
    sum = sum ? makeBinary(InstructionCode::AddI, ValueType::I64, *sum, term)
              : term;
  };
  if (!ShapedType::isDynamic(offset)) {
    constant += offset;
  } else {
    auto cast = memory.getDefiningOp<memref::ReinterpretCastOp>();
    if (!cast || cast.getOffsets().size() != 1) {
      op->emitError("cannot be a program: the offset of ")
          << type << " is not known";
      return failure();
    }
    FailureOr<Register> begin = lookup(cast.getOffsets()[0], op);
    if (failed(begin))
      return failure();
    addTerm(*begin);
  }
  for (auto [index, stride] : llvm::zip_equal(indices, strides)) {
    if (std::optional<int64_t> number = getConstantIntValue(index)) {
      constant += *number * stride;
      continue;
    }
    FailureOr<Register> reg = lookup(index, op);
    if (failed(reg))
      return failure();
    addTerm(stride == 1 ? *reg
                        : makeBinary(InstructionCode::MulI, ValueType::I64,
                                     *reg, makeConstant(stride)));
  }
  if (!sum || constant)
    addTerm(makeConstant(constant));
  return Element{it->second.operand, *sum};
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

LogicalResult ProgramWriter::writeBlock(Block &block) {
  for (mlir::Operation &op : block.without_terminator())
    if (failed(write(&op)))
      return failure();
  return success();
}

LogicalResult ProgramWriter::writeFor(scf::ForOp op) {
  FailureOr<Register> lo = lookup(op.getLowerBound(), op),
                      hi = lookup(op.getUpperBound(), op),
                      step = lookup(op.getStep(), op);
  auto inits = lookupAll(op.getInitArgs(), op);
  if (failed(lo) || failed(hi) || failed(step) || failed(inits))
    return failure();
  SmallVector<Register> state;
  for (auto [argument, result, init] :
       llvm::zip_equal(op.getRegionIterArgs(), op.getResults(), *inits)) {
    state.push_back(makeRegister());
    registers[argument] = registers[result] = state.back();
    move(state.back(), init);
  }
  registers[op.getInductionVar()] = makeFor(*lo, *hi, *step);
  if (failed(writeBlock(*op.getBody())))
    return failure();
  auto next = lookupAll(op.getBody()->getTerminator()->getOperands(), op);
  if (failed(next))
    return failure();
  moveAll(state, *next);
  makeEnd();
  return success();
}

LogicalResult ProgramWriter::writeIf(scf::IfOp op) {
  FailureOr<Register> condition = lookup(op.getCondition(), op);
  if (failed(condition))
    return failure();
  SmallVector<Register> results;
  for (Value result : op.getResults()) {
    results.push_back(makeRegister());
    registers[result] = results.back();
  }
  auto writeBranch = [&](Region &region) -> LogicalResult {
    if (failed(writeBlock(region.front())))
      return failure();
    auto values = lookupAll(region.front().getTerminator()->getOperands(), op);
    if (failed(values))
      return failure();
    moveAll(results, *values);
    return success();
  };
  Instruction instruction;
  instruction.code = InstructionCode::If;
  instruction.a = *condition;
  add(instruction);
  if (failed(writeBranch(op.getThenRegion())))
    return failure();
  if (!op.getElseRegion().empty()) {
    instruction = {};
    instruction.code = InstructionCode::Else;
    add(instruction);
    if (failed(writeBranch(op.getElseRegion())))
      return failure();
  }
  makeEnd();
  return success();
}

LogicalResult ProgramWriter::writeWhile(scf::WhileOp op) {
  auto inits = lookupAll(op.getInits(), op);
  if (failed(inits))
    return failure();
  SmallVector<Register> before, after;
  for (auto [argument, init] :
       llvm::zip_equal(op.getBeforeArguments(), *inits)) {
    before.push_back(makeRegister());
    registers[argument] = before.back();
    move(before.back(), init);
  }
  for (auto [argument, result] :
       llvm::zip_equal(op.getAfterArguments(), op.getResults())) {
    after.push_back(makeRegister());
    registers[argument] = registers[result] = after.back();
  }
  Instruction instruction;
  instruction.code = InstructionCode::While;
  add(instruction);
  if (failed(writeBlock(*op.getBeforeBody())))
    return failure();
  auto condition = op.getConditionOp();
  auto passed = lookupAll(condition.getArgs(), op);
  FailureOr<Register> goesOn = lookup(condition.getCondition(), op);
  if (failed(passed) || failed(goesOn))
    return failure();
  moveAll(after, *passed);
  instruction.code = InstructionCode::Do;
  instruction.a = *goesOn;
  add(instruction);
  if (failed(writeBlock(*op.getAfterBody())))
    return failure();
  auto next = lookupAll(op.getAfterBody()->getTerminator()->getOperands(), op);
  if (failed(next))
    return failure();
  moveAll(before, *next);
  makeEnd();
  return success();
}

LogicalResult ProgramWriter::writeIndexCast(mlir::Operation *op,
                                            bool isUnsigned) {
  FailureOr<Register> operand = lookup(op->getOperand(0), op);
  auto from = getValueType(op->getOperand(0).getType());
  auto to = getValueType(op->getResult(0).getType());
  if (failed(operand) || !from || !to)
    return failure();
  Instruction instruction;
  instruction.type = *from;
  instruction.to = *to;
  instruction.code = *to != ValueType::I64 ? InstructionCode::TruncI
                     : isUnsigned          ? InstructionCode::ExtUI
                                           : InstructionCode::ExtSI;
  if (*from == *to) {
    registers[op->getResult(0)] = *operand;
    return success();
  }
  instruction.a = *operand;
  instruction.result = makeRegister();
  registers[op->getResult(0)] = instruction.result;
  add(instruction);
  return success();
}

/// The instruction with the name of an operation of arith or math.
static InstructionCode findCode(mlir::Operation *op) {
  if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return InstructionCode::None;
  StringRef name = op->getName().stripDialect();
  for (auto [i, info] : llvm::enumerate(getInstructions()))
    if (info.name == name)
      return static_cast<InstructionCode>(i + 1);
  return InstructionCode::None;
}

LogicalResult ProgramWriter::writeNamed(mlir::Operation *op) {
  InstructionCode code = findCode(op);
  const InstructionInfo *info = getInfo(code);
  auto operands = lookupAll(op->getOperands(), op);
  std::optional<ValueType> from, to;
  if (info && op->getNumResults() == 1 && op->getNumOperands() > 0) {
    from = getValueType(op->getOperand(0).getType());
    to = getValueType(op->getResult(0).getType());
  }
  if (failed(operands))
    return failure();
  if (!from || !to)
    return op->emitError("no unit of an NPU has an instruction for '")
           << op->getName() << "' on these types";
  Instruction instruction;
  instruction.code = code;
  switch (info->form) {
  case InstructionForm::Cast:
    instruction.type = *from;
    instruction.to = *to;
    break;
  case InstructionForm::Select:
    break;
  case InstructionForm::CompareInteger:
    instruction.type = *from;
    instruction.index =
        static_cast<uint32_t>(cast<arith::CmpIOp>(op).getPredicate());
    break;
  case InstructionForm::CompareFloat:
    instruction.type = *from;
    instruction.index =
        static_cast<uint32_t>(cast<arith::CmpFOp>(op).getPredicate());
    break;
  default:
    instruction.type = *from;
  }
  instruction.a = (*operands)[0];
  if (operands->size() > 1)
    instruction.b = (*operands)[1];
  if (operands->size() > 2)
    instruction.c = (*operands)[2];
  instruction.result = makeRegister();
  registers[op->getResult(0)] = instruction.result;
  add(instruction);
  return success();
}

LogicalResult ProgramWriter::write(mlir::Operation *op) {
  return llvm::TypeSwitch<mlir::Operation *, LogicalResult>(op)
      .Case([&](scf::ForOp loop) { return writeFor(loop); })
      .Case([&](scf::IfOp branch) { return writeIf(branch); })
      .Case([&](scf::WhileOp loop) { return writeWhile(loop); })
      .Case([&](memref::LoadOp load) -> LogicalResult {
        auto element = findElement(load, load.getMemref(), load.getIndices());
        if (failed(element))
          return failure();
        registers[load.getResult()] =
            makeLoad(element->operand, element->index);
        return success();
      })
      .Case([&](memref::StoreOp store) -> LogicalResult {
        FailureOr<Register> value = lookup(store.getValueToStore(), store);
        auto element =
            findElement(store, store.getMemref(), store.getIndices());
        if (failed(value) || failed(element))
          return failure();
        makeStore(element->operand, *value, element->index);
        return success();
      })
      .Case(
          [&](arith::IndexCastOp cast) { return writeIndexCast(cast, false); })
      .Case(
          [&](arith::IndexCastUIOp cast) { return writeIndexCast(cast, true); })
      // Constants are made where they are wanted, and views are no work.
      .Case<arith::ConstantOp, memref::ExtractStridedMetadataOp,
            memref::GetGlobalOp>([](auto) { return success(); })
      .Default([&](mlir::Operation *other) {
        return isa<ViewLikeOpInterface>(other) ? success() : writeNamed(other);
      });
}

bool ProgramWriter::isVector() const {
  enum { Loops, Body, Ends } place = Loops;
  for (const Instruction &instruction : body) {
    switch (getInfo(instruction.code)->form) {
    case InstructionForm::For:
      if (place != Loops)
        return false;
      break;
    case InstructionForm::End:
      place = Ends;
      break;
    case InstructionForm::If:
    case InstructionForm::Else:
    case InstructionForm::While:
    case InstructionForm::Do:
      return false;
    default:
      if (place == Ends)
        return false;
      place = Body;
    }
  }
  return place == Ends;
}

Program ProgramWriter::take(StringRef name) {
  program.name = name.str();
  program.vector = isVector();
  program.instructions = std::move(preamble);
  llvm::append_range(program.instructions, body);
  return std::move(program);
}
