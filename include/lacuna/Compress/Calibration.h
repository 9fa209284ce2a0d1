//===- Calibration.h - From values to the steps that stand for them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_COMPRESS_CALIBRATION_H
#define LACUNA_COMPRESS_CALIBRATION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace lacuna {

class TensorStatistics;

/// How the range that is quantized is chosen.
enum class Calibration {
  /// All values that were seen.
  MinMax,
  /// All but a share of the most extreme ones.
  Percentile,
  /// That of the least mean squared error.
  Mse,
  /// That whose distribution differs least from what was seen.
  Kl,
};

llvm::StringRef getName(Calibration calibration);
std::optional<Calibration> parseCalibration(llvm::StringRef name);

/// An interval of floats that holds 0.
struct FloatRange {
  double lo = 0, hi = 0;
};

struct CalibrationOptions {
  /// If there is none, `MinMax` for 8 bits, and `Mse` for fewer, of which a
  /// rare extreme would take too many.
  std::optional<Calibration> calibration;
  /// Of the values that `Percentile` keeps.
  double percentile = 99.99;
};

/// What of `statistics` is quantized to `bits`.
FloatRange chooseRange(const TensorStatistics &statistics, unsigned bits,
                       const CalibrationOptions &options);

/// How floats become signed integers of `bits`: `round(x / scale) + zeroPoint`,
/// clamped to `least` .. `most`.
struct Scaling {
  float scale = 1;
  int64_t zeroPoint = 0;
  int64_t least = -128, most = 127;
};

/// The width of activations that has no zero point: twice the steps that a
/// range needs are plenty.
inline constexpr unsigned kWideBits = 16;

/// Spreads `range` over all integers of `bits`; over those around 0 if there
/// are `kWideBits`.
Scaling getScaling(FloatRange range, unsigned bits);

/// Weights as integers, and the scale of each filter.
struct QuantizedWeights {
  std::vector<int8_t> values;
  std::vector<float> scales;
};

struct WeightOptions {
  unsigned bits = 8;
  /// The share of the largest weights of each filter that keep steps past what
  /// `bits` hold, up to 8 bits.
  double outliers = 0;
  /// Whether to clip the largest weights where that makes the squared error
  /// less.
  bool clip = false;
  /// Which group each weight of a filter belongs to, of those that have factors
  /// of their own; empty if the scale of the filter is all.
  std::vector<unsigned> groups;
};

/// Quantizes `filters` rows of `weights`, each symmetrically by its own scale,
/// which is at least the one in `leastScales` unless that is empty. Weights in
/// groups are numbers of so many bits times the factor of their group, an
/// integer: bytes in all.
QuantizedWeights quantizeWeights(llvm::ArrayRef<float> weights, size_t filters,
                                 const WeightOptions &options,
                                 llvm::ArrayRef<float> leastScales = {});

} // namespace lacuna

#endif // LACUNA_COMPRESS_CALIBRATION_H
