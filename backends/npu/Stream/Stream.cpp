//===- Stream.cpp - A command stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Stream.h"
#include "backends/npu/Stream/Commands.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

std::optional<uint64_t> Tensor::getBytes() const {
  uint64_t bytes = npu::getBytes(type);
  bool isEmpty = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    // An extent of 0 must not hide that others are too large.
    isEmpty |= extent == 0;
    if (extent)
      bytes = SaturatingMultiply(bytes, static_cast<uint64_t>(extent));
    if (bytes > kRegionBytes)
      return std::nullopt;
  }
  if (isEmpty)
    bytes = 0;
  if (bytes > kRegionBytes - address.offset)
    return std::nullopt;
  return bytes;
}

const DebugEntry *Stream::findDebugEntry(uint32_t offset) const {
  auto after = llvm::upper_bound(
      debug, offset,
      [](uint32_t at, const DebugEntry &entry) { return at < entry.offset; });
  return after == debug.begin() ? nullptr : &*std::prev(after);
}

std::string Stream::describe(uint32_t offset) const {
  const DebugEntry *entry = findDebugEntry(offset);
  if (!entry || entry->layer >= layers.size())
    return "";
  const Layer &layer = layers[entry->layer];
  std::string text = "layer '" + layer.name + "'";
  if (!layer.nodes.empty())
    text += " (" + join(layer.nodes, ", ") + ")";
  for (auto [index, coordinate] : enumerate(entry->tile))
    text += (index ? ", " : ", tile ") + itostr(coordinate);
  return text;
}

uint64_t Stream::getRegionBytes(uint8_t region) const {
  uint64_t end = 0;
  for (const Tensor &tensor : tensors)
    if (tensor.address.region == region)
      end =
          std::max(end, tensor.address.offset + tensor.getBytes().value_or(0));
  return end;
}

Error checkDebug(const Stream &stream) {
  uint64_t least = 0;
  for (const DebugEntry &entry : stream.debug) {
    if (entry.tile.size() > kMaxTileRank)
      return createStringError("a tile of more than " + Twine(kMaxTileRank) +
                               " coordinates in the debug map");
    if (entry.offset < least || entry.offset >= stream.commands.size())
      return createStringError("word " + Twine(entry.offset) +
                               " in the debug map: words must ascend, and "
                               "there are " +
                               Twine(stream.commands.size()));
    least = uint64_t(entry.offset) + 1;
  }
  return Error::success();
}

SmallVector<CommandPart, 2> Stream::getParts() const {
  if (hasStart())
    return {getStart(), getStep()};
  return {getStep()};
}

Error checkLoop(const Stream &stream) {
  if (!stream.hasStart())
    return stream.kept.empty()
               ? Error::success()
               : createStringError("bytes are kept by a stream that has no "
                                   "steps");
  if (stream.stepBegin >= stream.commands.size())
    return createStringError("a step begins at word " +
                             Twine(stream.stepBegin) + " of " +
                             Twine(stream.commands.size()));
  Address end{0, 0};
  for (const KeptBytes &kept : stream.kept) {
    Address address = kept.address;
    if (!address.isChip() && address.region != kWorkspace)
      return createStringError("bytes of " + getRegionName(address.region) +
                               " are kept; only those on the chip and in the "
                               "workspace can be");
    if (!kept.bytes || kept.bytes > kRegionBytes - address.offset)
      return createStringError(Twine(kept.bytes) + " bytes are kept");
    if (address.pack() < end.pack())
      return createStringError("bytes that are kept must ascend, and none may "
                               "be said twice");
    end = {address.region, address.offset + kept.bytes};
  }
  return Error::success();
}

static Error addUsedFeatures(CommandPart part, Queue queue,
                             uint64_t &features) {
  QueueReader reader(part, queue);
  while (true) {
    Expected<PlacedCommand> placed = reader.next();
    if (!placed)
      return placed.takeError();
    if (std::holds_alternative<HaltCommand>(placed->command))
      return Error::success();
    if (const auto *copy = std::get_if<CopyCommand>(&placed->command))
      features |= getFeature(copy->format);
    if (const auto *conv = std::get_if<ConvCommand>(&placed->command))
      features |= getFeature(conv->inputType) | getFeature(conv->weightsType) |
                  getFeature(conv->weightsFormat) | getFeature(conv->algorithm);
  }
}

Expected<uint64_t> getUsedFeatures(const Stream &stream) {
  uint64_t features = 0;
  for (const CommandPart &part : stream.getParts()) {
    if (Error error = checkWords(part))
      return error;
    for (unsigned queue = 0; queue < kQueues; ++queue)
      if (Error error =
              addUsedFeatures(part, static_cast<Queue>(queue), features))
        return error;
  }
  return features;
}

Error checkMachine(const Stream &stream, StringRef machine,
                   uint64_t machineHash) {
  if (stream.machine == machine && stream.machineHash == machineHash)
    return Error::success();
  return createStringError(
      "the stream was made for machine '" + stream.machine + "' (0x" +
      utohexstr(stream.machineHash, true, 16) + "), not for '" + machine +
      "' (0x" + utohexstr(machineHash, true, 16) +
      "): compile the model for this machine");
}

} // namespace lacuna::npu
