//===- ValueWidths.cpp - What values take as a machine stores them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ValueWidths.h"

#include "backends/npu/Simulator/Simulator.h"
#include <algorithm>

using namespace lacuna;
using namespace lacuna::npu;

/// Outliers apart from the others, or, if that is shorter, all as wide as they.
static double getStoredBits(const Values &values, int64_t outlierBits,
                            double share) {
  if (!values.haveOutliers())
    return double(values.bits);
  return std::min(double(outlierBits),
                  double(values.bits) +
                      share * double(outlierBits + values.outlierIndexBits));
}

ValueWidths::ValueWidths(const Machine &machine,
                         const LayerDensities *densities) {
  const Values &values = machine.values;
  if (!values.bits)
    return;
  inputs = getStoredBits(values, values.activationOutlierBits,
                         densities ? densities->activationOutliers : 1);
  weights = getStoredBits(values, values.weightOutlierBits,
                          densities ? densities->weightOutliers : 1);
  others = getStoredBits(values, values.activationOutlierBits,
                         densities ? densities->outliers : 1);
  storedWeights = weights;
  if (!densities || machine.zeros.weights != ZeroFormat::BitVector)
    return;
  // The stream leaves zeros out where that is shorter, of bytes and their bits;
  // the bits are as many whatever the values have.
  constexpr double kByteBits = 8;
  double ofStream = kByteBits * densities->weights + 1;
  if (ofStream < kByteBits)
    storedWeights = kByteBits * (weights * densities->weights + 1) / ofStream;
}
