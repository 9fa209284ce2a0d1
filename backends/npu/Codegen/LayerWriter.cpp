//===- LayerWriter.cpp - The commands of a layer of products -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/LayerWriter.h"

#include "backends/npu/Codegen/ProgramWriter.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

constexpr int64_t kAlignment = 64;

namespace {
/// A part of a dimension.
struct Part {
  int64_t first = 0, count = 1;
};

/// What one command of the array computes.
struct Step {
  int64_t image = 0;
  Part group, filter, channel;
  std::array<Part, 3> space;
  /// Which load of inputs and of weights it uses, and which tile of the output
  /// it adds to.
  int64_t input = 0, weights = 0, output = 0;
  bool startsSums = true, endsSums = true;
};

/// The steps that use a load.
struct Load {
  size_t firstStep = 0, lastStep = 0;
};

/// The slots of the tiles, in the memories of the chip.
struct Slots {
  Address input, weights, sums, output, extras;
  int64_t inputBytes, weightBytes, sumBytes, outputBytes, extraBytes;
};

class LayerWriter {
public:
  LayerWriter(StreamBuilder &builder, const ArrayLayer &layer,
              const TilingSolution &tiling)
      : builder(builder), layer(layer), problem(layer.problem), tiling(tiling) {
    planSteps();
    placeSlots();
  }

  LogicalResult write(Layer description);

private:
  void planSteps();
  void addStep(Step step);
  void placeSlots();
  void placeWeights(unsigned memory);
  LogicalResult makeEpilogue(StringRef name);

  LogicalResult loadInput(const Step &step);
  LogicalResult loadWeights(const Step &step);
  LogicalResult loadExtras(const Step &step);
  LogicalResult multiply(size_t index);
  LogicalResult finish(const Step &step);
  LogicalResult store(const Step &step);

  /// Takes a slot for load `index` of `loads`: waits until it is free again.
  LogicalResult takeSlot(Queue queue, uint8_t semaphore, int64_t index) {
    return index < tiling.slots ? success()
                                : builder.wait(layer.op, queue, semaphore);
  }
  /// Gives the slot of load `index` back, if another will want it.
  LogicalResult freeSlot(Queue queue, uint8_t semaphore, int64_t index,
                         int64_t loads) {
    return index + tiling.slots >= loads
               ? success()
               : builder.signal(layer.op, queue, semaphore);
  }
  Address getSlot(Address first, int64_t bytes, int64_t index) const {
    return {first.region, first.offset + index % tiling.slots * bytes};
  }

  LogicalResult add(Queue queue, const Command &command) {
    return builder.add(layer.op, queue, command);
  }

  LogicalResult move(Queue queue, const std::optional<CopyCommand> &copy) {
    if (copy)
      return add(queue, *copy);
    return layer.op->emitOpError("has an operand whose elements lie in more "
                                 "than four dimensions of strides");
  }

  int64_t getChannels(const Step &step) const {
    return step.group.count * step.channel.count;
  }
  int64_t getFilters(const Step &step) const {
    return step.group.count * step.filter.count;
  }
  /// Of all groups.
  int64_t getFirstFilter(const Step &step) const {
    return step.group.first * problem.filters + step.filter.first;
  }
  int64_t getPixels(const Step &step) const {
    return step.space[0].count * step.space[1].count * step.space[2].count;
  }
  /// The inputs that the step's windows meet along `dim`.
  Part getInputs(const Step &step, size_t dim) const {
    auto [first, count] =
        problem.getInputs(dim, step.space[dim].first, step.space[dim].count);
    return {first, count};
  }
  bool hasZeroPointTable() const { return layer.weightZeroPoints.size() > 1; }
  int64_t getOutputTiles() const { return steps.back().output + 1; }

