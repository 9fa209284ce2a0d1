//===- ConvRunner.cpp - Computes convolutions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ConvRunner.h"

#include "backends/npu/Simulator/ConvMethods.h"
#include "backends/npu/Stream/StoredFormat.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

Expected<std::vector<uint8_t>> loadWeights(const ConvCommand &command,
                                           const uint8_t *stored) {
  std::array<int64_t, 5> extents = {
      command.filters, command.channels / command.groups, command.kernel[0],
      command.kernel[1], command.kernel[2]};
  // `check` has seen that the format can hold so many.
  int64_t elements = 1;
  uint64_t last = 0;
  for (auto [extent, stride] : zip(extents, command.weightStrides)) {
    elements *= extent;
    last = SaturatingMultiplyAdd<uint64_t>(extent - 1, stride, last);
  }
  if (last >= uint64_t(elements))
    return createStringError("weights: the strides reach element " +
                             Twine(last) + " of " + Twine(elements));
  Expected<LoadedValues> loaded = loadValues(
      command.weightsFormat, command.weightsFormatParameter,
      getBytes(command.weightsType), uint64_t(command.weightZeroPoint),
      elements, {stored, size_t(command.weightsBytes)});
  if (!loaded)
    return createStringError("weights: " + toString(loaded.takeError()));
  return std::move(loaded->dense);
}

uint64_t countProducts(const ConvCommand &command) {
  uint64_t products = 1;
  for (int64_t factor :
       {command.batch, command.filters, command.channels / command.groups})
    products = SaturatingMultiply(products, uint64_t(factor));
  for (int64_t extent : command.outputExtents)
    products = SaturatingMultiply(products, uint64_t(extent));
  for (int64_t extent : command.kernel)
    products = SaturatingMultiply(products, uint64_t(extent));
  return products;
}

void runConv(const ConvCommand &command, const ConvOperands &operands,
             ConvMethod method) {
  if (method == ConvMethod::Best) {
    if (command.isFloat() ? runFloatFilters(command, operands)
                          : runIntegerPlanes(command, operands))
      return;
  }
  runPlain(command, operands);
}

} // namespace lacuna::npu
