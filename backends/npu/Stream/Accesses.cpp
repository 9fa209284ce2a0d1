//===- Accesses.cpp - Bytes that a command reads and writes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Stream/Accesses.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace lacuna::npu {

ByteRange StridedBytes::getHull() const {
  uint64_t end = begin + bytes;
  for (const Dimension &dimension : dimensions)
    end += (dimension.extent - 1) * dimension.stride;
  return {region, begin, end};
}

uint64_t StridedBytes::getPieces() const {
  uint64_t pieces = 1;
  for (const Dimension &dimension : dimensions)
    pieces = SaturatingMultiply(pieces, dimension.extent);
  return pieces;
}

void StridedBytes::visitPieces(function_ref<bool(ByteRange)> visit) const {
  SmallVector<uint64_t, 4> at(dimensions.size());
  uint64_t offset = begin;
  while (true) {
    if (!visit({region, offset, offset + bytes}))
      return;
    size_t dimension = 0;
    for (; dimension < at.size(); ++dimension) {
      offset += dimensions[dimension].stride;
      if (++at[dimension] < dimensions[dimension].extent)
        break;
      offset -= at[dimension] * dimensions[dimension].stride;
      at[dimension] = 0;
    }
    if (dimension == at.size())
      return;
  }
}

namespace {
/// An extent and its stride in bytes, as a command has them.
struct Dimension {
  int64_t extent, stride;
};

/// Collects what a command accesses.
class Collector {
public:
  /// Elements with strides.
  Error add(const Twine &what, Address address, int64_t elementBytes,
            ArrayRef<Dimension> dimensions, bool reads, bool writes);
  /// A row of bytes.
  Error addRow(const Twine &what, Address address, int64_t bytes, bool reads,
               bool writes) {
    return add(what, address, bytes, {}, reads, writes);
  }

  SmallVector<Access, 8> accesses;
};
} // namespace

/// Puts dimensions together as far as they lie without gaps.
static void merge(StridedBytes &where) {
  llvm::sort(where.dimensions,
             [](const auto &a, const auto &b) { return a.stride < b.stride; });
  auto *next = where.dimensions.begin();
  // Pieces that overlap, which are read, are one piece as well.
  for (; next != where.dimensions.end() && next->stride <= where.bytes; ++next)
    where.bytes += (next->extent - 1) * next->stride;
  where.dimensions.erase(where.dimensions.begin(), next);
}

/// Whether each element of the sorted dimensions begins after the one before it
/// ends.
static bool isDisjoint(const StridedBytes &where) {
  uint64_t span = where.bytes;
  for (const auto &dimension : where.dimensions) {
    if (dimension.stride < span)
      return false;
    span += (dimension.extent - 1) * dimension.stride;
  }
  return true;
}

Error Collector::add(const Twine &what, Address address, int64_t elementBytes,
                     ArrayRef<Dimension> dimensions, bool reads, bool writes) {
  auto outside = [&]() {
    return createStringError(what + " reaches out of " +
                             getRegionName(address.region));
  };
  StridedBytes where;
  where.region = address.region;
  where.begin = address.offset;
  where.bytes = static_cast<uint64_t>(elementBytes);
  uint64_t span = where.bytes;
  for (auto [extent, stride] : dimensions) {
    if (extent == 1)
      continue;
    uint64_t distance = AbsoluteValue(stride);
    uint64_t reach =
        SaturatingMultiply(static_cast<uint64_t>(extent - 1), distance);
    if (reach > kRegionBytes)
      return outside();
    // A negative stride begins at the other end.
    if (stride < 0) {
      if (reach > where.begin)
        return outside();
      where.begin -= reach;
    }
    span += reach;
    where.dimensions.push_back({static_cast<uint64_t>(extent), distance});
  }
  if (where.begin + span > kRegionBytes)
    return outside();
  if (writes) {
    llvm::sort(where.dimensions, [](const auto &a, const auto &b) {
      return a.stride < b.stride;
    });
    if (!isDisjoint(where))
      return createStringError(
          "elements of the " + what +
          " overlap: sorted by stride, each stride must be at least the bytes "
          "that the smaller ones span");
  }
  merge(where);
  if (where.bytes)
    accesses.push_back({what.str(), std::move(where), reads, writes});
  return Error::success();
}

static Error collect(Collector &collector, Queue queue,
                     const CopyCommand &command) {
  bool isDense = command.format == StoredFormat::Dense;
  auto add = [&](StringRef what, Address address,
                 const std::array<int64_t, 4> &strides, bool writes,
                 bool isDram) {
    if (!isDense && isDram)
      return collector.addRow(what, address, command.storedBytes, !writes,
                              writes);
    SmallVector<Dimension, 4> dimensions;
    for (auto [extent, stride] : zip(command.extents, strides))
      dimensions.push_back({extent, stride});
    return collector.add(what, address, command.elementBytes, dimensions,
                         !writes, writes);
  };
  if (Error error = add("source", command.source, command.sourceStrides, false,
                        queue == Queue::DmaIn))
    return error;
  return add("destination", command.destination, command.destinationStrides,
             true, queue == Queue::DmaOut);
}

