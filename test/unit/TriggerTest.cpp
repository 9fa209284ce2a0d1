//===- TriggerTest.cpp - When a word was heard -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/include/lacuna/trigger.h"

#include "gtest/gtest.h"
#include <cmath>
#include <vector>

namespace {

struct Trigger {
  explicit Trigger(const lacuna_trigger_config &config)
      : memory(lacuna_trigger_bytes(&config) / 16 + 1),
        state(lacuna_trigger_init(memory.data(), &config)) {}

  /// The class that is heard when the word has this posterior, or -1.
  int push(float word) {
    const float posteriors[] = {1 - word, 0, word};
    return lacuna_trigger_push(state, posteriors, &confidence);
  }

  struct alignas(16) Block {
    char bytes[16];
  };
  std::vector<Block> memory;
  lacuna_trigger *state;
  float confidence = 0;
};

/// Silence, unknown and a word.
lacuna_trigger_config makeConfig() { return {3, 2, 4, 1, 10, 0.7f}; }

TEST(Trigger, AveragesTheLastPosteriors) {
  Trigger trigger(makeConfig());
  EXPECT_EQ(lacuna_trigger_average(trigger.state, 2), 0);
  trigger.push(0.6f);
  EXPECT_FLOAT_EQ(lacuna_trigger_average(trigger.state, 2), 0.6f);
  trigger.push(0.2f);
  EXPECT_FLOAT_EQ(lacuna_trigger_average(trigger.state, 2), 0.4f);
  for (float word : {0.0f, 0.0f, 0.6f})
    trigger.push(word);
  EXPECT_FLOAT_EQ(lacuna_trigger_average(trigger.state, 2), 0.2f);
  EXPECT_FLOAT_EQ(lacuna_trigger_average(trigger.state, 0), 0.8f);
}

TEST(Trigger, OnePeakIsNoWord) {
  Trigger trigger(makeConfig());
  EXPECT_EQ(trigger.push(0), -1);
  EXPECT_EQ(trigger.push(1), -1);
  EXPECT_EQ(trigger.push(1), -1); // 2/3 on average
  EXPECT_EQ(trigger.push(1), 2);
  EXPECT_FLOAT_EQ(trigger.confidence, 0.75f);
}

TEST(Trigger, ReportsAWordOnce) {
  Trigger trigger(makeConfig());
  EXPECT_EQ(trigger.push(1), 2);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(trigger.push(i < 5 ? 1 : 0), -1);
  EXPECT_EQ(trigger.push(0), -1);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(trigger.push(1), -1);
  EXPECT_EQ(trigger.push(1), 2);
}

TEST(Trigger, BackgroundNeverTriggers) {
  Trigger trigger(makeConfig());
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(trigger.push(0), -1);
}

TEST(Trigger, ConfidenceOfAPhraseIsTheGeometricMeanOfItsParts) {
  lacuna_trigger_config config = {4, 4, 1, 3, 0, 1};
  Trigger trigger(config);
  const float rows[][4] = {{0.2f, 0.8f, 0, 0}, {0.4f, 0, 0.5f, 0.1f}};
  for (const float *row : rows)
    lacuna_trigger_push(trigger.state, row, &trigger.confidence);
  const int phrase[] = {1, 2}, never[] = {1, 3, 0};
  EXPECT_NEAR(lacuna_trigger_confidence(trigger.state, phrase, 2),
              std::sqrt(0.8f * 0.5f), 1e-6);
  EXPECT_NEAR(lacuna_trigger_confidence(trigger.state, never, 3),
              std::cbrt(0.8f * 0.1f * 0.4f), 1e-6);
  // The first of them is out of reach two posteriors later.
  for (int i = 0; i < 2; ++i)
    lacuna_trigger_push(trigger.state, rows[1], &trigger.confidence);
  EXPECT_EQ(lacuna_trigger_confidence(trigger.state, phrase, 2), 0);
}

TEST(Trigger, ResetForgets) {
  Trigger trigger(makeConfig());
  EXPECT_EQ(trigger.push(1), 2);
  lacuna_trigger_reset(trigger.state);
  EXPECT_EQ(lacuna_trigger_average(trigger.state, 2), 0);
  EXPECT_EQ(trigger.push(1), 2);
}

TEST(Trigger, RefusesImpossibleConfigurations) {
  std::vector<lacuna_trigger_config> wrong(5, makeConfig());
  wrong[0].classes = 0;
  wrong[1].background = 4;
  wrong[2].smoothing = 0;
  wrong[3].threshold = 1.5f;
  wrong[4].refractory = -1;
  for (const lacuna_trigger_config &config : wrong)
    EXPECT_EQ(lacuna_trigger_bytes(&config), 0u);
}

TEST(Trigger, SoftmaxOfLargeScores) {
  float scores[] = {1000, 1000, -1000};
  lacuna_softmax(scores, 3);
  EXPECT_FLOAT_EQ(scores[0], 0.5f);
  EXPECT_FLOAT_EQ(scores[2], 0);
}

} // namespace
