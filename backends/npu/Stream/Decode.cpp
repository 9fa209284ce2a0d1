//===- Decode.cpp - A file to a stream -===//
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
/// Takes numbers, little endian. Past the end it gives zeros and remembers.
class ByteReader {
public:
  explicit ByteReader(ArrayRef<uint8_t> bytes) : bytes(bytes) {}

  template <typename T>
  T read() {
    ArrayRef<uint8_t> taken = take(sizeof(T));
    if (taken.empty())
      return 0;
    return support::endian::read<T, llvm::endianness::little>(taken.data());
  }
  std::string readString() { return toStringRef(take(read<uint32_t>())).str(); }
  /// A number of things that take at least `least` bytes each.
  uint32_t readCount(size_t least) {
    uint32_t count = read<uint32_t>();
    if (count > bytes.size() / least) {
      failed = true;
      return 0;
    }
    return count;
  }

  bool hasFailed() const { return failed; }
  bool isAtEnd() const { return bytes.empty(); }

private:
  ArrayRef<uint8_t> take(size_t count) {
    if (count > bytes.size()) {
      failed = true;
      bytes = {};
      return {};
    }
    ArrayRef<uint8_t> taken = bytes.take_front(count);
    bytes = bytes.drop_front(count);
    return taken;
  }

  ArrayRef<uint8_t> bytes;
  bool failed = false;
};
} // namespace

// Each reader gives an error for what it sees and leaves it to its caller to
// find that the bytes ended too soon.

static Error readProgram(ByteReader &reader, Program &program) {
  program.name = reader.readString();
  auto flags = reader.read<uint8_t>();
  if (flags > 1)
    return createStringError("a reserved bit is not zero");
  program.vector = flags;
  program.arguments = reader.read<uint8_t>();
  program.registers = reader.read<uint16_t>();
  program.operands.resize(reader.readCount(10));
  for (ProgramOperand &operand : program.operands) {
    operand.type = static_cast<ValueType>(reader.read<uint8_t>());
    auto access = reader.read<uint8_t>();
    if (access > 3)
      return createStringError("a reserved bit is not zero");
    operand.reads = access & 1;
    operand.writes = access & 2;
    operand.bytes = reader.read<uint64_t>();
  }
  program.constants.resize(reader.readCount(8));
  for (uint64_t &constant : program.constants)
    constant = reader.read<uint64_t>();
  program.instructions.resize(reader.readCount(kInstructionBytes));
  for (Instruction &it : program.instructions) {
    it.code = static_cast<InstructionCode>(reader.read<uint8_t>());
    it.type = static_cast<ValueType>(reader.read<uint8_t>());
    it.to = static_cast<ValueType>(reader.read<uint8_t>());
    if (reader.read<uint8_t>())
      return createStringError("a reserved byte is not zero");
    it.result = reader.read<uint16_t>();
    it.a = reader.read<uint16_t>();
    it.b = reader.read<uint16_t>();
    it.c = reader.read<uint16_t>();
    it.index = reader.read<uint32_t>();
  }
  if (reader.hasFailed())
    return Error::success();
  return check(program);
}

static Error readPrograms(ByteReader &reader, Stream &stream) {
  stream.programs.resize(reader.readCount(20));
  for (auto [index, program] : enumerate(stream.programs))
    if (Error error = readProgram(reader, program))
      return createStringError("program " + Twine(index) + " '" + program.name +
                               "': " + toString(std::move(error)));
  return Error::success();
}

static Error readTensors(ByteReader &reader, Stream &stream) {
  stream.tensors.resize(reader.readCount(17));
  for (Tensor &tensor : stream.tensors) {
    tensor.name = reader.readString();
    auto type = reader.read<uint8_t>();
    if (type >= getTensorTypeNames().size())
      return createStringError("tensor '" + tensor.name + "' has no type");
    tensor.type = static_cast<TensorType>(type);
    tensor.shape.resize(reader.readCount(8));
    for (int64_t &extent : tensor.shape)
      extent = reader.read<int64_t>();
    std::optional<Address> address = Address::unpack(reader.read<uint64_t>());
    if (!address)
      return createStringError("tensor '" + tensor.name + "' has no address");
    tensor.address = *address;
    if (!tensor.getBytes())
      return createStringError("tensor '" + tensor.name +
                               "' is larger than a region");
  }
  return Error::success();
}