static Error collect(Collector &collector, Queue, const FillCommand &command) {
  SmallVector<Dimension, 4> dimensions;
  for (auto [extent, stride] : zip(command.extents, command.strides))
    dimensions.push_back({extent, stride});
  return collector.add("destination", command.destination, command.elementBytes,
                       dimensions, false, true);
}

/// Five extents with strides in elements, as bytes.
static std::array<Dimension, 5>
getDimensions(int64_t outer, int64_t inner, const Extents &space,
              const std::array<int64_t, 5> &strides, int64_t elementBytes) {
  std::array<int64_t, 5> extents = {outer, inner, space[0], space[1], space[2]};
  std::array<Dimension, 5> dimensions;
  // Registers hold 32 bits, so that this cannot overflow.
  for (auto [dimension, extent, stride] : zip(dimensions, extents, strides))
    dimension = {extent, stride * elementBytes};
  return dimensions;
}

static Error collect(Collector &collector, Queue, const ConvCommand &command) {
  constexpr int64_t kSumBytes = 4;
  int64_t inputBytes = getBytes(command.inputType);
  int64_t weightBytes = getBytes(command.weightsType);
  if (Error error = collector.add(
          "input", command.input, inputBytes,
          getDimensions(command.batch, command.channels, command.inputExtents,
                        command.inputStrides, inputBytes),
          true, false))
    return error;
  Error error =
      command.weightsFormat != StoredFormat::Dense
          ? collector.addRow("weights", command.weights, command.weightsBytes,
                             true, false)
          : collector.add("weights", command.weights, weightBytes,
                          getDimensions(command.filters,
                                        command.channels / command.groups,
                                        command.kernel, command.weightStrides,
                                        weightBytes),
                          true, false);
  if (error)
    return error;
  if (!command.bias.isNone() && !command.accumulate)
    if (Error error = collector.addRow(
            "bias", command.bias, command.filters * kSumBytes, true, false))
      return error;
  if (!command.weightZeroPoints.isNone())
    if (Error error = collector.addRow(
            "weight_zero_points", command.weightZeroPoints,
            command.filters * int64_t(sizeof(int32_t)), true, false))
      return error;
  return collector.add("sums", command.sums, kSumBytes,
                       getDimensions(command.batch, command.filters,
                                     command.outputExtents, command.sumStrides,
                                     kSumBytes),
                       command.accumulate, true);
}

static Error collect(Collector &collector, ArrayRef<Program> programs,
                     Queue queue, const ProgramCommand &command) {
  if (static_cast<uint64_t>(command.program) >= programs.size())
    return createStringError("there is no program " + Twine(command.program));
  const Program &program = programs[command.program];
  if (queue == Queue::Vector && !program.vector)
    return createStringError("program '" + program.name +
                             "' is not one of the vector unit");
  for (auto [index, operand] : enumerate(program.operands)) {
    std::string what = "operand" + utostr(index);
    Address address = command.operands[index];
    if (address.isNone())
      return createStringError("program '" + program.name + "' has no " + what);
    if (operand.writes && address.isReadOnly())
      return createStringError(what + " is in " +
                               getRegionName(address.region) +
                               ", which cannot be written");
    auto bytes = static_cast<uint64_t>(command.bytes[index]);
    if (bytes > operand.bytes)
      return createStringError(what + " has " + Twine(bytes) +
                               " bytes; program '" + program.name + "' has " +
                               Twine(operand.bytes));
    if (bytes == 0)
      bytes = operand.bytes;
    if (Error error =
            collector.addRow(what, address, static_cast<int64_t>(bytes),
                             operand.reads, operand.writes))
      return error;
  }
  return Error::success();
}

Expected<SmallVector<Access, 8>>
getAccesses(Queue queue, const Command &command, ArrayRef<Program> programs) {
  Collector collector;
  Error error = Error::success();
  if (const auto *copy = std::get_if<CopyCommand>(&command))
    error = collect(collector, queue, *copy);
  else if (const auto *fill = std::get_if<FillCommand>(&command))
    error = collect(collector, queue, *fill);
  else if (const auto *conv = std::get_if<ConvCommand>(&command))
    error = collect(collector, queue, *conv);
  else if (const auto *program = std::get_if<ProgramCommand>(&command))
    error = collect(collector, programs, queue, *program);
  if (error)
    return error;
  return std::move(collector.accesses);
}

} // namespace lacuna::npu
