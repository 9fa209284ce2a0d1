//===- Assembler.cpp - Text to a stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Commands.h"
#include "backends/npu/Stream/ProgramParser.h"
#include "backends/npu/Stream/Stream.h"
#include "backends/npu/Stream/TextCursor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lacuna::npu {

/// In text: a few bytes must not ask for all memory.
constexpr uint64_t kMaxConstants = uint64_t(1) << 31;

namespace {
class Assembler {
public:
  Expected<Stream> parse(StringRef text);

private:
  // Each takes a line and gives false if the line failed.
  bool parseLine(TextCursor &line);
  bool parseDirective(StringRef name, TextCursor &line);
  bool parseVersion(TextCursor &line);
  bool parseMachine(TextCursor &line);
  bool parseFeatures(TextCursor &line);
  bool parseTensor(TextCursor &line);
  bool parseLayer(TextCursor &line);
  bool parseData(TextCursor &line);
  bool parseKept(TextCursor &line);
  bool parseStep(TextCursor &line);
  bool parseDebugEntry(TextCursor &line);
  bool parseCommand(TextCursor &line);
  bool parseSet(Queue queue, TextCursor &line);
  bool parseAddress(TextCursor &line, Address &address);
  bool parseValue(const RegisterInfo &info, TextCursor &line, int64_t &value);
  void append(const CommandHeader &header) {
    stream.commands.push_back(header.pack());
  }

  Stream stream;
  std::vector<uint8_t> constants;
  ProgramParser program;
  bool hasVersion = false;
};
} // namespace

Expected<Stream> Assembler::parse(StringRef text) {
  for (unsigned number = 1; !text.empty(); ++number) {
    auto [lineText, rest] = text.split('\n');
    text = rest;
    TextCursor line(lineText, number);
    if (!line.isAtEnd() && !parseLine(line))
      return line.takeError();
    // What follows the last line is its place.
    if (text.empty()) {
      if (program.isOpen())
        line.fail("program without .end");
      else if (!hasVersion)
        line.fail("no .stream line");
      else if (!stream.debug.empty() &&
               stream.debug.back().offset == stream.commands.size())
        line.fail("no command after the last .at");
      else
        continue;
      return line.takeError();
    }
  }
  if (!hasVersion)
    return createStringError("1:1: no .stream line");
  stream.constants = std::move(constants);
  return stream;
}

bool Assembler::parseLine(TextCursor &line) {
  if (program.isOpen()) {
    if (!program.parseLine(line))
      return false;
    if (!program.isOpen())
      stream.programs.push_back(program.take());
    return line.expectEnd();
  }
  StringRef name;
  if (!line.consume("."))
    return (hasVersion || line.fail("a stream begins with .stream")) &&
           parseCommand(line) && line.expectEnd();
  return line.takeWord(name) &&
         (hasVersion || name == "stream" ||
          line.failAtStart("a stream begins with .stream")) &&
         parseDirective(name, line) && line.expectEnd();
}

bool Assembler::parseDirective(StringRef name, TextCursor &line) {
  uint64_t number;
  if (name == "stream")
    return parseVersion(line);
  if (name == "machine")
    return parseMachine(line);
  if (name == "features")
    return parseFeatures(line);
  if (name == "workspace")
    return line.takeUnsigned(stream.workspaceBytes, kRegionBytes);
  if (name == "tensor")
    return parseTensor(line);
  if (name == "layer")
    return parseLayer(line);
  if (name == "data")
    return parseData(line);
  if (name == "zeros") {
    if (!line.takeUnsigned(number, kMaxConstants - constants.size()))
      return false;
    constants.resize(constants.size() + number);
    return true;
  }
  if (name == "program")
    return program.open(line);
  if (name == "keep")
    return parseKept(line);
  if (name == "step")
    return parseStep(line);
  if (name == "at")
    return parseDebugEntry(line);
  if (name == "word") {
    if (!line.takeUnsigned(number, UINT32_MAX))
      return false;
    stream.commands.push_back(static_cast<uint32_t>(number));
    return true;
  }
  return line.failAtStart("unknown directive '." + name + "'");
}

bool Assembler::parseVersion(TextCursor &line) {
  uint64_t major, minor;
  if (!line.takeUnsigned(major))
    return false;
  if (major != kMajorVersion)
    return line.failAtStart("this Lacuna reads version " +
                            Twine(kMajorVersion));
  hasVersion = true;
  return line.expect(".") && line.takeUnsigned(minor, UINT16_MAX);
}

