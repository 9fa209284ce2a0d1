//===- ProgramRun.h - One run of a program -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_PROGRAMRUN_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_PROGRAMRUN_H

#include "backends/npu/Simulator/ProgramRunner.h"

#include "llvm/ADT/STLExtras.h"

namespace lacuna::npu {

/// The registers that an instruction reads, in the order of its fields.
llvm::SmallVector<uint16_t, 3> getReads(const Instruction &instruction);

class ProgramRun {
public:
  ProgramRun(const ProgramRunner &runner, llvm::ArrayRef<OperandBytes> operands,
             llvm::ArrayRef<int64_t> arguments, uint64_t &budget)
      : runner(runner), program(runner.program), operands(operands),
        arguments(arguments), budget(budget), file(program.registers) {
    for (auto [index, operand] : llvm::enumerate(operands))
      elements[index] = operand.bytes / getBytes(program.operands[index].type);
  }

  /// Instruction by instruction.
  llvm::Error runPlain();
  /// Many iterations at a time.
  llvm::Error runVector();

  ProgramCounts counts;

private:
  /// A loop that runs.
  struct Loop {
    uint32_t at;
    int64_t value, end, step;
    /// Goes to the next iteration; false if there is none.
    bool advance();
  };

  llvm::Error fail(uint32_t at, const llvm::Twine &why) const;
  /// An error when `amount` is more than is left.
  llvm::Error spend(uint32_t at, uint64_t amount);
  llvm::Expected<Loop> beginLoop(uint32_t at) const;

  /// Instructions that are not control, on registers that lie `lanes` apart.
  /// `base` has the lanes of a register, by its number.
  template <typename GetLanes>
  llvm::Error step(uint32_t at, GetLanes getLanes, size_t lanes);
  llvm::Error stepPlain(uint32_t at);
  llvm::Error goOn(uint32_t &at);

  void findHazards();
  llvm::Error runLoops(unsigned depth);
  llvm::Error addIterations(Loop &loop);
  llvm::Error flush();
  llvm::Error stepLanes(uint32_t at, size_t begin, size_t lanes);
  bool mayRunTogether();
  bool isApart(uint32_t store, uint32_t other);

  uint64_t *getSlot(uint16_t id) {
    return &lanes[size_t(runner.slots[id]) * laneCount];
  }

  const ProgramRunner &runner;
  const Program &program;
  llvm::ArrayRef<OperandBytes> operands;
  llvm::ArrayRef<int64_t> arguments;
  uint64_t &budget;
  /// Of each operand.
  std::array<uint64_t, kMaxOperands> elements = {};
  std::vector<uint64_t> file;
  /// Loops that are open, innermost last.
  std::vector<Loop> loops;

  // Of vector programs:
  size_t laneCount = 0, used = 0;
  std::vector<uint64_t> lanes;
  bool hasData = false;
  /// Stores, and what else touches the same bytes: instructions.
  std::vector<std::pair<uint32_t, uint32_t>> hazards;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_PROGRAMRUN_H