static Error readLayers(ByteReader &reader, Stream &stream) {
  stream.layers.resize(reader.readCount(8));
  for (Layer &layer : stream.layers) {
    layer.name = reader.readString();
    layer.nodes.resize(reader.readCount(4));
    for (std::string &node : layer.nodes)
      node = reader.readString();
  }
  return Error::success();
}

static Error readDebug(ByteReader &reader, Stream &stream) {
  stream.debug.resize(reader.readCount(12));
  for (DebugEntry &entry : stream.debug) {
    entry.offset = reader.read<uint32_t>();
    entry.layer = reader.read<uint32_t>();
    uint32_t rank = reader.readCount(4);
    if (rank > kMaxTileRank)
      return createStringError("a tile of " + Twine(rank) + " coordinates");
    entry.tile.resize(rank);
    for (int32_t &coordinate : entry.tile)
      coordinate = reader.read<int32_t>();
  }
  return Error::success();
}

static Error readLoop(ByteReader &reader, Stream &stream) {
  stream.stepBegin = reader.read<uint32_t>();
  stream.kept.resize(reader.readCount(17));
  for (KeptBytes &kept : stream.kept) {
    std::optional<Address> address = Address::unpack(reader.read<uint64_t>());
    if (!address)
      return createStringError("bytes that are kept have no address");
    kept.address = *address;
    kept.bytes = reader.read<uint64_t>();
    auto isConstant = reader.read<uint8_t>();
    if (isConstant > 1)
      return createStringError("bytes that are kept are neither constant nor "
                               "not");
    kept.isConstant = isConstant;
  }
  // Without steps there is no such section: a stream has one form.
  if (!reader.hasFailed() && !stream.hasStart())
    return createStringError("a step begins at word 0");
  return Error::success();
}

/// Streams without any have no such section.
static Error readEstimates(ByteReader &reader, Stream &stream) {
  if (reader.readCount(8) != stream.layers.size())
    return createStringError("there is not one for each layer");
  bool isAny = false;
  for (Layer &layer : stream.layers) {
    layer.estimatedCycles = reader.read<uint64_t>();
    isAny |= layer.estimatedCycles != 0;
  }
  return isAny || reader.hasFailed() ? Error::success()
                                     : createStringError("no layer has one");
}

/// Empty if there is no such section.
static StringRef getName(uint32_t kind) {
  static constexpr StringLiteral names[] = {
      "commands", "constants", "programs", "tensors",
      "layers",   "debug map", "loop"};
  if (kind == static_cast<uint32_t>(SectionKind::Estimates))
    return "estimates";
  return kind && kind <= std::size(names) ? StringRef(names[kind - 1]) : "";
}

static Error readSection(SectionKind kind, ArrayRef<uint8_t> bytes,
                         Stream &stream) {
  ByteReader reader(bytes);
  Error error = Error::success();
  switch (kind) {
  case SectionKind::Commands:
    if (bytes.size() % 4)
      return createStringError("commands: no whole words");
    stream.commands.resize(bytes.size() / 4);
    for (uint32_t &word : stream.commands)
      word = reader.read<uint32_t>();
    break;
  case SectionKind::Constants:
    if (bytes.size() > kRegionBytes)
      return createStringError("constants: larger than a region");
    stream.constants = Bytes::borrow(bytes);
    return error;
  case SectionKind::Programs:
    error = readPrograms(reader, stream);
    break;
  case SectionKind::Tensors:
    error = readTensors(reader, stream);
    break;
  case SectionKind::Layers:
    error = readLayers(reader, stream);
    break;
  case SectionKind::Debug:
    error = readDebug(reader, stream);
    break;
  case SectionKind::Loop:
    error = readLoop(reader, stream);
    break;
  case SectionKind::Estimates:
    error = readEstimates(reader, stream);
    break;
  }
  StringRef name = getName(static_cast<uint32_t>(kind));
  if (error)
    return createStringError(name + ": " + toString(std::move(error)));
  if (reader.hasFailed())
    return createStringError(name + ": the section ends too soon");
  if (!reader.isAtEnd())
    return createStringError(name + ": something follows the last entry");
  return Error::success();
}

