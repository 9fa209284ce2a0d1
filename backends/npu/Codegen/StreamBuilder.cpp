//===- StreamBuilder.cpp - A stream while it is written -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/StreamBuilder.h"

#include "backends/npu/Stream/CommandRegisters.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

void StreamBuilder::beginLayer(Layer layer) {
  stream.layers.push_back(std::move(layer));
  beginTile({});
}

void StreamBuilder::beginTile(ArrayRef<int64_t> tile) {
  tiles.push_back({uint32_t(stream.layers.size() - 1),
                   SmallVector<int32_t, 4>(tile.begin(), tile.end())});
}

static LogicalResult refuse(mlir::Operation *op, llvm::Error error) {
  return op->emitError("cannot be a command: ")
         << llvm::toString(std::move(error));
}

LogicalResult StreamBuilder::add(mlir::Operation *op, Queue queue,
                                 const Command &command, When when) {
  llvm::Expected<SmallVector<Access, 8>> accesses =
      getAccesses(queue, command, stream.programs);
  if (!accesses)
    return refuse(op, accesses.takeError());
  Item item{queue, command, op, uint32_t(tiles.size() - 1)};
  Items &its = items[unsigned(when)];
  CommandOrder::Waits waits = its.order.add(queue, *accesses);
  for (auto [other, index] : llvm::enumerate(waits)) {
    if (!index)
      continue;
    item.waits |= 1 << other;
    its.all[its.ofQueue[other][*index]].signals |= 1 << unsigned(queue);
  }
  its.ofQueue[unsigned(queue)].push_back(its.all.size());
  its.all.push_back(std::move(item));
  return success();
}

unsigned StreamBuilder::addProgram(Program program) {
  stream.programs.push_back(std::move(program));
  return stream.programs.size() - 1;
}

Address StreamBuilder::addConstant(ArrayRef<char> bytes) {
  constants.resize(llvm::alignTo(constants.size(), 64));
  uint64_t offset = constants.size();
  constantOffsets.push_back(offset);
  constants.insert(constants.end(), bytes.begin(), bytes.end());
  return Address::constant(offset);
}

/// Calls `visit` with the addresses of constants that the command has.
template <typename Visitor>
static void visitConstants(Command &command, Visitor visit) {
  auto map = [&](unsigned, auto &field) {
    if constexpr (std::is_same_v<decltype(field), Address &>)
      if (field.region == kConstants)
        visit(field);
  };
  std::visit(
      [&](auto &it) {
        using Kind = std::decay_t<decltype(it)>;
        if constexpr (std::is_same_v<Kind, CopyCommand> ||
                      std::is_same_v<Kind, ConvCommand> ||
                      std::is_same_v<Kind, ProgramCommand>)
          mapRegisters(it, map);
      },
      command);
}

LogicalResult StreamBuilder::dropConstants() {
  auto find = [&](uint64_t offset) {
    return size_t(llvm::upper_bound(constantOffsets, offset) -
                  constantOffsets.begin() - 1);
  };
  // What a command touches may reach over several, which then stay as far
  // apart: all between are touched too.
  std::vector<bool> isUsed(constantOffsets.size());
  std::vector<Item *> all;
  for (Items &its : items)
    for (Item &item : its.all)
      all.push_back(&item);
  for (Item *it : all) {
    Item &item = *it;
    visitConstants(item.command, [&](Address &address) {
      isUsed[find(address.offset)] = true;
    });
    llvm::Expected<SmallVector<Access, 8>> accesses =
        getAccesses(item.queue, item.command, stream.programs);
    if (!accesses)
      return refuse(item.op, accesses.takeError());
    for (const Access &access : *accesses) {
      if (access.where.region != kConstants)
        continue;
      ByteRange hull = access.where.getHull();
      size_t last = find(std::max(hull.begin + 1, hull.end) - 1);
      for (size_t i = find(hull.begin); i <= last; ++i)
        isUsed[i] = true;
    }
  }
  std::vector<uint8_t> kept;
  std::vector<uint64_t> newOffsets(constantOffsets.size());
  for (auto [i, begin] : llvm::enumerate(constantOffsets)) {
    if (!isUsed[i])
      continue;
    uint64_t end = i + 1 < constantOffsets.size() ? constantOffsets[i + 1]
                                                  : constants.size();
    kept.resize(llvm::alignTo(kept.size(), 64));
    newOffsets[i] = kept.size();
    kept.insert(kept.end(), constants.begin() + begin, constants.begin() + end);
  }
  for (Item *item : all)
    visitConstants(item->command, [&](Address &address) {
      size_t i = find(address.offset);
      address.offset += newOffsets[i] - constantOffsets[i];
    });
  constants = std::move(kept);
  return success();
}

/// The semaphore whose tokens go from one queue to another. Those that wait
/// and those that are waited for are in the same order, so that each pair of
/// queues needs one.
static uint8_t getSemaphore(unsigned from, unsigned to) {
  return from * kQueues + to;
}

LogicalResult StreamBuilder::write(CommandWriter &writer, const Item &item) {
  auto self = static_cast<unsigned>(item.queue);
  auto put = [&](const Command &command) -> LogicalResult {
    if (llvm::Error error = writer.write(item.queue, command))
      return refuse(item.op, std::move(error));
    return success();
  };
  for (unsigned other = 0; other < kQueues; ++other)
    if (item.waits >> other & 1 &&
        failed(put(WaitCommand{getSemaphore(other, self), 1})))
      return failure();
  if (failed(put(item.command)))
    return failure();
  for (unsigned other = 0; other < kQueues; ++other)
    if (item.signals >> other & 1 &&
        failed(put(SignalCommand{getSemaphore(self, other), 1})))
      return failure();
  return success();
}

LogicalResult StreamBuilder::write(CommandWriter &writer, const Items &items,
                                   mlir::Operation *op) {
  std::array<std::optional<uint32_t>, kQueues> layerOf;
  std::optional<uint32_t> tile;
  for (const Item &item : items.all) {
    uint32_t layer = tiles[item.tile].layer;
    if (item.tile != tile) {
      tile = item.tile;
      stream.debug.push_back(
          {writer.getOffset(), layer, tiles[item.tile].position});
    }
    std::optional<uint32_t> &marked = layerOf[unsigned(item.queue)];
    if (marked != layer)
      if (llvm::Error error = writer.write(item.queue, MarkCommand{layer}))
        return refuse(item.op, std::move(error));
    marked = layer;
    if (failed(write(writer, item)))
      return failure();
  }
  if (llvm::Error error = writer.write(Queue::DmaIn, HaltCommand()))
    return refuse(op, std::move(error));
  return success();
}

FailureOr<Stream> StreamBuilder::take(mlir::Operation *op) {
  if (failed(dropConstants()))
    return failure();
  CommandWriter writer(elide);
  if (hasSteps) {
    if (failed(write(writer, items[unsigned(When::Start)], op)))
      return failure();
    stream.stepBegin = writer.getOffset();
    llvm::sort(stream.kept, [](const KeptBytes &a, const KeptBytes &b) {
      return a.address.pack() < b.address.pack();
    });
  }
  if (failed(write(writer, items[unsigned(When::Step)], op)))
    return failure();
  stream.commands = writer.take();
  stream.constants = Bytes(std::move(constants));
  llvm::Expected<uint64_t> features = getUsedFeatures(stream);
  if (!features)
    return op->emitError() << llvm::toString(features.takeError());
  stream.features = *features;
  return std::move(stream);
}
