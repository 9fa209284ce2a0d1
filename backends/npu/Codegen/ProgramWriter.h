//===- ProgramWriter.h - Operations as programs of a unit -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_PROGRAMWRITER_H
#define LACUNA_BACKENDS_NPU_CODEGEN_PROGRAMWRITER_H

#include "backends/npu/Stream/Program.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include <map>

namespace lacuna::npu {

/// The type of a program's value; none if programs have no such type.
std::optional<ValueType> getValueType(mlir::Type type);

using Register = uint16_t;

/// Writes one program. Its instructions are named as the operations of `arith`
/// and `math` that they do, so most operations need no code of their own.
class ProgramWriter {
public:
  /// An operand of the program, by its number.
  unsigned addOperand(ValueType type);
  /// `buffer` begins `offset` elements into an operand.
  void bind(mlir::Value buffer, unsigned operand, int64_t offset);
  void bind(mlir::Value value, Register reg) { registers[value] = reg; }

  Register makeConstant(ValueType type, uint64_t bits);
  Register makeConstant(int64_t value) {
    return makeConstant(ValueType::I64, uint64_t(value));
  }
  Register makeArgument();
  Register makeLoad(unsigned operand, Register index);
  void makeStore(unsigned operand, Register value, Register index);
  Register makeBinary(InstructionCode code, ValueType type, Register a,
                      Register b);
  /// Ends with makeEnd.
  Register makeFor(Register lo, Register hi, Register step);
  void makeEnd();

  /// What `op` does; fails after a diagnostic.
  mlir::LogicalResult write(mlir::Operation *op);
  mlir::FailureOr<Register> lookup(mlir::Value value, mlir::Operation *user);

  /// The program. `isVector` if it has the shape that a vector unit wants.
  Program take(llvm::StringRef name);

private:
  struct Element {
    unsigned operand;
    Register index;
  };
  struct Buffer {
    unsigned operand;
    int64_t offset;
  };

  Register makeRegister() { return program.registers++; }
  void add(Instruction instruction) { body.push_back(instruction); }
  void move(Register to, Register from);
  void moveAll(llvm::ArrayRef<Register> to, llvm::ArrayRef<Register> from);
  mlir::FailureOr<Element> findElement(mlir::Operation *op, mlir::Value memory,
                                       mlir::ValueRange indices);
  mlir::LogicalResult writeFor(mlir::scf::ForOp op);
  mlir::LogicalResult writeIf(mlir::scf::IfOp op);
  mlir::LogicalResult writeWhile(mlir::scf::WhileOp op);
  mlir::LogicalResult writeBlock(mlir::Block &block);
  mlir::LogicalResult writeNamed(mlir::Operation *op);
  mlir::LogicalResult writeIndexCast(mlir::Operation *op, bool isUnsigned);
  /// The values that the terminator of `block` hands on.
  mlir::FailureOr<llvm::SmallVector<Register>>
  lookupAll(mlir::ValueRange values, mlir::Operation *user);
  bool isVector() const;

  Program program;
  /// Constants and arguments come first, whatever needs them.
  std::vector<Instruction> preamble, body;
  llvm::DenseMap<mlir::Value, Register> registers;
  llvm::DenseMap<mlir::Value, Buffer> buffers;
  /// All bits may be a number, so these are no keys of a hash table.
  std::map<uint64_t, Register> constants;
};

/// What is behind views: a function's argument, a place in the arena or a
/// global.
mlir::Value findRoot(mlir::Value memory);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_PROGRAMWRITER_H