bool Assembler::parseMachine(TextCursor &line) {
  return line.takeString(stream.machine) &&
         line.takeUnsigned(stream.machineHash);
}

bool Assembler::parseFeatures(TextCursor &line) {
  do {
    StringRef name;
    if (!line.takeWord(name))
      return false;
    std::optional<unsigned> bit = findName(getFeatureNames(), name);
    if (!bit)
      return line.failAtStart("unknown feature '" + name + "'");
    stream.features |= uint64_t(1) << *bit;
  } while (line.consume(","));
  return true;
}

bool Assembler::parseAddress(TextCursor &line, Address &address) {
  StringRef name;
  if (!line.takeWord(name))
    return false;
  std::optional<uint8_t> region = findRegion(name);
  if (!region)
    return line.failAtStart("'" + name + "' is no region");
  address = {*region, 0};
  return address.isNone() ||
         (line.expect("+") &&
          line.takeUnsigned(address.offset, kRegionBytes - 1));
}

bool Assembler::parseTensor(TextCursor &line) {
  Tensor tensor;
  StringRef type;
  if (!line.takeString(tensor.name) || !line.takeWord(type))
    return false;
  std::optional<unsigned> index = findName(getTensorTypeNames(), type);
  if (!index)
    return line.failAtStart("unknown type '" + type + "'");
  tensor.type = static_cast<TensorType>(*index);
  if (!line.expect("["))
    return false;
  if (!line.consume("]")) {
    do {
      if (!line.takeSigned(tensor.shape.emplace_back(), 0, INT64_MAX))
        return false;
    } while (line.consume(","));
    if (!line.expect("]"))
      return false;
  }
  if (!parseAddress(line, tensor.address))
    return false;
  if (!tensor.getBytes())
    return line.fail("the tensor is larger than a region");
  stream.tensors.push_back(std::move(tensor));
  return true;
}

bool Assembler::parseLayer(TextCursor &line) {
  Layer &layer = stream.layers.emplace_back();
  if (!line.takeString(layer.name))
    return false;
  if (line.isAtNumber() && !line.takeUnsigned(layer.estimatedCycles))
    return false;
  if (line.isAtEnd())
    return true;
  do {
    if (!line.takeString(layer.nodes.emplace_back()))
      return false;
  } while (line.consume(","));
  return true;
}

bool Assembler::parseData(TextCursor &line) {
  std::string bytes;
  StringRef digits = line.takeRest();
  if (digits.size() % 2 || !tryGetFromHex(digits, bytes))
    return line.failAtStart("expected pairs of hexadecimal digits");
  if (bytes.size() > kMaxConstants - constants.size())
    return line.failAtStart("more than " + Twine(kMaxConstants) +
                            " bytes of constants");
  append_range(constants, arrayRefFromStringRef(bytes));
  return true;
}

bool Assembler::parseKept(TextCursor &line) {
  KeptBytes &kept = stream.kept.emplace_back();
  if (!parseAddress(line, kept.address) ||
      !line.takeUnsigned(kept.bytes, kRegionBytes))
    return false;
  kept.isConstant = line.consume("constant");
  return true;
}

bool Assembler::parseStep(TextCursor &line) {
  if (stream.hasStart())
    return line.failAtStart("a second .step");
  stream.stepBegin = static_cast<uint32_t>(stream.commands.size());
  return stream.hasStart() ||
         line.failAtStart("no command to start with before .step");
}

bool Assembler::parseDebugEntry(TextCursor &line) {
  DebugEntry entry;
  uint64_t layer;
  if (!line.takeUnsigned(layer, UINT32_MAX) || !line.expect("["))
    return false;
  entry.offset = static_cast<uint32_t>(stream.commands.size());
  entry.layer = static_cast<uint32_t>(layer);
  if (!line.consume("]")) {
    do {
      int64_t coordinate;
      if (!line.takeSigned(coordinate, INT32_MIN, INT32_MAX))
        return false;
      if (entry.tile.size() == kMaxTileRank)
        return line.failAtStart("a tile has at most " + Twine(kMaxTileRank) +
                                " coordinates");
      entry.tile.push_back(static_cast<int32_t>(coordinate));
    } while (line.consume(","));
    if (!line.expect("]"))
      return false;
  }
  if (!stream.debug.empty() && stream.debug.back().offset == entry.offset)
    return line.fail("no command between this .at and the one before");
  stream.debug.push_back(std::move(entry));
  return true;
}

