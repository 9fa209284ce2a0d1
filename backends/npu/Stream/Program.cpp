//===- Program.cpp - Programs of the vector and scalar unit -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

using namespace llvm;

namespace lacuna::npu {

ArrayRef<InstructionInfo> getInstructions() {
  static constexpr InstructionInfo infos[] = {
#define INSTRUCTION(Id, name, Form, Types, meaning)                            \
  {name, InstructionForm::Form, InstructionTypes::Types, meaning},
#include "backends/npu/Stream/Instructions.def"
  };
  return infos;
}

const InstructionInfo *getInfo(InstructionCode code) {
  auto index = static_cast<size_t>(code);
  if (index == 0 || index > getInstructions().size())
    return nullptr;
  return &getInstructions()[index - 1];
}

ArrayRef<StringLiteral> getIntegerPredicates() {
  static constexpr StringLiteral names[] = {"eq",  "ne",  "slt", "sle", "sgt",
                                            "sge", "ult", "ule", "ugt", "uge"};
  return names;
}

ArrayRef<StringLiteral> getFloatPredicates() {
  static constexpr StringLiteral names[] = {
      "false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord",
      "ueq",   "ugt", "uge", "ult", "ule", "une", "uno", "true"};
  return names;
}

/// i1 has fewer bits than i8, though both take a byte.
static unsigned getBits(ValueType type) {
  return type == ValueType::I1 ? 1 : 8 * getBytes(type);
}

static bool isAllowed(InstructionTypes types, ValueType from, ValueType to) {
  bool isCast = types >= InstructionTypes::Widen;
  if (!isCast && to != ValueType::I1)
    return false;
  switch (types) {
  case InstructionTypes::None:
    return from == ValueType::I1;
  case InstructionTypes::Any:
    return true;
  case InstructionTypes::Integer:
    return !isFloat(from);
  case InstructionTypes::Float:
    return isFloat(from);
  case InstructionTypes::Widen:
    return !isFloat(from) && !isFloat(to) && getBits(from) < getBits(to);
  case InstructionTypes::Narrow:
    return !isFloat(from) && !isFloat(to) && getBits(from) > getBits(to);
  case InstructionTypes::IntegerToFloat:
    return !isFloat(from) && isFloat(to);
  case InstructionTypes::FloatToInteger:
    return isFloat(from) && !isFloat(to);
  case InstructionTypes::WidenFloat:
    return isFloat(from) && isFloat(to) && getBits(from) < getBits(to);
  case InstructionTypes::NarrowFloat:
    return isFloat(from) && isFloat(to) && getBits(from) > getBits(to);
  case InstructionTypes::SameSize:
    return getBits(from) == getBits(to);
  }
  llvm_unreachable("all types are handled");
}

namespace {
/// Which fields a form has.
struct Fields {
  bool result, a, b, c;
  /// Values of `index` are less than this.
  size_t indices;
};
} // namespace

static Fields getFields(InstructionForm form, const Program &program) {
  switch (form) {
  case InstructionForm::Constant:
    return {true, false, false, false, program.constants.size()};
  case InstructionForm::Argument:
    return {true, false, false, false, program.arguments};
  case InstructionForm::Load:
    return {true, true, false, false, program.operands.size()};
  case InstructionForm::Store:
    return {false, true, true, false, program.operands.size()};
  case InstructionForm::Unary:
  case InstructionForm::Cast:
    return {true, true, false, false, 1};
  case InstructionForm::Binary:
    return {true, true, true, false, 1};
  case InstructionForm::Ternary:
  case InstructionForm::Select:
  case InstructionForm::For:
    return {true, true, true, true, 1};
  case InstructionForm::CompareInteger:
    return {true, true, true, false, getIntegerPredicates().size()};
  case InstructionForm::CompareFloat:
    return {true, true, true, false, getFloatPredicates().size()};
  case InstructionForm::If:
  case InstructionForm::Do:
    return {false, true, false, false, 1};
  case InstructionForm::Else:
  case InstructionForm::While:
  case InstructionForm::End:
    return {false, false, false, false, 1};
  }
  llvm_unreachable("all forms are handled");
}

bool hasResult(InstructionForm form) {
  return getFields(form, Program()).result;
}

static Error checkInstruction(const Instruction &instruction,
                              const Program &program) {
  const InstructionInfo *info = getInfo(instruction.code);
  if (!info)
    return createStringError(
        "unknown instruction " +
        Twine(unsigned(static_cast<uint8_t>(instruction.code))));
  if (instruction.type > ValueType::F64 || instruction.to > ValueType::F64 ||
      !isAllowed(info->types, instruction.type, instruction.to))
    return createStringError(info->name + " cannot have this type");
  Fields fields = getFields(info->form, program);
  for (auto [has, id] :
       {std::pair(fields.result, instruction.result),
        std::pair(fields.a, instruction.a), std::pair(fields.b, instruction.b),
        std::pair(fields.c, instruction.c)}) {
    if (!has && id)
      return createStringError(info->name +
                               " has a register in a field that it lacks");
    if (has && id >= program.registers)
      return createStringError(info->name + " names register %" +
                               Twine(unsigned(id)) + " of " +
                               Twine(program.registers));
  }
  if (instruction.index >= fields.indices)
    return createStringError(
        info->name + " has the index " + Twine(instruction.index) +
        ", which must be less than " + Twine(fields.indices));
  bool isLoad = info->form == InstructionForm::Load;
  if (!isLoad && info->form != InstructionForm::Store)
    return Error::success();
  const ProgramOperand &operand = program.operands[instruction.index];
  if (operand.type != instruction.type)
    return createStringError(info->name + "." + getName(instruction.type) +
                             " of operand @" + Twine(instruction.index) +
                             ", which has type " + getName(operand.type));
  if (isLoad ? !operand.reads : !operand.writes)
    return createStringError(info->name + " of operand @" +
                             Twine(instruction.index) + ", which is not " +
                             (isLoad ? "read" : "written"));
  return Error::success();
}

namespace {
/// The blocks that are open while instructions are walked.
class Blocks {
public:
  explicit Blocks(const Program &program) : program(program) {
    partners.resize(program.instructions.size());
  }

