//===- NpuVerifierTest.cpp - What a command stream must not do -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuSampleStream.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <chrono>

using namespace lacuna::npu;

namespace {

std::string messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "";
}
std::string verifySample(const SampleOptions &options) {
  return messageOf(verify(makeSample(options), getSampleMemories()));
}

TEST(NpuVerifier, DoubleBufferingIsInOrder) {
  for (int64_t tiles : {1, 2, 3, 5, 50}) {
    SampleOptions options;
    options.tiles = tiles;
    EXPECT_EQ(verifySample(options), "") << tiles;
    options.hasSteps = true;
    EXPECT_EQ(verifySample(options), "") << tiles;
  }
}

TEST(NpuVerifier, EveryTokenCounts) {
  for (unsigned semaphore = 0; semaphore < 7; ++semaphore) {
    SampleOptions options;
    options.withoutSignal = semaphore;
    std::string message = verifySample(options);
    EXPECT_EQ(message.rfind("deadlock: these wait for ever: ", 0), 0u)
        << semaphore << ": " << message;
    // As many waits as signals, but one of each too few.
    options.withoutWait = semaphore;
    message = verifySample(options);
    // Semaphore 0 says that the weights are there, and so does the first tile,
    // which comes after them on the same queue.
    bool isUnordered =
        message.find("without an order between them") != message.npos;
    EXPECT_EQ(isUnordered, semaphore != 0) << semaphore << ": " << message;
  }
  SampleOptions options;
  options.withoutWait = 0;
  EXPECT_EQ(verifySample(options),
            "semaphore 0 still has 1 tokens at halt: signals and waits must be "
            "equal in number");
}

TEST(NpuVerifier, NamesTheLayers) {
  SampleOptions options;
  options.withoutWait = options.withoutSignal = 4; // sums are free
  std::string message = verifySample(options);
  EXPECT_NE(message.find("(array.conv): layer 'conv_1' (Conv_13), tile 2: "
                         "sums: writes bytes [0, 512) of memory 'sums'"),
            message.npos)
      << message;
  EXPECT_NE(message.find("(vector, layer 'relu' (Relu_14, Quant\"_15), tile 0) "
                         "reads without an order between them"),
            message.npos)
      << message;
}

/// The text of a stream with its commands; it has one input and one output of
/// 16 bytes, a workspace of 64, two memories of 64, constants of 16.
std::string verifyText(llvm::StringRef commands, llvm::StringRef tables = "") {
  std::string text = ".stream 1.0\n.features int8\n.workspace 64\n"
                     ".tensor \"x\" int8 [16] input0+0x0\n" +
                     tables.str() + ".zeros 16\n" + commands.str();
  llvm::Expected<Stream> stream = assemble(text);
  if (!stream)
    return llvm::toString(stream.takeError());
  return messageOf(verify(*stream, {{"a", 64}, {"b", 64}}));
}

/// A copy of a row of bytes.
std::string copyRow(llvm::StringRef queue, llvm::StringRef from,
                    llvm::StringRef to, int bytes) {
  return (queue + ".set source=" + from + ", destination=" + to +
          ", extent0=1, extent1=1, extent2=1, extent3=" + llvm::Twine(bytes) +
          "\n" + queue + ".set source_stride3=1\n" + queue +
          ".set destination_stride3=1, element_bytes=1\n" + queue + ".copy\n")
      .str();
}

TEST(NpuVerifier, BytesAreWrittenBeforeTheyAreRead) {
  EXPECT_EQ(verifyText(copyRow("dma-in", "input0+0x0", "chip0+0x0", 16) +
                       copyRow("dma-in", "chip0+0x8", "workspace+0x0", 16) +
                       "halt\n"),
            "command at word 29 (dma-in.copy): source: reads bytes [16, 24) of "
            "memory 'a' (chip0), which nothing has written");
}

TEST(NpuVerifier, BytesAreInTheirMemory) {
  EXPECT_EQ(
      verifyText(copyRow("dma-in", "input0+0x1", "chip0+0x0", 16) + "halt\n"),
      "command at word 14 (dma-in.copy): source is bytes [1, 17) of "
      "input0, which has 16");
  EXPECT_EQ(
      verifyText(copyRow("dma-in", "input0+0x0", "chip1+0x38", 16) + "halt\n"),
      "command at word 14 (dma-in.copy): destination is bytes [56, 72) "
      "of memory 'b' (chip1), which has 64");
  EXPECT_EQ(
      verifyText(copyRow("dma-in", "input0+0x0", "chip2+0x0", 16) + "halt\n"),
      "command at word 14 (dma-in.copy): destination: the machine has 2 "
      "memories on the chip, and no chip2");
  EXPECT_EQ(
      verifyText(copyRow("dma-in", "input1+0x0", "chip0+0x0", 16) + "halt\n"),
      "command at word 14 (dma-in.copy): source: no tensor is in input1");
}

TEST(NpuVerifier, CopiesDoNotOverlapThemselves) {
  EXPECT_EQ(
      verifyText(copyRow("dma-in", "input0+0x0", "chip0+0x0", 16) +
                 copyRow("dma-in", "chip0+0x0", "chip0+0x8", 8) +
                 copyRow("dma-in", "chip0+0x0", "chip0+0x4", 8) + "halt\n"),
      "command at word 44 (dma-in.copy): destination: writes bytes [4, 8) of "
      "memory 'a' (chip0), which the command at word 44 (dma-in) reads without "
      "an order between them");
}

