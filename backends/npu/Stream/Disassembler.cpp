//===- Disassembler.cpp - A stream as text -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Commands.h"
#include "backends/npu/Stream/Stream.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lacuna::npu {

namespace {
class Disassembler {
public:
  Disassembler(const Stream &stream, raw_ostream &os)
      : stream(stream), os(os) {}

  void printStream() {
    printHeader();
    printKept();
    printConstants();
    for (const Program &program : stream.programs)
      printProgram(program);
    printCommands();
  }

private:
  void printQuoted(StringRef text) {
    os << '"';
    printEscapedString(text, os);
    os << '"';
  }
  void printAddress(Address address) {
    os << getRegionName(address.region);
    if (!address.isNone())
      os << "+0x" << utohexstr(address.offset, /*LowerCase=*/true);
  }
  void printHeader();
  void printKept();
  void printConstants();
  void printProgram(const Program &program);
  void printCommands();
  void printDebugEntry(const DebugEntry &entry);
  /// False if the command cannot be said in the text form.
  bool printCommand(const CommandHeader &header, ArrayRef<uint32_t> words);
  bool printSet(const CommandHeader &header, ArrayRef<uint32_t> words);
  void printValue(const RegisterInfo &info, int64_t value);

  const Stream &stream;
  raw_ostream &os;
};
} // namespace

void Disassembler::printHeader() {
  os << ".stream " << kMajorVersion << "." << kMinorVersion << "\n.machine ";
  printQuoted(stream.machine);
  os << " 0x" << utohexstr(stream.machineHash, /*LowerCase=*/true, 16) << "\n";
  if (stream.features) {
    StringRef separator = ".features ";
    for (auto [bit, name] : enumerate(getFeatureNames()))
      if (stream.features >> bit & 1) {
        os << separator << name;
        separator = ", ";
      }
    os << "\n";
  }
  os << ".workspace " << stream.workspaceBytes << "\n";
  for (const Tensor &tensor : stream.tensors) {
    os << ".tensor ";
    printQuoted(tensor.name);
    os << " " << getName(tensor.type) << " [";
    interleaveComma(tensor.shape, os);
    os << "] ";
    printAddress(tensor.address);
    os << "\n";
  }
  for (const Layer &layer : stream.layers) {
    os << ".layer ";
    printQuoted(layer.name);
    if (layer.estimatedCycles)
      os << " " << layer.estimatedCycles;
    StringRef separator = " ";
    for (const std::string &node : layer.nodes) {
      os << separator;
      printQuoted(node);
      separator = ", ";
    }
    os << "\n";
  }
}

void Disassembler::printKept() {
  for (const KeptBytes &kept : stream.kept) {
    os << ".keep ";
    printAddress(kept.address);
    os << " " << kept.bytes << (kept.isConstant ? " constant" : "") << "\n";
  }
}

void Disassembler::printConstants() {
  constexpr size_t kLine = 32;
  ArrayRef<uint8_t> rest = stream.constants.get();
  while (!rest.empty()) {
    size_t zeros =
        find_if(rest, [](uint8_t byte) { return byte != 0; }) - rest.begin();
    if (zeros >= kLine) {
      os << ".zeros " << zeros << "\n";
      rest = rest.drop_front(zeros);
      continue;
    }
    ArrayRef<uint8_t> line = rest.take_front(std::min(kLine, rest.size()));
    os << ".data " << toHex(line, /*LowerCase=*/true) << "\n";
    rest = rest.drop_front(line.size());
  }
}

void Disassembler::printProgram(const Program &program) {
  os << ".program ";
  printQuoted(program.name);
  os << (program.vector ? " vector" : " scalar") << " registers "
     << program.registers << " arguments " << program.arguments << "\n";
  for (const ProgramOperand &operand : program.operands) {
    os << ".operand " << getName(operand.type);
    if (operand.reads)
      os << " read";
    if (operand.writes)
      os << " write";
    os << " " << operand.bytes << "\n";
  }
  // Constants that are in the order of their use need not be listed.
  std::vector<uint64_t> used;
  for (const Instruction &it : program.instructions)
    if (it.code == InstructionCode::Const &&
        !is_contained(used, program.constants[it.index]))
      used.push_back(program.constants[it.index]);
  if (used != program.constants)
    for (uint64_t constant : program.constants)
      os << ".constant 0x" << utohexstr(constant, /*LowerCase=*/true) << "\n";
  unsigned depth = 1;
  for (const Instruction &instruction : program.instructions) {
    InstructionForm form = getInfo(instruction.code)->form;
    bool closes = form == InstructionForm::End ||
                  form == InstructionForm::Else || form == InstructionForm::Do;
    bool opens = form == InstructionForm::For || form == InstructionForm::If ||
                 form == InstructionForm::While ||
                 form == InstructionForm::Else || form == InstructionForm::Do;
    depth -= closes;
    os.indent(2 * depth);
    print(instruction, program, os);
    os << "\n";
    depth += opens;
  }
  os << ".end\n";
}

