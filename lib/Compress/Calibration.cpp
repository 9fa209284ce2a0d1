//===- Calibration.cpp - From values to the steps that stand for them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Compress/Calibration.h"

#include "lacuna/Compress/TensorStatistics.h"

#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace lacuna;
using llvm::ArrayRef;

static constexpr llvm::StringLiteral kNames[] = {"minmax", "percentile", "mse",
                                                 "kl"};

llvm::StringRef lacuna::getName(Calibration calibration) {
  return kNames[int(calibration)];
}

std::optional<Calibration> lacuna::parseCalibration(llvm::StringRef name) {
  for (auto [i, known] : llvm::enumerate(kNames))
    if (name == known)
      return Calibration(i);
  return std::nullopt;
}

Scaling lacuna::getScaling(FloatRange range, unsigned bits) {
  Scaling scaling;
  scaling.least = -(int64_t(1) << (bits - 1));
  scaling.most = -scaling.least - 1;
  double steps = double(scaling.most - scaling.least);
  scaling.scale = float((range.hi - range.lo) / steps);
  if (bits == kWideBits)
    scaling.scale = float(std::max(-range.lo, range.hi) / scaling.most);
  // A step that floats can divide by.
  scaling.scale =
      std::max(scaling.scale, std::numeric_limits<float>::min() * 256);
  if (bits == kWideBits)
    return scaling;
  double zero = std::nearbyint(scaling.least - range.lo / scaling.scale);
  scaling.zeroPoint =
      int64_t(std::clamp(zero, double(scaling.least), double(scaling.most)));
  return scaling;
}

//===----------------------------------------------------------------------===//
// What is lost
//===----------------------------------------------------------------------===//

/// The squared error of all values if `range` is quantized.
static double getSquaredError(const TensorStatistics &statistics,
                              FloatRange range, unsigned bits) {
  Scaling scaling = getScaling(range, bits);
  ArrayRef<uint64_t> bins = statistics.getBins();
  double sum = 0, scale = scaling.scale;
  for (size_t i = 0; i < bins.size(); ++i) {
    if (!bins[i])
      continue;
    double value = statistics.getBinCentre(i);
    double steps = std::nearbyint(value / scale) + double(scaling.zeroPoint);
    steps = std::clamp(steps, double(scaling.least), double(scaling.most));
    double error = (steps - double(scaling.zeroPoint)) * scale - value;
    sum += error * error * double(bins[i]);
  }
  return sum;
}

