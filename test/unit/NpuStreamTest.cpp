//===- NpuStreamTest.cpp - Files, text and commands -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuSampleStream.h"

#include "backends/npu/Stream/Accesses.h"
#include "gtest/gtest.h"

using namespace lacuna::npu;

namespace {

template <typename T>
std::string messageOf(llvm::Expected<T> value) {
  return value ? "" : llvm::toString(value.takeError());
}
std::string messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "";
}

std::string toText(const Stream &stream) {
  std::string text;
  llvm::raw_string_ostream os(text);
  disassemble(stream, os);
  return text;
}

std::vector<uint8_t> toFile(const Stream &stream) {
  return llvm::cantFail(encode(stream));
}

TEST(NpuStream, FilesRoundTrip) {
  Stream stream = makeSample();
  std::vector<uint8_t> file = toFile(stream);
  EXPECT_EQ(file, toFile(makeSample()));
  Stream decoded = llvm::cantFail(decode(file));
  EXPECT_EQ(toFile(decoded), file);
  EXPECT_EQ(decoded.commands, stream.commands);
  EXPECT_EQ(decoded.machine, "sample");
  // Constants stay where they are.
  EXPECT_GE(decoded.constants.get().data(), file.data());
  EXPECT_LT(decoded.constants.get().data(), file.data() + file.size());
}

TEST(NpuStream, TextRoundTrips) {
  std::vector<uint8_t> file = toFile(makeSample());
  std::string text = toText(llvm::cantFail(decode(file)));
  llvm::Expected<Stream> assembled = assemble(text);
  ASSERT_TRUE(bool(assembled)) << llvm::toString(assembled.takeError()) << text;
  EXPECT_EQ(toFile(*assembled), file);
  EXPECT_EQ(toText(*assembled), text);
}

TEST(NpuStream, RedundantSetsAreLeftOut) {
  SampleOptions options;
  size_t elided = makeSample(options).commands.size();
  options.elide = false;
  Stream full = makeSample(options);
  EXPECT_LT(2 * elided, full.commands.size());
  EXPECT_EQ(messageOf(verify(full, getSampleMemories())), "");
}

TEST(NpuStream, CommandsAreThoseThatWereWritten) {
  ConvCommand conv;
  conv.input = Address::chip(0, 0x1234567890);
  conv.weights = Address::chip(7, 1);
  conv.sums = Address::chip(2, 2);
  conv.bias = Address::chip(3, 4);
  conv.inputType = ArrayType::UInt8;
  conv.weightsType = ArrayType::Int16;
  conv.groups = 2;
  conv.channels = 4;
  conv.filters = 6;
  conv.kernel = {1, 3, 3};
  conv.padBefore = {0, 1, 2};
  conv.weightStrides = {5, 4, 3, 2, 1};
  conv.inputZeroPoint = 255;
  conv.weightZeroPoint = -7;
  conv.accumulate = true;
  conv.weightsFormat = StoredFormat::NofM;
  conv.weightsFormatParameter = 2 * 256 + 4;
  conv.weightsBytes = 99;
  conv.algorithm = Algorithm::Winograd;
  conv.mapping = {1, 2, 3, 4, 5, 6, 7, 8};
  CommandWriter writer;
  llvm::cantFail(writer.write(Queue::Array, conv));
  llvm::cantFail(writer.write(Queue::DmaOut, SignalCommand{200, 65535}));
  llvm::cantFail(writer.write(Queue::Array, HaltCommand()));
  std::vector<uint32_t> words = writer.take();
  EXPECT_EQ(messageOf(checkWords({words})), "");
  QueueReader reader({words}, Queue::Array);
  PlacedCommand placed = llvm::cantFail(reader.next());
  const auto &read = std::get<ConvCommand>(placed.command);
  EXPECT_EQ(read.input, conv.input);
  EXPECT_EQ(read.weights, conv.weights);
  EXPECT_EQ(read.bias, conv.bias);
  EXPECT_TRUE(read.weightZeroPoints.isNone());
  EXPECT_EQ(read.inputType, conv.inputType);
  EXPECT_EQ(read.weightsType, conv.weightsType);
  EXPECT_EQ(read.groups, 2);
  EXPECT_EQ(read.kernel, conv.kernel);
  EXPECT_EQ(read.padBefore, conv.padBefore);
  EXPECT_EQ(read.weightStrides, conv.weightStrides);
  EXPECT_EQ(read.weightZeroPoint, -7);
  EXPECT_TRUE(read.accumulate);
  EXPECT_EQ(read.weightsFormatParameter, conv.weightsFormatParameter);
  EXPECT_EQ(read.weightsBytes, 99);
  EXPECT_EQ(read.algorithm, conv.algorithm);
  EXPECT_EQ(read.mapping, conv.mapping);
  EXPECT_TRUE(std::holds_alternative<HaltCommand>(
      llvm::cantFail(reader.next()).command));
  QueueReader out({words}, Queue::DmaOut);
  EXPECT_EQ(std::get<SignalCommand>(llvm::cantFail(out.next()).command).count,
            65535u);
}