static bool isZero(ArrayRef<uint8_t> bytes) {
  return all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

/// Gives the number of sections.
static Expected<uint32_t> readHeader(ArrayRef<uint8_t> file, Stream &stream) {
  if (file.size() < kHeaderBytes ||
      toStringRef(file.take_front(kMagic.size())) != kMagic)
    return createStringError("not a command stream: it does not begin with " +
                             kMagic);
  auto get = [&](size_t at, auto kind) {
    using T = decltype(kind);
    return support::endian::read<T, llvm::endianness::little>(&file[at]);
  };
  auto major = get(kMajorAt, uint16_t());
  if (major != kMajorVersion)
    return createStringError(
        "version " + Twine(major) + "." + Twine(get(kMinorAt, uint16_t())) +
        " of the format; this Lacuna reads version " + Twine(kMajorVersion) +
        ": compile the model again");
  auto bytes = get(kFileBytesAt, uint64_t());
  if (bytes != file.size())
    return createStringError("the file has " + Twine(file.size()) +
                             " bytes, and its header says " + Twine(bytes));
  auto sections = get(kSectionsAt, uint32_t());
  if (sections > (file.size() - kHeaderBytes) / kSectionEntryBytes)
    return createStringError("the section table ends too soon");
  if (getHeaderCrc(
          file.take_front(kHeaderBytes + sections * kSectionEntryBytes)) !=
      get(kHeaderCrcAt, uint32_t()))
    return createStringError("the header is damaged: its CRC does not match");

  stream.features = get(kFeaturesAt, uint64_t());
  if (stream.features >> getFeatureNames().size())
    return createStringError(
        "unknown features 0x" +
        utohexstr(stream.features >> getFeatureNames().size()
                                         << getFeatureNames().size()) +
        "; a newer version of Lacuna made this stream");
  stream.machineHash = get(kHashAt, uint64_t());
  stream.workspaceBytes = get(kWorkspaceAt, uint64_t());
  if (stream.workspaceBytes > kRegionBytes)
    return createStringError("a workspace of " + Twine(stream.workspaceBytes) +
                             " bytes is larger than a region");
  ArrayRef<uint8_t> name = file.slice(kMachineAt, kMachineBytes);
  const uint8_t *end = find(name, 0);
  if (end == name.end() || !isZero(ArrayRef<uint8_t>(end, name.end())))
    return createStringError("the machine's name has no end");
  stream.machine.assign(name.begin(), end);
  if (!isZero(file.slice(kReservedAt, kHeaderBytes - kReservedAt)))
    return createStringError("reserved bytes of the header are not zero");
  return sections;
}

Expected<Stream> decode(ArrayRef<uint8_t> file) {
  Stream stream;
  Expected<uint32_t> sections = readHeader(file, stream);
  if (!sections)
    return sections.takeError();
  uint64_t end = kHeaderBytes + uint64_t(*sections) * kSectionEntryBytes;
  uint32_t previous = 0;
  for (uint32_t index = 0; index < *sections; ++index) {
    ByteReader entry(file.slice(kHeaderBytes + index * kSectionEntryBytes,
                                kSectionEntryBytes));
    auto kind = entry.read<uint32_t>();
    auto crc = entry.read<uint32_t>();
    auto offset = entry.read<uint64_t>(), bytes = entry.read<uint64_t>();
    if (entry.read<uint64_t>())
      return createStringError("section " + Twine(index) +
                               ": reserved bytes are not zero");
    if (kind <= previous)
      return createStringError("section " + Twine(index) +
                               ": kinds do not ascend");
    previous = kind;
    uint64_t begin = alignTo(end, kSectionAlignment);
    if (offset != begin || begin > file.size() || bytes > file.size() - begin)
      return createStringError("section " + Twine(index) + " of " +
                               Twine(bytes) + " bytes at " + Twine(offset) +
                               " does not lie where it must");
    if (!isZero(file.slice(end, begin - end)))
      return createStringError("bytes before section " + Twine(index) +
                               " are not zero");
    end = begin + bytes;
    ArrayRef<uint8_t> payload = file.slice(begin, bytes);
    StringRef name = getName(kind);
    if (crc32(payload) != crc)
      return createStringError(
          (name.empty() ? StringRef("an unknown section") : name) +
          ": the section is damaged: its CRC does not match");
    if (name.empty() && !(kind & kOptionalSection))
      return createStringError("unknown section " + Twine(kind) +
                               "; a newer version of Lacuna made this stream");
    if (!name.empty())
      if (Error error =
              readSection(static_cast<SectionKind>(kind), payload, stream))
        return error;
  }
  if (end != file.size())
    return createStringError("something follows the last section");
  if (Error error = checkDebug(stream))
    return error;
  if (Error error = checkLoop(stream))
    return error;
  return stream;
}

} // namespace lacuna::npu
