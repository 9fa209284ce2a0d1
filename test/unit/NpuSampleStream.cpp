//===- NpuSampleStream.cpp - A command stream with double buffering -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuSampleStream.h"

#include "backends/npu/Stream/FileLayout.h"
#include "llvm/Support/Endian.h"

using namespace lacuna;
using namespace lacuna::npu;

namespace {
constexpr int64_t kPixels = 8, kChannels = 16;
constexpr int64_t kInputBytes = kPixels * kChannels;
constexpr int64_t kSumBytes = 4 * kInputBytes;
constexpr int64_t kWeightBytes = kChannels * kChannels;

enum Semaphores : uint8_t {
  WeightsReady,
  InputReady,
  InputFree,
  SumsReady,
  SumsFree,
  OutputReady,
  OutputFree
};

/// max(sum >> 8, 0), saturated.
Program makeProgram(bool isVector) {
  Program program;
  program.name = "requantize";
  program.vector = isVector;
  program.arguments = 1;
  program.registers = 12;
  program.operands = {
      {ValueType::I32, true, false, static_cast<uint64_t>(kSumBytes)},
      {ValueType::I8, false, true, static_cast<uint64_t>(kInputBytes)}};
  program.constants = {0, 1, 127, static_cast<uint64_t>(kInputBytes)};
  auto add = [&](InstructionCode code, ValueType type, uint16_t result,
                 uint16_t a, uint16_t b, uint16_t c, uint32_t index) {
    Instruction it;
    it.code = code;
    it.type = type;
    it.result = result;
    it.a = a;
    it.b = b;
    it.c = c;
    it.index = index;
    program.instructions.push_back(it);
  };
  for (uint16_t index = 0; index < 4; ++index)
    add(InstructionCode::Const, ValueType::I64, index, 0, 0, 0, index);
  add(InstructionCode::Arg, ValueType::I1, 4, 0, 0, 0, 0);
  add(InstructionCode::For, ValueType::I1, 5, 0, 3, 1, 0);
  add(InstructionCode::Load, ValueType::I32, 6, 5, 0, 0, 0);
  add(InstructionCode::ShrSI, ValueType::I32, 7, 6, 4, 0, 0);
  add(InstructionCode::MaxSI, ValueType::I32, 8, 7, 0, 0, 0);
  add(InstructionCode::MinSI, ValueType::I32, 9, 8, 2, 0, 0);
  add(InstructionCode::TruncI, ValueType::I32, 10, 9, 0, 0, 0);
  program.instructions.back().to = ValueType::I8;
  add(InstructionCode::Store, ValueType::I8, 0, 5, 10, 0, 1);
  add(InstructionCode::End, ValueType::I1, 0, 0, 0, 0, 0);
  return program;
}

class SampleMaker {
public:
  explicit SampleMaker(const SampleOptions &options)
      : options(options), writer(options.elide) {}

  Stream make();

private:
  void write(Queue queue, const Command &command) {
    llvm::cantFail(writer.write(queue, command));
  }
  void wait(Queue queue, uint8_t semaphore) {
    if (withoutWait == semaphore)
      withoutWait.reset();
    else
      write(queue, WaitCommand{semaphore, 1});
  }
  void signal(Queue queue, uint8_t semaphore) {
    if (withoutSignal == semaphore)
      withoutSignal.reset();
    else
      write(queue, SignalCommand{semaphore, 1});
  }
  void copyRow(Queue queue, Address from, Address to, int64_t bytes) {
    CopyCommand copy;
    copy.source = from;
    copy.destination = to;
    copy.extents[3] = bytes;
    copy.sourceStrides[3] = copy.destinationStrides[3] = 1;
    write(queue, copy);
  }
  void writeTile(int64_t tile);

  SampleOptions options;
  std::optional<unsigned> withoutWait = options.withoutWait,
                          withoutSignal = options.withoutSignal;
  CommandWriter writer;
  Stream stream;
};
} // namespace

