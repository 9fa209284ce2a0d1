//===- TensorStatistics.h - What values a tensor takes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_COMPRESS_TENSORSTATISTICS_H
#define LACUNA_COMPRESS_TENSORSTATISTICS_H

#include "lacuna/Support/HostTensor.h"

#include <vector>

namespace lacuna {

/// The values that a float tensor takes over several samples: their range, a
/// histogram, and the mean of each channel, which dimension 1 selects.
class TensorStatistics {
public:
  /// Counts the elements of `tensor`, of float32.
  void add(const HostTensor &tensor);

  /// Whether all values were numbers.
  bool isFinite() const { return finite; }
  /// The range of the values.
  double getLeast() const { return least; }
  double getMost() const { return most; }
  /// How many values there were.
  int64_t getCount() const { return count; }
  std::vector<double> getChannelMeans() const;

  /// Bins of equal width between -limit and limit.
  llvm::ArrayRef<uint64_t> getBins() const { return bins; }
  double getBinWidth() const { return 2 * limit / bins.size(); }
  /// The middle of bin `i`.
  double getBinCentre(size_t i) const {
    return (double(i) + 0.5) * getBinWidth() - limit;
  }

  /// The value that the share `share` of all values is below, to the width of a
  /// bin.
  double getQuantile(double share) const;

private:
  /// Doubles the limit until it exceeds `magnitude`.
  void widen(double magnitude);

  bool finite = true;
  double least = 0, most = 0;
  int64_t count = 0;
  std::vector<double> channelSums;
  double limit = 0;
  std::vector<uint64_t> bins;
};

} // namespace lacuna

#endif // LACUNA_COMPRESS_TENSORSTATISTICS_H
