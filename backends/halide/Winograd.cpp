//===- Winograd.cpp - 3x3 convolutions with fewer multiplications -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Winograd's F(2x2, 3x3): two by two outputs of a 3x3 convolution are made of
// the four by four inputs they see by 16 multiplications, not 36. Inputs are
// transformed by additions; at each of the 16 places there is a product of
// matrices; its results are transformed by additions again. Weights come
// transformed, in the order of a convolution of 16 taps.
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Kernel.h"

using namespace lacuna::halide;
using namespace Halide;

namespace {
/// The stages of a kernel over tiles of two by two outputs.
class WinogradBuilder {
public:
  WinogradBuilder(const Request &request, const Tile &tile)
      : request(request), tile(tile), kernel(request) {}

  Kernel build();

private:
  Expr readInput(Expr column, Expr row) const;
  void defineStages();
  void schedule();

  const Request &request;
  Tile tile;
  Kernel kernel;
  OutputVars at;
  /// A tile, a place in it or in what becomes of it, and one of its outputs.
  Var x{"x"}, y{"y"}, placeX{"placeX"}, placeY{"placeY"}, outX{"outX"};
  Var lane{"lane"}, block{"block"}, depth{"depth"};
  Func halfway{"halfway"}, transformed{"transformed"}, sums{"sums"},
      products{"products"}, half{"half"};
  RDom k;
};
} // namespace

/// The input channels at a column and a row; none beyond the last that the
/// outputs want.
Expr WinogradBuilder::readInput(Expr column, Expr row) const {
  auto limit = [](Expr at, int64_t outputs, int64_t step) {
    return outputs % step ? min(likely(at), int(outputs + 1)) : at;
  };
  return kernel.input(
      at.image * int(request.inStep[0]) + at.plane * int(request.inStep[1]) +
      limit(row, request.out[2], 2) * int(request.inStep[2]) +
      limit(column, request.out[3], 2 * tile.pixels) * int(request.inStep[3]) +
      depth);
}

/// What becomes of four inputs in a line at place `place`.
static Expr transformInputs(Expr place, std::function<Expr(int)> get) {
  return select(place == 0, get(0) - get(2), place == 1, get(1) + get(2),
                place == 2, get(2) - get(1), get(1) - get(3));
}

/// Output `out`, 0 or 1, of four sums in a line.
static Expr transformSums(Expr out, std::function<Expr(int)> get) {
  return select(out == 0, get(0) + get(1) + get(2), get(1) - get(2) - get(3));
}

void WinogradBuilder::defineStages() {
  int lanes = int(request.lanes), depths = int(request.depth);
  halfway(depth, placeX, placeY, x, y, at.plane, at.image) = transformInputs(
      placeY, [&](int i) { return readInput(2 * x + placeX, 2 * y + i); });
  transformed(depth, x, placeX, placeY, y, at.plane, at.image) =
      transformInputs(placeX, [&](int i) {
        return halfway(depth, i, placeY, x, y, at.plane, at.image);
      });
  std::vector<Var> vars = {lane,   block, x,        placeX,
                           placeY, y,     at.plane, at.image};
  k = RDom(0, depths);
  constexpr int kPlaces = 16;
  Expr weight =
      ((block * kPlaces + placeY * 4 + placeX) * depths + k) * lanes + lane;
  sums(vars) = 0.0f;
  sums(vars) += transformed(k, x, placeX, placeY, y, at.plane, at.image) *
                kernel.weights(weight);
  products(vars) = sums(vars);
  half(lane, block, outX, placeY, x, y, at.plane, at.image) =
      transformSums(outX, [&](int i) {
        return products(lane, block, x, i, placeY, y, at.plane, at.image);
      });

  Expr channel = at.channel, residual = at.channel;
  Expr loops[] = {at.image, at.plane, at.row, at.column};
  for (int i = 0; i < 4; ++i)
    residual += loops[i] * int(request.residualStep[i]);
  Expr sum = transformSums(at.row % 2, [&](int i) {
    return half(channel % lanes, channel / lanes, at.column % 2, i,
                at.column / 2, at.row / 2, at.plane, at.image);
  });
  if (request.hasBias)
    sum += kernel.bias(channel);
  kernel.output(at.channel, at.group, at.column, at.row, at.plane, at.image) =
      finish(kernel, request, sum, channel, residual);
  setOutputShape(kernel, request);
}

void WinogradBuilder::schedule() {
  int lanes = int(request.lanes), tiles = int(tile.pixels);
  int vectors = int(tile.vectors);
  auto getTail = [](int64_t size, int64_t step) {
    return size % step ? TailStrategy::GuardWithIf : TailStrategy::RoundUp;
  };
  Var first("first"), rest("rest"), outY("outY"), of("of"), outer("outer");
  kernel.output.split(at.row, y, outY, 2, getTail(request.out[2], 2))
      .split(at.column, first, rest, 2 * tiles,
             getTail(request.out[3], 2 * tiles))
      .split(rest, x, outX, 2)
      .split(at.channel, of, lane, lanes)
      .reorder(
          {lane, outX, outY, of, x, first, y, at.plane, at.group, at.image})
      .vectorize(lane)
      .unroll(outX)
      .unroll(outY);
  half.compute_at(kernel.output, of)
      .store_in(MemoryType::Stack)
      .vectorize(lane, lanes)
      .unroll(outX)
      .unroll(placeY);
  products.compute_at(kernel.output, first)
      .store_in(MemoryType::Stack)
      .bound_extent(x, tiles)
      .split(block, outer, block, vectors)
      .reorder(lane, block, x, outer, placeX, placeY)
      .vectorize(lane, lanes)
      .unroll(block)
      .unroll(x);
  sums.compute_at(products, outer)
      .store_in(MemoryType::Stack)
      .bound_extent(x, tiles)
      .bound_extent(block, vectors)
      .vectorize(lane, lanes)
      .unroll(block)
      .unroll(x);
  sums.update()
      .reorder({lane, block, x, k})
      .vectorize(lane, lanes)
      .unroll(block)
      .unroll(x);
  transformed.compute_at(kernel.output, first)
      .store_in(MemoryType::Stack)
      .bound_extent(x, tiles)
      .split(depth, outer, depth, lanes,
             request.depth % lanes ? TailStrategy::ShiftInwards
                                   : TailStrategy::RoundUp)
      .reorder(depth, placeX, placeY, outer, x)
      .vectorize(depth)
      .unroll(placeX)
      .unroll(placeY);
  halfway.compute_at(transformed, outer)
      .store_in(MemoryType::Stack)
      .vectorize(depth, lanes)
      .unroll(placeX)
      .unroll(placeY);
}

Kernel WinogradBuilder::build() {
  defineStages();
  schedule();
  return kernel;
}

Kernel lacuna::halide::makeWinograd(const Request &request, const Tile &tile) {
  return WinogradBuilder(request, tile).build();
}
