//===- WavTest.cpp - Sound files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Support/Wav.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace lacuna;

namespace {

/// Writes `data` as a WAVE file; the header may claim another size.
std::string writeFile(unsigned tag, unsigned channels, unsigned bits,
                      llvm::StringRef data, size_t claimed) {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("lacuna", "wav", path));
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  auto word = [&](uint32_t value, unsigned bytes) {
    char buffer[4];
    llvm::support::endian::write32le(buffer, value);
    os << llvm::StringRef(buffer, bytes);
  };
  os << "RIFF";
  word(36 + data.size(), 4);
  os << "WAVEfmt ";
  word(16, 4);
  word(tag, 2);
  word(channels, 2);
  word(8000, 4);
  word(8000 * channels * bits / 8, 4);
  word(channels * bits / 8, 2);
  word(bits, 2);
  os << "data";
  word(claimed, 4);
  os << data;
  return path.str().str();
}

TEST(Wav, ReadsEveryDepth) {
  for (auto [bits, data] :
       {std::pair(8u, llvm::StringRef("\xC0", 1)),
        std::pair(16u, llvm::StringRef("\x00\x40", 2)),
        std::pair(24u, llvm::StringRef("\x00\x00\x40", 3)),
        std::pair(32u, llvm::StringRef("\x00\x00\x00\x40", 4))}) {
    std::string path = writeFile(1, 1, bits, data, data.size());
    llvm::Expected<Sound> sound = readWav(path);
    ASSERT_TRUE(bool(sound)) << llvm::toString(sound.takeError());
    ASSERT_EQ(sound->samples.size(), 1u);
    EXPECT_FLOAT_EQ(sound->samples[0], 0.5f);
    llvm::sys::fs::remove(path);
  }
}

TEST(Wav, AveragesChannels) {
  std::string path =
      writeFile(1, 2, 16, llvm::StringRef("\x00\x40\x00\xC0", 4), 4);
  llvm::Expected<Sound> sound = readWav(path);
  ASSERT_TRUE(bool(sound)) << llvm::toString(sound.takeError());
  ASSERT_EQ(sound->samples.size(), 1u);
  EXPECT_FLOAT_EQ(sound->samples[0], 0.0f);
  llvm::sys::fs::remove(path);
}

TEST(Wav, RefusesWhatItCannotRead) {
  for (auto [tag, claimed, reason] :
       {std::tuple(1u, 100u, "truncated"), std::tuple(7u, 2u, "encoding"),
        std::tuple(1u, 0u, "no sound")}) {
    std::string path =
        writeFile(tag, 1, 16, llvm::StringRef("\x00\x40", 2), claimed);
    llvm::Expected<Sound> sound = readWav(path);
    ASSERT_FALSE(bool(sound));
    EXPECT_NE(llvm::toString(sound.takeError()).find(reason),
              std::string::npos);
    llvm::sys::fs::remove(path);
  }
}

TEST(Wav, ResamplingKeepsATone) {
  Sound tone;
  tone.rate = 22050;
  for (int i = 0; i < 22050; ++i)
    tone.samples.push_back(
        float(std::sin(2 * std::acos(-1.0) * 440 * i / tone.rate)));
  Sound result = resample(tone, 16000);
  ASSERT_EQ(result.samples.size(), 16000u);
  for (int i = 1000; i < 15000; ++i)
    EXPECT_NEAR(result.samples[i],
                std::sin(2 * std::acos(-1.0) * 440 * i / 16000), 1e-3);
}

TEST(Wav, CutsTheLoudestPart) {
  Sound sound;
  sound.rate = 10;
  sound.samples = {0, 0, 0, 1, 1, 0, 0};
  EXPECT_EQ(cutClip(sound, 2), (std::vector<float>{1, 1}));
  EXPECT_EQ(cutClip(sound, 9), (std::vector<float>{0, 0, 0, 1, 1, 0, 0, 0, 0}));
}

} // namespace
