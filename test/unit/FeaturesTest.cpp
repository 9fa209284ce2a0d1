//===- FeaturesTest.cpp - Front ends against their definition -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/include/lacuna/features.h"
#include "runtime/include/lacuna/fixed_features.h"

#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

namespace {

using Frames = std::vector<std::vector<double>>;

struct alignas(16) Block {
  char bytes[16];
};

/// What the front end in floats makes of `signal`, given in parts of `part`.
Frames runFloat(const lacuna_features_config &config,
                const std::vector<int16_t> &signal, size_t part) {
  std::vector<Block> memory(lacuna_features_bytes(&config) / 16 + 1);
  lacuna_features *state = lacuna_features_init(memory.data(), &config);
  EXPECT_NE(state, nullptr);
  std::vector<float> floats(signal.begin(), signal.end());
  for (float &value : floats)
    value /= 32768;
  Frames frames;
  std::vector<float> frame(lacuna_features_width(&config));
  for (size_t at = 0; at < signal.size();) {
    int ready = 0;
    size_t count = std::min(part, signal.size() - at);
    // By turns as floats and as integers: they are the same samples.
    at += frames.size() % 2
              ? lacuna_features_push(state, &floats[at], count, frame.data(),
                                     &ready)
              : lacuna_features_push_s16(state, &signal[at], count,
                                         frame.data(), &ready);
    if (ready)
      frames.emplace_back(frame.begin(), frame.end());
  }
  return frames;
}

/// The same in integers.
Frames runFixed(const lacuna_features_config &config,
                const std::vector<int16_t> &signal, size_t part) {
  std::vector<Block> memory(lacuna_fixed_features_bytes(&config) / 16 + 1);
  lacuna_fixed_features *state =
      lacuna_fixed_features_init(memory.data(), &config);
  EXPECT_NE(state, nullptr);
  Frames frames;
  std::vector<int32_t> frame(lacuna_features_width(&config));
  for (size_t at = 0; at < signal.size();) {
    int ready = 0;
    at += lacuna_fixed_features_push(state, &signal[at],
                                     std::min(part, signal.size() - at),
                                     frame.data(), &ready);
    if (!ready)
      continue;
    frames.emplace_back();
    for (int32_t value : frame)
      frames.back().push_back(value / 65536.0);
  }
  return frames;
}

double slaney(double f) {
  return f < 1000 ? f * 3 / 200 : 15 + 27 * std::log(f / 1000) / std::log(6.4);
}

/// Frequency of a mel: the scale, searched.
double findHz(const lacuna_features_config &c, double mel) {
  double from = 0, to = c.sample_rate;
  for (int i = 0; i < 100; ++i) {
    double middle = (from + to) / 2;
    double own = c.mel_scale == LACUNA_MEL_SLANEY
                     ? slaney(middle)
                     : 2595 * std::log10(1 + middle / 700);
    (own < mel ? from : to) = middle;
  }
  return from;
}

/// The definition, in doubles, with a DFT by its formula.
std::vector<double> defineFrame(const lacuna_features_config &c,
                                const int16_t *samples) {
  const double pi = std::acos(-1.0);
  auto mel = [&](double f) {
    return c.mel_scale == LACUNA_MEL_SLANEY ? slaney(f)
                                            : 2595 * std::log10(1 + f / 700);
  };
  std::vector<double> edges;
  for (int i = 0; i < c.mels + 2; ++i)
    edges.push_back(
        findHz(c, mel(c.low) + (mel(c.high) - mel(c.low)) * i / (c.mels + 1)));
  std::vector<double> logs(c.mels, c.floor);
  for (int bin = 0; bin <= c.fft / 2; ++bin) {
    std::complex<double> sum = 0;
    for (int i = 0; i < c.window; ++i) {
      double turn = 2 * pi * i / (c.window - (c.window_is_symmetric ? 1 : 0));
      double shape = c.window_shape == LACUNA_WINDOW_HANN
                         ? 0.5 - 0.5 * std::cos(turn)
                     : c.window_shape == LACUNA_WINDOW_HAMMING
                         ? 0.54 - 0.46 * std::cos(turn)
                         : 1;
      sum += samples[i] / 32768.0 * shape *
             std::polar(1.0, -2 * pi * bin * i / c.fft);
    }
    double f = double(bin) * c.sample_rate / c.fft;
    for (int m = 0; m < c.mels; ++m) {
      double weight = std::max(
          0.0, std::min((f - edges[m]) / (edges[m + 1] - edges[m]),
                        (edges[m + 2] - f) / (edges[m + 2] - edges[m + 1])));
      if (c.mel_norm == LACUNA_MEL_NORM_AREA)
        weight *= 2 / (edges[m + 2] - edges[m]);
      logs[m] += std::norm(sum) * weight;
    }
  }
  for (double &value : logs)
    value = std::log(value);
  std::vector<double> out = logs;
  if (c.coefficients) {
    out.assign(c.coefficients, 0.0);
    for (int k = 0; k < c.coefficients; ++k)
      for (int m = 0; m < c.mels; ++m)
        out[k] += logs[m] * std::cos(pi / c.mels * (m + 0.5) * k) *
                  std::sqrt(2.0 / c.mels) * (k == 0 ? std::sqrt(0.5) : 1.0);
  }
  for (size_t k = 0; k < out.size(); ++k)
    out[k] = (out[k] - (c.mean ? c.mean[k] : 0)) * (c.scale ? c.scale[k] : 1);
  return out;
}

/// The signal of Inputs/features_golden.py, divided by a power of two.
std::vector<int16_t> makeSignal(size_t count, int divisor = 1) {
  std::vector<int16_t> signal(count);
  uint32_t noise = 1, phase = 0;
  for (size_t i = 0; i < count; ++i) {
    noise = noise * 1664525u + 1013904223u;
    phase = (phase + 8 * uint32_t(i)) % 65536;
    int value =
        std::abs(int(phase) - 32768) / 2 - 8192 + int(noise >> 22) - 512;
    signal[i] = int16_t(value / divisor);
  }
  return signal;
}

double getError(const Frames &actual, const Frames &expected) {
  EXPECT_EQ(actual.size(), expected.size());
  double error = 0;
  for (size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
    EXPECT_EQ(actual[i].size(), expected[i].size());
    for (size_t k = 0; k < expected[i].size(); ++k)
      error = std::max(error, std::abs(actual[i][k] - expected[i][k]));
  }
  return error;
}

lacuna_features_config makeSmall() {
  lacuna_features_config config = lacuna_features_default();
  config.sample_rate = 8000;
  config.window = 200;
  config.hop = 80;
  config.fft = 256;
  config.high = 3800;
  config.mels = 20;
  config.coefficients = 13;
  return config;
}

const float mean[20] = {-40, 5, 1}, scale[20] = {0.02f, 0.1f, -3, 1, 1, 1};

std::vector<lacuna_features_config> makeConfigs() {
  std::vector<lacuna_features_config> configs = {lacuna_features_default()};
  configs.push_back(makeSmall());
  configs.push_back(makeSmall());
  configs.back().window_shape = LACUNA_WINDOW_HAMMING;
  configs.back().window_is_symmetric = 1;
  configs.back().coefficients = 0;
  configs.push_back(makeSmall());
  configs.back().mel_scale = LACUNA_MEL_SLANEY;
  configs.back().mel_norm = LACUNA_MEL_NORM_AREA;
  configs.back().floor = 1e-10f;
  configs.push_back(makeSmall());
  configs.back().mean = mean;
  configs.back().scale = scale;
  configs.push_back(configs.back());
  configs.back().coefficients = 0;
  configs.push_back(makeSmall());
  // Samples between two windows belong to none.
  configs.back().window = configs.back().fft = 64;
  configs.back().window_shape = LACUNA_WINDOW_RECTANGULAR;
  configs.back().mels = configs.back().coefficients = 1;
  return configs;
}

TEST(Features, AreThoseTheNetworksWereTrainedOn) {
  const Frames golden = {
#include "Inputs/FeaturesGolden.inc"
  };
  lacuna_features_config config = lacuna_features_default();
  std::vector<int16_t> signal = makeSignal(480 + 2 * 160);
  EXPECT_LT(getError(runFloat(config, signal, 800), golden), 1e-4);
  EXPECT_LT(getError(runFixed(config, signal, 800), golden), 1e-4);
}

TEST(Features, MatchTheirDefinitionLoudAndQuiet) {
  for (const lacuna_features_config &config : makeConfigs())
    for (int divisor : {1, 64, 4096}) {
      std::vector<int16_t> signal =
          makeSignal(config.window + 5 * config.hop, divisor);
      Frames expected;
      for (int frame = 0; frame < 6; ++frame)
        expected.push_back(defineFrame(config, &signal[frame * config.hop]));
      EXPECT_LT(getError(runFloat(config, signal, signal.size()), expected),
                2e-4);
      EXPECT_LT(getError(runFixed(config, signal, signal.size()), expected),
                2e-4);
    }
}

TEST(Features, DoNotDependOnHowSamplesCome) {
  for (const lacuna_features_config &config : makeConfigs()) {
    std::vector<int16_t> signal = makeSignal(config.window + 5 * config.hop);
    Frames once = runFloat(config, signal, signal.size());
    Frames onceFixed = runFixed(config, signal, signal.size());
    for (size_t part : {1, 7, 80, 333}) {
      EXPECT_EQ(runFloat(config, signal, part), once);
      EXPECT_EQ(runFixed(config, signal, part), onceFixed);
    }
  }
}

TEST(Features, OfExtremesStayInRange) {
  lacuna_features_config config = lacuna_features_default();
  std::vector<int16_t> silence(480, 0), constant(480, INT16_MIN), square(480);
  for (size_t i = 0; i < square.size(); ++i)
    square[i] = i / 4 % 2 ? INT16_MAX : INT16_MIN;
  for (const auto &signal : {silence, constant, square}) {
    Frames expected = {defineFrame(config, signal.data())};
    // What is 110 dB below the loudest is rounded to some 8 bits.
    EXPECT_LT(getError(runFixed(config, signal, 480), expected), 1e-2);
    EXPECT_LT(getError(runFloat(config, signal, 480), expected), 1e-2);
  }
  // What does not fit is the nearest that does.
  const float most[40] = {1e6f, -1e6f};
  config.scale = most;
  std::vector<double> frame = runFixed(config, silence, 480)[0];
  EXPECT_EQ(frame[0], INT32_MIN / 65536.0);
}

TEST(Features, ResetForgets) {
  lacuna_features_config config = makeSmall();
  std::vector<int16_t> signal = makeSignal(200);
  std::vector<Block> memory(lacuna_features_bytes(&config) / 16 + 1);
  lacuna_features *state = lacuna_features_init(memory.data(), &config);
  float frame[13];
  int ready = 0;
  EXPECT_EQ(lacuna_features_push_s16(state, signal.data(), 199, frame, &ready),
            199u);
  EXPECT_FALSE(ready);
  lacuna_features_reset(state);
  EXPECT_EQ(lacuna_features_push_s16(state, signal.data(), 200, frame, &ready),
            200u);
  EXPECT_TRUE(ready);
}

TEST(Features, CountWholeFrames) {
  lacuna_features_config config = lacuna_features_default();
  EXPECT_EQ(lacuna_features_frames(&config, 16000), 98u);
  EXPECT_EQ(lacuna_features_frames(&config, 480), 1u);
  EXPECT_EQ(lacuna_features_frames(&config, 479), 0u);
}

TEST(Features, RefuseImpossibleConfigurations) {
  const float notANumber[40] = {NAN};
  std::vector<lacuna_features_config> wrong(7, lacuna_features_default());
  wrong[0].fft = 500;
  wrong[1].high = 9000;
  wrong[2].coefficients = 65;
  wrong[3].floor = 0;
  wrong[4].window_shape = lacuna_window_shape(7);
  wrong[5].mean = notANumber;
  wrong[6].sample_rate = INFINITY;
  Block block;
  for (const lacuna_features_config &config : wrong) {
    EXPECT_EQ(lacuna_features_bytes(&config), 0u);
    EXPECT_EQ(lacuna_fixed_features_bytes(&config), 0u);
    EXPECT_EQ(lacuna_features_init(&block, &config), nullptr);
  }
  lacuna_features_config config = lacuna_features_default();
  EXPECT_EQ(lacuna_features_init(nullptr, &config), nullptr);
  EXPECT_EQ(lacuna_fixed_features_init(block.bytes + 1, &config), nullptr);
}

} // namespace
