//===- Wav.cpp - Sound files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Support/Wav.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <cmath>

namespace lacuna {

namespace endian = llvm::support::endian;

namespace {
struct Format {
  unsigned tag = 0, channels = 0, rate = 0, bits = 0;

  bool isFloat() const { return tag == 3 && bits == 32; }
  bool isPcm() const {
    return tag == 1 && (bits == 8 || bits == 16 || bits == 24 || bits == 32);
  }
};
} // namespace

static float readSample(const Format &format, const char *data) {
  if (format.isFloat())
    return llvm::bit_cast<float>(endian::read32le(data));
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
      format.bits = endian::read16le(file.data() + 14);
      // WAVE_FORMAT_EXTENSIBLE holds the real tag at the start of a GUID.
      if (format.tag == 0xFFFE && size >= 26)
        format.tag = endian::read16le(file.data() + 24);
    }
    if (name == "data") {
      if (!format.isPcm() && !format.isFloat())
        return error("an encoding that is neither PCM nor 32-bit float");
      if (format.channels == 0 || format.rate < 1000)
        return error("impossible number of channels or sample rate");
      // A writer that streams leaves the size open.
      llvm::StringRef data = file.take_front(size);
      if (data.size() < size && size < 0x7FFFFF00)
        return error("truncated: it holds " + llvm::Twine(data.size()) +
                     " of " + llvm::Twine(size) + " bytes of sound");
      size_t bytes = format.bits / 8, step = bytes * format.channels;
      Sound sound;
      sound.rate = format.rate;
      for (size_t at = 0; at + step <= data.size(); at += step) {
        float sum = 0;
        for (unsigned channel = 0; channel < format.channels; ++channel)
          sum += readSample(format, data.data() + at + channel * bytes);
        sound.samples.push_back(sum / format.channels);
      }
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
