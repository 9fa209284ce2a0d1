//===- MfccTest.cpp - The MFCC front end against its definition -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/include/lacuna/mfcc.h"

#include "gtest/gtest.h"
#include <cmath>
#include <complex>
#include <vector>

namespace {

/// A front end in memory of its own.
struct Mfcc {
  explicit Mfcc(const lacuna_mfcc_config &config)
      : memory(lacuna_mfcc_bytes(&config) / 16 + 1),
        state(lacuna_mfcc_init(memory.data(), &config)) {}

  struct alignas(16) Block {
    char bytes[16];
  };
  std::vector<Block> memory;
  lacuna_mfcc *state;
};

/// The definition, in doubles, with a DFT by its formula.
std::vector<double> defineFrame(const lacuna_mfcc_config &c,
                                const float *samples) {
  const double pi = std::acos(-1.0);
  auto mel = [](double f) { return 2595.0 * std::log10(1.0 + f / 700.0); };
  auto edge = [&](int i) {
    double m = mel(c.low) + (mel(c.high) - mel(c.low)) * i / (c.mels + 1);
    return 700.0 * (std::pow(10.0, m / 2595.0) - 1.0);
  };
  std::vector<double> logs(c.mels, c.floor);
  for (int bin = 0; bin <= c.fft / 2; ++bin) {
    std::complex<double> sum = 0;
    for (int i = 0; i < c.window; ++i)
      sum += samples[i] * (0.5 - 0.5 * std::cos(2 * pi * i / c.window)) *
             std::polar(1.0, -2 * pi * bin * i / c.fft);
    double f = double(bin) * c.sample_rate / c.fft;
    for (int m = 0; m < c.mels; ++m)
      logs[m] += std::norm(sum) *
                 std::max(0.0, std::min((f - edge(m)) / (edge(m + 1) - edge(m)),
                                        (edge(m + 2) - f) /
                                            (edge(m + 2) - edge(m + 1))));
  }
  std::vector<double> out(c.coefficients, 0.0);
  for (int k = 0; k < c.coefficients; ++k)
    for (int m = 0; m < c.mels; ++m)
      out[k] += std::log(logs[m]) * std::cos(pi / c.mels * (m + 0.5) * k) *
                std::sqrt(2.0 / c.mels) * (k == 0 ? std::sqrt(0.5) : 1.0);
  return out;
}

/// A chirp with some noise: energy in every filter.
std::vector<float> makeSignal(size_t count) {
  std::vector<float> signal(count);
  unsigned noise = 1;
  for (size_t i = 0; i < count; ++i) {
    noise = noise * 1664525u + 1013904223u;
    signal[i] = 0.5f * std::sin(1e-4f * i * i) +
                0.1f * (float(noise >> 8) / (1 << 24) - 0.5f);
  }
  return signal;
}

TEST(Mfcc, MatchesItsDefinition) {
  lacuna_mfcc_config small = lacuna_mfcc_default();
  small.window = 200;
  small.hop = 80;
  small.fft = 256;
  small.sample_rate = 8000;
  small.high = 3800;
  small.mels = 20;
  small.coefficients = 13;
  for (const lacuna_mfcc_config &config : {lacuna_mfcc_default(), small}) {
    Mfcc mfcc(config);
    ASSERT_NE(mfcc.state, nullptr);
    std::vector<float> signal = makeSignal(config.window + 5 * config.hop);
    std::vector<float> out(6 * config.coefficients);
    EXPECT_EQ(
        lacuna_mfcc_clip(mfcc.state, signal.data(), signal.size(), out.data()),
        6u);
    for (int frame = 0; frame < 6; ++frame) {
      std::vector<double> expected =
          defineFrame(config, signal.data() + frame * config.hop);
      for (int k = 0; k < config.coefficients; ++k)
        EXPECT_NEAR(out[frame * config.coefficients + k], expected[k], 1e-3);
    }
  }
}

TEST(Mfcc, CountsWholeFrames) {
  Mfcc mfcc(lacuna_mfcc_default());
  EXPECT_EQ(lacuna_mfcc_frames(mfcc.state, 16000), 98u);
  EXPECT_EQ(lacuna_mfcc_frames(mfcc.state, 480), 1u);
  EXPECT_EQ(lacuna_mfcc_frames(mfcc.state, 479), 0u);
}

TEST(Mfcc, RefusesImpossibleConfigurations) {
  lacuna_mfcc_config config = lacuna_mfcc_default();
  config.fft = 500;
  EXPECT_EQ(lacuna_mfcc_bytes(&config), 0u);
  config = lacuna_mfcc_default();
  config.high = 9000;
  EXPECT_EQ(lacuna_mfcc_bytes(&config), 0u);
  config = lacuna_mfcc_default();
  config.coefficients = 65;
  EXPECT_EQ(lacuna_mfcc_bytes(&config), 0u);
  config = lacuna_mfcc_default();
  EXPECT_EQ(lacuna_mfcc_init(nullptr, &config), nullptr);
}

} // namespace
