//===- Conv.cpp - Products of floats or bytes over any geometry -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Kernel.h"

using namespace lacuna::halide;
using namespace Halide;

namespace {
/// The sums of a tile, and the pieces of which they are made.
class ConvBuilder {
public:
  ConvBuilder(const Request &request, const Tile &tile)
      : request(request), tile(tile), kernel(request) {}

  Kernel build();

private:
  void defineSums();
  void defineOutput();
  void schedule();
  /// Where a channel of block `block` is in bias and scale, over all groups.
  Expr getChannel(Expr block) const;

  const Request &request;
  Tile tile;
  Kernel kernel;
  OutputVars at;
  /// A channel is a lane of a block.
  Var lane{"lane"}, block{"block"};
  Func sums{"sums"};
  /// Products that stand side by side, and those that are left over.
  RDom whole, rest;
  bool hasWhole = false, hasRest = false;
  /// Lanes and blocks of the output.
  RDom channels;
};
} // namespace

Expr ConvBuilder::getChannel(Expr block) const {
  int lanes = int(request.lanes);
  if (request.isBytes())
    return at.group * int(request.channels) +
           min(block * lanes, int(request.channels) - lanes) + lane;
  return at.group * int(request.getBlocks() * request.lanes) + block * lanes +
         lane;
}

void ConvBuilder::defineSums() {
  int lanes = int(request.lanes), together = int(request.together);
  int depth = int(request.depth), blocks = int(request.getBlocks());
  int turns = depth / together, left = depth % together;
  auto [planes, rows, columns] = request.taps;
  int taps = int(planes * rows * columns);
  Expr window = getWindow(request, at, tile);
  auto getStep = [&](const RDom &r, int first) {
    return r[first] * int(request.tapStep[2]) +
           r[first + 1] * int(request.tapStep[1]) +
           r[first + 2] * int(request.tapStep[0]);
  };
  auto getTap = [&](const RDom &r, int first) {
    return r[first] + int(columns) * (r[first + 1] + int(rows) * r[first + 2]);
  };
  Expr ofBlock = (at.group * blocks + block) * (taps * depth * lanes);
  Type type = request.isBytes() ? Type(Int(32)) : Type(Float(32));
  auto multiply = [&](Expr input, Expr weight) {
    Expr x = request.isBytes() ? readByte(kernel, request, input)
                               : Expr(kernel.input(input));
    return cast(type, x) * cast(type, kernel.weights(weight));
  };

  std::vector<Var> vars = {lane,   block,    at.group, at.column,
                           at.row, at.plane, at.image};
  Expr begin = cast(type, 0);
  if (request.hasBias)
    begin = kernel.bias(getChannel(block));
  sums(vars) = begin;
  if (turns) {
    hasWhole = true;
    whole = RDom(0, together, 0, turns, 0, int(columns), 0, int(rows), 0,
                 int(planes));
    Expr input = window + whole[0] + whole[1] * together + getStep(whole, 2);
    Expr weight = ofBlock + getTap(whole, 2) * (depth * lanes) +
                  whole[1] * (lanes * together) + lane * together + whole[0];
    sums(vars) += multiply(input, weight);
  }
  if (left) {
    hasRest = true;
    rest = RDom(0, left, 0, int(columns), 0, int(rows), 0, int(planes));
    Expr input = window + turns * together + rest[0] + getStep(rest, 1);
    Expr weight = ofBlock + getTap(rest, 1) * (depth * lanes) +
                  turns * together * lanes + rest[0] * lanes + lane;
    sums(vars) += multiply(input, weight);
  }
}

void ConvBuilder::defineOutput() {
  int lanes = int(request.lanes);
  if (!request.isBytes()) {
    Expr channel = at.channel;
    Expr residual = channel + at.group * int(request.outGroup);
    Expr loops[] = {at.image, at.plane, at.row, at.column};
    for (int i = 0; i < 4; ++i)
      residual += loops[i] * int(request.residualStep[i]);
    Expr sum = sums(channel % lanes, channel / lanes, at.group, at.column,
                    at.row, at.plane, at.image);
    kernel.output(at.channel, at.group, at.column, at.row, at.plane, at.image) =
        finish(kernel, request, sum, channel, residual);
    return;
  }
  // The last block overlaps the one before it, and so no byte is written alone.
  channels = RDom(0, lanes, 0, int(request.getBlocks()));
  Expr first = min(channels.y * lanes, int(request.channels) - lanes);
  Expr sum = sums(channels.x, channels.y, at.group, at.column, at.row, at.plane,
                  at.image);
  Expr channel = at.group * int(request.channels) + first + channels.x;
  kernel.output(at.channel, at.group, at.column, at.row, at.plane, at.image) =
      undef<uint8_t>();
  kernel.output(first + channels.x, at.group, at.column, at.row, at.plane,
                at.image) = finish(kernel, request, sum, channel, Expr());
}

void ConvBuilder::schedule() {
  int lanes = int(request.lanes);
  int pixels = int(tile.pixels), vectors = int(tile.vectors);
  Var outer("outer"), inner("inner"), vec("vec"), first("first"),
      pixel("pixel");
  RVar blockOuter("blockOuter"), blockInner("blockInner");
  TailStrategy tail = request.out[3] % pixels ? TailStrategy::GuardWithIf
                                              : TailStrategy::RoundUp;
  if (!request.isBytes()) {
    kernel.output.split(at.column, first, pixel, pixels, tail)
        .split(at.channel, outer, inner, vectors * lanes,
               TailStrategy::GuardWithIf)
        .split(inner, inner, vec, lanes)
        .reorder(vec, inner, pixel, first, outer, at.row, at.plane, at.group,
                 at.image)
        .vectorize(vec)
        .unroll(inner)
        .unroll(pixel);
    // Weights of a tile stay near while all pixels of a row go by.
    sums.compute_at(kernel.output, first);
  } else {
    kernel.output.update()
        .split(at.column, first, pixel, pixels, tail)
        .split(channels.y, blockOuter, blockInner, vectors)
        .reorder(channels.x, blockInner, pixel, first, blockOuter, at.row,
                 at.plane, at.group, at.image)
        .allow_race_conditions()
        .vectorize(channels.x)
        .unroll(blockInner)
        .unroll(pixel);
    sums.compute_at(kernel.output, first);
  }
  sums.store_in(MemoryType::Stack)
      .bound_extent(at.column, pixels)
      .bound_extent(block, vectors)
      .vectorize(lane, lanes)
      .unroll(block)
      .unroll(at.column);
  int stage = 0;
  if (hasWhole) {
    Stage update = sums.update(stage++);
    if (request.together > 1)
      update
          .reorder({whole[0], lane, block, at.column, whole[1], whole[2],
                    whole[3], whole[4]})
          .atomic()
          .vectorize(whole[0]);
    else
      update.reorder({whole[0], lane, block, at.column, whole[1], whole[2],
                      whole[3], whole[4]});
    update.vectorize(lane, lanes).unroll(block).unroll(at.column);
  }
  if (hasRest)
    sums.update(stage)
        .reorder({lane, block, at.column, rest[0], rest[1], rest[2], rest[3]})
        .vectorize(lane, lanes)
        .unroll(block)
        .unroll(at.column);
}

Kernel ConvBuilder::build() {
  defineSums();
  defineOutput();
  setOutputShape(kernel, request);
  schedule();
  return kernel;
}

Kernel lacuna::halide::makeConv(const Request &request, const Tile &tile) {
  return ConvBuilder(request, tile).build();
}