  StreamBuilder &builder;
  const ArrayLayer &layer;
  const TilingProblem &problem;
  const TilingSolution &tiling;
  std::vector<Step> steps;
  std::vector<Load> inputLoads, weightLoads;
  Slots slots;
  /// Zero points of all filters.
  DramTensor zeroPoints;
  std::optional<unsigned> epilogue;
  /// Whether the layer before has no weights where those of this one go.
  bool weightsAreFree = false;
};
} // namespace

static SmallVector<Part> cut(int64_t size, int64_t part) {
  SmallVector<Part> parts;
  for (int64_t first = 0; first < size; first += part)
    parts.push_back({first, std::min(part, size - first)});
  return parts;
}

static bool isSame(Part a, Part b) { return a.first == b.first; }

void LayerWriter::addStep(Step step) {
  size_t index = steps.size();
  bool sameWeights = false, sameInput = false;
  if (index) {
    const Step &last = steps.back();
    bool sameImage = last.image == step.image;
    bool sameChannels =
        isSame(last.group, step.group) && isSame(last.channel, step.channel);
    sameWeights = sameChannels && isSame(last.filter, step.filter) &&
                  (sameImage || !layer.weightsOfImage);
    sameInput = sameImage && sameChannels &&
                llvm::all_of(llvm::zip(last.space, step.space), [](auto both) {
                  return isSame(std::get<0>(both), std::get<1>(both));
                });
    step.output = last.output + last.endsSums;
  }
  if (!sameInput)
    inputLoads.push_back({index, index});
  if (!sameWeights)
    weightLoads.push_back({index, index});
  inputLoads.back().lastStep = weightLoads.back().lastStep = index;
  step.input = inputLoads.size() - 1;
  step.weights = weightLoads.size() - 1;
  steps.push_back(step);
}

void LayerWriter::planSteps() {
  SmallVector<std::pair<Part, Part>> filters;
  for (Part group : cut(problem.groups, tiling.groups))
    for (Part filter : cut(problem.filters, tiling.filters))
      filters.push_back({group, filter});
  SmallVector<std::array<Part, 3>> spaces;
  for (Part depth : cut(problem.output[0], tiling.output[0]))
    for (Part height : cut(problem.output[1], tiling.output[1]))
      for (Part width : cut(problem.output[2], tiling.output[2]))
        spaces.push_back({depth, height, width});
  SmallVector<Part> channels = cut(problem.channels, tiling.channels);
  auto addTile = [&](int64_t image, const std::pair<Part, Part> &filter,
                     const std::array<Part, 3> &space) {
    for (auto [i, channel] : llvm::enumerate(channels)) {
      Step step;
      step.image = image;
      step.group = filter.first;
      step.filter = filter.second;
      step.channel = channel;
      step.space = space;
      step.startsSums = i == 0;
      step.endsSums = i + 1 == channels.size();
      addStep(step);
    }
  };
  for (int64_t image = 0; image < problem.batch; ++image) {
    if (tiling.weightsStay) {
      for (const auto &filter : filters)
        for (const auto &space : spaces)
          addTile(image, filter, space);
    } else {
      for (const auto &space : spaces)
        for (const auto &filter : filters)
          addTile(image, filter, space);
    }
  }
}

/// Whether weights have a memory to themselves.
static bool isOwnMemory(const TilePlaces &places) {
  return places.weights != places.inputs && places.weights != places.sums &&
         places.weights != places.outputs;
}

void LayerWriter::placeSlots() {
  slots.inputBytes = tiling.getInputBytes(problem);
  slots.weightBytes = tiling.getWeightBytes(problem);
  slots.sumBytes = tiling.getSumBytes(problem);
  slots.outputBytes = tiling.getOutputBytes(problem);
  slots.extraBytes = tiling.getExtraBytes(problem);
  TilePlaces places = findPlaces(*problem.machine);
  std::vector<int64_t> used(problem.machine->memories.size(), 0);
  auto place = [&](unsigned memory, int64_t bytes) {
    Address address = Address::chip(memory, used[memory]);
    used[memory] += bytes * tiling.slots;
    return address;
  };
  slots.input = place(places.inputs, slots.inputBytes);
  if (isOwnMemory(places))
    placeWeights(places.weights);
  else
    slots.weights = place(places.weights, slots.weightBytes);
  slots.sums = place(places.sums, slots.sumBytes);
  slots.output = place(places.outputs, slots.outputBytes);
  slots.extras = place(places.outputs, slots.extraBytes);
}

