//===- TensorStatistics.cpp - What values a tensor takes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Compress/TensorStatistics.h"

#include <algorithm>
#include <cmath>

using namespace lacuna;

/// Many for each of 256 steps, even where half of them lie outside the range.
static constexpr size_t kBins = 1 << 14;

void TensorStatistics::widen(double magnitude) {
  if (bins.empty()) {
    bins.resize(kBins);
    limit = std::ldexp(1.0, std::ilogb(magnitude) + 1);
    return;
  }
  while (limit <= magnitude) {
    std::vector<uint64_t> merged(kBins);
    for (size_t i = 0; i < kBins; ++i)
      merged[kBins / 4 + i / 2] += bins[i];
    bins = std::move(merged);
    limit *= 2;
  }
}

void TensorStatistics::add(const HostTensor &tensor) {
  llvm::ArrayRef<float> values = tensor.elements<float>();
  if (values.empty())
    return;
  auto [low, high] = std::minmax_element(values.begin(), values.end());
  for (float value : values)
    finite &= std::isfinite(value);
  if (!finite)
    return;
  least = count ? std::min<double>(least, *low) : *low;
  most = count ? std::max<double>(most, *high) : *high;
  count += values.size();
  // What is always 0 needs a histogram too, of any limit.
  double magnitude = std::max(std::fabs(least), std::fabs(most));
  widen(magnitude > 0 || !bins.empty() ? magnitude : 1e-30);
  double perUnit = 1 / getBinWidth();
  for (float value : values)
    ++bins[std::min(size_t((value + limit) * perUnit), kBins - 1)];

  llvm::ArrayRef<int64_t> shape = tensor.getShape();
  size_t channels = shape.size() > 1 ? shape[1] : 1;
  size_t each = values.size() / channels / (shape.size() > 1 ? shape[0] : 1);
  channelSums.resize(channels);
  for (size_t i = 0; i < values.size(); ++i)
    channelSums[i / each % channels] += values[i];
}

std::vector<double> TensorStatistics::getChannelMeans() const {
  std::vector<double> means = channelSums;
  for (double &mean : means)
    mean /= double(count) / channelSums.size();
  return means;
}

double TensorStatistics::getQuantile(double share) const {
  double wanted = share * count, seen = 0;
  for (size_t i = 0; i < bins.size(); ++i) {
    seen += bins[i];
    if (seen >= wanted && bins[i])
      return std::clamp(getBinCentre(i), least, most);
  }
  return most;
}
