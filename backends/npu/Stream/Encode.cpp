//===- Encode.cpp - A stream to a file -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/FileLayout.h"
#include "backends/npu/Stream/Stream.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

namespace {
/// Appends numbers, little endian.
class ByteWriter {
public:
  template <typename T>
  void write(T value) {
    size_t at = bytes.size();
    bytes.resize(at + sizeof(T));
    support::endian::write<T, llvm::endianness::little>(&bytes[at], value);
  }
  void write8(unsigned value) { bytes.push_back(static_cast<uint8_t>(value)); }
  void writeCount(size_t count) { write(static_cast<uint32_t>(count)); }
  void writeString(StringRef text) {
    writeCount(text.size());
    append_range(bytes, arrayRefFromStringRef(text));
  }

  std::vector<uint8_t> bytes;
};
} // namespace

static void writeProgram(const Program &program, ByteWriter &writer) {
  writer.writeString(program.name);
  writer.write8(program.vector);
  writer.write8(program.arguments);
  writer.write(static_cast<uint16_t>(program.registers));
  writer.writeCount(program.operands.size());
  for (const ProgramOperand &operand : program.operands) {
    writer.write8(static_cast<unsigned>(operand.type));
    writer.write8(unsigned(operand.reads) | unsigned(operand.writes) << 1);
    writer.write(operand.bytes);
  }
  writer.writeCount(program.constants.size());
  for (uint64_t constant : program.constants)
    writer.write(constant);
  writer.writeCount(program.instructions.size());
  for (const Instruction &it : program.instructions) {
    writer.write8(static_cast<unsigned>(it.code));
    writer.write8(static_cast<unsigned>(it.type));
    writer.write8(static_cast<unsigned>(it.to));
    writer.write8(0);
    for (uint16_t field : {it.result, it.a, it.b, it.c})
      writer.write(field);
    writer.write(it.index);
  }
}

static std::vector<uint8_t> makeSection(SectionKind kind,
                                        const Stream &stream) {
  ByteWriter writer;
  switch (kind) {
  case SectionKind::Commands:
    for (uint32_t word : stream.commands)
      writer.write(word);
    break;
  case SectionKind::Constants:
    // The caller appends them without a copy.
    break;
  case SectionKind::Programs:
    writer.writeCount(stream.programs.size());
    for (const Program &program : stream.programs)
      writeProgram(program, writer);
    break;
  case SectionKind::Tensors:
    writer.writeCount(stream.tensors.size());
    for (const Tensor &tensor : stream.tensors) {
      writer.writeString(tensor.name);
      writer.write8(static_cast<unsigned>(tensor.type));
      writer.writeCount(tensor.shape.size());
      for (int64_t extent : tensor.shape)
        writer.write(extent);
      writer.write(tensor.address.pack());
    }
    break;
  case SectionKind::Layers:
    writer.writeCount(stream.layers.size());
    for (const Layer &layer : stream.layers) {
      writer.writeString(layer.name);
      writer.writeCount(layer.nodes.size());
      for (const std::string &node : layer.nodes)
        writer.writeString(node);
    }
    break;
  case SectionKind::Debug:
    writer.writeCount(stream.debug.size());
    for (const DebugEntry &entry : stream.debug) {
      writer.write(entry.offset);
      writer.write(entry.layer);
      writer.writeCount(entry.tile.size());
      for (int32_t coordinate : entry.tile)
        writer.write(coordinate);
    }
    break;
  case SectionKind::Loop:
    writer.write(stream.stepBegin);
    writer.writeCount(stream.kept.size());
    for (const KeptBytes &kept : stream.kept) {
      writer.write(kept.address.pack());
      writer.write(kept.bytes);
      writer.write8(kept.isConstant);
    }
    break;
  case SectionKind::Estimates:
    writer.writeCount(stream.layers.size());
    for (const Layer &layer : stream.layers)
      writer.write(layer.estimatedCycles);
    break;
  }
  return std::move(writer.bytes);
}

/// What decoding would refuse is not written.
static Error checkEncodable(const Stream &stream) {
  if (stream.machine.size() >= kMachineBytes ||
      StringRef(stream.machine).contains('\0'))
    return createStringError("the machine's name '" + stream.machine +
                             "' does not fit the header");
  if (stream.features >> getFeatureNames().size())
    return createStringError("unknown features");
  if (stream.workspaceBytes > kRegionBytes)
    return createStringError("a workspace of " + Twine(stream.workspaceBytes) +
                             " bytes is larger than a region");
  if (stream.constants.size() > kRegionBytes)
    return createStringError("constants are larger than a region");
  for (auto [index, program] : enumerate(stream.programs))
    if (Error error = check(program))
      return createStringError("program " + Twine(index) + " '" + program.name +
                               "': " + toString(std::move(error)));
  for (const Tensor &tensor : stream.tensors)
    if (!tensor.getBytes())
      return createStringError("tensor '" + tensor.name +
                               "' is larger than a region");
  if (Error error = checkLoop(stream))
    return error;
  return checkDebug(stream);
}

Expected<std::vector<uint8_t>> encode(const Stream &stream) {
  if (Error error = checkEncodable(stream))
    return error;
  SmallVector<SectionKind, 8> sections = {
      SectionKind::Commands, SectionKind::Constants, SectionKind::Programs,
      SectionKind::Tensors,  SectionKind::Layers,    SectionKind::Debug};
  if (stream.hasStart())
    sections.push_back(SectionKind::Loop);
  if (any_of(stream.layers,
             [](const Layer &layer) { return layer.estimatedCycles != 0; }))
    sections.push_back(SectionKind::Estimates);
  size_t tableEnd = kHeaderBytes + sections.size() * kSectionEntryBytes;
  std::vector<uint8_t> file(tableEnd);
  auto put = [&](size_t at, auto value) {
    support::endian::write<decltype(value), llvm::endianness::little>(&file[at],
                                                                      value);
  };
  for (auto [index, kind] : enumerate(sections)) {
    file.resize(alignTo(file.size(), kSectionAlignment));
    size_t offset = file.size();
    append_range(file, makeSection(kind, stream));
    if (kind == SectionKind::Constants)
      append_range(file, stream.constants.get());
    size_t entry = kHeaderBytes + index * kSectionEntryBytes;
    put(entry, static_cast<uint32_t>(kind));
    put(entry + 4, crc32(ArrayRef<uint8_t>(file).drop_front(offset)));
    put(entry + 8, static_cast<uint64_t>(offset));
    put(entry + 16, static_cast<uint64_t>(file.size() - offset));
  }
  copy(arrayRefFromStringRef(kMagic), file.begin());
  put(kMajorAt, kMajorVersion);
  put(kMinorAt, kMinorVersion);
  put(kHashAt, stream.machineHash);
  put(kFeaturesAt, stream.features);
  put(kWorkspaceAt, stream.workspaceBytes);
  put(kFileBytesAt, static_cast<uint64_t>(file.size()));
  put(kSectionsAt, static_cast<uint32_t>(sections.size()));
  copy(arrayRefFromStringRef(stream.machine), file.begin() + kMachineAt);
  put(kHeaderCrcAt, getHeaderCrc(ArrayRef<uint8_t>(file).take_front(tableEnd)));
  return file;
}

} // namespace lacuna::npu
