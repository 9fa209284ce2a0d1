//===- Wav.cpp - Sound files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Support/Wav.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <cmath>

namespace lacuna {

namespace endian = llvm::support::endian;

namespace {
struct Format {
  unsigned tag = 0, channels = 0, rate = 0, block = 0, bits = 0;

  bool isFloat() const { return tag == 3; }

  /// Why sound of this format is not read; empty if it is.
  std::string getRefusal() const {
    if (tag == 0)
      return "it does not say its format before its sound";
    if (tag != 1 && tag != 3)
      return llvm::formatv("an encoding, {0:x4}, that is neither PCM nor float",
                           tag);
    if (isFloat() ? bits != 32 && bits != 64
                  : bits != 8 && bits != 16 && bits != 24 && bits != 32)
      return llvm::formatv("{0} of {1} bits; PCM of 8, 16, 24 or 32 and float "
                           "of 32 or 64 are read",
                           isFloat() ? "float" : "PCM", bits);
    if (channels == 0 || block != channels * bits / 8)
      return llvm::formatv("{0} channels of {1} bits cannot be {2} bytes",
                           channels, bits, block);
    if (rate < 1000 || rate > 768000)
      return llvm::formatv("{0} Hz; rates from 1000 to 768000 are read", rate);
    return "";
  }
};
} // namespace

static float readSample(const Format &format, const char *data) {
  if (format.isFloat())
    return format.bits == 32
               ? llvm::bit_cast<float>(endian::read32le(data))
               : float(llvm::bit_cast<double>(endian::read64le(data)));
  switch (format.bits) {
  case 8:
    return (uint8_t(*data) - 128) / 128.0f;
  case 16:
    return int16_t(endian::read16le(data)) / 32768.0f;
  case 24: {
    uint32_t bits = uint8_t(data[0]) << 8 | uint8_t(data[1]) << 16 |
                    uint32_t(uint8_t(data[2])) << 24;
    return int32_t(bits) / 2147483648.0f;
  }
  default:
    return int32_t(endian::read32le(data)) / 2147483648.0f;
  }
}

/// The average of the channels. Whether all samples are sound: a mix may be a
/// little too loud, and is clipped, but numbers in another scale are refused.
static bool readSamples(const Format &format, llvm::StringRef data,
                        std::vector<float> &samples) {
  constexpr float loudest = 4;
  for (; data.size() >= format.block; data = data.drop_front(format.block)) {
    float sum = 0;
    for (unsigned channel = 0; channel < format.channels; ++channel) {
      float sample =
          readSample(format, data.data() + channel * format.bits / 8);
      if (!(std::fabs(sample) <= loudest))
        return false;
      sum += std::clamp(sample, -1.0f, 1.0f);
    }
    samples.push_back(sum / format.channels);
  }
  return true;
}

llvm::Expected<Sound> readWav(llvm::StringRef path) {
  auto error = [&](const llvm::Twine &reason) {
    return llvm::createStringError(path + ": " + reason);
  };
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return error(buffer.getError().message());
  llvm::StringRef file = (*buffer)->getBuffer();
  if (file.size() < 12 || !file.starts_with("RIFF") ||
      file.substr(8, 4) != "WAVE")
    return error("not a WAVE file");
  file = file.drop_front(12);

  Format format;
  while (file.size() >= 8) {
    llvm::StringRef name = file.take_front(4);
    uint32_t size = endian::read32le(file.data() + 4);
    file = file.drop_front(8);
    if (name == "fmt " && size >= 16 && file.size() >= size) {
      format.tag = endian::read16le(file.data());
      format.channels = endian::read16le(file.data() + 2);
      format.rate = endian::read32le(file.data() + 4);
      format.block = endian::read16le(file.data() + 12);
      format.bits = endian::read16le(file.data() + 14);
      // WAVE_FORMAT_EXTENSIBLE holds the real tag at the start of a GUID.
      if (format.tag == 0xFFFE && size >= 26)
        format.tag = endian::read16le(file.data() + 24);
    }
    if (name == "data") {
      if (std::string refusal = format.getRefusal(); !refusal.empty())
        return error(refusal);
      // A writer that streams leaves the size open.
      bool isOpen = size == 0 || size >= 0x7FFFFF00;
      llvm::StringRef data = isOpen ? file : file.take_front(size);
      if (!isOpen && (data.size() < size || size % format.block))
        return error("truncated: it holds " + llvm::Twine(data.size()) +
                     " of " + llvm::Twine(size) + " bytes of sound, " +
                     llvm::Twine(format.block) + " at a time");
      Sound sound;
      sound.rate = format.rate;
      if (!readSamples(format, data, sound.samples))
        return error("floats that are not within [-1, 1], where sound is");
      if (sound.samples.empty())
        return error("it holds no sound");
      return sound;
    }
    file = file.drop_front(std::min<size_t>(file.size(), size + size % 2));
  }
  return error("it has no sound data");
}

Sound resample(const Sound &sound, double rate) {
  if (sound.rate == rate)
    return sound;
  constexpr double pi = 3.14159265358979323846;
  // A windowed sinc, cut off below the lower of the two Nyquist rates.
  constexpr int lobes = 16;
  double ratio = rate / sound.rate, cutoff = std::min(1.0, ratio);
  int64_t count = sound.samples.size();
  Sound result;
  result.rate = rate;
  result.samples.resize(size_t(count * ratio));
  double reach = lobes / cutoff;
  for (size_t i = 0; i < result.samples.size(); ++i) {
    double centre = i / ratio, sum = 0;
    int64_t begin = std::max<int64_t>(0, std::ceil(centre - reach));
    int64_t end = std::min<int64_t>(count - 1, std::floor(centre + reach));
    for (int64_t j = begin; j <= end; ++j) {
      double t = j - centre, x = pi * cutoff * t;
      double sinc = x == 0 ? 1 : std::sin(x) / x;
      double hann = 0.5 + 0.5 * std::cos(pi * t / reach);
      sum += sound.samples[j] * cutoff * sinc * hann;
    }
    result.samples[i] = float(sum);
  }
  return result;
}

std::vector<float> cutClip(const Sound &sound, size_t count) {
  const std::vector<float> &samples = sound.samples;
  std::vector<float> clip(count, 0.0f);
  if (samples.size() <= count) {
    std::copy(samples.begin(), samples.end(), clip.begin());
    return clip;
  }
  double energy = 0, most = -1;
  size_t best = 0;
  for (size_t end = 0; end < samples.size(); ++end) {
    energy += double(samples[end]) * samples[end];
    if (end + 1 < count)
      continue;
    size_t begin = end + 1 - count;
    if (energy > most) {
      most = energy;
      best = begin;
    }
    energy -= double(samples[begin]) * samples[begin];
  }
  std::copy_n(samples.begin() + best, count, clip.begin());
  return clip;
}

} // namespace lacuna
