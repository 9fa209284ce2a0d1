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
    return fail(at, "more work than --max-work of 'lacuna simulate' and "
                    "'lacuna-sim' allows; raise it if the program does end");
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
  needsLanes = runner.needsLanes;
  lines.resize(program.registers);
  for (uint16_t id : runner.invariant)
    lines[id] = {file[id], 0};
  touched.resize(runner.lineAccessPlaces.size());
  spans.resize(runner.lineAccessPlaces.size());
  findHazards();
  auto addFilled = [&](uint32_t at) {
    if (needsLanes[program.instructions[at].result])
      filledLines.push_back(program.instructions[at].result);
  };
  for (uint32_t at = runner.firstLoop; at < runner.bodyBegin; ++at)
    addFilled(at);
  for (uint32_t at : runner.linePlaces)
    addFilled(at);
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
  findLines(loop);
  for (uint64_t iteration = 0; iteration < left;) {
    size_t count = std::min<uint64_t>(left - iteration, laneCount - used);
    if (Error error = addSegment(iteration, count))
      return error;
    iteration += count;
  }
  return Error::success();
}

/// What the body makes of the loops alone.
void ProgramRun::findLines(const Loop &loop) {
  for (const Loop &outer : loops)
    lines[program.instructions[outer.at].result] = {uint64_t(outer.value), 0};
  lines[program.instructions[loop.at].result] = {uint64_t(loop.value),
                                                 uint64_t(loop.step)};
  for (uint32_t at : runner.linePlaces) {
    const Instruction &it = program.instructions[at];
    Line a = lines[it.a], b = lines[it.b], &result = lines[it.result];
    switch (it.code) {
    case InstructionCode::AddI:
      if (a.step || b.step) {
        result = {a.first + b.first, a.step + b.step};
        continue;
      }
      break;
    case InstructionCode::SubI:
      if (a.step || b.step) {
        result = {a.first - b.first, a.step - b.step};
        continue;
      }
      break;
    case InstructionCode::MulI:
      if (a.step || b.step) {
        result = {a.first * b.first, a.step * b.first + a.first * b.step};
        continue;
      }
      break;
    case InstructionCode::Move:
      result = a;
      continue;
    case InstructionCode::Const:
      result = {runner.constants[at], 0};
      continue;
    case InstructionCode::Arg:
      result = {uint64_t(arguments[it.index]), 0};
      continue;
    default:
      break;
    }
    result.step = 0;
    evaluate(it, runner.forms[at], &result.first, &a.first, &b.first,
             &lines[it.c].first, 1);
  }
}

/// More lanes: iterations of the innermost loop from `iteration` on.
Error ProgramRun::addSegment(uint64_t iteration, size_t count) {
  bool together = true, meets = false;
  if (!lineHazards.empty()) {
    for (auto [at, span] : zip_equal(runner.lineAccessPlaces, spans))
      span = getSpan(at, iteration, count);
    for (const Hazard &hazard : lineHazards) {
      int32_t store = runner.lineAccesses[hazard.store - runner.bodyBegin],
              other = runner.lineAccesses[hazard.other - runner.bodyBegin];
      meets |= spans[store].meets(touched[other]) ||
               spans[other].meets(touched[store]);
      together &= count == 1 || isSegmentApart(hazard);
    }
  }
  // What the lanes before write is read by these, or the other way round.
  if (meets || !together)
    if (Error error = flush())
      return error;
  if (!lineHazards.empty())
    for (auto [all, span] : zip_equal(touched, spans))
      all.include(span);
  for (uint16_t id : filledLines) {
    uint64_t *to = getSlot(id) + used;
    for (size_t i = 0; i < count; ++i)
      to[i] = lines[id].at(iteration + i);
  }
  for (uint32_t at : runner.lineAccessPlaces) {
    Line line = lines[program.instructions[at].a];
    segmentLines.push_back({line.at(iteration), line.step});
  }
  segments.push_back({used, used + count});
  used += count;
  if (!together || used == laneCount)
    return flush(/*inOrder=*/!together);
  return Error::success();
}

Error ProgramRun::stepLanes(uint32_t at, size_t begin, size_t count) {
  if (runner.lineAccesses[at - runner.bodyBegin] >= 0)
    return stepSegments(at, begin, count);
  return step(at, [&](uint16_t id) { return getSlot(id) + begin; }, count);
}

/// An error if one of the elements is none of the operand's.
Error ProgramRun::checkLine(uint32_t at, Line indices, size_t count) const {
  uint64_t all = elements[program.instructions[at].index];
  int64_t reach, last;
  if (MulOverflow(int64_t(indices.step), int64_t(count - 1), reach) ||
      AddOverflow(int64_t(indices.first), reach, last))
    last = -1;
  uint64_t most = std::max(indices.first, uint64_t(last));
  if (most < all)
    return Error::success();
  return fail(at, "element " + Twine(int64_t(most)) + " of " + Twine(all));
}

/// A load or a store whose indices are a line in each segment.
Error ProgramRun::stepSegments(uint32_t at, size_t begin, size_t count) {
  const Instruction &it = program.instructions[at];
  const OperandBytes &operand = operands[it.index];
  bool isLoad = it.code == InstructionCode::Load;
  (isLoad ? counts.loaded : counts.stored)[it.index] += count;
  int32_t access = runner.lineAccesses[at - runner.bodyBegin];
  for (size_t i = firstSegment;
       i < segments.size() && segments[i].begin < begin + count; ++i) {
    size_t from = std::max(begin, segments[i].begin);
    size_t lanes = std::min(begin + count, segments[i].end) - from;
    Line line = segmentLines[i * runner.lineAccessPlaces.size() + access];
    line.first = line.at(from - segments[i].begin);
    if (Error error = checkLine(at, line, lanes))
      return error;
    if (!isLoad) {
      if (operand.data)
        storeLine(it.type, operand.data, line, getSlot(it.b) + from, lanes);
    } else if (operand.data) {
      loadLine(it.type, operand.data, line, getSlot(it.result) + from, lanes);
    } else {
      std::fill_n(getSlot(it.result) + from, lanes, 0);
    }
  }
  return Error::success();
}

/// Runs the body for all lanes that are filled; `inOrder`: one after the other.
Error ProgramRun::flush(bool inOrder) {
  size_t count = used;
  if (count == 0)
    return Error::success();
  auto runBody = [&](size_t begin, size_t lanes, bool pure) -> Error {
    for (uint32_t at = runner.bodyBegin; at < runner.bodyEnd; ++at) {
      size_t index = at - runner.bodyBegin;
      if (!runner.isLine[index] && runner.isPure[index] == pure)
        if (Error error = stepLanes(at, begin, lanes))
          return error;
    }
    return Error::success();
  };
  if (Error error = runBody(0, count, /*pure=*/true))
    return error;
  bool together = !inOrder && mayRunTogether();
  for (size_t begin = 0; begin < count; begin += together ? count : 1) {
    while (segments[firstSegment].end <= begin)
      ++firstSegment;
    if (Error error = runBody(begin, together ? count : 1, /*pure=*/false))
      return error;
  }
  used = firstSegment = 0;
  segments.clear();
  segmentLines.clear();
  std::fill(touched.begin(), touched.end(), Span());
  return Error::success();
}

} // namespace lacuna::npu