bool Assembler::parseValue(const RegisterInfo &info, TextCursor &line,
                           int64_t &value) {
  uint64_t bits;
  switch (info.kind) {
  case RegisterKind::Address: {
    Address address;
    // Bits that are no address, as the disassembler prints them.
    if (line.isAtNumber()) {
      if (!line.takeUnsigned(bits))
        return false;
    } else {
      if (!parseAddress(line, address))
        return false;
      bits = address.pack();
    }
    value = static_cast<int64_t>(bits);
    return true;
  }
  case RegisterKind::Wide:
    return line.takeSigned(value, INT64_MIN, INT64_MAX);
  default:
    break;
  }
  if (!info.getValueNames().empty() && !line.isAtNumber()) {
    StringRef name;
    if (!line.takeWord(name))
      return false;
    std::optional<unsigned> index = findName(info.getValueNames(), name);
    if (!index)
      return line.failAtStart("register '" + info.name +
                              "' has no value that is called '" + name + "'");
    value = *index;
    return true;
  }
  return line.takeSigned(value, info.isSigned() ? INT32_MIN : 0,
                         info.isSigned() ? INT32_MAX : int64_t(UINT32_MAX));
}

bool Assembler::parseSet(Queue queue, TextCursor &line) {
  const RegisterFile &file = getRegisterFile(queue);
  CommandHeader header;
  header.opcode = static_cast<uint8_t>(Opcode::Set);
  header.queue = static_cast<uint8_t>(queue);
  std::vector<uint32_t> words;
  std::optional<unsigned> previous;
  do {
    StringRef name;
    if (!line.takeWord(name))
      return false;
    std::optional<unsigned> id = file.find(name);
    if (!id)
      return line.failAtStart("queue " + getName(queue) + " has no register '" +
                              name + "'");
    if (!previous)
      header.parameter = file.words[*id];
    else if (*id != *previous + 1)
      return line.failAtStart("a set has registers that follow each other; "
                              "'" +
                              name + "' does not follow '" +
                              file.registers[*previous].name + "'");
    previous = id;
    const RegisterInfo &info = file.registers[*id];
    int64_t value;
    if (!line.expect("=") || !parseValue(info, line, value))
      return false;
    words.push_back(static_cast<uint32_t>(value));
    if (info.getWords() == 2)
      words.push_back(
          static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32));
    if (words.size() > kMaxSetWords)
      return line.failAtStart("more than " + Twine(kMaxSetWords) +
                              " words in a set");
  } while (line.consume(","));
  header.length = static_cast<uint8_t>(words.size());
  append(header);
  append_range(stream.commands, words);
  return true;
}

bool Assembler::parseCommand(TextCursor &line) {
  CommandHeader header;
  StringRef name;
  if (!line.takeWord(name))
    return false;
  if (name == "halt") {
    header.opcode = static_cast<uint8_t>(Opcode::Halt);
    append(header);
    return true;
  }
  std::optional<unsigned> index = findName(getQueueNames(), name);
  if (!index)
    return line.failAtStart("'" + name + "' is no queue");
  auto queue = static_cast<Queue>(*index);
  header.queue = static_cast<uint8_t>(queue);
  if (!line.expect(".") || !line.takeWord(name))
    return false;
  if (name == "set")
    return parseSet(queue, line);
  uint64_t semaphore = 0, word;
  if (name == "wait" || name == "signal") {
    header.opcode =
        static_cast<uint8_t>(name == "wait" ? Opcode::Wait : Opcode::Signal);
    if (!line.takeUnsigned(semaphore, kSemaphores - 1) || !line.expect(","))
      return false;
  } else if (name == "mark") {
    header.opcode = static_cast<uint8_t>(Opcode::Mark);
  } else {
    header.opcode = static_cast<uint8_t>(Opcode::Run);
    for (Operation operation : {Operation::Copy, Operation::Fill,
                                Operation::Conv, Operation::Program})
      if (name == getName(operation))
        header.parameter = static_cast<uint16_t>(operation);
    if (!header.parameter)
      return line.failAtStart("unknown command '" + name + "'");
    append(header);
    return true;
  }
  if (!line.takeUnsigned(word, UINT32_MAX))
    return false;
  header.parameter = static_cast<uint16_t>(semaphore);
  header.length = 1;
  append(header);
  stream.commands.push_back(static_cast<uint32_t>(word));
  return true;
}

Expected<Stream> assemble(StringRef text) { return Assembler().parse(text); }

} // namespace lacuna::npu
