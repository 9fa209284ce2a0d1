//===- Reference.cpp - Tables of registers and instructions, for the page -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Reference.h"
#include "backends/npu/Stream/Program.h"
#include "backends/npu/Stream/Registers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lacuna::npu {

static StringRef getText(const RegisterInfo &info) {
  switch (info.kind) {
  case RegisterKind::Number:
    return info.isSigned() ? "signed" : "unsigned";
  case RegisterKind::Wide:
    return info.isSigned() ? "signed, 64 bits" : "unsigned, 64 bits";
  case RegisterKind::Address:
    return "address";
  case RegisterKind::Flag:
  case RegisterKind::ArrayType:
  case RegisterKind::Format:
  case RegisterKind::Algorithm:
    return "name";
  }
  llvm_unreachable("all kinds are handled");
}

static void printRange(const RegisterInfo &info, raw_ostream &os) {
  if (info.kind == RegisterKind::Address)
    return;
  ArrayRef<StringLiteral> names = info.getValueNames();
  if (!names.empty()) {
    interleaveComma(names, os);
    return;
  }
  if (info.min == INT64_MIN && info.max == INT64_MAX)
    os << "any";
  else
    os << info.min << " to " << info.max;
}

static void printRegisters(Queue queue, StringRef title, raw_ostream &os) {
  const RegisterFile &file = getRegisterFile(queue);
  os << "\n### Registers of " << title << "\n\n"
     << "| word | name | holds | values | meaning |\n"
     << "|---|---|---|---|---|\n";
  for (auto [index, info] : enumerate(file.registers)) {
    os << "| " << file.words[index];
    if (info.getWords() == 2)
      os << "-" << file.words[index] + 1;
    os << " | `" << info.name << "` | " << getText(info) << " | ";
    printRange(info, os);
    os << " | " << info.meaning << " |\n";
  }
}

static StringRef getText(InstructionTypes types) {
  switch (types) {
  case InstructionTypes::None:
    return "";
  case InstructionTypes::Any:
    return "all";
  case InstructionTypes::Integer:
    return "integers";
  case InstructionTypes::Float:
    return "floats";
  case InstructionTypes::Widen:
    return "integer to a wider one";
  case InstructionTypes::Narrow:
    return "integer to a narrower one";
  case InstructionTypes::IntegerToFloat:
    return "integer to float";
  case InstructionTypes::FloatToInteger:
    return "float to integer";
  case InstructionTypes::WidenFloat:
    return "float to a wider one";
  case InstructionTypes::NarrowFloat:
    return "float to one of fewer bits";
  case InstructionTypes::SameSize:
    return "to one of as many bits";
  }
  llvm_unreachable("all types are handled");
}

static std::string getSyntax(const InstructionInfo &info) {
  std::string name = info.name.str();
  if (info.types != InstructionTypes::None)
    name += info.form == InstructionForm::Cast ? ".FROM.TO" : ".T";
  switch (info.form) {
  case InstructionForm::Constant:
    return "%r = " + name + " value";
  case InstructionForm::Argument:
    return "%r = " + name + " index";
  case InstructionForm::Load:
    return "%r = " + name + " @operand[%a]";
  case InstructionForm::Store:
    return name + " %b, @operand[%a]";
  case InstructionForm::Unary:
  case InstructionForm::Cast:
    return "%r = " + name + " %a";
  case InstructionForm::Binary:
    return "%r = " + name + " %a, %b";
  case InstructionForm::Ternary:
  case InstructionForm::Select:
  case InstructionForm::For:
    return "%r = " + name + " %a, %b, %c";
  case InstructionForm::CompareInteger:
  case InstructionForm::CompareFloat:
    return "%r = " + name + " predicate %a, %b";
  case InstructionForm::If:
  case InstructionForm::Do:
    return name + " %a";
  case InstructionForm::Else:
  case InstructionForm::While:
  case InstructionForm::End:
    return name;
  }
  llvm_unreachable("all forms are handled");
}

void printReference(raw_ostream &os) {
  printRegisters(Queue::DmaIn, "dma-in and dma-out", os);
  printRegisters(Queue::Array, "array", os);
  printRegisters(Queue::Vector, "vector and scalar", os);
  os << "\n### Instructions\n\n"
     << "| number | instruction | types | meaning |\n|---|---|---|---|\n";
  for (auto [index, info] : enumerate(getInstructions()))
    os << "| " << index + 1 << " | `" << getSyntax(info) << "` | "
       << getText(info.types) << " | " << info.meaning << " |\n";
  auto printNames = [&](StringRef title, ArrayRef<StringLiteral> names) {
    os << "\n" << title << ": ";
    interleave(
        enumerate(names), os,
        [&](const auto &it) { os << "`" << it.value() << "` " << it.index(); },
        ", ");
    os << ".\n";
  };
  printNames("Predicates of `cmpi`", getIntegerPredicates());
  printNames("Predicates of `cmpf`", getFloatPredicates());
  printNames("Types of programs", getValueTypeNames());
  printNames("Types of tensors", getTensorTypeNames());
  printNames("Bits of features", getFeatureNames());
}

} // namespace lacuna::npu
