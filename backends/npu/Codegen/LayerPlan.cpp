//===- LayerPlan.cpp - What each layer will do, and what stays on the chip
//-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/LayerPlan.h"

#include "backends/npu/Codegen/ArrayClocks.h"
#include "lacuna/Schedule/ArenaPlanner.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

constexpr int64_t kAlignment = 64;

namespace {
class Planner {
public:
  Planner(const Machine &machine, MemoryMap &memory)
      : machine(machine), memory(memory), clocks(machine),
        place(findPlaces(machine).inputs),
        weightPlace(findPlaces(machine).weights) {}

  FailureOr<LayerPlan> plan(Block &main, bool isStep);

private:
  /// Where residents are, and how much of the memory they take at each layer.
  struct Placement {
    std::vector<int64_t> offsets, taken;
  };

  bool canStay() const {
    const Memory &chip = machine.memories[place];
    return chip.canHold(Content::Inputs) && chip.canHold(Content::Outputs);
  }
  Placement placeResidents() const;
  void tellMemory(const Placement &placement);
  FailureOr<ArrayLayer> read(const LoopGroup &group, int64_t taken);
  /// Of all layers between `first` and `last`, by the estimate; none if one of
  /// them does not fit.
  std::optional<double> estimate(int64_t first, int64_t last,
                                 const Placement &placement);
  std::optional<double> estimate(const LoopGroup &group, int64_t taken);
  FailureOr<bool> tryToKeep(ArrayRef<Resident> more);
  LogicalResult chooseResidents(bool isStep);
  void keepConstants(std::vector<Resident> kept);
  void chooseConstants();

  const Machine &machine;
  MemoryMap &memory;
  ArrayClocks clocks;
  unsigned place, weightPlace;
  std::vector<LoopGroup> groups;
  std::vector<Resident> constants;
  int64_t constantBytes = 0;
  std::vector<Resident> residents;
};
} // namespace

Planner::Placement Planner::placeResidents() const {
  ArenaProblem problem;
  for (const Resident &resident : residents)
    problem.buffers.push_back(
        {"", resident.bytes, resident.first, resident.last});
  Placement placement;
  placement.offsets = planArena(problem).offsets;
  // Where there is one memory for all, constants are at its begin.
  int64_t begin = weightPlace == place ? constantBytes : 0;
  for (int64_t &offset : placement.offsets)
    offset += begin;
  placement.taken.resize(groups.size(), begin);
  for (auto [buffer, offset] :
       llvm::zip_equal(problem.buffers, placement.offsets))
    for (int64_t layer = buffer.first; layer <= buffer.last; ++layer)
      placement.taken[layer] =
          std::max(placement.taken[layer],
                   int64_t(llvm::alignTo(offset + buffer.bytes, kAlignment)));
  return placement;
}

void Planner::tellMemory(const Placement &placement) {
  memory.clearChip();
  for (auto [resident, offset] : llvm::zip_equal(residents, placement.offsets))
    memory.placeOnChip(resident.root, Address::chip(place, offset));
  int64_t offset = 0;
  for (const Resident &constant : constants) {
    memory.placeOnChip(constant.root, Address::chip(weightPlace, offset));
    offset += llvm::alignTo(constant.bytes, kAlignment);
  }
}

FailureOr<ArrayLayer> Planner::read(const LoopGroup &group, int64_t taken) {
  auto find = [&](Value value) { return memory.findAddress(value); };
  mlir::Operation *op = group.ops.front();
  auto conv = dyn_cast<npu::ConvOp>(op);
  FailureOr<ArrayLayer> layer =
      conv ? readLayer(conv, machine, find)
           : readLayer(cast<npu::MatMulOp>(op), machine, find);
  if (succeeded(layer)) {
    layer->problem.takenBytes = taken;
    if (weightPlace != place)
      layer->problem.takenWeightBytes = constantBytes;
    layer->problem.weightsComeAhead =
        &group != &groups.front() && findPlaces(machine).hasOwnWeights();
    clocks.attach(*layer);
  }
  return layer;
}

std::optional<double> Planner::estimate(const LoopGroup &group, int64_t taken) {
  if (taken > machine.memories[place].bytes)
    return std::nullopt;
  if (!isArrayLayer(group))
    return 0;
  FailureOr<ArrayLayer> layer = read(group, taken);
  if (failed(layer))
    return std::nullopt;
  llvm::Expected<TilingSolution> tiling = planTiles(layer->problem);
  if (!tiling) {
    llvm::consumeError(tiling.takeError());
    return std::nullopt;
  }
  return tiling->getCost(machine);
}

std::optional<double> Planner::estimate(int64_t first, int64_t last,
                                        const Placement &placement) {
  double sum = 0;
  for (int64_t layer = first; layer <= last; ++layer) {
    std::optional<double> cost =
        estimate(groups[layer], placement.taken[layer]);
    if (!cost)
      return std::nullopt;
    sum += *cost;
  }
  return sum;
}