  Error add(uint32_t at) {
    const InstructionInfo &info = *getInfo(program.instructions[at].code);
    switch (info.form) {
    case InstructionForm::For:
    case InstructionForm::If:
    case InstructionForm::While:
      if (open.size() == kMaxNesting)
        return createStringError("more than " + Twine(kMaxNesting) +
                                 " blocks within each other");
      open.push_back({at, at});
      return Error::success();
    case InstructionForm::Else:
      return replace(at, InstructionForm::If, "else", "if");
    case InstructionForm::Do:
      return replace(at, InstructionForm::While, "do", "while");
    case InstructionForm::End: {
      if (open.empty())
        return createStringError("end of nothing");
      auto [first, last] = open.pop_back_val();
      if (getForm(last) == InstructionForm::While)
        return createStringError("while without do");
      partners[last] = at;
      partners[at] = first;
      return Error::success();
    }
    default:
      return Error::success();
    }
  }

  Error finish() const {
    if (open.empty())
      return Error::success();
    return createStringError("the block that begins at instruction " +
                             Twine(open.back().first) + " has no end");
  }

  std::vector<uint32_t> partners;

private:
  InstructionForm getForm(uint32_t at) const {
    return getInfo(program.instructions[at].code)->form;
  }
  Error replace(uint32_t at, InstructionForm form, StringRef name,
                StringRef first) {
    if (open.empty() || getForm(open.back().second) != form)
      return createStringError(name + " without " + first);
    partners[open.back().second] = at;
    open.back().second = at;
    return Error::success();
  }