void SampleMaker::writeTile(int64_t tile) {
  Queue unit = options.isScalar ? Queue::Scalar : Queue::Vector;
  // The first use of a slot waits for nobody, and nobody waits for the last.
  bool waits = tile >= 2, signals = tile + 2 < options.tiles;
  int64_t slot = tile % 2;
  auto coordinate = static_cast<int32_t>(tile);
  stream.debug.push_back({writer.getOffset(), 0, {coordinate}});
  auto chip = [&](unsigned memory, int64_t bytes) {
    return Address::chip(memory, static_cast<uint64_t>(slot * bytes));
  };
  auto offset = static_cast<uint64_t>(tile * kInputBytes);
  if (waits)
    wait(Queue::DmaIn, InputFree);
  copyRow(Queue::DmaIn, Address::input(0, offset), chip(0, kInputBytes),
          kInputBytes);
  signal(Queue::DmaIn, InputReady);

  wait(Queue::Array, InputReady);
  if (waits)
    wait(Queue::Array, SumsFree);
  ConvCommand conv;
  conv.input = chip(0, kInputBytes);
  conv.weights = Address::chip(1, 0);
  conv.sums = chip(2, kSumBytes);
  conv.channels = conv.filters = kChannels;
  conv.inputExtents = conv.outputExtents = {1, 1, kPixels};
  conv.inputStrides = {0, 1, 0, 0, kChannels};
  conv.weightStrides = {kChannels, 1, 0, 0, 0};
  conv.sumStrides = {0, 1, 0, 0, kChannels};
  write(Queue::Array, conv);
  if (signals)
    signal(Queue::Array, InputFree);
  signal(Queue::Array, SumsReady);

  stream.debug.push_back({writer.getOffset(), 1, {coordinate}});
  wait(unit, SumsReady);
  if (waits)
    wait(unit, OutputFree);
  ProgramCommand program;
  program.operands[0] = chip(2, kSumBytes);
  program.operands[1] = chip(3, kInputBytes);
  program.arguments[0] = 8;
  write(unit, program);
  if (signals)
    signal(unit, SumsFree);
  signal(unit, OutputReady);

  wait(Queue::DmaOut, OutputReady);
  copyRow(Queue::DmaOut, chip(3, kInputBytes), Address::output(0, offset),
          kInputBytes);
  if (signals)
    signal(Queue::DmaOut, OutputFree);
}

Stream SampleMaker::make() {
  stream.machine = "sample";
  stream.machineHash = 0x0123456789abcdef;
  std::vector<uint8_t> weights(kWeightBytes);
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<uint8_t>(i * 7);
  stream.constants = std::move(weights);
  stream.programs.push_back(makeProgram(!options.isScalar));
  std::vector<int64_t> shape = {options.tiles, kPixels, kChannels};
  stream.tensors = {{"x", TensorType::Int8, shape, Address::input(0, 0)},
                    {"y", TensorType::Int8, shape, Address::output(0, 0)}};
  stream.layers = {{"conv_1", {"Conv_13"}},
                   {"relu", {"Relu_14", "Quant\"_15"}}};

  copyRow(Queue::DmaIn, Address::constant(0), Address::chip(1, 0),
          kWeightBytes);
  if (options.hasSteps) {
    constexpr int64_t kStateBytes = 32;
    stream.workspaceBytes = 2 * kStateBytes;
    Address state{kWorkspace, 0}, copy{kWorkspace, kStateBytes};
    copyRow(Queue::DmaIn, Address::constant(0), state, kStateBytes);
    write(Queue::DmaIn, HaltCommand());
    stream.stepBegin = writer.getOffset();
    stream.kept = {{state, kStateBytes, false},
                   {Address::chip(1, 0), kWeightBytes, true}};
    copyRow(Queue::DmaIn, state, copy, kStateBytes);
    copyRow(Queue::DmaIn, copy, state, kStateBytes);
  }
  signal(Queue::DmaIn, WeightsReady);
  wait(Queue::Array, WeightsReady);
  for (int64_t tile = 0; tile < options.tiles; ++tile)
    writeTile(tile);
  write(Queue::DmaIn, HaltCommand());
  stream.commands = writer.take();
  stream.features = llvm::cantFail(getUsedFeatures(stream));
  return std::move(stream);
}

