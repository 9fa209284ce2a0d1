//===- CommandWriter.cpp - Commands to words -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/CommandRegisters.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna::npu {

static int64_t toRegister(const Address &address) {
  return static_cast<int64_t>(address.pack());
}
template <typename T>
static int64_t toRegister(T value) {
  return static_cast<int64_t>(value);
}

/// The registers that a command needs, with their values.
static std::vector<std::pair<unsigned, int64_t>>
getRegisters(const Command &command) {
  std::vector<std::pair<unsigned, int64_t>> registers;
  std::visit(
      [&](auto it) {
        using T = decltype(it);
        if constexpr (std::is_same_v<T, CopyCommand> ||
                      std::is_same_v<T, FillCommand> ||
                      std::is_same_v<T, ConvCommand> ||
                      std::is_same_v<T, ProgramCommand>)
          mapRegisters(it, [&](unsigned id, const auto &field) {
            registers.emplace_back(id, toRegister(field));
          });
      },
      command);
  return registers;
}

CommandWriter::CommandWriter(bool elide) : elide(elide) {
  for (unsigned queue = 0; queue < kQueues; ++queue)
    files[queue].resize(
        getRegisterFile(static_cast<Queue>(queue)).registers.size());
}

void CommandWriter::writeSets(Queue queue,
                              ArrayRef<std::pair<unsigned, int64_t>> set) {
  const RegisterFile &file = getRegisterFile(queue);
  // The word that holds the header of a set that may go on, and the register
  // that it goes on with.
  size_t open = 0;
  unsigned expected = 0;
  for (auto [id, value] : set) {
    const RegisterInfo &info = file.registers[id];
    CommandHeader header;
    bool continues = open != 0 && id == expected;
    if (continues) {
      header = CommandHeader::unpack(words[open - 1]);
      continues = header.length + info.getWords() <= kMaxSetWords;
    }
    if (!continues) {
      header = CommandHeader();
      header.opcode = static_cast<uint8_t>(Opcode::Set);
      header.queue = static_cast<uint8_t>(queue);
      header.parameter = file.words[id];
      words.push_back(0);
      open = words.size();
    }
    header.length = static_cast<uint8_t>(header.length + info.getWords());
    words[open - 1] = header.pack();
    words.push_back(static_cast<uint32_t>(value));
    if (info.getWords() == 2)
      words.push_back(
          static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32));
    expected = id + 1;
  }
}

Error CommandWriter::write(Queue queue, const Command &command) {
  if (Error error = check(queue, command))
    return error;
  const RegisterFile &file = getRegisterFile(queue);
  std::vector<int64_t> &values = files[static_cast<unsigned>(queue)];
  std::vector<std::pair<unsigned, int64_t>> set = getRegisters(command);
  for (auto [id, value] : set)
    if (Error error = file.registers[id].check(value))
      return error;
  if (elide)
    erase_if(set, [&](auto it) { return values[it.first] == it.second; });
  llvm::sort(set);
  writeSets(queue, set);
  for (auto [id, value] : set)
    values[id] = value;

  CommandHeader header;
  header.queue = static_cast<uint8_t>(queue);
  auto writeWord = [&](Opcode opcode, unsigned parameter, uint32_t word) {
    header.opcode = static_cast<uint8_t>(opcode);
    header.parameter = static_cast<uint16_t>(parameter);
    header.length = 1;
    words.push_back(header.pack());
    words.push_back(word);
  };
  if (const auto *wait = std::get_if<WaitCommand>(&command)) {
    writeWord(Opcode::Wait, wait->semaphore, wait->count);
  } else if (const auto *signal = std::get_if<SignalCommand>(&command)) {
    writeWord(Opcode::Signal, signal->semaphore, signal->count);
  } else if (const auto *mark = std::get_if<MarkCommand>(&command)) {
    writeWord(Opcode::Mark, 0, mark->layer);
  } else if (std::holds_alternative<HaltCommand>(command)) {
    // The end of all queues.
    header.queue = 0;
    header.opcode = static_cast<uint8_t>(Opcode::Halt);
    words.push_back(header.pack());
    for (std::vector<int64_t> &file : files)
      llvm::fill(file, 0);
  } else {
    header.opcode = static_cast<uint8_t>(Opcode::Run);
    header.parameter = static_cast<uint16_t>(*getOperation(command));
    words.push_back(header.pack());
  }
  return Error::success();
}

} // namespace lacuna::npu