TEST(NpuStream, CommandsAreChecked) {
  CommandWriter writer;
  auto refused = [&](Queue queue, const Command &command) {
    return messageOf(writer.write(queue, command));
  };
  ConvCommand conv;
  EXPECT_EQ(refused(Queue::Array, conv),
            "input must be in a memory on the chip, not in none");
  conv.input = conv.weights = conv.sums = Address::chip(0, 0);
  EXPECT_EQ(refused(Queue::Vector, conv), "queue vector cannot do conv");
  conv.channels = 3;
  conv.groups = 2;
  EXPECT_EQ(refused(Queue::Array, conv),
            "2 groups do not divide 3 channels and 1 filters");
  conv.groups = 1;
  conv.weightsType = ArrayType::Float32;
  EXPECT_EQ(refused(Queue::Array, conv), "float32 with integers");
  conv.weightsType = ArrayType::Int8;
  conv.weightZeroPoint = 128;
  EXPECT_EQ(refused(Queue::Array, conv),
            "the zero point 128 of the weights is no int8");
  conv.weightZeroPoint = 0;
  conv.algorithm = Algorithm::Winograd;
  EXPECT_EQ(refused(Queue::Array, conv),
            "winograd wants a kernel of 1x3x3 with stride and dilation 1");
  conv.algorithm = Algorithm::Direct;
  conv.batch = 0;
  EXPECT_EQ(refused(Queue::Array, conv),
            "register 'batch' holds 0; it may be from 1 to 2147483647");
  CopyCommand copy;
  copy.source = Address::chip(0, 0);
  copy.destination = Address::input(3, 0);
  EXPECT_EQ(refused(Queue::DmaIn, copy),
            "destination is in input3, which cannot be written");
  copy.destination = Address::output(3, 0);
  copy.elementBytes = 3;
  EXPECT_EQ(refused(Queue::DmaIn, copy),
            "elements of 3 bytes; there are 1, 2, 4 and 8");
  EXPECT_EQ(refused(Queue::DmaIn, WaitCommand{1, 0}),
            "0 tokens; there may be from 1 to 65535");
  EXPECT_EQ(writer.getOffset(), 0u);
}

TEST(NpuStream, UnknownCommandsAreSkippedIfTheySayThatTheyMay) {
  Stream stream = makeSample();
  // Opcode 100, optional, three words.
  std::vector<uint32_t> added = {100 | 1 << 7 | 3 << 12, 1, 2, 3};
  stream.debug.clear();
  stream.commands.insert(stream.commands.begin(), added.begin(), added.end());
  EXPECT_EQ(messageOf(verify(stream, getSampleMemories())), "");
  EXPECT_EQ(toFile(llvm::cantFail(assemble(toText(stream)))), toFile(stream));
  stream.commands[0] &= ~uint32_t(1 << 7);
  EXPECT_EQ(messageOf(verify(stream, getSampleMemories())),
            "command at word 0: unknown opcode 100, which cannot be skipped; a "
            "newer version of Lacuna made this stream");
}

