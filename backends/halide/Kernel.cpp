//===- Kernel.cpp - What the families of kernels share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Kernel.h"

using namespace lacuna::halide;
using namespace Halide;

static Type getType(const Request &request) {
  // Bytes are read as unsigned, whatever they are: see readByte().
  return request.isBytes() ? Type(UInt(8)) : Type(Float(32));
}

Kernel::Kernel(const Request &request)
    : input(getType(request), 1, "input"),
      weights(request.isBytes() ? Type(Int(8)) : Type(Float(32)), 1, "weights"),
      bias(request.isBytes() ? Type(Int(32)) : Type(Float(32)), 1, "bias"),
      scale(Float(32), 1, "scale"), residual(Float(32), 1, "residual"),
      hasWeights(request.hasWeights()), hasBias(request.hasBias),
      hasScale(request.isBytes()), hasResidual(request.hasResidual),
      output("output") {}

std::vector<Argument> Kernel::getArguments() const {
  if (!inputs.empty())
    return {inputs.begin(), inputs.end()};
  std::vector<Argument> arguments = {input};
  if (hasWeights)
    arguments.push_back(weights);
  if (hasBias)
    arguments.push_back(bias);
  if (hasScale)
    arguments.push_back(scale);
  if (hasResidual)
    arguments.push_back(residual);
  return arguments;
}

void lacuna::halide::setOutputShape(Kernel &kernel, const Request &request) {
  OutputImageParam output = kernel.output.output_buffer();
  auto set = [&](int dim, int64_t size, int64_t step) {
    output.dim(dim).set_bounds(0, int(size)).set_stride(int(step));
  };
  set(0, std::max<int64_t>(request.channels, 1), request.outChannel);
  set(1, request.groups, request.outGroup);
  for (int loop = 0; loop < 4; ++loop)
    set(2 + loop, request.out[3 - loop], request.outStep[3 - loop]);
  std::vector<ImageParam> params = kernel.inputs;
  params.insert(params.end(), {kernel.input, kernel.weights, kernel.bias,
                               kernel.scale, kernel.residual});
  for (ImageParam param : params)
    param.dim(0).set_min(0).set_stride(1);
}

Expr lacuna::halide::getWindow(const Request &request, const OutputVars &at,
                               const Tile &tile) {
  Expr column = at.column;
  if (request.out[3] % tile.pixels)
    column = min(likely(column), int(request.out[3] - 1));
  return at.image * int(request.inStep[0]) + at.plane * int(request.inStep[1]) +
         at.row * int(request.inStep[2]) + column * int(request.inStep[3]) +
         at.group * int(request.inGroup);
}

Expr lacuna::halide::readByte(const Kernel &kernel, const Request &request,
                              Expr index) {
  Expr byte = kernel.input(index);
  return request.element == Element::S8 ? byte ^ cast<uint8_t>(128) : byte;
}

/// ONNX's rounding, half to even, of `value`, whose clamp between integers
/// comes first: that changes nothing, and then a sum with 1.5 * 2^23 rounds.
static Expr requantize(const Request &request, Expr value) {
  double lowest = request.outUnsigned ? 0 : -128;
  double lo = std::max(request.lo.value_or(lowest), lowest);
  double hi = std::min(request.hi.value_or(lowest + 255), lowest + 255);
  auto zero = double(request.zeroPoint);
  value = clamp(value, float(lo - zero), float(hi - zero));
  constexpr float kRound = 12582912.0f;
  constexpr int kRoundBits = 0x4b400000;
  Expr rounded =
      reinterpret<int>(value + kRound) - int(kRoundBits - request.zeroPoint);
  return cast<uint8_t>(rounded & 255);
}

Expr lacuna::halide::finish(const Kernel &kernel, const Request &request,
                            Expr sum, Expr channel, Expr residualIndex) {
  if (request.isBytes())
    return requantize(request, cast<float>(sum) * kernel.scale(channel));
  Expr value = sum;
  if (request.hasResidual)
    value += kernel.residual(residualIndex);
  // What is not a number stays so.
  if (request.lo)
    value = select(value < float(*request.lo), float(*request.lo), value);
  if (request.hi)
    value = select(value > float(*request.hi), float(*request.hi), value);
  return request.lo || request.hi ? strict_float(value) : value;
}