  const Program &program;
  /// Where a block begins, and its last `if`, `else`, `while`, `do` or `for`.
  SmallVector<std::pair<uint32_t, uint32_t>, 8> open;
};
} // namespace

static bool isMemory(InstructionForm form) {
  return form == InstructionForm::Load || form == InstructionForm::Store;
}

/// Registers are computed, then loops begin one in the other, then comes a body
/// without control, then the ends.
static Error checkVector(const Program &program) {
  enum { Before, Loops, Body, Ends } place = Before;
  for (auto [at, instruction] : enumerate(program.instructions)) {
    InstructionForm form = getInfo(instruction.code)->form;
    auto fail = [&, at = at](const Twine &why) {
      return createStringError("instruction " + Twine(at) +
                               ": a vector program is a nest of loops around a "
                               "straight body; " +
                               why);
    };
    switch (form) {
    case InstructionForm::For:
      if (place > Loops)
        return fail("a loop begins after the body");
      place = Loops;
      break;
    case InstructionForm::End:
      place = Ends;
      break;
    case InstructionForm::If:
    case InstructionForm::Else:
    case InstructionForm::While:
    case InstructionForm::Do:
      return fail("this one has other control flow");
    default:
      if (place == Ends)
        return fail("something follows the body");
      if (place == Before && isMemory(form))
        return fail("memory is used before the loops");
      if (place != Before)
        place = Body;
      break;
    }
  }
  return Error::success();
}

Error check(const Program &program) {
  if (program.arguments > kMaxArguments)
    return createStringError(Twine(program.arguments) +
                             " arguments; there may be " +
                             Twine(kMaxArguments));
  if (program.registers > UINT16_MAX)
    return createStringError(Twine(program.registers) +
                             " registers; there may be " + Twine(UINT16_MAX));
  if (program.operands.size() > kMaxOperands)
    return createStringError(Twine(program.operands.size()) +
                             " operands; there may be " + Twine(kMaxOperands));
  for (auto [index, operand] : enumerate(program.operands)) {
    if (operand.type > ValueType::F64)
      return createStringError("operand @" + Twine(index) + " has no type");
    if (operand.bytes > kRegionBytes || operand.bytes % getBytes(operand.type))
      return createStringError("operand @" + Twine(index) + " has " +
                               Twine(operand.bytes) +
                               " bytes, which are no elements of a region");
    if (!operand.reads && !operand.writes)
      return createStringError("operand @" + Twine(index) +
                               " is neither read nor written");
  }
  std::vector<uint64_t> constants = program.constants;
  llvm::sort(constants);
  if (std::adjacent_find(constants.begin(), constants.end()) != constants.end())
    return createStringError("a constant is there twice");
  if (program.instructions.size() > UINT32_MAX)
    return createStringError("more than 2^32 instructions");
  Blocks blocks(program);
  for (auto [at, instruction] : enumerate(program.instructions)) {
    Error error = checkInstruction(instruction, program);
    if (!error)
      error = blocks.add(static_cast<uint32_t>(at));
    if (error)
      return createStringError("instruction " + Twine(at) + ": " +
                               toString(std::move(error)));
  }
  if (Error error = blocks.finish())
    return error;
  return program.vector ? checkVector(program) : Error::success();
}

std::vector<uint32_t> matchBlocks(const Program &program) {
  Blocks blocks(program);
  for (uint32_t at = 0; at < program.instructions.size(); ++at)
    cantFail(blocks.add(at));
  return std::move(blocks.partners);
}

void print(const Instruction &it, const Program &program, raw_ostream &os) {
  const InstructionInfo &info = *getInfo(it.code);
  Fields fields = getFields(info.form, program);
  if (fields.result)
    os << "%" << it.result << " = ";
  os << info.name;
  if (info.types != InstructionTypes::None)
    os << "." << getName(it.type);
  switch (info.form) {
  case InstructionForm::Constant: {
    uint64_t bits = program.constants[it.index];
    if (isFloat(it.type))
      os << " 0x" << utohexstr(bits, /*LowerCase=*/true);
    else
      os << " " << static_cast<int64_t>(bits);
    return;
  }
  case InstructionForm::Argument:
    os << " " << it.index;
    return;
  case InstructionForm::Load:
    os << " @" << it.index << "[%" << it.a << "]";
    return;
  case InstructionForm::Store:
    os << " %" << it.b << ", @" << it.index << "[%" << it.a << "]";
    return;
  case InstructionForm::CompareInteger:
    os << " " << getIntegerPredicates()[it.index];
    break;
  case InstructionForm::CompareFloat:
    os << " " << getFloatPredicates()[it.index];
    break;
  case InstructionForm::Cast:
    os << "." << getName(it.to);
    break;
  default:
    break;
  }
  if (fields.a)
    os << " %" << it.a;
  if (fields.b)
    os << ", %" << it.b;
  if (fields.c)
    os << ", %" << it.c;
}

} // namespace lacuna::npu
