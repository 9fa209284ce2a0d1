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
#include <optional>

using namespace lacuna;

namespace {

/// What stands in the header of a WAVE file.
struct Header {
  unsigned tag = 1, channels = 1, bits = 16, rate = 8000;
  /// Whether the tag is in the extension, as programs write it for 24 bits.
  bool extensible = false;
  /// Bytes of a sample of all channels, and of all sound, if they are not
  /// those.
  std::optional<unsigned> block, claimed;
};

/// Reads `data` back from a file with this header.
llvm::Expected<Sound> readBack(const Header &header, llvm::StringRef data) {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("lacuna", "wav", path));
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  auto word = [&](uint32_t value, unsigned bytes) {
    char buffer[4];
    llvm::support::endian::write32le(buffer, value);
    os << llvm::StringRef(buffer, bytes);
  };
  unsigned block = header.block.value_or(header.channels * header.bits / 8);
  os << "RIFF";
  word(60 + data.size(), 4);
  // A chunk of odd size, which nobody knows.
  os << llvm::StringRef("WAVEjunk\x01\0\0\0x\0", 14);
  os << "fmt ";
  word(header.extensible ? 40 : 16, 4);
  word(header.extensible ? 0xFFFE : header.tag, 2);
  word(header.channels, 2);
  word(header.rate, 4);
  word(header.rate * block, 4);
  word(block, 2);
  word(header.bits, 2);
  if (header.extensible) {
    word(22, 2);
    word(header.bits, 2);
    word(0, 4);
    word(header.tag, 2);
    os << llvm::StringRef("\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71", 14);
  }
  os << "data";
  word(header.claimed.value_or(data.size()), 4);
  os << data;
  os.close();
  llvm::Expected<Sound> sound = readWav(path);
  llvm::sys::fs::remove(path);
  return sound;
}

/// The samples, or what is wrong.
std::vector<float> readSamples(const Header &header, llvm::StringRef data) {
  llvm::Expected<Sound> sound = readBack(header, data);
  EXPECT_TRUE(bool(sound)) << llvm::toString(sound.takeError());
  return sound ? sound->samples : std::vector<float>();
}

std::string readError(const Header &header, llvm::StringRef data) {
  llvm::Expected<Sound> sound = readBack(header, data);
  return sound ? "it is read" : llvm::toString(sound.takeError());
}

template <typename T>
std::string getBytes(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char *>(values.begin()),
                     values.size() * sizeof(T));
}

TEST(Wav, ReadsEveryDepth) {
  for (bool extensible : {false, true})
    for (auto [bits, data] :
         {std::pair(8u, llvm::StringRef("\xC0", 1)),
          std::pair(16u, llvm::StringRef("\x00\x40", 2)),
          std::pair(24u, llvm::StringRef("\x00\x00\x40", 3)),
          std::pair(32u, llvm::StringRef("\x00\x00\x00\x40", 4))}) {
      Header header;
      header.bits = bits;
      header.extensible = extensible;
      EXPECT_EQ(readSamples(header, data), std::vector<float>{0.5f});
    }
}

TEST(Wav, ReadsNegativeSamples) {
  for (auto [bits, data] : {std::pair(8u, llvm::StringRef("\0", 1)),
                            std::pair(16u, llvm::StringRef("\0\x80", 2)),
                            std::pair(24u, llvm::StringRef("\0\0\x80", 3)),
                            std::pair(32u, llvm::StringRef("\0\0\0\x80", 4))}) {
    Header header;
    header.bits = bits;
    EXPECT_EQ(readSamples(header, data), std::vector<float>{-1});
  }
}

TEST(Wav, ReadsFloatsAndClipsThem) {
  for (bool extensible : {false, true}) {
    Header header;
    header.tag = 3;
    header.extensible = extensible;
    header.bits = 32;
    EXPECT_EQ(readSamples(header, getBytes({0.25f, -1.5f})),
              (std::vector<float>{0.25f, -1}));
    header.bits = 64;
    EXPECT_EQ(readSamples(header, getBytes({0.25, 1.0})),
              (std::vector<float>{0.25f, 1}));
  }
}

TEST(Wav, RefusesFloatsThatAreNoSound) {
  Header header;
  header.tag = 3;
  header.bits = 32;
  for (float sample : {NAN, INFINITY, -20000.0f})
    EXPECT_NE(readError(header, getBytes({0.5f, sample})).find("[-1, 1]"),
              std::string::npos);
}

TEST(Wav, AveragesChannels) {
  Header header;
  header.channels = 2;
  EXPECT_EQ(readSamples(header, llvm::StringRef("\x00\x40\x00\xC0", 4)),
            std::vector<float>{0});
  header.channels = 4;
  EXPECT_EQ(readSamples(header, llvm::StringRef("\0\x40\0\0\0\0\0\0", 8)),
            std::vector<float>{0.125f});
}

TEST(Wav, ReadsSilence) {
  EXPECT_EQ(readSamples({}, std::string(6, '\0')), std::vector<float>(3, 0));
}

TEST(Wav, ReadsWhatAStreamHasWritten) {
  for (unsigned claimed : {0u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    Header header;
    header.claimed = claimed;
    EXPECT_EQ(readSamples(header, llvm::StringRef("\x00\x40\x00\xC0", 4)),
              (std::vector<float>{0.5f, -0.5f}));
  }
}

TEST(Wav, RefusesWhatItCannotRead) {
  llvm::StringRef data("\x00\x40\x00\x40", 4);
  std::vector<std::pair<Header, const char *>> wrong(9);
  wrong[0] = {Header(), "truncated: it holds 4 of 100 bytes"};
  wrong[0].first.claimed = 100;
  wrong[1] = {Header(), "truncated: it holds 3 of 3 bytes"};
  wrong[1].first.claimed = 3;
  wrong[2] = {Header(), "neither PCM nor float"};
  wrong[2].first.tag = 7;
  wrong[3] = {Header(), "PCM of 20 bits"};
  wrong[3].first.bits = 20;
  wrong[4] = {Header(), "float of 16 bits"};
  wrong[4].first.tag = 3;
  wrong[5] = {Header(), "0 channels"};
  wrong[5].first.channels = 0;
  wrong[6] = {Header(), "cannot be 3 bytes"};
  wrong[6].first.block = 3;
  wrong[7] = {Header(), "800 Hz"};
  wrong[7].first.rate = 800;
  wrong[8] = {Header(), "does not say its format"};
  wrong[8].first.tag = 0;
  for (auto [header, reason] : wrong)
    EXPECT_NE(readError(header, data).find(reason), std::string::npos)
        << readError(header, data);
  EXPECT_NE(readError({}, "").find("no sound"), std::string::npos);
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
