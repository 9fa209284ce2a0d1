//===- NpuStreamFuzzTest.cpp - Damaged and hostile streams -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuSampleStream.h"

#include "gtest/gtest.h"
#include <random>

using namespace lacuna::npu;

namespace {

constexpr unsigned kFiles = 100000, kCommands = 20000, kTexts = 10000;

/// What became of streams.
struct Counts {
  unsigned decoded = 0, verified = 0;
};

/// Everything that is done with a file from outside.
void readFile(const std::vector<uint8_t> &file, Counts &counts) {
  llvm::Expected<Stream> stream = decode(file);
  if (!stream) {
    EXPECT_NE(llvm::toString(stream.takeError()), "");
    return;
  }
  ++counts.decoded;
  VerifyOptions options;
  options.maxPieces = 1 << 12;
  if (llvm::Error error = verify(*stream, getSampleMemories(), options))
    EXPECT_NE(llvm::toString(std::move(error)), "");
  else
    ++counts.verified;
  // What decodes can be printed, read again, and is the same.
  std::string text;
  llvm::raw_string_ostream os(text);
  disassemble(*stream, os);
  llvm::Expected<Stream> again = assemble(text);
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError()) << text;
  EXPECT_EQ(again->commands, stream->commands);
  EXPECT_EQ(again->constants.get(), stream->constants.get());
  EXPECT_EQ(llvm::cantFail(encode(*again)), llvm::cantFail(encode(*stream)));
}

TEST(NpuStreamFuzz, MutatedFilesFailWithAMessage) {
  SampleOptions options;
  options.tiles = 3;
  std::vector<uint8_t> file = llvm::cantFail(encode(makeSample(options)));
  options.hasSteps = true;
  std::vector<uint8_t> steps = llvm::cantFail(encode(makeSample(options)));
  Mutator mutator(file), stepsMutator(steps);
  Counts counts;
  for (unsigned i = 0; i < kFiles && !HasFailure(); ++i)
    readFile(i % 2 ? stepsMutator.mutate() : mutator.mutate(), counts);
  // The mutations get past the sums and deep into the verifier.
  EXPECT_GT(counts.decoded, kFiles / 8);
  EXPECT_GT(counts.verified, 100u);
  EXPECT_LT(counts.verified, counts.decoded / 2);
  RecordProperty("decoded", static_cast<int>(counts.decoded));
  RecordProperty("verified", static_cast<int>(counts.verified));
}

TEST(NpuStreamFuzz, MutatedCommandsFailWithAMessage) {
  SampleOptions options;
  options.tiles = 3;
  options.hasSteps = true;
  Stream original = makeSample(options);
  Mutator mutator({});
  Counts counts;
  for (unsigned i = 0; i < kCommands && !HasFailure(); ++i) {
    Stream stream = original;
    for (unsigned count = 1 + mutator.random() % 3; count; --count) {
      uint32_t &word =
          stream.commands[mutator.random() % stream.commands.size()];
      switch (mutator.random() % 4) {
      case 0:
        word ^= uint32_t(1) << mutator.random() % 32;
        break;
      case 1:
        word = stream.commands[mutator.random() % stream.commands.size()];
        break;
      case 2:
        word += mutator.random() % 9 - 4;
        break;
      case 3:
        word = mutator.random();
        break;
      }
    }
    readFile(llvm::cantFail(encode(stream)), counts);
  }
  EXPECT_EQ(counts.decoded, kCommands);
  EXPECT_GT(counts.verified, 100u);
  EXPECT_LT(counts.verified, counts.decoded);
}

TEST(NpuStreamFuzz, MutatedTextFailsWithAPlace) {
  SampleOptions options;
  options.tiles = 1;
  options.hasSteps = true;
  std::string original;
  llvm::raw_string_ostream os(original);
  disassemble(makeSample(options), os);
  Mutator mutator({});
  for (unsigned i = 0; i < kTexts; ++i) {
    std::string text = original;
    for (unsigned count = 1 + mutator.random() % 3; count; --count) {
      size_t at = mutator.random() % text.size();
      switch (mutator.random() % 4) {
      case 0:
        text[at] = static_cast<char>(mutator.random());
        break;
      case 1:
        text.erase(at, mutator.random() % 8);
        break;
      case 2:
        text.insert(at, original, mutator.random() % original.size(),
                    mutator.random() % 16);
        break;
      case 3:
        text.resize(at);
        break;
      }
      if (text.empty())
        break;
    }
    llvm::Expected<Stream> stream = assemble(text);
    if (!stream) {
      std::string message = llvm::toString(stream.takeError());
      EXPECT_TRUE(isdigit(message[0])) << message;
    }
  }
}

} // namespace