void LayerWriter::placeWeights(unsigned memory) {
  StreamBuilder::WeightsRange &last = builder.lastWeights;
  uint64_t bytes = slots.weightBytes * tiling.slots;
  uint64_t all = problem.machine->memories[memory].bytes;
  // From the memory's end if the last layer's are at its begin.
  uint64_t begin = last.begin == 0 && last.end != 0
                       ? (all - bytes) & -uint64_t(kAlignment)
                       : 0;
  slots.weights = Address::chip(memory, begin);
  weightsAreFree = begin >= last.end || begin + bytes <= last.begin;
  last = {begin, begin + bytes};
}

//===----------------------------------------------------------------------===//
// The epilogue
//===----------------------------------------------------------------------===//

LogicalResult LayerWriter::makeEpilogue(StringRef name) {
  if (!layer.epilogue)
    return success();
  ProgramWriter writer;
  auto addOperand = [&](Type type) -> FailureOr<unsigned> {
    std::optional<ValueType> value = getValueType(type);
    if (!value)
      return layer.op->emitOpError("has elements of type ")
             << type << ", which no unit of an NPU knows";
    return writer.addOperand(*value);
  };
  FailureOr<unsigned> sums = addOperand(layer.sumType);
  SmallVector<unsigned> extras;
  if (failed(sums))
    return failure();
  for (const LayerExtra &extra : layer.extras) {
    FailureOr<unsigned> operand = addOperand(extra.type);
    if (failed(operand))
      return failure();
    extras.push_back(*operand);
  }
  FailureOr<unsigned> output = addOperand(layer.outputType);
  if (failed(output))
    return failure();

  // Tiles are dense: elements follow each other.
  Register filters = writer.makeArgument(), pixels = writer.makeArgument();
  Register zero = writer.makeConstant(int64_t(0)),
           one = writer.makeConstant(int64_t(1));
  bool inner = layer.filtersInner;
  Register outerIndex = writer.makeFor(zero, inner ? pixels : filters, one);
  Register innerIndex = writer.makeFor(zero, inner ? filters : pixels, one);
  Register filter = inner ? innerIndex : outerIndex;
  Register row = writer.makeBinary(InstructionCode::MulI, ValueType::I64,
                                   outerIndex, inner ? filters : pixels);
  Register element =
      writer.makeBinary(InstructionCode::AddI, ValueType::I64, row, innerIndex);
  Block &block = layer.epilogue->front();
  writer.bind(block.getArgument(0), writer.makeLoad(*sums, element));
  for (auto [i, extra] : llvm::enumerate(layer.extras)) {
    Register index = extra.kind == ExtraKind::EachElement  ? element
                     : extra.kind == ExtraKind::EachFilter ? filter
                                                           : zero;
    writer.bind(block.getArgument(i + 1), writer.makeLoad(extras[i], index));
  }
  for (mlir::Operation &op : block.without_terminator())
    if (failed(writer.write(&op)))
      return failure();
  FailureOr<Register> result =
      writer.lookup(cast<YieldOp>(block.getTerminator()).getValue(), layer.op);
  if (failed(result))
    return failure();
  writer.makeStore(*output, *result, element);
  writer.makeEnd();
  writer.makeEnd();
  Program program = writer.take(name);
  program.operands.front().bytes = slots.sumBytes;
  for (auto [i, extra] : llvm::enumerate(layer.extras))
    program.operands[extras[i]].bytes =
        extra.kind == ExtraKind::EachElement
            ? slots.sumBytes / 4 * extra.tensor.elementBytes
        : extra.kind == ExtraKind::EachFilter
            ? tiling.groups * tiling.filters * extra.tensor.elementBytes
            : extra.tensor.elementBytes;
  program.operands.back().bytes = slots.outputBytes;
  epilogue = builder.addProgram(std::move(program));
  return success();
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

/// A copy between a dense tile and a tensor, whose dimensions `order` (of
/// `DramTensor`) and sizes are given from the outermost to the innermost; none
/// if it has more dimensions than a command.
static std::optional<CopyCommand>
makeCopy(const DramTensor &tensor, Address far, Address tile, bool toChip,
         ArrayRef<unsigned> order, ArrayRef<int64_t> sizes) {
  CopyCommand copy;
  copy.elementBytes = tensor.elementBytes;
  copy.source = toChip ? far : tile;
  copy.destination = toChip ? tile : far;
  struct Dimension {
    int64_t size, far, tile;
  };
  SmallVector<Dimension, 5> dimensions;
  int64_t dense = tensor.elementBytes;
  for (size_t i = order.size(); i-- > 0; dense *= sizes[i]) {
    if (sizes[i] == 1)
      continue;
    Dimension next = {sizes[i], tensor.strides[order[i]] * tensor.elementBytes,
                      dense};
    // What goes on where the last one ends is part of it.
    if (!dimensions.empty() &&
        next.far == dimensions.back().far * dimensions.back().size &&
        next.tile == dimensions.back().tile * dimensions.back().size)
      dimensions.back().size *= next.size;
    else
      dimensions.push_back(next);
  }
  if (dimensions.size() > copy.extents.size())
    return std::nullopt;
  // What lies side by side in DRAM is the innermost: bursts are long.
  llvm::stable_sort(dimensions, [](const Dimension &a, const Dimension &b) {
    return a.far < b.far;
  });
  for (auto [i, dimension] : llvm::enumerate(dimensions)) {
    copy.extents[3 - i] = dimension.size;
    copy.sourceStrides[3 - i] = toChip ? dimension.far : dimension.tile;
    copy.destinationStrides[3 - i] = toChip ? dimension.tile : dimension.far;
  }
  return copy;
}

/// The order in which a tile of maps lies on the chip.
static SmallVector<unsigned> getOrder(bool channelsInner) {
  if (channelsInner)
    return {2, 3, 4, 1};
  return {1, 2, 3, 4};
}

LogicalResult LayerWriter::loadInput(const Step &step) {
  std::array<int64_t, 5> from = {
      step.image, step.group.first * problem.channels + step.channel.first};
  std::array<int64_t, 5> size = {1, getChannels(step)};
  for (size_t dim = 0; dim < 3; ++dim) {
    Part inputs = getInputs(step, dim);
    from[dim + 2] = inputs.first;
    size[dim + 2] = inputs.count;
  }
  SmallVector<unsigned> order = getOrder(layer.filtersInner);
  SmallVector<int64_t> sizes;
  for (unsigned dim : order)
    sizes.push_back(size[dim]);
  Address slot = getSlot(slots.input, slots.inputBytes, step.input);
  return failure(
      failed(takeSlot(Queue::DmaIn, kInputFree, step.input)) ||
      failed(move(Queue::DmaIn, makeCopy(layer.input, layer.input.at(from),
                                         slot, true, order, sizes))) ||
      failed(builder.signal(layer.op, Queue::DmaIn, kInputFull)));
}

LogicalResult LayerWriter::loadWeights(const Step &step) {
  if (failed(takeSlot(Queue::DmaIn, kWeightsFree, step.weights)))
    return failure();
  Address slot = getSlot(slots.weights, slots.weightBytes, step.weights);
  int64_t filters = getFilters(step), first = getFirstFilter(step);
  const DramTensor &weights = layer.weights;
  Address far = weights.at({first, step.channel.first});
  far.offset += step.image * layer.weightsOfImage * weights.elementBytes;
  // Filters and channels as in DRAM.
  SmallVector<unsigned> order = {0, 1, 2, 3, 4};
  SmallVector<int64_t> sizes = {filters, step.channel.count, problem.kernel[0],
                                problem.kernel[1], problem.kernel[2]};
  if (weights.strides[0] < weights.strides[1]) {
    std::rotate(order.begin(), order.begin() + 1, order.end());
    std::rotate(sizes.begin(), sizes.begin() + 1, sizes.end());
  }
  if (failed(
          move(Queue::DmaIn, makeCopy(weights, far, slot, true, order, sizes))))
    return failure();
  // Then what each filter has: bias and zero points.
  Address tail = slot;
  tail.offset += llvm::alignTo(filters * step.channel.count *
                                   problem.getTaps() * weights.elementBytes,
                               kAlignment);
  for (const DramTensor &table : {layer.bias, zeroPoints}) {
    if (table.address.isNone())
      continue;
    if (failed(move(Queue::DmaIn, makeCopy(table, table.at({first}), tail, true,
                                           {0}, {filters}))))
      return failure();
    tail.offset += filters * 4;
  }
  return builder.signal(layer.op, Queue::DmaIn, kWeightsFull);
}

LogicalResult LayerWriter::loadExtras(const Step &step) {
  if (layer.extras.empty())
    return success();
  if (failed(takeSlot(Queue::DmaIn, kExtrasFree, step.output)))
    return failure();
  Address slot = getSlot(slots.extras, slots.extraBytes, step.output);
  std::array<int64_t, 5> from = {step.image, getFirstFilter(step),
                                 step.space[0].first, step.space[1].first,
                                 step.space[2].first};
  std::array<int64_t, 5> size = {1, getFilters(step), step.space[0].count,
                                 step.space[1].count, step.space[2].count};
  for (const LayerExtra &extra : layer.extras) {
    SmallVector<unsigned> order = getOrder(layer.filtersInner);
    if (extra.kind != ExtraKind::EachElement)
      order = {1};
    SmallVector<int64_t> sizes;
    int64_t bytes = extra.tensor.elementBytes;
    for (unsigned dim : order) {
      sizes.push_back(extra.kind == ExtraKind::One ? 1 : size[dim]);
      bytes *= sizes.back();
    }
    Address far = extra.tensor.address;
    if (extra.kind != ExtraKind::One)
      far = extra.tensor.at(extra.kind == ExtraKind::EachElement
                                ? from
                                : std::array<int64_t, 5>{0, from[1]});
    if (failed(move(Queue::DmaIn,
                    makeCopy(extra.tensor, far, slot, true, order, sizes))))
      return failure();
    slot.offset += llvm::alignTo(bytes, kAlignment);
  }
  return builder.signal(layer.op, Queue::DmaIn, kExtrasFull);
}

LogicalResult LayerWriter::multiply(size_t index) {
  const Step &step = steps[index];
  const Load &input = inputLoads[step.input],
             &weights = weightLoads[step.weights];
  uint8_t full = epilogue ? kSumsFull : kResultFull,
          free = epilogue ? kSumsFree : kResultFree;
  if (input.firstStep == index &&
      failed(builder.wait(layer.op, Queue::Array, kInputFull)))
    return failure();
  if (weights.firstStep == index &&
      failed(builder.wait(layer.op, Queue::Array, kWeightsFull)))
    return failure();
  if (step.startsSums && failed(takeSlot(Queue::Array, free, step.output)))
    return failure();

  ConvCommand conv;
  conv.input = getSlot(slots.input, slots.inputBytes, step.input);
  conv.weights = getSlot(slots.weights, slots.weightBytes, step.weights);
  conv.sums = getSlot(slots.sums, slots.sumBytes, step.output);
  conv.inputType = layer.inputType;
  conv.weightsType = layer.weightsType;
  conv.groups = step.group.count;
  conv.channels = getChannels(step);
  conv.filters = getFilters(step);
  conv.kernel = problem.kernel;
  conv.stride = problem.stride;
  conv.dilation = problem.dilation;
  for (size_t dim = 0; dim < 3; ++dim) {
    Part inputs = getInputs(step, dim);
    conv.inputExtents[dim] = inputs.count;
    conv.outputExtents[dim] = step.space[dim].count;
    conv.padBefore[dim] = inputs.first + problem.padBefore[dim] -
                          step.space[dim].first * problem.stride[dim];
  }
  // Strides of a dense tile in its order.
  auto setStrides = [](std::array<int64_t, 5> &strides, bool channelsInner,
                       int64_t channels, const Extents &extents) {
    int64_t unit = channelsInner ? channels : 1;
    strides[4] = unit;
    strides[3] = unit * extents[2];
    strides[2] = strides[3] * extents[1];
    strides[1] = channelsInner ? 1 : strides[2] * extents[0];
    strides[0] = channels * extents[0] * extents[1] * extents[2];
  };
  setStrides(conv.inputStrides, layer.filtersInner, conv.channels,
             conv.inputExtents);
  setStrides(conv.sumStrides, layer.filtersInner, conv.filters,
             conv.outputExtents);
  int64_t channels = step.channel.count, filters = conv.filters;
  if (layer.weights.strides[0] < layer.weights.strides[1]) {
    setStrides(conv.weightStrides, true, filters, problem.kernel);
    conv.weightStrides[1] = conv.weightStrides[0];
    conv.weightStrides[0] = 1;
  } else {
    setStrides(conv.weightStrides, false, channels, problem.kernel);
  }
  conv.inputZeroPoint = layer.inputZeroPoint;
  Address tail = conv.weights;
  tail.offset += llvm::alignTo(filters * channels * problem.getTaps() *
                                   layer.weights.elementBytes,
                               kAlignment);
  if (!layer.bias.address.isNone()) {
    if (step.startsSums)
      conv.bias = tail;
    tail.offset += filters * 4;
  }
  if (hasZeroPointTable())
    conv.weightZeroPoints = tail;
  else if (!layer.weightZeroPoints.empty())
    conv.weightZeroPoint = layer.weightZeroPoints.front();
  conv.accumulate = !step.startsSums;
  if (failed(add(Queue::Array, conv)))
    return failure();

  if (input.lastStep == index &&
      failed(freeSlot(Queue::Array, kInputFree, step.input, inputLoads.size())))
    return failure();
  if (weights.lastStep == index &&
      failed(freeSlot(Queue::Array, kWeightsFree, step.weights,
                      weightLoads.size())))
    return failure();
  return step.endsSums ? builder.signal(layer.op, Queue::Array, full)
                       : success();
}

LogicalResult LayerWriter::finish(const Step &step) {
  if (!epilogue)
    return success();
  int64_t tiles = getOutputTiles();
  if (failed(builder.wait(layer.op, Queue::Vector, kSumsFull)) ||
      (!layer.extras.empty() &&
       failed(builder.wait(layer.op, Queue::Vector, kExtrasFull))) ||
      failed(takeSlot(Queue::Vector, kOutputFree, step.output)))
    return failure();
  ProgramCommand run;
  run.program = *epilogue;
  int64_t elements = getFilters(step) * getPixels(step);
  run.operands[0] = getSlot(slots.sums, slots.sumBytes, step.output);
  run.bytes[0] = elements * 4;
  Address extraSlot = getSlot(slots.extras, slots.extraBytes, step.output);
  size_t operand = 1;
  for (const LayerExtra &extra : layer.extras) {
    int64_t count = extra.kind == ExtraKind::EachElement  ? elements
                    : extra.kind == ExtraKind::EachFilter ? getFilters(step)
                                                          : 1;
    run.operands[operand] = extraSlot;
    run.bytes[operand] = count * extra.tensor.elementBytes;
    extraSlot.offset += llvm::alignTo(run.bytes[operand], kAlignment);
    ++operand;
  }
  run.operands[operand] = getSlot(slots.output, slots.outputBytes, step.output);
  run.bytes[operand] = elements * layer.output.elementBytes;
  run.arguments[0] = getFilters(step);
  run.arguments[1] = getPixels(step);
  return failure(
      failed(add(Queue::Vector, run)) ||
      failed(freeSlot(Queue::Vector, kSumsFree, step.output, tiles)) ||
      (!layer.extras.empty() &&
       failed(freeSlot(Queue::Vector, kExtrasFree, step.output, tiles))) ||
      failed(builder.signal(layer.op, Queue::Vector, kOutputFull)));
}

LogicalResult LayerWriter::store(const Step &step) {
  std::array<int64_t, 5> to = {step.image, getFirstFilter(step),
                               step.space[0].first, step.space[1].first,
                               step.space[2].first};
  std::array<int64_t, 5> size = {1, getFilters(step), step.space[0].count,
                                 step.space[1].count, step.space[2].count};
  SmallVector<unsigned> order = getOrder(layer.filtersInner);
  SmallVector<int64_t> sizes;
  for (unsigned dim : order)
    sizes.push_back(size[dim]);
  Address slot = epilogue
                     ? getSlot(slots.output, slots.outputBytes, step.output)
                     : getSlot(slots.sums, slots.sumBytes, step.output);
  return failure(
      failed(builder.wait(layer.op, Queue::DmaOut,
                          epilogue ? kOutputFull : kResultFull)) ||
      failed(move(Queue::DmaOut, makeCopy(layer.output, layer.output.at(to),
                                          slot, false, order, sizes))) ||
      failed(freeSlot(Queue::DmaOut, epilogue ? kOutputFree : kResultFree,
                      step.output, getOutputTiles())));
}

LogicalResult LayerWriter::write(Layer description) {
  if (failed(makeEpilogue(description.name)))
    return failure();
  if (hasZeroPointTable()) {
    SmallVector<int32_t> table(layer.weightZeroPoints.begin(),
                               layer.weightZeroPoints.end());
    zeroPoints.strides[0] = 1;
    zeroPoints.elementBytes = 4;
    zeroPoints.address = builder.addConstant(
        ArrayRef(reinterpret_cast<const char *>(table.data()),
                 table.size() * sizeof(int32_t)));
  }
  SmallVector<Queue> used = {Queue::DmaIn, Queue::Array};
  if (epilogue)
    used.push_back(Queue::Vector);
  used.push_back(Queue::DmaOut);
  if (failed(builder.beginLayer(layer.op, std::move(description), used)))
    return failure();
  // Weights are there from the start: they may come while the layer before is
  // at work, if it does not have its own in the same place.
  if (weightsAreFree && failed(loadWeights(steps.front())))
    return failure();
  if (failed(builder.waitForLast(layer.op, Queue::DmaIn)))
    return failure();
  for (auto [i, step] : llvm::enumerate(steps)) {
    builder.beginTile({step.image, step.group.first, step.filter.first,
                       step.channel.first, step.space[0].first,
                       step.space[1].first, step.space[2].first});
    if ((inputLoads[step.input].firstStep == i && failed(loadInput(step))) ||
        (weightLoads[step.weights].firstStep == i &&
         !(weightsAreFree && i == 0) && failed(loadWeights(step))) ||
        (step.endsSums && failed(loadExtras(step))) || failed(multiply(i)))
      return failure();
    if (step.endsSums && (failed(finish(step)) || failed(store(step))))
      return failure();
  }
  builder.endLayer(Queue::DmaOut);
  return success();
}

LogicalResult npu::writeLayer(StreamBuilder &builder, const ArrayLayer &layer,
                              const TilingSolution &tiling, Layer description) {
  return LayerWriter(builder, layer, tiling).write(std::move(description));
}
