//===- Values.h - Instructions on registers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What instructions that neither touch memory nor decide what comes next make
// of their operands. Integers are sign-extended to 64 bits, i1 too; floats are
// in the low bits and the others are 0.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_SIMULATOR_VALUES_H
#define LACUNA_BACKENDS_NPU_SIMULATOR_VALUES_H

#include "backends/npu/Stream/Program.h"

namespace lacuna::npu {

/// The constant as a register has it.
uint64_t getConstant(ValueType type, uint64_t bits);

/// Does one instruction, which has that form, for `lanes` sets of operands.
/// Those that the instruction does not have may be null; `result` may be one of
/// them.
void evaluate(const Instruction &instruction, InstructionForm form,
              uint64_t *result, const uint64_t *a, const uint64_t *b,
              const uint64_t *c, size_t lanes);

/// Elements of memory to registers and back. `indices` must lie inside.
void loadLanes(ValueType type, const uint8_t *base, const uint64_t *indices,
               uint64_t *result, size_t lanes);
void storeLanes(ValueType type, uint8_t *base, const uint64_t *indices,
                const uint64_t *values, size_t lanes);

/// A number for each lane that goes up by the same from each to the next.
struct Line {
  uint64_t first = 0, step = 0;

  uint64_t at(uint64_t lane) const { return first + lane * step; }
  bool operator==(const Line &other) const {
    return first == other.first && step == other.step;
  }
};
/// The same as above where the indices are a line.
void loadLine(ValueType type, const uint8_t *base, Line indices,
              uint64_t *result, size_t lanes);
void storeLine(ValueType type, uint8_t *base, Line indices,
               const uint64_t *values, size_t lanes);

/// Small floats, which C++ lacks: exact, and to the nearest with halves to
/// even.
double decodeF16(uint16_t bits);
double decodeBF16(uint16_t bits);
uint16_t encodeF16(double value);
uint16_t encodeBF16(double value);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_SIMULATOR_VALUES_H