/// Changes a byte and makes the CRC of the header fit again.
std::string messageOfChanged(size_t at, uint8_t value, bool fixed = true) {
  std::vector<uint8_t> file = toFile(makeSample());
  file[at] = value;
  if (fixed)
    refreshCrcs(file);
  return messageOf(decode(file));
}

TEST(NpuStream, DamagedFilesAreRefused) {
  EXPECT_EQ(messageOf(decode({})),
            "not a command stream: it does not begin with LNPU");
  EXPECT_EQ(messageOfChanged(0, 'X'),
            "not a command stream: it does not begin with LNPU");
  EXPECT_EQ(messageOfChanged(4, 2),
            "version 2.2 of the format; this Lacuna reads version 1: compile "
            "the model again");
  EXPECT_EQ(messageOfChanged(6, 9), "");
  EXPECT_EQ(messageOfChanged(8, 0, false),
            "the header is damaged: its CRC does not match");
  EXPECT_EQ(messageOfChanged(23, 1),
            "unknown features 0x100000000000000; a newer version of Lacuna "
            "made this stream");
  EXPECT_EQ(messageOfChanged(120, 1),
            "reserved bytes of the header are not zero");
  std::vector<uint8_t> file = toFile(makeSample());
  EXPECT_EQ(messageOfChanged(328, 0xff, false),
            "commands: the section is damaged: its CRC does not match");
  file.pop_back();
  EXPECT_EQ(messageOf(decode(file)), "the file has " +
                                         std::to_string(file.size()) +
                                         " bytes, and its header says " +
                                         std::to_string(file.size() + 1));
}

TEST(NpuStream, EstimatesAreOneForEachLayer) {
  Stream stream = makeSample();
  size_t without = toFile(stream).size();
  stream.layers.front().estimatedCycles = 99;
  std::vector<uint8_t> file = toFile(stream);
  EXPECT_EQ(llvm::cantFail(decode(file)).layers.front().estimatedCycles, 99u);
  EXPECT_GT(file.size(), without);
  // The section is the last: a count, then a number for each layer.
  size_t numbers = file.size() - 8 * stream.layers.size();
  file[numbers - 4] = 0;
  refreshCrcs(file);
  EXPECT_EQ(messageOf(decode(file)),
            "estimates: there is not one for each layer");
  file[numbers - 4] = uint8_t(stream.layers.size());
  file[numbers] = 0;
  refreshCrcs(file);
  EXPECT_EQ(messageOf(decode(file)), "estimates: no layer has one");
}

TEST(NpuStream, MachinesAreChecked) {
  Stream stream = makeSample();
  EXPECT_EQ(messageOf(checkMachine(stream, "sample", 0x0123456789abcdef)), "");
  EXPECT_EQ(messageOf(checkMachine(stream, "sample", 1)),
            "the stream was made for machine 'sample' (0x0123456789abcdef), "
            "not for 'sample' (0x0000000000000001): compile the model for this "
            "machine");
}