TEST(NpuVerifier, QueuesThatShareBytesNeedTokens) {
  std::string in = copyRow("dma-in", "input0+0x0", "chip0+0x0", 16);
  std::string out = copyRow("dma-out", "chip0+0x0", "workspace+0x0", 16);
  EXPECT_EQ(verifyText(in + "dma-in.signal 7, 1\ndma-out.wait 7, 1\n" + out +
                       "halt\n"),
            "");
  EXPECT_EQ(verifyText(in + out + "halt\n"),
            "command at word 29 (dma-out.copy): source: reads bytes [0, 16) of "
            "memory 'a' (chip0), which the command at word 14 (dma-in) writes "
            "without an order between them");
  // Without tokens back, the second write may come before the read.
  EXPECT_EQ(verifyText(in + "dma-in.signal 7, 1\n" +
                       copyRow("dma-in", "constants+0x0", "chip0+0x0", 16) +
                       "dma-out.wait 7, 1\n" + out + "halt\n"),
            "command at word 48 (dma-out.copy): source: reads bytes [0, 16) of "
            "memory 'a' (chip0), which the command at word 31 (dma-in) writes "
            "without an order between them");
}

TEST(NpuVerifier, TokensAreBalanced) {
  EXPECT_EQ(verifyText("dma-in.signal 9, 3\narray.wait 9, 2\nhalt\n"),
            "semaphore 9 still has 1 tokens at halt: signals and waits must be "
            "equal in number");
  EXPECT_EQ(verifyText("dma-in.signal 9, 2\narray.wait 9, 3\nhalt\n"),
            "deadlock: these wait for ever: command at word 2 (array.wait): "
            "semaphore 9");
  EXPECT_EQ(verifyText("dma-in.wait 1, 1\ndma-in.signal 2, 1\n"
                       "array.wait 2, 1\narray.signal 1, 1\nhalt\n"),
            "deadlock: these wait for ever: command at word 0 (dma-in.wait): "
            "semaphore 1; command at word 4 (array.wait): semaphore 2");
  EXPECT_EQ(verifyText("dma-in.signal 9, 1\nvector.signal 9, 1\n"
                       "array.wait 9, 2\nhalt\n"),
            "command at word 2 (vector.signal): queue dma-in already signals "
            "semaphore 9; a second queue cannot");
  EXPECT_EQ(verifyText("dma-in.signal 9, 2\nvector.wait 9, 1\n"
                       "array.wait 9, 1\nhalt\n"),
            "command at word 2 (vector.wait): queue array already waits for "
            "semaphore 9; a second queue cannot");
}

TEST(NpuVerifier, OutputsAreWritten) {
  EXPECT_EQ(
      verifyText(copyRow("dma-in", "input0+0x0", "output0+0x0", 12) + "halt\n",
                 ".tensor \"y\" int8 [16] output0+0x0\n"),
      "output 'y': bytes [12, 16) of output0 are never written");
}

TEST(NpuVerifier, TablesAreChecked) {
  EXPECT_EQ(verifyText("halt\n", ".tensor \"t\" int8 [1] chip0+0x0\n"),
            "tensor 't' is in chip0; it must be in an input or an output");
  EXPECT_EQ(verifyText("dma-in.mark 3\nhalt\n"),
            "command at word 0 (dma-in.mark): there is no layer 3");
  EXPECT_EQ(verifyText(".at 1 []\nhalt\n"), "the debug map names layer 1 of 0");
  EXPECT_EQ(verifyText("dma-in.mark 3\n"),
            "no halt at the end of the commands");
  EXPECT_EQ(verifyText("halt\nhalt\n"),
            "command at word 0: something follows halt");
  EXPECT_EQ(verifyText(".word 0x00001801\nhalt\n"),
            "command at word 0: a reserved bit is not zero");
  EXPECT_EQ(verifyText("dma-in.set extent0=0\nhalt\n"),
            "command at word 0: register 'extent0' holds 0; it may be from 1 "
            "to 2147483647");
  EXPECT_EQ(verifyText("dma-in.copy\nhalt\n"),
            "command at word 0: register 'extent0' holds 0; it may be from 1 "
            "to 2147483647");
  EXPECT_EQ(verifyText("scalar.program\nhalt\n"),
            "command at word 0 (scalar.program): there is no program 0");
  Stream stream = makeSample();
  stream.features = 0;
  EXPECT_EQ(messageOf(verify(stream, getSampleMemories())),
            "a command uses int8, which is not among the stream's features");
}

TEST(NpuVerifier, ScatteredBytesHaveALimit) {
  Stream stream = makeSample();
  VerifyOptions options;
  options.maxPieces = 5;
  std::string message = messageOf(verify(stream, getSampleMemories(), options));
  EXPECT_NE(message.find("too scattered to be followed"), message.npos)
      << message;
}

TEST(NpuVerifier, LongStreamsAreFast) {
  SampleOptions options;
  options.tiles = 10000;
  Stream stream = makeSample(options);
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(messageOf(verify(stream, getSampleMemories())), "");
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  RecordProperty("words", static_cast<int>(stream.commands.size()));
  // About 120,000 commands take tenths of a second; a machine may be busy.
  EXPECT_LT(seconds.count(), 30);
}

} // namespace