/// By how much the distribution of all values differs from that of the
/// quantized ones: the sum of `p * log(p / q)`, where each step shares what it
/// stands for among the bins that held something. Zero, of which Relu makes
/// many, is a number that no range loses, so its bin shares with none; bins are
/// wide enough that few samples fill them evenly.
static double getDivergence(const TensorStatistics &statistics,
                            FloatRange range, unsigned bits) {
  constexpr size_t kWide = 8;
  Scaling scaling = getScaling(range, bits);
  std::vector<uint64_t> bins(statistics.getBins().size() / kWide);
  uint64_t zeros = statistics.getBins()[statistics.getBins().size() / 2];
  for (auto [i, bin] : llvm::enumerate(statistics.getBins()))
    bins[i / kWide] += bin;
  bins[bins.size() / 2] -= zeros;
  struct Step {
    double inside = 0, bins = 0;
  };
  std::vector<Step> steps(scaling.most - scaling.least + 1);
  std::vector<double> wanted(bins.size());
  std::vector<size_t> stepOf(bins.size());
  size_t first = bins.size(), last = 0;
  double before = 0, after = 0;
  for (size_t i = 0; i < bins.size(); ++i) {
    double value = (double(i) + 0.5 - double(bins.size()) / 2) * kWide *
                   statistics.getBinWidth();
    if (value < range.lo) {
      before += bins[i];
      continue;
    }
    if (value > range.hi) {
      after += bins[i];
      continue;
    }
    first = std::min(first, i);
    last = i;
    double step = std::nearbyint(value / scaling.scale) +
                  double(scaling.zeroPoint - scaling.least);
    stepOf[i] = size_t(std::clamp(step, 0.0, double(steps.size() - 1)));
    wanted[i] = bins[i];
    steps[stepOf[i]].inside += bins[i];
    steps[stepOf[i]].bins += bins[i] != 0;
  }
  if (first > last)
    return std::numeric_limits<double>::infinity();
  wanted[first] += before;
  wanted[last] += after;
  double inside = double(zeros), total = statistics.getCount();
  for (const Step &step : steps)
    inside += step.inside;
  double sum = double(zeros) / total * std::log(inside / total);
  for (size_t i = first; i <= last; ++i) {
    if (wanted[i] == 0)
      continue;
    const Step &step = steps[stepOf[i]];
    // What lies outside may fall into a bin that is empty itself.
    double share = bins[i] ? step.inside / step.bins / inside : 1e-12;
    double wantedShare = wanted[i] / total;
    sum += wantedShare * std::log(wantedShare / share);
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// Shrinks each end of `range` in turn to where `loss` is least.
template <typename Loss>
static FloatRange shrink(FloatRange range, Loss loss) {
  constexpr int kSteps = 64, kRounds = 2;
  // Where an end is 0, nothing can be cut from it.
  const FloatRange whole = range;
  double best = loss(range);
  for (int round = 0; round < kRounds; ++round)
    for (double FloatRange::*end : {&FloatRange::hi, &FloatRange::lo}) {
      if (whole.*end == 0)
        continue;
      for (int step = 1; step <= kSteps; ++step) {
        FloatRange tried = range;
        tried.*end = whole.*end * step / kSteps;
        double found = loss(tried);
        if (found < best) {
          best = found;
          range = tried;
        }
      }
    }
  return range;
}

FloatRange lacuna::chooseRange(const TensorStatistics &statistics,
                               unsigned bits,
                               const CalibrationOptions &options) {
  FloatRange all{std::min(statistics.getLeast(), 0.0),
                 std::max(statistics.getMost(), 0.0)};
  if (all.lo == all.hi)
    return all;
  switch (options.calibration.value_or(bits < 8 ? Calibration::Mse
                                                : Calibration::MinMax)) {
  case Calibration::MinMax:
    return all;
  case Calibration::Percentile: {
    double cut = (1 - options.percentile / 100) / 2;
    FloatRange kept{std::min(statistics.getQuantile(cut), 0.0),
                    std::max(statistics.getQuantile(1 - cut), 0.0)};
    return kept.lo == kept.hi ? all : kept;
  }
  case Calibration::Mse:
    return shrink(all, [&](FloatRange range) {
      return getSquaredError(statistics, range, bits);
    });
  case Calibration::Kl:
    return shrink(all, [&](FloatRange range) {
      return getDivergence(statistics, range, bits);
    });
  }
  return all;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// The least number is left out: products by it need a bit more.
static constexpr double kMostByte = 127;

static int8_t quantizeWeight(float weight, float scale, double most) {
  return int8_t(
      std::clamp<double>(std::nearbyint(weight / scale), -most, most));
}

/// The largest of the numbers of `bits` that weights become.
static double getMost(unsigned bits) { return double((1 << (bits - 1)) - 1); }

/// The squared error of `weights` if they are quantized so.
static double getSquaredError(ArrayRef<float> weights, float scale,
                              double most) {
  double sum = 0;
  for (float weight : weights) {
    double error = quantizeWeight(weight, scale, most) * scale - weight;
    sum += error * error;
  }
  return sum;
}

/// The scale of `weights` alone.
static float chooseScale(ArrayRef<float> weights,
                         const WeightOptions &options) {
  std::vector<float> sorted;
  for (float weight : weights)
    sorted.push_back(std::fabs(weight));
  llvm::sort(sorted);
  double most = getMost(options.bits);
  if (options.outliers > 0) {
    size_t dense =
        sorted.size() -
        std::min<size_t>(sorted.size() - 1,
                         std::lround(options.outliers * double(sorted.size())));
    // The largest of all still has 8 bits.
    return std::max(float(sorted[dense - 1] / most),
                    float(sorted.back() / kMostByte));
  }
  float whole = float(sorted.back() / most);
  if (!options.clip)
    return whole;
  constexpr int kSteps = 32;
  float best = whole;
  double least = std::numeric_limits<double>::infinity();
  for (int step = kSteps; step > kSteps / 4; --step) {
    float scale = whole * step / kSteps;
    if (!(scale > 0))
      break;
    double sum = getSquaredError(weights, scale, most);
    if (sum < least) {
      least = sum;
      best = scale;
    }
  }
  return best;
}

/// Quantizes a filter without groups to `values`. Returns its scale, which is
/// at least `leastScale`.
static float quantizeFilter(ArrayRef<float> filter,
                            const WeightOptions &options, float leastScale,
                            std::vector<int8_t> &values) {
  double most = options.outliers > 0 ? kMostByte : getMost(options.bits);
  float scale = filter.empty() ? 0 : chooseScale(filter, options);
  scale = std::max(scale, leastScale);
  // A filter of zeros has any scale.
  if (!(scale > std::numeric_limits<float>::min()))
    scale = 1;
  for (float weight : filter)
    values.push_back(quantizeWeight(weight, scale, most));
  return scale;
}

/// The factor of a group, whose weights are multiples of `scale`.
static int chooseFactor(ArrayRef<float> group, float scale,
                        const WeightOptions &options) {
  double most = getMost(options.bits), largest = 0;
  for (float weight : group)
    largest = std::max(largest, double(std::fabs(weight)));
  double whole = std::ceil(largest / (most * scale));
  int best = int(std::clamp(whole, 1.0, std::floor(kMostByte / most)));
  if (!options.clip)
    return best;
  double least = getSquaredError(group, scale * float(best), most);
  // Fewer than a quarter of all steps would cut off too much.
  for (int factor = best - 1, end = best / 4; factor > end; --factor) {
    double sum = getSquaredError(group, scale * float(factor), most);
    if (sum < least) {
      least = sum;
      best = factor;
    }
  }
  return best;
}

/// The same of a filter in groups.
static float quantizeGroups(ArrayRef<float> filter,
                            const WeightOptions &options, float leastScale,
                            std::vector<int8_t> &values) {
  double most = getMost(options.bits);
  std::vector<std::vector<float>> groups(*llvm::max_element(options.groups) +
                                         1);
  for (auto [weight, group] : llvm::zip(filter, options.groups))
    groups[group].push_back(weight);
  // The coarsest group has the largest factor.
  float scale = leastScale;
  for (const std::vector<float> &group : groups)
    scale = std::max(scale, chooseScale(group, options) /
                                float(std::floor(kMostByte / most)));
  if (!(scale > std::numeric_limits<float>::min()))
    scale = 1;
  std::vector<int> factors;
  for (const std::vector<float> &group : groups)
    factors.push_back(chooseFactor(group, scale, options));
  for (auto [weight, group] : llvm::zip(filter, options.groups)) {
    int factor = factors[group];
    values.push_back(
        int8_t(factor * quantizeWeight(weight, scale * float(factor), most)));
  }
  return scale;
}

QuantizedWeights lacuna::quantizeWeights(ArrayRef<float> weights,
                                         size_t filters,
                                         const WeightOptions &options,
                                         ArrayRef<float> leastScales) {
  QuantizedWeights result;
  size_t each = weights.size() / filters;
  auto quantize = options.groups.empty() ? quantizeFilter : quantizeGroups;
  for (size_t i = 0; i < filters; ++i)
    result.scales.push_back(quantize(weights.slice(i * each, each), options,
                                     leastScales.empty() ? 0 : leastScales[i],
                                     result.values));
  return result;
}
