//===- Commands.cpp - What commands do, take and cost -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Executor.h"

#include "backends/npu/Simulator/CycleTrace.h"
#include "backends/npu/Simulator/ValueWidths.h"
#include "backends/npu/Stream/StoredFormat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace llvm;

namespace lacuna::npu {

static bool isChip(uint8_t region) { return Address{region, 0}.isChip(); }

static DramKind getKind(uint8_t region) {
  Address address{region, 0};
  if (region == kConstants)
    return DramKind::Constants;
  if (address.isInput())
    return DramKind::Inputs;
  return address.isOutput() ? DramKind::Outputs : DramKind::Workspace;
}

//===----------------------------------------------------------------------===//
// Bytes that move
//===----------------------------------------------------------------------===//

/// Bytes of the bursts that `where` is in.
static int64_t countBurstBytes(const StridedBytes &where, uint64_t burst) {
  uint64_t bursts = 0;
  std::optional<uint64_t> last;
  where.visitPieces([&](ByteRange piece) {
    uint64_t first = piece.begin / burst, end = (piece.end - 1) / burst + 1;
    // Pieces that are neighbours may share a burst.
    if (last && first == *last)
      ++first;
    if (end > first)
      bursts += end - first;
    last = end - 1;
    return true;
  });
  return int64_t(bursts * burst);
}

constexpr double kByteBits = 8;

/// Whole bytes of so many of another width.
static int64_t scaleBytes(int64_t bytes, double width) {
  return width == kByteBits
             ? bytes
             : int64_t(std::ceil(double(bytes) * width / kByteBits));
}

const LayerDensities *Executor::getDensities() const {
  if (options.densities.empty() || layer == &layers.back())
    return nullptr;
  return &options.densities[layer - layers.data()];
}

Error Executor::moveDram(const Access &access, int64_t bytes, double width,
                         bool writes, TimedCommand &timed) {
  if (bytes == 0)
    return Error::success();
  const Dma &dma = machine.dma;
  auto burst = uint64_t(dma.burstBytes);
  bool isWhole = std::holds_alternative<CopyCommand>(
                     followers[unsigned(queue)].next->command) ||
                 std::holds_alternative<FillCommand>(
                     followers[unsigned(queue)].next->command);
  int64_t moved = bytes;
  if (isWhole && int64_t(access.where.bytes) >= bytes &&
      access.where.dimensions.empty()) {
    // What a format is stored in may be shorter than what is set apart.
    StridedBytes used = access.where;
    used.bytes = uint64_t(bytes);
    moved = countBurstBytes(used, burst);
  } else if (isWhole) {
    if (Error error = spend(access.where.getPieces()))
      return error;
    moved = countBurstBytes(access.where, burst);
  }
  moved = scaleBytes(moved, width);
  bytes = scaleBytes(bytes, width);
  DramBytes &dram = layer->dram;
  auto kind = unsigned(getKind(access.where.region));
  (writes ? dram.written : dram.read)[kind] += bytes;
  (writes ? timed.dramWritten : timed.dramRead) += bytes;
  dram.moved += moved;
  timed.latency = dma.latencyClocks;
  double units = std::ceil(double(moved) * double(kLinkUnits) /
                           machine.getDramBytesPerClock());
  if (units > double(int64_t(1) << 61))
    return createStringError("more clocks than can be counted");
  timed.link += int64_t(units);
  return meter.add(layer->energy, EnergyComponent::Dram,
                   writes ? EnergyAction::Write : EnergyAction::Read,
                   double(moved), int64_t(kByteBits));
}

Error Executor::moveChip(uint8_t region, int64_t bytes, double width,
                         bool writes, TimedCommand &timed) {
  const Memory &chip = getMemory(region);
  bytes = scaleBytes(bytes, width);
  (writes ? layer->chipBytesWritten : layer->chipBytesRead) += bytes;
  if (queue == Queue::DmaIn || queue == Queue::DmaOut) {
    // A word of one bank at a time.
    int64_t perClock = chip.wordBytes * chip.ports;
    int64_t clocks =
        chip.latencyClocks + int64_t(divideCeil(uint64_t(bytes), perClock));
    timed.clocks = std::max(timed.clocks, clocks);
  }
  return meter.add(layer->energy, EnergyComponent::Buffer,
                   writes ? EnergyAction::Write : EnergyAction::Read,
                   double(bytes) / double(chip.wordBytes), chip.wordBytes * 8,
                   chip.getBankBytes());
}

Error Executor::move(const Access &access, int64_t bytes, double width,
                     bool writes, TimedCommand &timed) {
  return isChip(access.where.region)
             ? moveChip(access.where.region, bytes, width, writes, timed)
             : moveDram(access, bytes, width, writes, timed);
}

//===----------------------------------------------------------------------===//
// DMA
//===----------------------------------------------------------------------===//

/// Calls `visit` with the byte offsets of each element at both sides, by rows:
/// an offset for each, and how many elements follow.
template <typename Visitor>
static void visitRows(const std::array<int64_t, 4> &extents,
                      const std::array<int64_t, 4> &first,
                      const std::array<int64_t, 4> &second, Visitor visit) {
  for (int64_t i = 0; i < extents[0]; ++i)
    for (int64_t j = 0; j < extents[1]; ++j)
      for (int64_t k = 0; k < extents[2]; ++k)
        visit(i * first[0] + j * first[1] + k * first[2],
              i * second[0] + j * second[1] + k * second[2]);
}

template <typename T>
static void copyRow(uint8_t *to, const uint8_t *from, int64_t count,
                    int64_t toStride, int64_t fromStride) {
  for (int64_t i = 0; i < count; ++i)
    std::memcpy(to + i * toStride, from + i * fromStride, sizeof(T));
}

static void copyElementRow(uint8_t *to, const uint8_t *from, int64_t count,
                           int64_t toStride, int64_t fromStride,
                           int64_t elementBytes) {
  if (toStride == elementBytes && fromStride == elementBytes) {
    std::memmove(to, from, size_t(count * elementBytes));
    return;
  }
  switch (elementBytes) {
  case 1:
    return copyRow<uint8_t>(to, from, count, toStride, fromStride);
  case 2:
    return copyRow<uint16_t>(to, from, count, toStride, fromStride);
  case 4:
    return copyRow<uint32_t>(to, from, count, toStride, fromStride);
  default:
    return copyRow<uint64_t>(to, from, count, toStride, fromStride);
  }
}

/// Copies between memory at `to` and `from`, whose hulls have been checked.
static void copyBlock(const CopyCommand &command, uint8_t *to,
                      const uint8_t *from,
                      const std::array<int64_t, 4> &toStrides,
                      const std::array<int64_t, 4> &fromStrides) {
  visitRows(command.extents, toStrides, fromStrides,
            [&](int64_t toOffset, int64_t fromOffset) {
              copyElementRow(to + toOffset, from + fromOffset,
                             command.extents[3], toStrides[3], fromStrides[3],
                             command.elementBytes);
            });
}

/// Strides of elements that lie dense in the order of the dimensions.
static std::array<int64_t, 4> getDenseStrides(const CopyCommand &command) {
  std::array<int64_t, 4> strides;
  int64_t stride = command.elementBytes;
  for (unsigned i = 4; i-- > 0; stride *= command.extents[i])
    strides[i] = stride;
  return strides;
}

Error Executor::copyElements(const CopyCommand &command) {
  // Hulls have been checked, and negative strides are part of them.
  Expected<const uint8_t *> from = memory.read(command.source, 0);
  if (!from)
    return from.takeError();
  Expected<uint8_t *> to = memory.write(command.destination, 0);
  if (!to)
    return to.takeError();
  copyBlock(command, *to, *from, command.destinationStrides,
            command.sourceStrides);
  return Error::success();
}

/// Copies to or from a format that is not dense; gives the bytes that are used
/// of it.
Expected<int64_t> Executor::copyStored(const CopyCommand &command) {
  if (Error error = checkUnpacked(command.getElements(), command.elementBytes))
    return error;
  uint64_t denseBytes = command.getElements() * command.elementBytes;
  std::array<int64_t, 4> dense = getDenseStrides(command);
  uint64_t used, present = 0;
  if (queue == Queue::DmaIn) {
    Expected<const uint8_t *> from =
        memory.read(command.source, command.storedBytes);
    if (!from)
      return from.takeError();
    Expected<uint8_t *> to = memory.write(command.destination, 0);
    if (!to)
      return to.takeError();
    Expected<LoadedValues> loaded =
        loadValues(command.format, command.formatParameter,
                   command.elementBytes, uint64_t(command.absent),
                   command.getElements(), {*from, size_t(command.storedBytes)});
    if (!loaded)
      return loaded.takeError();
    copyBlock(command, *to, loaded->dense.data(), command.destinationStrides,
              dense);
    used = loaded->usedBytes;
    present = loaded->present;
  } else {
    Expected<const uint8_t *> from = memory.read(command.source, 0);
    if (!from)
      return from.takeError();
    Expected<uint8_t *> to =
        memory.write(command.destination, command.storedBytes);
    if (!to)
      return to.takeError();
    std::vector<uint8_t> values(denseBytes);
    copyBlock(command, values.data(), *from, dense, command.sourceStrides);
    for (int64_t i = 0; i < command.getElements(); ++i)
      present += std::memcmp(&values[i * command.elementBytes], &command.absent,
                             command.elementBytes) != 0;
    Expected<std::vector<uint8_t>> stored =
        storeValues(command.format, command.formatParameter,
                    command.elementBytes, uint64_t(command.absent), values);
    if (!stored)
      return stored.takeError();
    if (stored->size() > uint64_t(command.storedBytes))
      return createStringError("the values need " + Twine(stored->size()) +
                               " bytes as they are stored; " +
                               Twine(command.storedBytes) + " are set apart");
    std::copy(stored->begin(), stored->end(), *to);
    used = stored->size();
  }
  uint64_t values = present * command.elementBytes;
  constexpr int64_t kWordBits = 16;
  if (used > values)
    if (Error error =
            meter.add(layer->energy, EnergyComponent::Metadata,
                      EnergyAction::Done, double(used - values) / 2, kWordBits))
      return error;
  return int64_t(used);
}

Error Executor::doCommand(const CopyCommand &command, TimedCommand &timed) {
  if (Error error = spend(command.getElements()))
    return error;
  bool isDense = command.format == StoredFormat::Dense;
  int64_t stored = command.storedBytes;
  if (hasData()) {
    if (isDense) {
      if (Error error = copyElements(command))
        return error;
    } else {
      Expected<int64_t> used = copyStored(command);
      if (!used)
        return used.takeError();
      stored = *used;
    }
  }
  int64_t bytes = command.getElements() * command.elementBytes;
  double width = kByteBits;
  if (command.elementBytes == 1) {
    ValueWidths widths(machine, getDensities());
    if (queue == Queue::DmaOut)
      width = widths.others;
    else
      width = command.source.region == kConstants ? widths.storedWeights
                                                  : widths.inputs;
  }
  for (const Access &access : accesses) {
    bool isStored = !isDense && access.writes == (queue == Queue::DmaOut);
    int64_t side = isStored ? stored : bytes;
    if (Error error = move(access, side, width, access.writes, timed))
      return error;
  }
  return Error::success();
}

Error Executor::doCommand(const FillCommand &command, TimedCommand &timed) {
  CopyCommand block;
  block.extents = command.extents;
  int64_t elements = block.getElements();
  if (Error error = spend(elements))
    return error;
  if (hasData()) {
    Expected<uint8_t *> to = memory.write(command.destination, 0);
    if (!to)
      return to.takeError();
    uint8_t value[8];
    support::endian::write64le(value, uint64_t(command.value));
    visitRows(command.extents, command.strides, command.strides,
              [&](int64_t offset, int64_t) {
                copyElementRow(*to + offset, value, command.extents[3],
                               command.strides[3], 0, command.elementBytes);
              });
  }
  const Access &access = accesses.front();
  double width = command.elementBytes == 1
                     ? ValueWidths(machine, getDensities()).others
                     : kByteBits;
  return move(access, elements * command.elementBytes, width, true, timed);
}

//===----------------------------------------------------------------------===//
// Array
//===----------------------------------------------------------------------===//

Expected<ConvOperands> Executor::getOperands(const ConvCommand &command,
                                             std::vector<uint8_t> &loaded) {
  ConvOperands operands;
  // Their hulls have been checked.
  auto read = [&](Address address, const uint8_t *&to) -> Error {
    if (address.isNone())
      return Error::success();
    Expected<const uint8_t *> data = memory.read(address, 0);
    if (!data)
      return data.takeError();
    to = *data;
    return Error::success();
  };
  if (Error error = read(command.input, operands.input))
    return error;
  if (Error error = read(command.weights, operands.weights))
    return error;
  if (!command.accumulate)
    if (Error error = read(command.bias, operands.bias))
      return error;
  if (Error error = read(command.weightZeroPoints, operands.weightZeroPoints))
    return error;
  Expected<uint8_t *> sums = memory.write(command.sums, 0);
  if (!sums)
    return sums.takeError();
  operands.sums = *sums;
  if (command.weightsFormat != StoredFormat::Dense) {
    uint64_t elements = command.filters;
    for (int64_t extent : {command.channels / command.groups, command.kernel[0],
                           command.kernel[1], command.kernel[2]})
      elements = SaturatingMultiply<uint64_t>(elements, extent);
    if (Error error = checkUnpacked(elements, getBytes(command.weightsType)))
      return error;
    Expected<std::vector<uint8_t>> dense =
        loadWeights(command, operands.weights);
    if (!dense)
      return dense.takeError();
    loaded = std::move(*dense);
    operands.weights = loaded.data();
  }
  return operands;
}

Expected<ArrayTiming> Executor::timeConv(const ConvCommand &command,
                                         const ConvOperands &operands,
                                         uint64_t weightBytes) {
  Expected<ArrayTask> task = makeArrayTask(machine, command);
  if (!task)
    return task.takeError();
  // Models look at values, positions, those of padding included, and products.
  uint64_t values = SaturatingMultiply<uint64_t>(task->getActivationRows(),
                                                 task->getGroupChannels());
  values = SaturatingMultiplyAdd<uint64_t>(task->getWeightRows(),
                                           task->getGroupChannels(), values);
  if (Error error = spend(values))
    return error;
  uint64_t positions = task->getGroupFilters();
  for (int64_t extent : {task->batch, task->channels})
    positions = SaturatingMultiply<uint64_t>(positions, extent);
  for (const SpatialDimension &dimension : task->space)
    positions = SaturatingMultiply<uint64_t>(
        positions, dimension.input + dimension.padBefore + dimension.padAfter);
  if (Error error = spend(positions))
    return error;
  TaskMasks masks;
  if (hasData()) {
    if (Error error =
            masks.makeReal(machine, *task, command, operands,
                           accesses[0].where.getHull().size(), weightBytes))
      return error;
  }
  if (const LayerDensities *densities = getDensities()) {
    masks.activations.reset();
    masks.makeRandom(machine, *task, *densities, randomSeed);
  }
  masks.applyTo(*task);
  Expected<ArrayTiming> timing = timeArray(machine, *task);
  if (!timing)
    return timing;
  if (Error error = timing->verify(*task))
    return error;
  if (options.cycleTrace) {
    *options.cycleTrace << "# "
                        << stream.describe(
                               followers[unsigned(queue)].next->offset)
                        << "\n";
    if (Error error = printCycles(machine, *task, *options.cycleTrace))
      return error;
  }
  return timing;
}

static BucketClocks getBuckets(const CycleBuckets &buckets) {
  BucketClocks clocks;
  clocks[Bucket::Compute] = buckets.compute;
  clocks[Bucket::LoadImbalance] = buckets.imbalance;
  clocks[Bucket::Ramp] = buckets.ramp;
  clocks[Bucket::Network] = buckets.network;
  clocks[Bucket::BankConflict] = buckets.bankConflict;
  clocks[Bucket::Sync] = buckets.synchronisation;
  return clocks;
}

Error Executor::doCommand(const ConvCommand &command, TimedCommand &timed) {
  if (Error error = spend(countProducts(command)))
    return error;
  ConvOperands operands;
  std::vector<uint8_t> loaded;
  uint64_t weightBytes = accesses[1].where.getHull().size();
  if (hasData()) {
    Expected<ConvOperands> found = getOperands(command, loaded);
    if (!found)
      return found.takeError();
    operands = *found;
    if (!loaded.empty())
      weightBytes = loaded.size();
  }
  // Zeros are looked for before sums can change anything.
  Expected<ArrayTiming> timing = timeConv(command, operands, weightBytes);
  if (!timing)
    return timing.takeError();
  if (hasData())
    runConv(command, operands);

  timed.buckets = getBuckets(timing->buckets);
  if (arrayLayer != timed.layer)
    timed.buckets[Bucket::Ramp] += machine.array.setupClocks;
  arrayLayer = timed.layer;
  timed.clocks = timed.buckets.getSum();
  ArrayWidths widths;
  widths.bits =
      8 * std::max(getBytes(command.inputType), getBytes(command.weightsType));
  if (machine.values.bits) {
    ValueWidths values(machine, getDensities());
    widths.bits = machine.values.bits;
    widths.inputScale = values.inputs / double(widths.bits);
    widths.weightScale = values.weights / double(widths.bits);
  }
  widths.inputs = &getMemory(command.input.region);
  widths.weights = &getMemory(command.weights.region);
  widths.sums = &getMemory(command.sums.region);
  if (Error error = meter.addArray(layer->energy, *timing, widths))
    return error;
  layer->array.add(*timing);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

Error Executor::doCommand(const ProgramCommand &command, TimedCommand &timed) {
  const Program &program = stream.programs[command.program];
  std::array<OperandBytes, kMaxOperands> operands;
  for (auto [index, operand] : enumerate(program.operands)) {
    OperandBytes &it = operands[index];
    it.bytes =
        command.bytes[index] ? uint64_t(command.bytes[index]) : operand.bytes;
    if (!hasData())
      continue;
    if (operand.writes) {
      Expected<uint8_t *> data =
          memory.write(command.operands[index], it.bytes);
      if (!data)
        return data.takeError();
      it.data = *data;
    } else {
      Expected<const uint8_t *> data =
          memory.read(command.operands[index], it.bytes);
      if (!data)
        return data.takeError();
      // The program only loads from it, as `check` has seen.
      it.data = const_cast<uint8_t *>(*data);
    }
  }
  Expected<ProgramCounts> counts = programs[command.program]->run(
      ArrayRef(operands).take_front(program.operands.size()),
      ArrayRef(command.arguments).take_front(program.arguments), budget);
  if (!counts)
    return counts.takeError();

  UnitCounts &units = layer->units;
  ++units.runs;
  if (queue == Queue::Vector) {
    uint64_t operations = counts->elements * counts->bodyInstructions;
    units.elements += int64_t(counts->elements);
    units.vectorOperations += int64_t(operations);
    timed.clocks = int64_t(divideCeil(counts->elements, machine.vector.lanes) *
                           counts->bodyInstructions) +
                   machine.vector.pipelineClocks;
    if (Error error =
            meter.add(layer->energy, EnergyComponent::Vector,
                      EnergyAction::Done, double(operations), kSumBits))
      return error;
  } else {
    auto instructions = int64_t(counts->instructions);
    units.scalarInstructions += instructions;
    if (MulOverflow(instructions, machine.scalar.clocksPerInstruction,
                    timed.clocks))
      return createStringError("more clocks than can be counted");
    if (Error error = meter.add(layer->energy, EnergyComponent::Scalar,
                                EnergyAction::Done, double(instructions)))
      return error;
  }
  double values = ValueWidths(machine, getDensities()).others;
  for (auto [index, operand] : enumerate(program.operands)) {
    Access access;
    access.where.region = command.operands[index].region;
    int64_t elementBytes = getBytes(operand.type);
    double width = elementBytes == 1 ? values : kByteBits;
    for (auto [elements, writes] : {std::pair(counts->loaded[index], false),
                                    std::pair(counts->stored[index], true)})
      if (elements)
        if (Error error = move(access, int64_t(elements) * elementBytes, width,
                               writes, timed))
          return error;
  }
  return Error::success();
}

} // namespace lacuna::npu