/// Lets `more` stay if that makes the layers that they are there for cheaper.
FailureOr<bool> Planner::tryToKeep(ArrayRef<Resident> more) {
  Placement placement = placeResidents();
  int64_t begin = groups.size(), end = 0, bytes = 0;
  // Loops read and write it in DRAM, once each.
  double saved = 0;
  for (const Resident &candidate : more) {
    begin = std::min(begin, candidate.first);
    end = std::max(end, candidate.last);
    bytes = std::max(bytes, candidate.bytes);
    for (int64_t layer = candidate.first; layer <= candidate.last; ++layer)
      if (!isArrayLayer(groups[layer]))
        saved += machine.dma.latencyClocks;
  }
  if (bytes > machine.memories[place].bytes)
    return false;
  llvm::append_range(residents, more);
  Placement next = placeResidents();
  // Others may lie elsewhere now, where they leave less room.
  int64_t first = 0, last = groups.size() - 1;
  while (first < begin && next.taken[first] == placement.taken[first])
    ++first;
  while (last > end && next.taken[last] == placement.taken[last])
    --last;
  std::optional<double> old = estimate(first, last, placement);
  if (!old)
    return failure();
  tellMemory(next);
  std::optional<double> cost = estimate(first, last, next);
  if (cost && *cost <= *old + saved)
    return true;
  residents.resize(residents.size() - more.size());
  tellMemory(placement);
  return false;
}

LogicalResult Planner::chooseResidents(bool isStep) {
  // States, and constants that all but the array want. Mostly there is room for
  // all of them.
  std::vector<Resident> lasting, candidates;
  if (isStep)
    lasting = findConstants(groups, memory, /*ofArray=*/false);
  for (const Resident &resident : findResidents(groups, memory))
    (isa<BlockArgument>(resident.root) ? lasting : candidates)
        .push_back(resident);
  FailureOr<bool> stay = lasting.empty() ? true : tryToKeep(lasting);
  if (failed(stay))
    return failure();
  if (!*stay)
    llvm::append_range(candidates, lasting);
  // What is wanted most often for what it takes comes first.
  auto getValue = [](const Resident &it) {
    return double(it.uses) / double(it.last - it.first + 1);
  };
  llvm::stable_sort(candidates, [&](const Resident &a, const Resident &b) {
    return getValue(a) > getValue(b);
  });
  for (const Resident &candidate : candidates)
    if (failed(tryToKeep(candidate)))
      return failure();
  return success();
}

void Planner::keepConstants(std::vector<Resident> kept) {
  constants = std::move(kept);
  constantBytes = 0;
  for (const Resident &constant : constants)
    constantBytes += llvm::alignTo(constant.bytes, kAlignment);
  tellMemory(placeResidents());
}

/// Lets weights stay for all steps. Those that do not want room for the tiles
/// in which they come each time: which of them is the largest is tried.
void Planner::chooseConstants() {
  std::vector<Resident> candidates =
      findConstants(groups, memory, /*ofArray=*/true);
  int64_t bytes = machine.memories[weightPlace].bytes;
  llvm::SmallSetVector<int64_t, 16> rooms;
  rooms.insert(0);
  for (const Resident &candidate : candidates)
    rooms.insert(llvm::alignTo(candidate.bytes, kAlignment));
  rooms.insert(bytes / 2);
  int64_t last = groups.size() - 1;
  std::vector<Resident> best;
  std::optional<double> least = estimate(0, last, placeResidents());
  for (int64_t room : rooms) {
    if (room >= bytes)
      continue;
    std::vector<Resident> chosen =
        chooseMostValuable(candidates, bytes - room, room, machine);
    bool hasAll = chosen.size() == candidates.size();
    keepConstants(std::move(chosen));
    std::optional<double> cost = estimate(0, last, placeResidents());
    if (!cost || (least && *cost >= *least))
      continue;
    least = cost;
    best = constants;
    if (hasAll)
      break;
  }
  keepConstants(std::move(best));
}

FailureOr<LayerPlan> Planner::plan(Block &main, bool isStep) {
  groups = groupOperations(main);
  auto planOne = [&](const LoopGroup &group,
                     int64_t taken) -> FailureOr<PlannedLayer> {
    PlannedLayer planned{group, std::nullopt, {}, {}};
    if (!isArrayLayer(group))
      return planned;
    FailureOr<ArrayLayer> layer = read(group, taken);
    if (failed(layer))
      return failure();
    llvm::Expected<TilingSolution> tiling =
        planTiles(layer->problem, &planned.choices);
    if (!tiling) {
      group.ops.front()->emitError("does not fit on machine '")
          << machine.name << "': " << llvm::toString(tiling.takeError());
      return failure();
    }
    if (llvm::Error error = clocks.check(*layer, *tiling)) {
      group.ops.front()->emitError(llvm::toString(std::move(error)));
      return failure();
    }
    planned.array = std::move(*layer);
    planned.tiling = *tiling;
    return planned;
  };
  // First without residents, to say what does not fit.
  std::vector<PlannedLayer> layers;
  for (const LoopGroup &group : groups) {
    FailureOr<PlannedLayer> planned = planOne(group, 0);
    if (failed(planned))
      return failure();
    layers.push_back(std::move(*planned));
  }
  if (isStep)
    chooseConstants();
  if (canStay() && failed(chooseResidents(isStep)))
    return failure();
  Placement placement = placeResidents();
  for (auto [index, taken] : llvm::enumerate(placement.taken)) {
    // Nothing stays while this one is at work.
    if (taken == 0 && constants.empty())
      continue;
    FailureOr<PlannedLayer> planned = planOne(groups[index], taken);
    if (failed(planned))
      return failure();
    layers[index] = std::move(*planned);
  }
  LayerPlan plan{std::move(layers), std::move(constants), constantBytes};
  for (const Resident &resident : residents)
    if (memory.findConstant(resident.root))
      plan.constants.push_back(resident);
  return plan;
}

FailureOr<LayerPlan> npu::planLayers(Block &main, bool isStep,
                                     const Machine &machine,
                                     MemoryMap &memory) {
  return Planner(machine, memory).plan(main, isStep);
}
