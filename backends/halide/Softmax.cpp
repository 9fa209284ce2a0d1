//===- Softmax.cpp - Exponentials by their sum -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Kernel.h"
#include "backends/halide/Operations.h"

using namespace lacuna::halide;
using namespace Halide;

/// What all exponentials of a sum may take of the stack; more are computed
/// twice.
static constexpr int64_t kMostStack = 64 * 1024;

namespace {
/// Registers hold neighbouring channels, which are summed, or neighbouring
/// pixels of the same channel.
class SoftmaxBuilder {
public:
  SoftmaxBuilder(const Request &request, const Tile &tile, int64_t lanes)
      : request(request), lanes(int(lanes)), channels(int(request.channels)),
        vectors(int(tile.vectors)), kernel(request) {}

  Kernel build();

private:
  Expr read(const Expr &channel) const;
  void buildAlong();
  void buildAcross();
  void definePowers();
  void defineOutput();
  Func &splitIntoRegisters(Func &func, const Var &var) const;

  const Request &request;
  int lanes, channels, vectors;
  Kernel kernel;
  OutputVars at;
  std::vector<Var> vars = {at.column, at.row, at.plane, at.image};
  std::vector<Expr> point = {at.column, at.row, at.plane, at.image};
  Var lane{"lane"}, inner{"inner"}, outer{"outer"};
  Func best{"best"}, powers{"powers"}, total{"total"}, factor{"factor"};
};
} // namespace

Expr SoftmaxBuilder::read(const Expr &channel) const {
  Expr index = channel * int(request.inChannel);
  for (int i = 0; i < 4; ++i)
    index += point[i] * int(request.inStep[3 - i]);
  return kernel.input(index);
}

/// Of `count` lanes of `func` at `point`, by `combine`.
static Expr reduce(const Func &func, const std::vector<Expr> &point, int first,
                   int count, Expr (*combine)(Expr, Expr)) {
  if (count > 1)
    return combine(reduce(func, point, first, count / 2, combine),
                   reduce(func, point, first + count / 2, count / 2, combine));
  std::vector<Expr> place = {first};
  place.insert(place.end(), point.begin(), point.end());
  return func(place);
}

static Expr add(Expr a, Expr b) { return a + b; }
// Where this loses a NaN, the sum has it.
static Expr getLarger(Expr a, Expr b) { return max(a, b); }

/// A row after another. Channels that fill no register are, with some before
/// them, the last register of a row.
void SoftmaxBuilder::buildAlong() {
  int blocks = channels / lanes, rest = channels % lanes;
  int last = channels - lanes;
  std::vector<Var> row = {lane, at.column, at.row, at.plane, at.image};
  RDom k(1, std::max(1, blocks - 1));
  Func largest("largest"), sums("sums");
  largest(row) = read(lane);
  if (blocks > 1)
    largest(row) = max(largest(row), read(k * lanes + lane));
  if (rest)
    largest(row) = max(largest(row), read(last + lane));
  best(vars) = reduce(largest, point, 0, lanes, getLarger);

  definePowers();
  auto getPowers = [&](const Expr &channel) -> Expr {
    return powers(channel, at.column, at.row, at.plane, at.image);
  };
  sums(row) = getPowers(lane);
  if (blocks > 1)
    sums(row) += getPowers(k * lanes + lane);
  if (rest)
    sums(row) += select(lane >= lanes - rest, getPowers(last + lane), 0.0f);
  total(vars) = reduce(sums, point, 0, lanes, add);
  defineOutput();

  splitIntoRegisters(kernel.output, at.channel)
      .reorder({lane, inner, outer, at.group, at.column, at.row, at.plane,
                at.image});
  for (Func func : {best, total, factor})
    func.compute_at(kernel.output, at.column).store_in(MemoryType::Stack);
  for (Func func : {largest, sums}) {
    func.compute_at(kernel.output, at.column)
        .store_in(MemoryType::Stack)
        .bound_extent(lane, lanes)
        .vectorize(lane, lanes);
    for (int i = 0; i < func.num_update_definitions(); ++i)
      func.update(i).vectorize(lane, lanes);
  }
  if (int64_t(channels) * 4 <= kMostStack)
    splitIntoRegisters(powers.compute_at(kernel.output, at.column)
                           .store_in(MemoryType::Stack)
                           .bound_extent(at.channel, channels),
                       at.channel);
}

/// Some neighbouring pixels after others.
void SoftmaxBuilder::buildAcross() {
  RDom k(1, std::max(1, channels - 1)), all(0, channels);
  best(vars) = read(0);
  if (channels > 1)
    best(vars) = max(best(vars), read(k));
  definePowers();
  total(vars) = 0.0f;
  total(vars) += powers(all, at.column, at.row, at.plane, at.image);
  defineOutput();

  int pixels = lanes * vectors;
  splitIntoRegisters(kernel.output, at.column)
      .reorder({lane, inner, at.channel, at.group, outer, at.row, at.plane,
                at.image});
  auto keep = [&](Func func) {
    func.compute_at(kernel.output, outer)
        .store_in(MemoryType::Stack)
        .bound_extent(at.column, pixels);
  };
  auto schedule = [&](Stage stage) {
    stage.split(at.column, inner, lane, lanes).vectorize(lane).unroll(inner);
    return stage;
  };
  for (Func func : {best, total, factor}) {
    keep(func);
    schedule(func);
  }
  if (channels > 1)
    schedule(best.update()).reorder({lane, inner, k});
  schedule(total.update()).reorder({lane, inner, all});
  if (int64_t(channels) * pixels * 4 > kMostStack)
    return;
  keep(powers);
  powers.reorder_storage({at.column, at.channel, at.row, at.plane, at.image});
  schedule(powers).reorder({lane, inner, at.channel});
}

Func &SoftmaxBuilder::splitIntoRegisters(Func &func, const Var &var) const {
  return func
      .split(var, outer, inner, lanes * vectors, TailStrategy::ShiftInwards)
      .split(inner, inner, lane, lanes)
      .vectorize(lane)
      .unroll(inner);
}

void SoftmaxBuilder::definePowers() {
  powers(at.channel, at.column, at.row, at.plane, at.image) =
      exponential(read(at.channel) - best(point));
}

void SoftmaxBuilder::defineOutput() {
  Expr value;
  if (request.isLog) {
    factor(vars) = logarithm(total(point));
    value = read(at.channel) - best(point) - factor(point);
  } else {
    factor(vars) = 1.0f / total(point);
    value = powers(at.channel, at.column, at.row, at.plane, at.image) *
            factor(point);
  }
  kernel.output(at.channel, at.group, at.column, at.row, at.plane, at.image) =
      value;
  setOutputShape(kernel, request);
}

Kernel SoftmaxBuilder::build() {
  if (request.sumsNeighbours())
    buildAlong();
  else
    buildAcross();
  return kernel;
}

Kernel lacuna::halide::makeSoftmax(const Request &request, const Tile &tile,
                                   int64_t lanes) {
  return SoftmaxBuilder(request, tile, lanes).build();
}