TEST(NpuStream, TextErrorsHaveTheirPlace) {
  auto refused = [](llvm::StringRef lines) {
    return messageOf(assemble((".stream 1.0\n" + lines).str()));
  };
  EXPECT_EQ(messageOf(assemble("")), "1:1: no .stream line");
  EXPECT_EQ(messageOf(assemble("halt\n")), "1:1: a stream begins with .stream");
  EXPECT_EQ(messageOf(assemble(".stream 2.0\n")),
            "1:9: this Lacuna reads version 1");
  EXPECT_EQ(refused("array.set inputs=none\n"),
            "2:11: queue array has no register 'inputs'");
  EXPECT_EQ(refused("array.set input=none, bias=none\n"),
            "2:23: a set has registers that follow each other; 'bias' does not "
            "follow 'input'");
  EXPECT_EQ(refused("array.set input=chip8+0x0\n"),
            "2:17: 'chip8' is no region");
  EXPECT_EQ(refused("array.wait 256, 1\n"),
            "2:12: the number may be at most 255");
  EXPECT_EQ(refused("cpu.wait 1, 1\n"), "2:1: 'cpu' is no queue");
  EXPECT_EQ(refused("halt now\n"), "2:6: expected the end of the line");
  EXPECT_EQ(refused(".tensor \"x\" int4 [1] input0+0x0\n"),
            "2:13: unknown type 'int4'");
  EXPECT_EQ(refused(".program \"p\" scalar registers 1 arguments 0\n"
                    "%0 = addf.f32 %0, %1\n.end\n"),
            "4:2: program 'p': instruction 0: addf names register %1 of 1");
  EXPECT_EQ(refused(".program \"p\" scalar registers 1 arguments 0\n"
                    "%0 = addi.f32 %0, %0\n.end\n"),
            "4:2: program 'p': instruction 0: addi cannot have this type");
  EXPECT_EQ(refused(".program \"p\" vector registers 1 arguments 0\n"
                    "if %0\nend\n.end\n"),
            "5:2: program 'p': instruction 0: a vector program is a nest of "
            "loops around a straight body; this one has other control flow");
  EXPECT_EQ(refused(".program \"p\" scalar registers 1 arguments 0\nwhile\n"
                    "end\n.end\n"),
            "5:2: program 'p': instruction 1: while without do");
}

TEST(NpuStream, BlocksFindTheirEnds) {
  Stream stream =
      llvm::cantFail(assemble(".stream 1.0\n"
                              ".program \"p\" scalar registers 1 arguments 0\n"
                              "%0 = for %0, %0, %0\nif %0\nelse\nend\nwhile\n"
                              "do %0\nend\nend\n.end\nhalt\n"));
  EXPECT_EQ(matchBlocks(stream.programs[0]),
            (std::vector<uint32_t>{7, 2, 3, 1, 5, 6, 4, 0}));
}

TEST(NpuAccesses, RowsAreMerged) {
  CopyCommand copy;
  copy.source = Address::input(0, 1000);
  copy.destination = Address::chip(0, 0);
  copy.extents = {2, 3, 4, 5};
  copy.sourceStrides = {-400, 100, 10, 2};
  copy.destinationStrides = {120, 40, 10, 2};
  copy.elementBytes = 2;
  auto accesses = llvm::cantFail(getAccesses(Queue::DmaIn, copy, {}));
  ASSERT_EQ(accesses.size(), 2u);
  ByteRange source = accesses[0].where.getHull();
  EXPECT_EQ(source.begin, 600u);
  EXPECT_EQ(source.end, 600u + 400 + 200 + 40);
  EXPECT_EQ(accesses[0].where.getPieces(), 6u);
  EXPECT_EQ(accesses[0].where.bytes, 40u);
  std::vector<uint64_t> begins;
  accesses[0].where.visitPieces([&](ByteRange piece) {
    begins.push_back(piece.begin);
    return true;
  });
  EXPECT_EQ(begins, (std::vector<uint64_t>{600, 700, 800, 1000, 1100, 1200}));
  EXPECT_EQ(accesses[1].where.getPieces(), 1u);
  EXPECT_EQ(accesses[1].where.bytes, 240u);
  EXPECT_TRUE(accesses[1].writes);
  copy.destinationStrides[0] = 80;
  EXPECT_EQ(messageOf(getAccesses(Queue::DmaIn, copy, {})),
            "elements of the destination overlap: sorted by stride, each "
            "stride must be at least the bytes that the smaller ones span");
  copy.source = Address::input(0, 399);
  EXPECT_EQ(messageOf(getAccesses(Queue::DmaIn, copy, {})),
            "source reaches out of input0");
}

} // namespace
