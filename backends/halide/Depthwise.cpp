//===- Depthwise.cpp - Each channel with filters of its own -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Kernel.h"

using namespace lacuna::halide;
using namespace Halide;

/// Blocks of channels overlap like those of bytes in Conv.cpp: the last begins
/// so that it ends with the last channel.
Kernel lacuna::halide::makeDepthwise(const Request &request, const Tile &tile) {
  Kernel kernel(request);
  OutputVars at;
  Var lane("lane"), block("block");
  Func sums("sums");
  int lanes = int(request.lanes), pixels = int(tile.pixels);
  int channels = int(request.channels);
  auto [planes, rows, columns] = request.taps;
  int taps = int(planes * rows * columns);
  auto getFirst = [&](const Expr &block) {
    return min(block * lanes, channels - lanes);
  };

  std::vector<Var> vars = {lane,   block,    at.group, at.column,
                           at.row, at.plane, at.image};
  Type type = request.isBytes() ? Type(Int(32)) : Type(Float(32));
  Expr channel = getFirst(block) + lane;
  sums(vars) = request.hasBias ? kernel.bias(channel) : cast(type, 0);
  RDom r(0, int(columns), 0, int(rows), 0, int(planes));
  Expr input = getWindow(request, at, tile) + r.x * int(request.tapStep[2]) +
               r.y * int(request.tapStep[1]) + r.z * int(request.tapStep[0]) +
               channel;
  Expr tap = r.x + int(columns) * (r.y + int(rows) * r.z);
  Expr weight = kernel.weights((block * taps + tap) * lanes + lane);
  if (request.isBytes())
    // 255 * 128 fits 16 bits.
    sums(vars) += cast<int>(cast<int16_t>(readByte(kernel, request, input)) *
                            cast<int16_t>(weight));
  else
    sums(vars) += kernel.input(input) * weight;

  RDom out(0, lanes, 0, int(request.getBlocks()));
  Expr first = getFirst(out.y);
  Expr residual = first + out.x;
  Expr loops[] = {at.image, at.plane, at.row, at.column};
  for (int i = 0; i < 4; ++i)
    residual += loops[i] * int(request.residualStep[i]);
  kernel.output(at.channel, at.group, at.column, at.row, at.plane, at.image) =
      undef(request.isBytes() ? Type(UInt(8)) : Type(Float(32)));
  kernel.output(first + out.x, at.group, at.column, at.row, at.plane,
                at.image) = finish(kernel, request,
                                   sums(out.x, out.y, at.group, at.column,
                                        at.row, at.plane, at.image),
                                   first + out.x, residual);
  setOutputShape(kernel, request);

  Var outer("outer"), pixel("pixel");
  kernel.output.update()
      .split(at.column, outer, pixel, pixels,
             request.out[3] % pixels ? TailStrategy::GuardWithIf
                                     : TailStrategy::RoundUp)
      .reorder(
          {out.x, pixel, outer, out.y, at.row, at.plane, at.group, at.image})
      .allow_race_conditions()
      .vectorize(out.x)
      .unroll(pixel);
  sums.compute_at(kernel.output, outer)
      .store_in(MemoryType::Stack)
      .bound_extent(at.column, pixels)
      .vectorize(lane, lanes)
      .unroll(at.column);
  constexpr int kUnrolledTaps = 25;
  Stage update = sums.update();
  update.reorder({lane, at.column, r.x, r.y, r.z})
      .vectorize(lane, lanes)
      .unroll(at.column);
  if (taps <= kUnrolledTaps)
    update.unroll(r.x).unroll(r.y).unroll(r.z);
  return kernel;
}
