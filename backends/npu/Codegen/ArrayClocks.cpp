//===- ArrayClocks.cpp - How long an array takes for a tile -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/ArrayClocks.h"

#include "backends/npu/Array/ArrayTiming.h"

using namespace lacuna;
using namespace lacuna::npu;

/// The tile whose outputs begin at `place`.
static ArrayTask makeTask(const TilingProblem &problem, const TileShape &tile,
                          const std::array<int64_t, 3> &place,
                          ElementType type) {
  ArrayTask task;
  task.type = type;
  task.groups = tile.groups;
  task.channels = tile.groups * tile.channels;
  task.filters = tile.groups * tile.filters;
  for (size_t dim = 0; dim < 3; ++dim) {
    SpatialDimension &space = task.space[dim];
    auto [first, count] = problem.getInputs(dim, place[dim], tile.output[dim]);
    space.input = count;
    space.output = tile.output[dim];
    space.kernel = problem.kernel[dim];
    space.stride = problem.stride[dim];
    space.dilation = problem.dilation[dim];
    space.padBefore =
        first + problem.padBefore[dim] - place[dim] * space.stride;
    space.padAfter =
        std::max<int64_t>(0, (space.output - 1) * space.stride +
                                 space.getSpan() - space.padBefore - count);
  }
  return task;
}

static ElementType getType(const Machine &machine, const ArrayLayer &layer) {
  if (layer.inputType == ArrayType::Float32)
    return ElementType::Float32;
  bool hasWords = layer.inputType == ArrayType::Int16 ||
                  layer.weightsType == ArrayType::Int16;
  return machine.getProductType(hasWords ? ElementType::Int16
                                         : ElementType::Int8);
}

llvm::Error ArrayClocks::check(const ArrayLayer &layer,
                               const TileShape &tile) const {
  ArrayTask task = makeTask(layer.problem, tile, {}, getType(machine, layer));
  return timeArray(machine, task).takeError();
}

void ArrayClocks::attach(ArrayLayer &layer) const {
  ElementType type = getType(machine, layer);
  TilingProblem problem = layer.problem;
  layer.problem.countArrayClocks =
      [problem, type, machine = &machine, known = known](
          const TileShape &tile, const std::array<int64_t, 3> &place) {
        ArrayTask task = makeTask(problem, tile, place, type);
        std::vector<int64_t> key = {task.groups, task.channels, task.filters,
                                    int64_t(type)};
        for (const SpatialDimension &space : task.space)
          key.insert(key.end(),
                     {space.input, space.output, space.kernel, space.stride,
                      space.dilation, space.padBefore, space.padAfter});
        auto [it, isNew] = known->try_emplace(std::move(key));
        if (isNew) {
          // What the array cannot do at all is told of the tiling that is
          // chosen.
          constexpr int64_t kNever = int64_t(1) << 40;
          llvm::Expected<ArrayTiming> timing = timeArray(*machine, task);
          it->second = timing ? timing->cycles : kNever;
          if (!timing)
            llvm::consumeError(timing.takeError());
        }
        return it->second;
      };
}