Stream npu::makeSample(const SampleOptions &options) {
  return SampleMaker(options).make();
}

void npu::refreshCrcs(std::vector<uint8_t> &file) {
  using namespace llvm::support;
  if (file.size() < kHeaderBytes)
    return;
  llvm::ArrayRef<uint8_t> bytes = file;
  uint64_t sections =
      std::min<uint64_t>(endian::read32le(&file[kSectionsAt]),
                         (file.size() - kHeaderBytes) / kSectionEntryBytes);
  for (uint64_t index = 0; index < sections; ++index) {
    uint8_t *entry = &file[kHeaderBytes + index * kSectionEntryBytes];
    uint64_t offset = endian::read64le(entry + 8);
    uint64_t size = endian::read64le(entry + 16);
    if (offset <= file.size() && size <= file.size() - offset)
      endian::write32le(entry + 4, llvm::crc32(bytes.slice(offset, size)));
  }
  endian::write32le(&file[kHeaderCrcAt],
                    getHeaderCrc(bytes.take_front(
                        kHeaderBytes + sections * kSectionEntryBytes)));
}

std::vector<uint8_t> Mutator::mutate() {
  std::vector<uint8_t> file = original;
  for (unsigned count = 1 + random() % 3; count && !file.empty(); --count)
    mutateOnce(file);
  // One in eight meets the sums.
  if (random() % 8)
    refreshCrcs(file);
  return file;
}

size_t Mutator::place(const std::vector<uint8_t> &file) {
  // Headers are few bytes, and decide much.
  size_t limit = random() % 4 ? file.size() : kHeaderBytes + 200;
  return random() % std::min(limit, file.size());
}

void Mutator::mutateOnce(std::vector<uint8_t> &file) {
  static constexpr uint32_t absurd[] = {
      0,      1,          0x7fffffff, 0x80000000, 0xffffffff, 0x10000,
      0xffff, 0x7ffffffe, 0x00ffffff, 0x40000000, 3,          0xff00};
  size_t at = place(file);
  switch (random() % 8) {
  case 0:
  case 1:
    file[at] = static_cast<uint8_t>(file[at] ^ 1 << random() % 8);
    return;
  case 2:
    file[at] = static_cast<uint8_t>(random());
    return;
  case 3:
  case 4: // a word
    at &= ~size_t(3);
    if (at + 4 <= file.size())
      llvm::support::endian::write32le(&file[at],
                                       absurd[random() % std::size(absurd)]);
    return;
  case 5: // words of the commands, small changes
    at &= ~size_t(3);
    if (at + 4 <= file.size())
      llvm::support::endian::write32le(
          &file[at],
          llvm::support::endian::read32le(&file[at]) + random() % 5 - 2);
    return;
  case 6: { // a splice
    size_t from = place(file), count = random() % 64;
    count = std::min({count, file.size() - at, file.size() - from});
    std::vector<uint8_t> piece(file.begin() + from,
                               file.begin() + from + count);
    std::copy(piece.begin(), piece.end(), file.begin() + at);
    return;
  }
  case 7: // a truncation, mostly with a header that says so
    file.resize(at);
    if (random() % 4 && file.size() >= kHeaderBytes)
      llvm::support::endian::write64le(&file[kFileBytesAt], file.size());
    return;
  }
}

std::vector<ChipMemory> npu::getSampleMemories() {
  return {{"inputs", 2 * kInputBytes},
          {"weights", kWeightBytes},
          {"sums", 2 * kSumBytes},
          {"outputs", 2 * kInputBytes}};
}
