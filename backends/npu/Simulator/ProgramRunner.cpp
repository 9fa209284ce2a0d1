//===- ProgramRunner.cpp - Prepares programs to be run -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ProgramRunner.h"

#include "backends/npu/Simulator/ProgramRun.h"
#include "backends/npu/Simulator/Values.h"

using namespace llvm;

namespace lacuna::npu {

static InstructionForm getForm(const Instruction &it) {
  return getInfo(it.code)->form;
}

SmallVector<uint16_t, 3> getReads(const Instruction &it) {
  switch (getForm(it)) {
  case InstructionForm::Constant:
  case InstructionForm::Argument:
  case InstructionForm::Else:
  case InstructionForm::While:
  case InstructionForm::End:
    return {};
  case InstructionForm::Load:
  case InstructionForm::Unary:
  case InstructionForm::Cast:
  case InstructionForm::If:
  case InstructionForm::Do:
    return {it.a};
  case InstructionForm::Store:
  case InstructionForm::Binary:
  case InstructionForm::CompareInteger:
  case InstructionForm::CompareFloat:
    return {it.a, it.b};
  case InstructionForm::Ternary:
  case InstructionForm::Select:
  case InstructionForm::For:
    return {it.a, it.b, it.c};
  }
  llvm_unreachable("all forms are handled");
}

ProgramRunner::ProgramRunner(const Program &program)
    : program(program), blocks(matchBlocks(program)) {
  constants.resize(program.instructions.size());
  for (auto [at, it] : enumerate(program.instructions)) {
    forms.push_back(getForm(it));
    if (it.code == InstructionCode::Const)
      constants[at] = getConstant(it.type, program.constants[it.index]);
  }
  if (program.vector)
    prepareBody();
}

void ProgramRunner::prepareBody() {
  ArrayRef<Instruction> all = program.instructions;
  uint32_t size = all.size();
  while (firstLoop < size && all[firstLoop].code != InstructionCode::For)
    ++firstLoop;
  bodyBegin = firstLoop;
  while (bodyBegin < size && all[bodyBegin].code == InstructionCode::For)
    ++bodyBegin;
  bodyEnd = bodyBegin;
  while (bodyEnd < size && all[bodyEnd].code != InstructionCode::End)
    ++bodyEnd;

  slots.assign(program.registers, -1);
  std::vector<bool> isLoop(program.registers), isWritten(program.registers);
  auto addSlot = [&](uint16_t id) {
    if (slots[id] < 0)
      slots[id] = int32_t(slotCount++);
  };
  for (const Instruction &it : all.slice(firstLoop, bodyBegin - firstLoop)) {
    // Two loops that count in one register are left to the plain way.
    isCarried |= isLoop[it.result];
    isLoop[it.result] = true;
    addSlot(it.result);
  }
  ArrayRef<Instruction> body = all.slice(bodyBegin, bodyEnd - bodyBegin);
  for (const Instruction &it : body) {
    if (hasResult(getForm(it))) {
      isWritten[it.result] = true;
      // An outer loop's count would be lost for the next iteration.
      isCarried |= isLoop[it.result];
      addSlot(it.result);
    }
  }
  std::vector<bool> isDefined = isLoop;
  for (const Instruction &it : body) {
    for (uint16_t id : getReads(it)) {
      addSlot(id);
      if (isDefined[id])
        continue;
      if (isWritten[id])
        isCarried = true;
      else
        invariant.push_back(id);
    }
    if (hasResult(getForm(it)))
      isDefined[it.result] = true;
  }
  llvm::sort(invariant);
  invariant.erase(llvm::unique(invariant), invariant.end());
  findAddresses();
  findPure();
  findLines();
}

static bool isWideInteger(const Instruction &it) {
  switch (getForm(it)) {
  case InstructionForm::Unary:
  case InstructionForm::Binary:
  case InstructionForm::CompareInteger:
    return it.type == ValueType::I64;
  case InstructionForm::Cast:
    return it.to == ValueType::I64 && !isFloat(it.type);
  case InstructionForm::Select:
    return true;
  default:
    return false;
  }
}

/// What the lanes do: instructions whose results are nothing but addresses are
/// not theirs.
void ProgramRunner::findAddresses() {
  std::vector<bool> isAddress(program.registers), isData(program.registers);
  // What the next iteration reads may be anything.
  if (isCarried)
    isData.assign(program.registers, true);
  for (uint32_t at = bodyEnd; at-- > bodyBegin;) {
    const Instruction &it = program.instructions[at];
    InstructionForm form = getForm(it);
    if (form == InstructionForm::Store) {
      isAddress[it.a] = isData[it.b] = true;
      ++bodyInstructions;
      continue;
    }
    bool isFree = form == InstructionForm::Constant ||
                  form == InstructionForm::Argument ||
                  it.code == InstructionCode::Move;
    bool makesAddress = isAddress[it.result] && !isData[it.result] &&
                        (isWideInteger(it) || it.code == InstructionCode::Move);
    isAddress[it.result] = isData[it.result] = false;
    if (!isFree && !makesAddress)
      ++bodyInstructions;
    if (form == InstructionForm::Load) {
      isAddress[it.a] = true;
      continue;
    }
    for (uint16_t id : getReads(it))
      (makesAddress ? isAddress : isData)[id] = true;
  }
}

void ProgramRunner::findPure() {
  isPure.assign(bodyEnd - bodyBegin, false);
  std::vector<unsigned> writes(program.registers);
  std::vector<bool> isKnown(program.registers);
  for (uint32_t at = bodyBegin; at < bodyEnd; ++at)
    if (hasResult(getForm(program.instructions[at])))
      ++writes[program.instructions[at].result];
  for (uint32_t at = firstLoop; at < bodyBegin; ++at)
    isKnown[program.instructions[at].result] = true;
  for (uint16_t id : invariant)
    isKnown[id] = true;
  for (uint32_t at = bodyBegin; at < bodyEnd; ++at) {
    const Instruction &it = program.instructions[at];
    InstructionForm form = getForm(it);
    bool pure = form != InstructionForm::Load && hasResult(form) &&
                writes[it.result] == 1 &&
                all_of(getReads(it), [&](uint16_t id) { return isKnown[id]; });
    isPure[at - bodyBegin] = pure;
    if (pure)
      isKnown[it.result] = true;
  }
}

void ProgramRunner::findLines() {
  std::vector<bool> isKnown(program.registers), varies(program.registers);
  for (uint32_t at = firstLoop; at < bodyBegin; ++at)
    isKnown[program.instructions[at].result] = true;
  if (bodyBegin > firstLoop)
    varies[program.instructions[bodyBegin - 1].result] = true;
  for (uint16_t id : invariant)
    isKnown[id] = true;
  needsLanes.assign(program.registers, false);
  for (uint32_t at = bodyBegin; at < bodyEnd; ++at) {
    const Instruction &it = program.instructions[at];
    SmallVector<uint16_t, 3> reads = getReads(it);
    bool isOfLines =
        all_of(reads, [&](uint16_t id) { return bool(isKnown[id]); });
    size_t varying =
        count_if(reads, [&](uint16_t id) { return bool(varies[id]); });
    bool isWide = it.type == ValueType::I64;
    bool staysLine =
        varying == 0 || it.code == InstructionCode::Move ||
        (isWide && (it.code == InstructionCode::AddI ||
                    it.code == InstructionCode::SubI)) ||
        (isWide && it.code == InstructionCode::MulI && varying == 1);
    bool line = isPure[at - bodyBegin] && isOfLines && staysLine;
    isLine.push_back(line);
    InstructionForm form = getForm(it);
    bool isAccess =
        form == InstructionForm::Load || form == InstructionForm::Store;
    bool isLineAccess = isAccess && isKnown[it.a];
    lineAccesses.push_back(isLineAccess ? int32_t(lineAccessPlaces.size())
                                        : -1);
    if (isLineAccess)
      lineAccessPlaces.push_back(at);
    if (line) {
      linePlaces.push_back(at);
      isKnown[it.result] = true;
      varies[it.result] = varying != 0;
      continue;
    }
    for (uint16_t id : isLineAccess ? ArrayRef(reads).drop_front() : reads)
      needsLanes[id] = true;
  }
}

Expected<ProgramCounts> ProgramRunner::run(ArrayRef<OperandBytes> operands,
                                           ArrayRef<int64_t> arguments,
                                           uint64_t &budget) const {
  ProgramRun run(*this, operands, arguments, budget);
  Error error = program.vector && !isCarried ? run.runVector() : run.runPlain();
  if (error)
    return createStringError("program '" + program.name +
                             "': " + toString(std::move(error)));
  return run.counts;
}

} // namespace lacuna::npu
