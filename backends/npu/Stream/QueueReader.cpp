//===- QueueReader.cpp - Words to commands -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/CommandRegisters.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lacuna::npu {

static Error makeError(uint32_t offset, const Twine &message) {
  return createStringError("command at word " + Twine(offset) + ": " + message);
}

/// Whether this version has the opcode.
static bool isKnown(const CommandHeader &header) {
  return header.opcode >= static_cast<uint8_t>(Opcode::Set) &&
         header.opcode <= static_cast<uint8_t>(Opcode::Halt);
}

/// Of the command at `offset`, whatever its queue.
static Error checkHeader(const CommandHeader &header, uint32_t offset,
                         ArrayRef<uint32_t> words) {
  if (header.reserved)
    return makeError(offset, "a reserved bit is not zero");
  if (header.length >= words.size() - offset)
    return makeError(offset, "its " + Twine(unsigned(header.length)) +
                                 " words reach past the end");
  if (!isKnown(header)) {
    if (header.optional)
      return Error::success();
    return makeError(offset, "unknown opcode " +
                                 Twine(unsigned(header.opcode)) +
                                 ", which cannot be skipped; a newer version "
                                 "of Lacuna made this stream");
  }
  if (header.optional)
    return makeError(offset, "opcode " + Twine(unsigned(header.opcode)) +
                                 " cannot be optional");
  if (header.queue >= kQueues)
    return makeError(offset,
                     "there is no queue " + Twine(unsigned(header.queue)));
  auto wants = [&](unsigned length, unsigned parameters) -> Error {
    if (header.length != length)
      return makeError(offset, Twine(unsigned(header.length)) +
                                   " words follow; there must be " +
                                   Twine(length));
    if (header.parameter >= parameters)
      return makeError(offset, "the parameter " +
                                   Twine(unsigned(header.parameter)) +
                                   " must be less than " + Twine(parameters));
    return Error::success();
  };
  switch (static_cast<Opcode>(header.opcode)) {
  case Opcode::Set:
    return Error::success();
  case Opcode::Run:
    if (!header.parameter)
      return makeError(offset, "there is no operation 0");
    return wants(0, static_cast<unsigned>(Operation::Program) + 1);
  case Opcode::Wait:
  case Opcode::Signal:
    return wants(1, kSemaphores);
  case Opcode::Mark:
    return wants(1, 1);
  case Opcode::Halt:
    if (header.queue)
      return makeError(offset, "halt is of all queues: its queue must be 0");
    if (offset + 1 != words.size())
      return makeError(offset, "something follows halt");
    return wants(0, 1);
  }
  llvm_unreachable("all opcodes are handled");
}

Error checkWords(CommandPart part) {
  ArrayRef<uint32_t> words = part.words;
  if (words.size() > UINT32_MAX)
    return createStringError("more than 2^32 words of commands");
  for (size_t offset = part.begin; offset < words.size();) {
    CommandHeader header = CommandHeader::unpack(words[offset]);
    if (Error error = checkHeader(header, static_cast<uint32_t>(offset), words))
      return error;
    if (header.opcode == static_cast<uint8_t>(Opcode::Halt))
      return Error::success();
    offset += 1 + header.length;
  }
  return createStringError("no halt at the end of the commands");
}

QueueReader::QueueReader(CommandPart part, Queue queue)
    : words(part.words), queue(queue), file(getRegisterFile(queue)),
      values(file.registers.size()), offset(part.begin) {}

Error QueueReader::readSet(const CommandHeader &header) {
  unsigned word = header.parameter, end = word + header.length;
  if (!header.length)
    return makeError(offset, "a set of no register");
  if (end > file.starts.size())
    return makeError(offset, "queue " + getName(queue) + " has " +
                                 Twine(file.starts.size()) +
                                 " words of registers, not " + Twine(end));
  ArrayRef<uint32_t> given = words.slice(offset + 1, header.length);
  while (word < end) {
    int16_t index = file.starts[word];
    if (index < 0 || word + file.registers[index].getWords() > end)
      return makeError(offset, "a set of half a register");
    const RegisterInfo &info = file.registers[index];
    int64_t value = info.read(given.take_front(info.getWords()));
    if (Error error = info.check(value))
      return makeError(offset, toString(std::move(error)));
    values[index] = value;
    given = given.drop_front(info.getWords());
    word += info.getWords();
  }
  return Error::success();
}

static void fromRegister(int64_t value, Address &field) {
  field = *Address::unpack(static_cast<uint64_t>(value));
}
template <typename T>
static void fromRegister(int64_t value, T &field) {
  field = static_cast<T>(value);
}

template <typename T>
static Expected<Command> readRegisters(const RegisterFile &file,
                                       ArrayRef<int64_t> values) {
  T command;
  Error result = Error::success();
  mapRegisters(command, [&](unsigned id, auto &field) {
    if (result)
      return;
    // Only a register that was never set can fail here.
    result = file.registers[id].check(values[id]);
    if (!result)
      fromRegister(values[id], field);
  });
  if (result)
    return result;
  return command;
}

Expected<Command> QueueReader::readRun(Operation operation) {
  // Registers of another queue's file would be misread.
  switch (operation) {
  case Operation::Copy:
  case Operation::Fill:
    if (queue != Queue::DmaIn && queue != Queue::DmaOut)
      break;
    return operation == Operation::Copy
               ? readRegisters<CopyCommand>(file, values)
               : readRegisters<FillCommand>(file, values);
  case Operation::Conv:
    if (queue != Queue::Array)
      break;
    return readRegisters<ConvCommand>(file, values);
  case Operation::Program:
    if (queue != Queue::Vector && queue != Queue::Scalar)
      break;
    return readRegisters<ProgramCommand>(file, values);
  }
  return createStringError("queue " + getName(queue) + " cannot do " +
                           getName(operation));
}

Expected<PlacedCommand> QueueReader::next() {
  PlacedCommand placed;
  while (offset < words.size()) {
    CommandHeader header = CommandHeader::unpack(words[offset]);
    if (Error error = checkHeader(header, offset, words))
      return error;
    uint32_t at = offset;
    bool isHalt = header.opcode == static_cast<uint8_t>(Opcode::Halt);
    if (!isKnown(header) ||
        (!isHalt && header.queue != static_cast<uint8_t>(queue))) {
      offset += 1 + header.length;
      continue;
    }
    placed.words += 1 + header.length;
    switch (static_cast<Opcode>(header.opcode)) {
    case Opcode::Set:
      if (Error error = readSet(header))
        return error;
      offset += 1 + header.length;
      continue;
    case Opcode::Run: {
      Expected<Command> command =
          readRun(static_cast<Operation>(header.parameter));
      if (!command)
        return makeError(at, toString(command.takeError()));
      placed.command = std::move(*command);
      break;
    }
    case Opcode::Wait:
      placed.command = WaitCommand{static_cast<uint8_t>(header.parameter),
                                   words[offset + 1]};
      break;
    case Opcode::Signal:
      placed.command = SignalCommand{static_cast<uint8_t>(header.parameter),
                                     words[offset + 1]};
      break;
    case Opcode::Mark:
      placed.command = MarkCommand{words[offset + 1]};
      break;
    case Opcode::Halt:
      placed.command = HaltCommand();
      break;
    }
    placed.offset = at;
    offset += 1 + header.length;
    if (Error error = check(queue, placed.command))
      return createStringError(describePlace(at, queue, placed.command) +
                               toString(std::move(error)));
    return placed;
  }
  return createStringError("no halt at the end of the commands");
}

} // namespace lacuna::npu
