//===- ValueWidthsTest.cpp - What values take as a machine stores them -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ValueWidths.h"

#include "backends/npu/Simulator/Simulator.h"
#include "gtest/gtest.h"

using namespace lacuna;
using namespace lacuna::npu;

namespace {

TEST(ValueWidths, WithoutAWidthOfTheirOwnTheyAreBytes) {
  Machine machine;
  machine.zeros.weights = ZeroFormat::BitVector;
  LayerDensities densities;
  densities.weights = 0.375;
  ValueWidths widths(machine, &densities);
  EXPECT_EQ(widths.inputs, 8);
  EXPECT_EQ(widths.storedWeights, 8);
}

TEST(ValueWidths, BitsThatTellOfZerosDoNotGrow) {
  Machine machine;
  machine.values.bits = 16;
  machine.zeros.weights = ZeroFormat::BitVector;
  LayerDensities densities;
  densities.weights = 0.375;
  ValueWidths widths(machine, &densities);
  EXPECT_EQ(widths.inputs, 16);
  EXPECT_EQ(widths.weights, 16);
  // A weight takes 6 + 1 bits where the stream has 3 + 1.
  EXPECT_EQ(widths.storedWeights, 14);
  // The stream has weights without zeros as they are.
  densities.weights = 1;
  EXPECT_EQ(ValueWidths(machine, &densities).storedWeights, 16);
}

TEST(ValueWidths, OutliersAreStoredApartWhereThatIsShorter) {
  Machine machine;
  machine.values = {/*bits=*/4, /*activationOutlierBits=*/16,
                    /*weightOutlierBits=*/8, /*outlierIndexBits=*/16};
  LayerDensities densities;
  densities.activationOutliers = 0.25;
  densities.weightOutliers = 0.125;
  ValueWidths widths(machine, &densities);
  EXPECT_EQ(widths.inputs, 4 + 0.25 * 32);
  EXPECT_EQ(widths.weights, 4 + 0.125 * 24);
  EXPECT_EQ(widths.storedWeights, widths.weights);
  EXPECT_EQ(widths.others, 4);
  // An image is as wide as it is.
  densities.activationOutliers = 1;
  EXPECT_EQ(ValueWidths(machine, &densities).inputs, 16);
  // Nothing is known: never too little.
  ValueWidths unknown(machine, nullptr);
  EXPECT_EQ(unknown.inputs, 16);
  EXPECT_EQ(unknown.weights, 8);
  EXPECT_EQ(unknown.others, 16);
}

} // namespace
