//===- ProgramParser.cpp - Text to a program -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/ProgramParser.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::npu {

bool ProgramParser::open(TextCursor &line) {
  program = Program();
  uint64_t registers, arguments;
  if (!line.takeString(program.name))
    return false;
  program.vector = line.consume("vector");
  if (!program.vector && !line.expect("scalar"))
    return false;
  if (!line.expect("registers") || !line.takeUnsigned(registers, UINT16_MAX) ||
      !line.expect("arguments") || !line.takeUnsigned(arguments, kMaxArguments))
    return false;
  program.registers = static_cast<uint32_t>(registers);
  program.arguments = static_cast<uint32_t>(arguments);
  opened = true;
  return true;
}

bool ProgramParser::parseLine(TextCursor &line) {
  return line.consume(".") ? parseDirective(line) : parseInstruction(line);
}

bool ProgramParser::parseDirective(TextCursor &line) {
  StringRef name;
  if (!line.takeWord(name))
    return false;
  if (name == "operand")
    return parseOperand(line);
  if (name == "constant") {
    uint64_t bits;
    if (!line.takeUnsigned(bits))
      return false;
    program.constants.push_back(bits);
    return true;
  }
  if (name != "end")
    return line.failAtStart("a program has .operand, .constant and .end");
  opened = false;
  if (Error error = check(program))
    return line.failAtStart("program '" + program.name +
                            "': " + toString(std::move(error)));
  return true;
}

static bool parseType(TextCursor &line, ValueType &type) {
  StringRef name;
  if (!line.takeWord(name))
    return false;
  std::optional<unsigned> index = findName(getValueTypeNames(), name);
  if (!index)
    return line.failAtStart("unknown type '" + name + "'");
  type = static_cast<ValueType>(*index);
  return true;
}

bool ProgramParser::parseOperand(TextCursor &line) {
  ProgramOperand operand;
  if (!parseType(line, operand.type))
    return false;
  operand.reads = line.consume("read");
  operand.writes = line.consume("write");
  if (!line.takeUnsigned(operand.bytes, kRegionBytes))
    return false;
  program.operands.push_back(operand);
  return true;
}

static bool parseRegister(TextCursor &line, uint16_t &id) {
  uint64_t number;
  if (!line.expect("%") || !line.takeUnsigned(number, UINT16_MAX))
    return false;
  id = static_cast<uint16_t>(number);
  return true;
}

bool ProgramParser::parseName(TextCursor &line, Instruction &instruction) {
  StringRef name;
  if (!line.takeWord(name))
    return false;
  auto infos = getInstructions();
  const auto *info =
      find_if(infos, [&](const auto &it) { return it.name == name; });
  if (info == infos.end())
    return line.failAtStart("unknown instruction '" + name + "'");
  instruction.code = static_cast<InstructionCode>(info - infos.begin() + 1);
  if (info->types != InstructionTypes::None &&
      (!line.expect(".") || !parseType(line, instruction.type)))
    return false;
  return info->form != InstructionForm::Cast ||
         (line.expect(".") && parseType(line, instruction.to));
}

bool ProgramParser::parseConstant(TextCursor &line, Instruction &instruction) {
  uint64_t bits;
  if (line.isAtHex()) {
    if (!line.takeUnsigned(bits))
      return false;
  } else {
    if (isFloat(instruction.type))
      return line.fail("expected the bits of a float, in hexadecimal");
    int64_t value;
    if (!line.takeSigned(value, INT64_MIN, INT64_MAX))
      return false;
    bits = static_cast<uint64_t>(value);
  }
  auto found = find(program.constants, bits);
  instruction.index = static_cast<uint32_t>(found - program.constants.begin());
  if (found == program.constants.end())
    program.constants.push_back(bits);
  return true;
}

bool ProgramParser::parseFields(const InstructionInfo &info, TextCursor &line,
                                Instruction &it) {
  auto takeIndex = [&]() {
    uint64_t index;
    if (!line.takeUnsigned(index, UINT32_MAX))
      return false;
    it.index = static_cast<uint32_t>(index);
    return true;
  };
  auto takeElement = [&]() {
    return line.expect("@") && takeIndex() && line.expect("[") &&
           parseRegister(line, it.a) && line.expect("]");
  };
  auto takePredicate = [&](ArrayRef<StringLiteral> names) {
    StringRef name;
    if (!line.takeWord(name))
      return false;
    std::optional<unsigned> index = findName(names, name);
    if (!index)
      return line.failAtStart("unknown predicate '" + name + "'");
    it.index = *index;
    return true;
  };
  auto takeTwo = [&]() {
    return parseRegister(line, it.a) && line.expect(",") &&
           parseRegister(line, it.b);
  };
  switch (info.form) {
  case InstructionForm::Constant:
    return parseConstant(line, it);
  case InstructionForm::Argument:
    return takeIndex();
  case InstructionForm::Load:
    return takeElement();
  case InstructionForm::Store:
    return parseRegister(line, it.b) && line.expect(",") && takeElement();
  case InstructionForm::Unary:
  case InstructionForm::Cast:
  case InstructionForm::If:
  case InstructionForm::Do:
    return parseRegister(line, it.a);
  case InstructionForm::CompareInteger:
    return takePredicate(getIntegerPredicates()) && takeTwo();
  case InstructionForm::CompareFloat:
    return takePredicate(getFloatPredicates()) && takeTwo();
  case InstructionForm::Binary:
    return takeTwo();
  case InstructionForm::Ternary:
  case InstructionForm::Select:
  case InstructionForm::For:
    return takeTwo() && line.expect(",") && parseRegister(line, it.c);
  case InstructionForm::Else:
  case InstructionForm::While:
  case InstructionForm::End:
    return true;
  }
  llvm_unreachable("all forms are handled");
}

bool ProgramParser::parseInstruction(TextCursor &line) {
  Instruction instruction;
  bool hasResult = line.isAt("%");
  if (hasResult &&
      (!parseRegister(line, instruction.result) || !line.expect("=")))
    return false;
  if (!parseName(line, instruction))
    return false;
  const InstructionInfo &info = *getInfo(instruction.code);
  if (npu::hasResult(info.form) != hasResult)
    return line.failAtStart(info.name +
                            (hasResult ? " has no result" : " has a result"));
  if (!parseFields(info, line, instruction))
    return false;
  program.instructions.push_back(instruction);
  return true;
}

} // namespace lacuna::npu
