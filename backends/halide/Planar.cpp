//===- Planar.cpp - Products at each point, channels before space -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Kernel.h"

using namespace lacuna::halide;
using namespace Halide;

/// Registers hold `lanes` neighbouring pixels of one channel, and weights are
/// read one at a time. The last tiles of a row, and of the channels, overlap
/// those before them, so the result must lie apart from the input.
Kernel lacuna::halide::makePlanar(const Request &request, const Tile &tile,
                                  int64_t lanes) {
  Kernel kernel(request);
  OutputVars at;
  Func sums("sums");
  int together = int(tile.pixels), pixels = int(tile.vectors * lanes);
  int depth = int(request.depth);

  // As they lie in registers.
  std::vector<Var> vars = {at.column, at.channel, at.group,
                           at.row,    at.plane,   at.image};
  sums(vars) = request.hasBias ? kernel.bias(at.channel) : Expr(0.0f);
  RDom k(0, depth);
  Expr input =
      at.image * int(request.inStep[0]) + at.plane * int(request.inStep[1]) +
      at.row * int(request.inStep[2]) + at.column + k * int(request.inChannel);
  sums(vars) += kernel.input(input) * kernel.weights(at.channel * depth + k);
  kernel.output(at.channel, at.group, at.column, at.row, at.plane, at.image) =
      finish(kernel, request, sums(vars), at.channel, Expr());
  setOutputShape(kernel, request);

  Var first("first"), pixel("pixel"), lane("lane"), outer("outer"),
      inner("inner");
  kernel.output
      .split(at.column, first, pixel, pixels, TailStrategy::ShiftInwards)
      .split(pixel, pixel, lane, int(lanes))
      .split(at.channel, outer, inner, together, TailStrategy::ShiftInwards)
      .vectorize(lane)
      .unroll(pixel)
      .unroll(inner);
  // What is smaller is gone through again and again: it stays near.
  bool keepsWeights =
      request.channels <= request.out[1] * request.out[2] * request.out[3];
  if (keepsWeights)
    kernel.output.reorder({lane, pixel, inner, outer, first, at.row, at.plane,
                           at.group, at.image});
  else
    kernel.output.reorder({lane, pixel, inner, first, at.row, at.plane, outer,
                           at.group, at.image});
  sums.compute_at(kernel.output, keepsWeights ? outer : first)
      .store_in(MemoryType::Stack)
      .bound_extent(at.column, pixels)
      .bound_extent(at.channel, together)
      .split(at.column, pixel, lane, int(lanes))
      .reorder(lane, pixel, at.channel)
      .vectorize(lane)
      .unroll(pixel)
      .unroll(at.channel);
  sums.update()
      .split(at.column, pixel, lane, int(lanes))
      .reorder({lane, pixel, at.channel, k})
      .vectorize(lane)
      .unroll(pixel)
      .unroll(at.channel);
  return kernel;
}
