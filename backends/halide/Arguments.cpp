//===- Arguments.cpp - What the function of a kernel takes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Request.h"

using namespace lacuna::halide;

/// How many elements there are up to the last that the loops reach.
static int64_t getExtent(const Request::Loops &sizes,
                         const Request::Loops &steps) {
  int64_t last = 0;
  for (int i = 0; i < 4; ++i)
    last += (sizes[i] - 1) * steps[i];
  return last;
}

std::vector<Request::Argument> Request::getArguments() const {
  const char *type = isBytes() ? "int8_t" : "float";
  int64_t pixel = (groups - 1) * outGroup + channels * outChannel;
  Argument output{"out", type,
                  getExtent(out, outStep) + std::max<int64_t>(pixel, 1)};
  std::vector<Argument> arguments;
  for (const Input &each : inputs)
    arguments.push_back({each.name, type, getExtent(out, each.step) + 1});
  if (family == Family::Map) {
    arguments.push_back(output);
    return arguments;
  }
  int64_t window = (groups - 1) * inGroup +
                   (hasWeights() ? depth : channels) * inChannel + channels;
  for (int i = 0; i < 3; ++i)
    window += (taps[i] - 1) * tapStep[i];
  arguments.push_back({"in", type, getExtent(out, inStep) + window});
  int64_t all = hasWeights() ? groups * getBlocks() * lanes : 0;
  if (hasWeights())
    arguments.push_back({"weights", type, all * getWeightTaps() * depth});
  if (hasBias)
    arguments.push_back({"bias", isBytes() ? "int32_t" : "float", all});
  if (isBytes())
    arguments.push_back({"scale", "float", all});
  if (hasResidual)
    arguments.push_back(
        {"residual", "float", getExtent(out, residualStep) + pixel});
  arguments.push_back(output);
  return arguments;
}
