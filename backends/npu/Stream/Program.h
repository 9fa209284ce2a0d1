//===- Program.h - Programs of the vector and scalar unit -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One bytecode for both units: instructions of fixed size on a file of 64-bit
// registers, with structured control flow. Instructions.def lists them.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_PROGRAM_H
#define LACUNA_BACKENDS_NPU_STREAM_PROGRAM_H

#include "backends/npu/Stream/Format.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <vector>

namespace lacuna::npu {

enum class InstructionCode : uint8_t {
  None,
#define INSTRUCTION(Id, name, Form, Types, meaning) Id,
#include "backends/npu/Stream/Instructions.def"
};

/// What an instruction takes.
enum class InstructionForm : uint8_t {
  Constant,       // %r = const.T value
  Argument,       // %r = arg index
  Load,           // %r = load.T @operand[%a]
  Store,          // store.T %b, @operand[%a]
  Unary,          // %r = name.T %a
  Binary,         // %r = name.T %a, %b
  Ternary,        // %r = name.T %a, %b, %c
  CompareInteger, // %r = cmpi.T predicate %a, %b
  CompareFloat,
  Select, // %r = select %a, %b, %c
  Cast,   // %r = name.From.To %a
  For,    // %r = for %a, %b, %c
  If,     // if %a
  Else,
  While,
  Do, // do %a
  End
};

bool hasResult(InstructionForm form);

/// Which types an instruction may have.
enum class InstructionTypes : uint8_t {
  None, // it has none
  Any,
  Integer,
  Float,
  Widen, // from an integer to a wider one
  Narrow,
  IntegerToFloat,
  FloatToInteger,
  WidenFloat,
  NarrowFloat,
  SameSize
};

struct InstructionInfo {
  llvm::StringLiteral name;
  InstructionForm form;
  InstructionTypes types;
  llvm::StringLiteral meaning;
};

/// None if there is no such instruction.
const InstructionInfo *getInfo(InstructionCode code);
llvm::ArrayRef<InstructionInfo> getInstructions();

/// Predicates of `cmpi` and `cmpf`, in the order of their numbers.
llvm::ArrayRef<llvm::StringLiteral> getIntegerPredicates();
llvm::ArrayRef<llvm::StringLiteral> getFloatPredicates();
enum class IntegerPredicate : uint8_t {
  Eq,
  Ne,
  Slt,
  Sle,
  Sgt,
  Sge,
  Ult,
  Ule,
  Ugt,
  Uge
};
enum class FloatPredicate : uint8_t {
  False,
  OEq,
  OGt,
  OGe,
  OLt,
  OLe,
  ONe,
  Ord,
  UEq,
  UGt,
  UGe,
  ULt,
  ULe,
  UNe,
  Uno,
  True
};

/// Fields that an instruction does not have are 0.
struct Instruction {
  InstructionCode code = InstructionCode::None;
  /// Of the operands; of a cast, what it comes from.
  ValueType type = ValueType::I1;
  /// What a cast makes.
  ValueType to = ValueType::I1;
  uint16_t result = 0, a = 0, b = 0, c = 0;
  /// Index of a constant, an argument or an operand; or a predicate.
  uint32_t index = 0;
};

/// A base in memory that a program reads or writes.
struct ProgramOperand {
  ValueType type = ValueType::I8;
  bool reads = false, writes = false;
  /// It touches bytes from the base on, and no more than these.
  uint64_t bytes = 0;
};

constexpr unsigned kMaxOperands = 8, kMaxArguments = 8, kMaxNesting = 64;

struct Program {
  std::string name;
  /// For the vector unit: a perfect nest of loops.
  bool vector = false;
  uint32_t arguments = 0;
  /// 64 bits each; 0 when the program begins.
  uint32_t registers = 0;
  std::vector<ProgramOperand> operands;
  /// Bits of constants, each of them once.
  std::vector<uint64_t> constants;
  std::vector<Instruction> instructions;
};

/// An error, naming the instruction, if the program is not well formed: fields
/// out of range, blocks that do not nest, types that an instruction cannot
/// have, a vector program that is no perfect nest.
llvm::Error check(const Program &program);

/// For each `for`, `if`, `else`, `while`, `do`: the instruction where its block
/// ends (`else` or `end`; for `while`, its `do`; for `do`, its `end`). For each
/// `end`: the `for`, `if` or `while` that it belongs to. For others 0. The
/// program must hold what `check` wants.
std::vector<uint32_t> matchBlocks(const Program &program);

/// One instruction, without indentation and end of line.
void print(const Instruction &instruction, const Program &program,
           llvm::raw_ostream &os);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_PROGRAM_H
