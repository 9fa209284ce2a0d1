//===- NNResizeOps.cpp - Verifier and arithmetic of resampling -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/nn/IR/NNDialect.h"

#include <cmath>

using namespace mlir;
using namespace lacuna::nn;

LogicalResult ResizeOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto output = cast<RankedTensorType>(getOutput().getType());
  int64_t rank = input.getRank();
  if (output.getRank() != rank ||
      output.getElementType() != input.getElementType())
    return emitOpError("(C1) needs input and result of one rank and element "
                       "type");
  if (llvm::is_contained(input.getShape(), 0) ||
      llvm::is_contained(output.getShape(), 0))
    return emitOpError("(C1) has an empty dimension");
  if (int64_t(getScales().size()) != rank)
    return emitOpError("(C1) needs ")
           << rank << " scales, not " << getScales().size();
  for (auto [size, scale] : llvm::zip(input.getShape(), getScales()))
    if (!std::isfinite(scale) || scale * size < 0.25)
      return emitOpError("(C2) has the scale ")
             << scale << " for a dimension of " << size;
  bool isNearest = getMode() == ResizeMode::Nearest;
  if (isNearest != getRounding().has_value())
    return emitOpError("(C3) ")
           << (isNearest ? "needs a rounding for" : "has a rounding with")
           << " mode '" << stringifyResizeMode(getMode()) << "'";
  if (!isNearest && !isa<FloatType>(input.getElementType()))
    return emitOpError("(C3) cannot interpolate ") << input.getElementType();
  bool crops = getCoordinates() == ResizeCoordinates::TfCropAndResize;
  if (crops && (!getRoi() || int64_t(getRoi()->size()) != 2 * rank))
    return emitOpError("(C4) needs a roi of ") << 2 * rank << " entries";
  return success();
}

double ResizeOp::getPosition(int64_t dim, int64_t x) {
  double input = cast<RankedTensorType>(getInput().getType()).getDimSize(dim);
  double output = cast<RankedTensorType>(getOutput().getType()).getDimSize(dim);
  double scale = getScales()[dim], width = scale * input;
  switch (getCoordinates()) {
  case ResizeCoordinates::Asymmetric:
    return x / scale;
  case ResizeCoordinates::HalfPixel:
    return (x + 0.5) / scale - 0.5;
  case ResizeCoordinates::HalfPixelSymmetric:
    return input / 2 * (1 - output / width) + (x + 0.5) / scale - 0.5;
  case ResizeCoordinates::PytorchHalfPixel:
    return width == 1 ? -0.5 : (x + 0.5) / scale - 0.5;
  case ResizeCoordinates::TfHalfPixelForNn:
    return (x + 0.5) / scale;
  case ResizeCoordinates::AlignCorners:
    return width == 1 ? 0.0 : x * (input - 1) / (width - 1);
  case ResizeCoordinates::TfCropAndResize: {
    double begin = (*getRoi())[dim];
    double end = (*getRoi())[dim + getScales().size()];
    if (width == 1)
      return (end - begin) * (input - 1) / 2 + begin * (input - 1);
    return x * (end - begin) * (input - 1) / (width - 1) + begin * (input - 1);
  }
  }
  llvm_unreachable("unknown coordinates");
}

static double roundPosition(double position, ResizeRounding rounding) {
  double below = std::floor(position), rest = position - below;
  switch (rounding) {
  case ResizeRounding::RoundPreferFloor:
    return rest <= 0.5 ? below : below + 1;
  case ResizeRounding::RoundPreferCeil:
    return rest < 0.5 ? below : below + 1;
  case ResizeRounding::Floor:
    return below;
  case ResizeRounding::Ceil:
    return std::ceil(position);
  }
  llvm_unreachable("unknown rounding");
}

/// The weight of a neighbour at a distance, by the linear or cubic kernel.
static double getWeight(ResizeMode mode, double distance, double a) {
  double x = std::fabs(distance);
  if (mode == ResizeMode::Linear)
    return std::max(0.0, 1 - x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

ResizeOp::Table ResizeOp::getTable(int64_t dim) {
  int64_t input = cast<RankedTensorType>(getInput().getType()).getDimSize(dim);
  int64_t output =
      cast<RankedTensorType>(getOutput().getType()).getDimSize(dim);
  bool crops = getCoordinates() == ResizeCoordinates::TfCropAndResize;
  double last = input - 1;
  Table table;
  // The neighbours of a position p, as offsets from the greatest whole number
  // less than p.
  double stretch = getAntialias() ? std::min(getScales()[dim], 1.0) : 1.0;
  int64_t first = 0;
  if (getMode() != ResizeMode::Nearest) {
    double radius = getMode() == ResizeMode::Linear ? 1 : 2;
    first = static_cast<int64_t>(std::floor(-radius / stretch)) + 1;
    table.taps = 2 - 2 * first;
  }
  table.isIdentity =
      input == output && (stretch == 1 || getMode() == ResizeMode::Nearest);
  for (int64_t x = 0; x < output; ++x) {
    double position = getPosition(dim, x);
    if (crops && !(position >= 0 && position <= last)) {
      table.indices.append(table.taps, 0);
      table.weights.append(table.taps, 0);
      table.isIdentity = false;
      continue;
    }
    table.isIdentity &= position == x;
    // Far outside there is nothing but the edge.
    position = std::clamp(position, -4.0 * input - 4, 5.0 * input + 4);
    if (getMode() == ResizeMode::Nearest) {
      double nearest = roundPosition(position, *getRounding());
      table.indices.push_back(std::clamp(nearest, 0.0, last));
      table.weights.push_back(1);
      continue;
    }
    double base = std::ceil(position) - 1;
    SmallVector<double> weights(table.taps);
    double sum = 0, sumInside = 0;
    for (int64_t t = 0; t < table.taps; ++t) {
      double at = base + first + t;
      weights[t] = getWeight(getMode(), (at - position) * stretch,
                             getCubicA().convertToDouble());
      sum += weights[t];
      if (at >= 0 && at <= last)
        sumInside += weights[t];
    }
    bool excludes = getExcludeOutside() && sumInside != 0;
    for (int64_t t = 0; t < table.taps; ++t) {
      double at = base + first + t;
      bool counts = !excludes || (at >= 0 && at <= last);
      table.indices.push_back(std::clamp(at, 0.0, last));
      table.weights.push_back(counts ? weights[t] / (excludes ? sumInside : sum)
                                     : 0);
    }
  }
  return table;
}