void Disassembler::printDebugEntry(const DebugEntry &entry) {
  os << ".at " << entry.layer << " [";
  interleaveComma(entry.tile, os);
  os << "]";
  if (entry.layer < stream.layers.size()) {
    const Layer &layer = stream.layers[entry.layer];
    os << " ; ";
    printQuoted(layer.name);
    for (const std::string &node : layer.nodes) {
      os << " ";
      printQuoted(node);
    }
  }
  os << "\n";
}

void Disassembler::printCommands() {
  ArrayRef<uint32_t> words = stream.commands;
  size_t offset = 0;
  const DebugEntry *entry = stream.debug.data();
  const DebugEntry *lastEntry = entry + stream.debug.size();
  // What is malformed is a word for itself, so that all words are printed, and
  // so is a command in the middle of which the debug map has an entry, or the
  // step begins.
  while (offset < words.size()) {
    if (offset == stream.stepBegin && stream.hasStart())
      os << ".step\n";
    for (; entry != lastEntry && entry->offset == offset; ++entry)
      printDebugEntry(*entry);
    CommandHeader header = CommandHeader::unpack(words[offset]);
    size_t size = 1 + size_t(header.length);
    auto isWithin = [&](uint32_t at) {
      return at > offset && at - offset < size;
    };
    bool isCut = isWithin(stream.stepBegin) ||
                 (entry != lastEntry && isWithin(entry->offset));
    if (isCut || size > words.size() - offset ||
        !printCommand(header, words.slice(offset, size))) {
      os << ".word 0x" << utohexstr(words[offset], /*LowerCase=*/true, 8);
      size = 1;
    }
    os << " ; " << offset << "\n";
    offset += size;
  }
}

void Disassembler::printValue(const RegisterInfo &info, int64_t value) {
  if (info.kind == RegisterKind::Address) {
    auto bits = static_cast<uint64_t>(value);
    if (std::optional<Address> address = Address::unpack(bits))
      printAddress(*address);
    else
      os << "0x" << utohexstr(bits, /*LowerCase=*/true);
    return;
  }
  ArrayRef<StringLiteral> names = info.getValueNames();
  if (value >= 0 && static_cast<uint64_t>(value) < names.size())
    os << names[value];
  else
    os << value;
}

bool Disassembler::printSet(const CommandHeader &header,
                            ArrayRef<uint32_t> words) {
  const RegisterFile &file = getRegisterFile(static_cast<Queue>(header.queue));
  ArrayRef<uint32_t> rest = words.drop_front();
  unsigned first = header.parameter;
  std::vector<std::pair<const RegisterInfo *, int64_t>> values;
  while (!rest.empty()) {
    if (first >= file.starts.size() || file.starts[first] < 0)
      return false;
    const RegisterInfo &info = file.registers[file.starts[first]];
    if (info.getWords() > rest.size())
      return false;
    values.emplace_back(&info, info.read(rest));
    rest = rest.drop_front(info.getWords());
    first += info.getWords();
  }
  if (values.empty())
    return false;
  os << getName(static_cast<Queue>(header.queue)) << ".set ";
  interleaveComma(values, os, [&](const auto &it) {
    os << it.first->name << "=";
    printValue(*it.first, it.second);
  });
  return true;
}

bool Disassembler::printCommand(const CommandHeader &header,
                                ArrayRef<uint32_t> words) {
  if (header.reserved || header.optional || header.queue >= kQueues)
    return false;
  StringRef queue = getName(static_cast<Queue>(header.queue));
  switch (static_cast<Opcode>(header.opcode)) {
  case Opcode::Set:
    return printSet(header, words);
  case Opcode::Run:
    if (words.size() != 1 || !header.parameter ||
        header.parameter > static_cast<unsigned>(Operation::Program))
      return false;
    os << queue << "." << getName(static_cast<Operation>(header.parameter));
    return true;
  case Opcode::Wait:
  case Opcode::Signal:
    if (words.size() != 2 || header.parameter >= kSemaphores)
      return false;
    os << queue
       << (header.opcode == static_cast<uint8_t>(Opcode::Wait) ? ".wait "
                                                               : ".signal ")
       << header.parameter << ", " << words[1];
    return true;
  case Opcode::Mark:
    if (words.size() != 2 || header.parameter)
      return false;
    os << queue << ".mark " << words[1];
    return true;
  case Opcode::Halt:
    if (words.size() != 1 || header.parameter || header.queue)
      return false;
    os << "halt";
    return true;
  }
  return false;
}

void disassemble(const Stream &stream, raw_ostream &os) {
  Disassembler(stream, os).printStream();
}

} // namespace lacuna::npu
