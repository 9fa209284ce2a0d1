//===- ProgramParser.h - Text to a program -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_PROGRAMPARSER_H
#define LACUNA_BACKENDS_NPU_STREAM_PROGRAMPARSER_H

#include "backends/npu/Stream/Program.h"
#include "backends/npu/Stream/TextCursor.h"

namespace lacuna::npu {

/// The lines from `.program` to `.end`.
class ProgramParser {
public:
  /// After `.program`: name, unit, numbers of registers and arguments.
  bool open(TextCursor &line);
  bool isOpen() const { return opened; }
  /// A line while it is open; `.end` closes it and checks the program.
  bool parseLine(TextCursor &line);
  Program take() { return std::move(program); }

private:
  bool parseDirective(TextCursor &line);
  bool parseOperand(TextCursor &line);
  bool parseInstruction(TextCursor &line);
  bool parseName(TextCursor &line, Instruction &instruction);
  bool parseFields(const InstructionInfo &info, TextCursor &line,
                   Instruction &instruction);
  bool parseConstant(TextCursor &line, Instruction &instruction);

  Program program;
  bool opened = false;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_PROGRAMPARSER_H
