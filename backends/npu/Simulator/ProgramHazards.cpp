//===- ProgramHazards.cpp - Iterations that depend on each other -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ProgramRun.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::npu {

void ProgramRun::findHazards() {
  std::vector<uint32_t> accesses;
  for (uint32_t at = runner.bodyBegin; at < runner.bodyEnd; ++at) {
    InstructionCode code = program.instructions[at].code;
    if (code == InstructionCode::Load || code == InstructionCode::Store)
      accesses.push_back(at);
  }
  auto getAll = [&](uint32_t at) -> Span {
    const OperandBytes &operand = operands[program.instructions[at].index];
    auto begin = reinterpret_cast<uintptr_t>(operand.data);
    return {begin, operand.data ? begin + operand.bytes : begin};
  };
  auto isLine = [&](uint32_t at) {
    return runner.lineAccesses[at - runner.bodyBegin] >= 0;
  };
  for (uint32_t store : accesses) {
    if (program.instructions[store].code != InstructionCode::Store)
      continue;
    for (uint32_t other : accesses) {
      if (store == other || !getAll(store).meets(getAll(other)))
        continue;
      if (isLine(store) && isLine(other)) {
        lineHazards.push_back({store, other});
        continue;
      }
      laneHazards.push_back({store, other});
      needsLanes[program.instructions[store].a] = true;
      needsLanes[program.instructions[other].a] = true;
    }
  }
}

void ProgramRun::Span::include(const Span &other) {
  if (other.begin == other.end)
    return;
  if (begin == end)
    *this = other;
  begin = std::min(begin, other.begin);
  end = std::max(end, other.end);
}

/// What an access touches in `count` iterations of the innermost loop. What
/// lies outside is an error, whatever else is touched.
ProgramRun::Span ProgramRun::getSpan(uint32_t at, uint64_t iteration,
                                     size_t count) const {
  const Instruction &it = program.instructions[at];
  const OperandBytes &operand = operands[it.index];
  uint64_t size = getBytes(it.type), last = elements[it.index];
  if (!operand.data || !last)
    return {};
  Line line = lines[it.a];
  auto [least, most] =
      std::minmax({line.at(iteration), line.at(iteration + count - 1)});
  auto base = reinterpret_cast<uintptr_t>(operand.data);
  return {base + std::min(least, last - 1) * size,
          base + std::min(most, last - 1) * size + size};
}

/// Whether lanes of a segment meet in no byte, or each lane only itself.
bool ProgramRun::isSegmentApart(const Hazard &hazard) const {
  const Instruction &store = program.instructions[hazard.store],
                    &other = program.instructions[hazard.other];
  if (operands[store.index].data == operands[other.index].data &&
      getBytes(store.type) == getBytes(other.type) &&
      lines[store.a] == lines[other.a] && lines[store.a].step != 0)
    return true;
  return !spans[runner.lineAccesses[hazard.store - runner.bodyBegin]].meets(
      spans[runner.lineAccesses[hazard.other - runner.bodyBegin]]);
}

/// Whether lanes meet in no byte, or each lane only itself.
bool ProgramRun::isApart(const Hazard &hazard) {
  const Instruction &one = program.instructions[hazard.store],
                    &two = program.instructions[hazard.other];
  auto isKnown = [&](uint16_t id) {
    for (uint32_t at = runner.bodyBegin; at < runner.bodyEnd; ++at) {
      const Instruction &it = program.instructions[at];
      if (hasResult(getInfo(it.code)->form) && it.result == id)
        return bool(runner.isPure[at - runner.bodyBegin]);
    }
    return true;
  };
  // What data decide is not known yet.
  if (!isKnown(one.a) || !isKnown(two.a))
    return false;
  const uint64_t *lhs = getSlot(one.a), *rhs = getSlot(two.a);
  ArrayRef<uint64_t> first(lhs, used), second(rhs, used);
  const OperandBytes &to = operands[one.index], &from = operands[two.index];
  if (to.data == from.data && getBytes(one.type) == getBytes(two.type) &&
      first == second) {
    bool ascends = true;
    for (size_t i = 1; i < used; ++i)
      ascends &= first[i - 1] < first[i];
    if (ascends)
      return true;
  }
  auto getRange = [&](const OperandBytes &operand, ValueType type,
                      ArrayRef<uint64_t> indices) {
    auto [least, most] = std::minmax_element(indices.begin(), indices.end());
    // What lies outside is an error, which does not depend on this.
    uint64_t last = operand.bytes / getBytes(type);
    auto base = reinterpret_cast<uintptr_t>(operand.data);
    return std::pair(base + std::min(*least, last) * getBytes(type),
                     base + (std::min(*most, last) + 1) * getBytes(type));
  };
  auto [begin, end] = getRange(to, one.type, first);
  auto [otherBegin, otherEnd] = getRange(from, two.type, second);
  return end <= otherBegin || otherEnd <= begin;
}

bool ProgramRun::mayRunTogether() {
  return all_of(laneHazards,
                [&](const Hazard &hazard) { return isApart(hazard); });
}

} // namespace lacuna::npu
