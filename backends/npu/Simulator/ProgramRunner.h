//===- ProgramRunner.h - Runs programs of the vector and scalar unit -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of the vector unit runs many iterations at a time where that gives
// what one after the other would; all others run instruction by instruction.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_PROGRAMRUNNER_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_PROGRAMRUNNER_H

#include "backends/npu/Stream/Program.h"
#include "llvm/ADT/SmallVector.h"
#include <array>

namespace lacuna::npu {

/// The bytes that an operand may touch. Null data: loads give 0 and stores
/// leave no trace, for runs that are only timed.
struct OperandBytes {
  uint8_t *data = nullptr;
  uint64_t bytes = 0;
};

/// What a run did.
struct ProgramCounts {
  /// All instructions.
  uint64_t instructions = 0;
  /// Of the body of a vector program: how often it ran, and what its lanes do
  /// for that each time, which is all but addresses, constants and moves.
  uint64_t elements = 0, bodyInstructions = 0;
  /// Elements of each operand.
  std::array<uint64_t, kMaxOperands> loaded = {}, stored = {};
};

class ProgramRunner {
public:
  /// `program` must hold what `check` wants, and outlive this.
  explicit ProgramRunner(const Program &program);

  /// Runs it. Each iteration and instruction takes from `budget`; when that is
  /// used up, or the program reaches out of an operand, or a step is not more
  /// than 0, there is an error that names the instruction.
  llvm::Expected<ProgramCounts> run(llvm::ArrayRef<OperandBytes> operands,
                                    llvm::ArrayRef<int64_t> arguments,
                                    uint64_t &budget) const;

private:
  friend class ProgramRun;

  void prepareBody();
  void findAddresses();
  void findPure();
  void findLines();

  const Program &program;
  std::vector<uint32_t> blocks;
  std::vector<InstructionForm> forms;
  /// Constants as registers have them, for each instruction that is one.
  std::vector<uint64_t> constants;
  // Of vector programs:
  uint32_t firstLoop = 0, bodyBegin = 0, bodyEnd = 0;
  /// Registers that an iteration reads before it writes them, and writes.
  bool isCarried = false;
  /// Registers of the loops and the body, as slots of lanes; none: -1.
  std::vector<int32_t> slots;
  uint32_t slotCount = 0;
  /// Registers that the body reads and never writes.
  std::vector<uint16_t> invariant;
  /// For each instruction of the body: it depends on loops alone, and its
  /// result does not change after it.
  std::vector<bool> isPure;
  /// For each instruction of the body: its result is a line along the innermost
  /// loop, which depends on loops alone, so that one evaluation serves all
  /// lanes.
  std::vector<bool> isLine;
  /// For each instruction of the body: which of the accesses whose indices are
  /// lines it is; none: -1.
  std::vector<int32_t> lineAccesses;
  /// Where these accesses, and the instructions that are lines, stand.
  std::vector<uint32_t> lineAccessPlaces, linePlaces;
  /// Registers that are lines, whose lanes are wanted all the same.
  std::vector<bool> needsLanes;
  uint64_t bodyInstructions = 0;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_PROGRAMRUNNER_H
