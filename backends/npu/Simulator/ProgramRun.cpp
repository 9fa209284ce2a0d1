//===- ProgramRun.cpp - One run of a program -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ProgramRun.h"

#include "backends/npu/Simulator/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

Error ProgramRun::fail(uint32_t at, const Twine &why) const {
  std::string text;
  raw_string_ostream os(text);
  print(program.instructions[at], program, os);
  return createStringError("instruction " + Twine(at) + " `" + text +
                           "`: " + why);
}

Error ProgramRun::spend(uint32_t at, uint64_t amount) {
  if (amount > budget)
    return fail(at, "more work than the simulator is allowed to do; raise its "
                    "limit if the program does end");
  budget -= amount;
  return Error::success();
}

bool ProgramRun::Loop::advance() {
  return !AddOverflow(value, step, value) && value < end;
}

Expected<ProgramRun::Loop> ProgramRun::beginLoop(uint32_t at) const {
  const Instruction &it = program.instructions[at];
  Loop loop{at, int64_t(file[it.a]), int64_t(file[it.b]), int64_t(file[it.c])};
  if (loop.step <= 0)
    return fail(at,
                "the step is " + Twine(loop.step) + "; it must be more than 0");
  return loop;
}

template <typename GetLanes>
Error ProgramRun::step(uint32_t at, GetLanes getLanes, size_t count) {
  const Instruction &it = program.instructions[at];
  InstructionForm form = runner.forms[at];
  bool isLoad = form == InstructionForm::Load;
  if (isLoad || form == InstructionForm::Store) {
    const OperandBytes &operand = operands[it.index];
    const uint64_t *indices = getLanes(it.a);
    uint64_t most = 0;
    for (size_t i = 0; i < count; ++i)
      most = std::max(most, indices[i]);
    if (most >= elements[it.index])
      return fail(at, "element " + Twine(int64_t(most)) + " of " +
                          Twine(elements[it.index]));
    (isLoad ? counts.loaded : counts.stored)[it.index] += count;
    if (!operand.data) {
      if (isLoad)
        std::fill_n(getLanes(it.result), count, 0);
    } else if (isLoad) {
      loadLanes(it.type, operand.data, indices, getLanes(it.result), count);
    } else {
      storeLanes(it.type, operand.data, indices, getLanes(it.b), count);
    }
    return Error::success();
  }
  if (form == InstructionForm::Constant) {
    std::fill_n(getLanes(it.result), count, runner.constants[at]);
  } else if (form == InstructionForm::Argument) {
    std::fill_n(getLanes(it.result), count, uint64_t(arguments[it.index]));
  } else {
    bool isTernary =
        form == InstructionForm::Ternary || form == InstructionForm::Select;
    bool isBinary = isTernary || form == InstructionForm::Binary ||
                    form == InstructionForm::CompareInteger ||
                    form == InstructionForm::CompareFloat;
    evaluate(it, form, getLanes(it.result), getLanes(it.a),
             isBinary ? getLanes(it.b) : nullptr,
             isTernary ? getLanes(it.c) : nullptr, count);
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// One after the other
//===----------------------------------------------------------------------===//

Error ProgramRun::stepPlain(uint32_t at) {
  return step(at, [&](uint16_t id) { return &file[id]; }, 1);
}

/// Does the control instruction at `at`, which becomes the next one.
Error ProgramRun::goOn(uint32_t &at) {
  const Instruction &it = program.instructions[at];
  uint32_t partner = runner.blocks[at];
  switch (it.code) {
  case InstructionCode::For: {
    Expected<Loop> loop = beginLoop(at);
    if (!loop)
      return loop.takeError();
    if (loop->value < loop->end) {
      file[it.result] = uint64_t(loop->value);
      loops.push_back(*loop);
      ++at;
    } else {
      at = partner + 1;
    }
    return Error::success();
  }
  case InstructionCode::If:
  case InstructionCode::Do:
    at = file[it.a] & 1 ? at + 1 : partner + 1;
    return Error::success();
  case InstructionCode::Else:
    // What comes before it was done.
    at = partner + 1;
    return Error::success();
  case InstructionCode::While:
    ++at;
    return Error::success();
  case InstructionCode::End:
    if (program.instructions[partner].code == InstructionCode::While) {
      at = partner;
    } else if (program.instructions[partner].code == InstructionCode::If) {
      ++at;
    } else if (loops.back().advance()) {
      file[program.instructions[partner].result] = uint64_t(loops.back().value);
      at = partner + 1;
    } else {
      loops.pop_back();
      ++at;
    }
    return Error::success();
  default:
    llvm_unreachable("not a control instruction");
  }
}

Error ProgramRun::runPlain() {
  counts.bodyInstructions = runner.bodyInstructions;
  for (uint32_t at = 0; at < program.instructions.size();) {
    if (Error error = spend(at, 1))
      return error;
    ++counts.instructions;
    if (program.vector && at == runner.bodyEnd)
      ++counts.elements;
    if (program.instructions[at].code >= InstructionCode::For) {
      if (Error error = goOn(at))
        return error;
      continue;
    }
    if (Error error = stepPlain(at))
      return error;
    ++at;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Many at a time
//===----------------------------------------------------------------------===//

Error ProgramRun::runVector() {
  counts.bodyInstructions = runner.bodyInstructions;
  for (uint32_t at = 0; at < runner.firstLoop; ++at) {
    if (Error error = spend(at, 1))
      return error;
    ++counts.instructions;
    if (Error error = stepPlain(at))
      return error;
  }
  if (runner.firstLoop == runner.bodyBegin)
    return Error::success();

  constexpr size_t kMostLanes = 256, kLaneValues = size_t(1) << 20;
  laneCount = std::clamp<size_t>(
      kLaneValues / std::max<uint32_t>(runner.slotCount, 1), 1, kMostLanes);
  lanes.resize(laneCount * runner.slotCount);
  for (uint16_t id : runner.invariant)
    std::fill_n(getSlot(id), laneCount, file[id]);
  hasData = any_of(operands, [](const OperandBytes &it) { return it.data; });
  findHazards();
  if (Error error = runLoops(0))
    return error;
  return flush();
}

Error ProgramRun::runLoops(unsigned depth) {
  uint32_t at = runner.firstLoop + depth;
  const Instruction &it = program.instructions[at];
  Expected<Loop> loop = beginLoop(at);
  if (!loop)
    return loop.takeError();
  ++counts.instructions;
  if (loop->value >= loop->end)
    return Error::success();
  if (at + 1 == runner.bodyBegin)
    return addIterations(*loop);
  do {
    if (Error error = spend(at, 1))
      return error;
    file[it.result] = uint64_t(loop->value);
    loops.push_back(*loop);
    if (Error error = runLoops(depth + 1))
      return error;
    loops.pop_back();
    ++counts.instructions;
  } while (loop->advance());
  return Error::success();
}

/// The iterations of an innermost loop.
Error ProgramRun::addIterations(Loop &loop) {
  // Neither difference nor sum overflow as unsigned numbers.
  uint64_t left =
      (uint64_t(loop.end) - uint64_t(loop.value) - 1) / uint64_t(loop.step) + 1;
  uint32_t body = runner.bodyEnd - runner.bodyBegin;
  if (left > budget || SaturatingMultiply<uint64_t>(left, body + 1) > budget)
    return spend(loop.at, budget + 1);
  budget -= left * (body + 1);
  counts.elements += left;
  counts.instructions += left * (body + 1);
  if (!hasData) {
    // Nothing comes of data, so that counting is enough.
    for (uint32_t at = runner.bodyBegin; at < runner.bodyEnd; ++at) {
      const Instruction &it = program.instructions[at];
      if (it.code == InstructionCode::Load)
        counts.loaded[it.index] += left;
      else if (it.code == InstructionCode::Store)
        counts.stored[it.index] += left;
    }
    return Error::success();
  }
  uint64_t value = uint64_t(loop.value);
  while (left) {
    size_t count = std::min<uint64_t>(left, laneCount - used);
    uint64_t *inner = getSlot(program.instructions[loop.at].result) + used;
    for (size_t i = 0; i < count; ++i, value += uint64_t(loop.step))
      inner[i] = value;
    for (const Loop &outer : loops)
      std::fill_n(getSlot(program.instructions[outer.at].result) + used, count,
                  uint64_t(outer.value));
    used += count;
    left -= count;
    if (used == laneCount)
      if (Error error = flush())
        return error;
  }
  return Error::success();
}

Error ProgramRun::stepLanes(uint32_t at, size_t begin, size_t count) {
  return step(at, [&](uint16_t id) { return getSlot(id) + begin; }, count);
}

/// Runs the body for all lanes that are filled.
Error ProgramRun::flush() {
  size_t count = used;
  used = 0;
  if (count == 0)
    return Error::success();
  bool hasPure = !hazards.empty();
  if (hasPure)
    for (uint32_t at = runner.bodyBegin; at < runner.bodyEnd; ++at)
      if (runner.isPure[at - runner.bodyBegin])
        if (Error error = stepLanes(at, 0, count))
          return error;
  used = count;
  bool together = mayRunTogether();
  used = 0;
  for (size_t begin = 0; begin < count; begin += together ? count : 1)
    for (uint32_t at = runner.bodyBegin; at < runner.bodyEnd; ++at)
      if (!hasPure || !runner.isPure[at - runner.bodyBegin])
        if (Error error = stepLanes(at, begin, together ? count : 1))
          return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Iterations that depend on each other
//===----------------------------------------------------------------------===//

void ProgramRun::findHazards() {
  std::vector<uint32_t> accesses;
  for (uint32_t at = runner.bodyBegin; at < runner.bodyEnd; ++at) {
    InstructionCode code = program.instructions[at].code;
    if (code == InstructionCode::Load || code == InstructionCode::Store)
      accesses.push_back(at);
  }
  auto overlap = [&](uint32_t one, uint32_t other) {
    const OperandBytes &lhs = operands[program.instructions[one].index],
                       &rhs = operands[program.instructions[other].index];
    auto begin = reinterpret_cast<uintptr_t>(lhs.data),
         otherBegin = reinterpret_cast<uintptr_t>(rhs.data);
    return lhs.data && rhs.data && begin < otherBegin + rhs.bytes &&
           otherBegin < begin + lhs.bytes;
  };
  for (uint32_t store : accesses)
    if (program.instructions[store].code == InstructionCode::Store)
      for (uint32_t other : accesses)
        if (store != other && overlap(store, other))
          hazards.push_back({store, other});
}

/// Whether lanes meet in no byte, or each lane only itself.
bool ProgramRun::isApart(uint32_t store, uint32_t other) {
  const Instruction &one = program.instructions[store],
                    &two = program.instructions[other];
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
  return all_of(hazards, [&](const auto &hazard) {
    return isApart(hazard.first, hazard.second);
  });
}

} // namespace lacuna::npu
