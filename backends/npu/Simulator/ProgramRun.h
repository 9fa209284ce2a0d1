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
#include "backends/npu/Simulator/Values.h"

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

  /// A store, and what else touches the same bytes: instructions.
  struct Hazard {
    uint32_t store, other;
  };
  /// Bytes that an access touches; none: empty.
  struct Span {
    uintptr_t begin = 0, end = 0;

    bool meets(const Span &other) const {
      return begin < other.end && other.begin < end;
    }
    void include(const Span &other);
  };
  /// Lanes that are iterations of one innermost loop, which follow each other.
  struct Segment {
    size_t begin, end;
  };

  void findHazards();
  llvm::Error runLoops(unsigned depth);
  llvm::Error addIterations(Loop &loop);
  void findLines(const Loop &loop);
  llvm::Error addSegment(uint64_t iteration, size_t lanes);
  Span getSpan(uint32_t at, uint64_t iteration, size_t lanes) const;
  bool isSegmentApart(const Hazard &hazard) const;
  llvm::Error flush(bool inOrder = false);
  llvm::Error stepLanes(uint32_t at, size_t begin, size_t lanes);
  llvm::Error stepSegments(uint32_t at, size_t begin, size_t lanes);
  llvm::Error checkLine(uint32_t at, Line indices, size_t lanes) const;
  bool mayRunTogether();
  bool isApart(const Hazard &hazard);

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
  /// Those where both indices are lines, and the others.
  std::vector<Hazard> lineHazards, laneHazards;
  /// Registers of the loops and the body whose lanes somebody reads, and those
  /// of them that are lines.
  std::vector<bool> needsLanes;
  std::vector<uint16_t> filledLines;
  /// Registers that are lines, in the innermost loop that is at work.
  std::vector<Line> lines;
  /// The lanes that are filled; for each of them the line of each access that
  /// has one; and the bytes that these touch in all of them.
  std::vector<Segment> segments;
  std::vector<Line> segmentLines;
  std::vector<Span> touched, spans;
  /// The first segment that is not done.
  size_t firstSegment = 0;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_PROGRAMRUN_H
