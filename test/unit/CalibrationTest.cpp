//===- CalibrationTest.cpp - Ranges, steps and weights of few bits -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Compress/Calibration.h"
#include "lacuna/Compress/QuantizationSpec.h"
#include "lacuna/Compress/TensorStatistics.h"

#include "gtest/gtest.h"
#include <cmath>

using namespace lacuna;

static HostTensor makeTensor(llvm::ArrayRef<float> values,
                             llvm::ArrayRef<int64_t> shape) {
  HostTensor tensor(DType::Float32, shape);
  llvm::copy(values, tensor.elements<float>().begin());
  return tensor;
}

TEST(TensorStatistics, GrowsWithItsValues) {
  TensorStatistics statistics;
  statistics.add(makeTensor({0.001f, -0.002f, 0.003f, 0.0f}, {1, 2, 2}));
  statistics.add(makeTensor({100.0f, -50.0f, 4.0f, 6.0f}, {1, 2, 2}));
  EXPECT_EQ(statistics.getLeast(), -50);
  EXPECT_EQ(statistics.getMost(), 100);
  EXPECT_EQ(statistics.getCount(), 8);
  uint64_t sum = 0;
  for (uint64_t bin : statistics.getBins())
    sum += bin;
  EXPECT_EQ(sum, 8u);
  std::vector<double> means = statistics.getChannelMeans();
  ASSERT_EQ(means.size(), 2u);
  EXPECT_NEAR(means[0], (0.001 - 0.002 + 100 - 50) / 4, 1e-4);
  EXPECT_NEAR(means[1], (0.003 + 4 + 6) / 4, 1e-4);
  EXPECT_NEAR(statistics.getQuantile(0.1), -50, statistics.getBinWidth());
  EXPECT_NEAR(statistics.getQuantile(1), 100, statistics.getBinWidth());
}

TEST(TensorStatistics, KnowsWhatIsNoNumber) {
  TensorStatistics statistics;
  statistics.add(makeTensor({1.0f, NAN}, {2}));
  EXPECT_FALSE(statistics.isFinite());
}

TEST(Calibration, ScalesHoldZero) {
  for (FloatRange range :
       {FloatRange{0, 6}, FloatRange{-1, 3}, FloatRange{-2, 0}})
    for (unsigned bits = 2; bits <= 8; ++bits) {
      Scaling scaling = getScaling(range, bits);
      EXPECT_EQ(scaling.most - scaling.least + 1, 1 << bits);
      EXPECT_GE(scaling.zeroPoint, scaling.least);
      EXPECT_LE(scaling.zeroPoint, scaling.most);
      EXPECT_NEAR((scaling.least - scaling.zeroPoint) * scaling.scale, range.lo,
                  scaling.scale);
      EXPECT_NEAR((scaling.most - scaling.zeroPoint) * scaling.scale, range.hi,
                  scaling.scale);
    }
  EXPECT_TRUE(std::isnormal(getScaling({0, 1e-44}, 8).scale));
}

TEST(Calibration, ClipsWhatIsRare) {
  TensorStatistics statistics;
  std::vector<float> values(10000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(i % 100) / 100;
  values[5] = 50;
  statistics.add(makeTensor(values, {int64_t(values.size())}));
  CalibrationOptions options;
  EXPECT_EQ(chooseRange(statistics, 8, options).hi, 50);
  options.calibration = Calibration::MinMax;
  EXPECT_EQ(chooseRange(statistics, 4, options).hi, 50);
  options.calibration = Calibration::Percentile;
  options.percentile = 99.9;
  EXPECT_NEAR(chooseRange(statistics, 4, options).hi, 1, 0.1);
  options.calibration = Calibration::Kl;
  EXPECT_LT(chooseRange(statistics, 4, options).hi, 10);
  // One value of 50 outweighs a thousand errors of 0.1.
  options.calibration = Calibration::Mse;
  FloatRange range = chooseRange(statistics, 4, options);
  EXPECT_GT(range.hi, 10);
  EXPECT_EQ(range.lo, 0);
}

TEST(Calibration, DivergenceKeepsWhatFewSamplesOfReluSay) {
  // Half of them zero, the others even up to 4 and then ever fewer.
  std::vector<float> values(2000);
  for (size_t i = 0; i < values.size(); i += 2)
    values[i] = float(i) / 500 * (i > 1800 ? 1.5f : 1);
  TensorStatistics statistics;
  statistics.add(makeTensor(values, {int64_t(values.size())}));
  CalibrationOptions options;
  options.calibration = Calibration::Kl;
  EXPECT_GT(chooseRange(statistics, 8, options).hi, 4);
}

TEST(Calibration, WeightsKeepWithinTheirBits) {
  std::vector<float> weights = {1.0f, -0.5f, 0.25f, 0.0f,
                                0.0f, 0.0f,  0.0f,  0.0f};
  for (unsigned bits = 2; bits <= 8; ++bits) {
    WeightOptions options;
    options.bits = bits;
    QuantizedWeights quantized = quantizeWeights(weights, 2, options);
    int most = (1 << (bits - 1)) - 1;
    EXPECT_EQ(quantized.values[0], most);
    for (int8_t value : quantized.values)
      EXPECT_LE(std::abs(value), most);
    // A filter of zeros has a scale all the same.
    EXPECT_GT(quantized.scales[1], 0);
  }
}

TEST(Calibration, OutliersAreOnTheStepsOfTheRest) {
  std::vector<float> weights(32, 0.07f);
  weights[3] = 1.0f;
  WeightOptions options;
  options.bits = 4;
  options.outliers = 0.035;
  QuantizedWeights quantized = quantizeWeights(weights, 1, options);
  EXPECT_EQ(quantized.values[0], 7);
  EXPECT_EQ(quantized.values[3], 100);
  options.outliers = 0;
  EXPECT_EQ(quantizeWeights(weights, 1, options).values[0], 0);
}

TEST(Calibration, GroupsHaveFactors) {
  // Of two groups one is a tenth of the other.
  std::vector<float> weights;
  WeightOptions options;
  options.bits = 4;
  for (int i = 0; i < 64; ++i) {
    weights.push_back(float(i % 15 - 7) * (i < 32 ? 0.1f : 1.0f));
    options.groups.push_back(i / 32);
  }
  QuantizedWeights quantized = quantizeWeights(weights, 1, options);
  // 18 times 7 is the largest number that a byte holds.
  EXPECT_FLOAT_EQ(quantized.scales[0], 1 / 18.0f);
  EXPECT_EQ(quantized.values[0], -6 * 2);
  EXPECT_EQ(quantized.values[32], (32 % 15 - 7) * 18);
  for (int i = 0; i < 64; ++i)
    EXPECT_EQ(quantized.values[i] % (i < 32 ? 2 : 18), 0) << i;
  options.groups.clear();
  EXPECT_EQ(quantizeWeights(weights, 1, options).values[0], -1);
}

TEST(Calibration, BiasesSetTheLeastScale) {
  std::vector<float> weights = {1e-20f, 1.0f};
  QuantizedWeights quantized =
      quantizeWeights(weights, 2, WeightOptions(), {0.5f, 1e-9f});
  EXPECT_EQ(quantized.scales[0], 0.5f);
  EXPECT_EQ(quantized.values[0], 0);
  EXPECT_EQ(quantized.values[1], 127);
}

TEST(QuantizationSpec, ReadsWidthsAndOptions) {
  auto spec = parseQuantizationSpec("int4,calibration=kl,outliers=3.5,highway");
  ASSERT_TRUE(bool(spec));
  EXPECT_EQ(spec->widths.weights, 4u);
  EXPECT_EQ(spec->widths.activations, 4u);
  EXPECT_EQ(spec->calibration.calibration, Calibration::Kl);
  EXPECT_DOUBLE_EQ(spec->outliers, 0.035);
  EXPECT_TRUE(spec->highway);
  auto budget = parseQuantizationSpec("auto:60KB,activations=6");
  ASSERT_TRUE(bool(budget));
  EXPECT_EQ(budget->budget->weightBytes, 61440);
  EXPECT_EQ(budget->widths.activations, 6u);
  auto groups = parseQuantizationSpec("int8,weights=4,group=32");
  ASSERT_TRUE(bool(groups));
  EXPECT_EQ(groups->group, 32u);
  for (const char *text :
       {"int1", "int8,speed=1", "auto:much", "int8,weights=9", "int4,group=24",
        "int8,group=32", "int4,group=32,outliers=1"}) {
    auto bad = parseQuantizationSpec(text);
    EXPECT_FALSE(bool(bad)) << text;
    llvm::consumeError(bad.takeError());
  }
}
