//===- LayerWriter.cpp - The commands of a layer of products -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/LayerWriter.h"

#include "backends/npu/Codegen/ProgramWriter.h"
#include "backends/npu/Codegen/StoredWeights.h"

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

/// Filters of a tile, from `first` of it on, that give channels of the output
/// that follow each other.
struct FilterRun {
  int64_t first = 0, channel = 0, count = 1;
};

/// What one command of the array computes.
struct Step {
  int64_t image = 0;
  Part group, filter, channel;
  std::array<Part, 3> space;
  /// Which load of inputs, of weights and of tables it uses, and which tile of
  /// the output it adds to.
  int64_t input = 0, weights = 0, tables = 0, output = 0;
  bool loadsInput = true, loadsWeights = true, loadsTables = true;
  bool startsSums = true, endsSums = true;
};

/// Places for tiles of one kind, which take turns.
struct Slots {
  Address first;
  int64_t bytes = 0;
  /// Memory that only tiles of this kind have: all of it is theirs, so that
  /// those of the next layer need not wait for those of this one.
  std::optional<unsigned> own;
};

class LayerWriter {
public:
  LayerWriter(StreamBuilder &builder, ChipRings &rings, const ArrayLayer &layer,
              const TilingSolution &tiling)
      : builder(builder), rings(rings), layer(layer), problem(layer.problem),
        tiling(tiling), storedWeights(builder, layer) {
    planSteps();
    placeSlots();
  }

  LogicalResult write(Layer description);

private:
  void planSteps();
  void addStep(Step step);
  void placeSlots();
  LogicalResult makeEpilogue(StringRef name);

  LogicalResult loadInput(const Step &step);
  LogicalResult loadWeights(const Step &step);
  LogicalResult loadTile(const Step &step);
  CopyCommand copyStored(int64_t elements);
  LogicalResult loadTables(const Step &step);
  LogicalResult loadExtras(const Step &step);
  LogicalResult loadTable(const LayerExtra &extra, const Step &step,
                          Address slot);
  LogicalResult loadExtra(const LayerExtra &extra, const Step &step,
                          Address slot);
  LogicalResult multiply(const Step &step);
  LogicalResult finish(const Step &step);
  LogicalResult finish(const Step &step, const FilterRun &run);
  LogicalResult store(const Step &step);

  /// The place of tile `index`.
  Address takeSlot(const Slots &slots, int64_t index) {
    if (slots.own)
      return rings.take(*slots.own, slots.bytes);
    return {slots.first.region,
            slots.first.offset + index % tiling.slots * slots.bytes};
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
  SmallVector<FilterRun> getRuns(const Step &step) const;
  /// Whether something in the order of the output's channels lies on the chip.
  bool hasStayingMaps() const {
    return problem.outputStays ||
           llvm::any_of(layer.extras, [](const LayerExtra &extra) {
             return extra.kind == ExtraKind::EachElement &&
                    extra.tensor.address.isChip();
           });
  }
  /// How far apart its rows are where the whole tensor lies on the chip.
  int64_t getPitch(const DramTensor &tensor) const {
    return tensor.strides[layer.filtersInner ? 4 : 1];
  }
  /// The bytes that it touches of such a tensor.
  int64_t getSpan(const DramTensor &tensor, int64_t outer,
                  int64_t inner) const {
    return ((outer - 1) * getPitch(tensor) + inner) * tensor.elementBytes;
  }
  std::array<int64_t, 5> getOutputPosition(const Step &step,
                                           const FilterRun &run) const {
    return {step.image, run.channel, step.space[0].first, step.space[1].first,
            step.space[2].first};
  }
  /// Maps of `run` between DRAM and a tile of the step.
  std::optional<CopyCommand> copyMaps(const DramTensor &tensor,
                                      const Step &step, const FilterRun &run,
                                      Address tile, bool toChip) const;

  /// Of the weights of the step, where they are loaded for it.
  int64_t getTileBytes(const Step &step) const {
    return problem.hasWeights
               ? 0
               : llvm::alignTo(getFilters(step) * step.channel.count *
                                   problem.getTaps() *
                                   layer.weights.elementBytes,
                               kAlignment);
  }
  int64_t getTableBytes(const LayerExtra &extra, const Step &step) const {
    int64_t count = extra.kind == ExtraKind::One ? 1 : getFilters(step);
    return llvm::alignTo(count * extra.tensor.elementBytes, kAlignment);
  }
  int64_t getExtraBytes(const LayerExtra &extra, const Step &step) const {
    return llvm::alignTo(getFilters(step) * getPixels(step) *
                             extra.tensor.elementBytes,
                         kAlignment);
  }

  StreamBuilder &builder;
  ChipRings &rings;
  const ArrayLayer &layer;
  const TilingProblem &problem;
  const TilingSolution &tiling;
  std::vector<Step> steps;
  Slots inputSlots, weightSlots, sumSlots, outputSlots, extraSlots, tableSlots;
  /// Where the current step has them.
  Address input, weights, sums, output, extras, tables;
  /// Zero points of all filters.
  DramTensor zeroPoints;
  StoredWeights storedWeights;
  /// Of the current step, as it lies on the chip; none: dense.
  std::optional<StoredTile> stored;
  std::optional<unsigned> epilogue;
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
  if (!steps.empty()) {
    const Step &last = steps.back();
    bool sameImage = last.image == step.image;
    bool sameFilters =
        isSame(last.group, step.group) && isSame(last.filter, step.filter);
    bool sameChannels =
        isSame(last.group, step.group) && isSame(last.channel, step.channel);
    step.loadsTables = !sameFilters;
    step.loadsWeights =
        !sameFilters || !sameChannels || (!sameImage && layer.weightsOfImage);
    step.loadsInput =
        !sameImage || !sameChannels ||
        !llvm::all_of(llvm::zip(last.space, step.space), [](auto both) {
          return isSame(std::get<0>(both), std::get<1>(both));
        });
    step.input = last.input + step.loadsInput;
    step.weights = last.weights + step.loadsWeights;
    step.tables = last.tables + step.loadsTables;
    step.output = last.output + last.endsSums;
  }
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

void LayerWriter::placeSlots() {
  TilePlaces places = findPlaces(*problem.machine);
  std::vector<int64_t> used(problem.machine->memories.size(), 0);
  used[places.inputs] = problem.takenBytes;
  used[places.weights] += problem.takenWeightBytes;
  auto place = [&](Slots &slots, unsigned memory, int64_t bytes) {
    slots.bytes = bytes;
    slots.first = Address::chip(memory, used[memory]);
    used[memory] += bytes * tiling.slots;
  };
  place(inputSlots, places.inputs, tiling.getInputBytes(problem));
  place(weightSlots, places.weights, tiling.getWeightBytes(problem));
  place(sumSlots, places.sums, tiling.getSumBytes(problem));
  place(outputSlots, places.outputs, tiling.getOutputBytes(problem));
  place(extraSlots, places.outputs, tiling.getExtraBytes(problem));
  bool isTogether = tiling.hasTablesWithWeights(problem);
  place(tableSlots, isTogether ? places.weights : places.outputs,
        tiling.getTableBytes(problem));
  if (places.hasOwnWeights()) {
    weightSlots.own = places.weights;
    if (isTogether)
      tableSlots.own = places.weights;
  }
  if (places.hasOwnSums())
    sumSlots.own = places.sums;
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
  FailureOr<unsigned> sumOperand = addOperand(layer.sumType);
  SmallVector<unsigned> extraOperands;
  if (failed(sumOperand))
    return failure();
  for (const LayerExtra &extra : layer.extras) {
    FailureOr<unsigned> operand = addOperand(extra.type);
    if (failed(operand))
      return failure();
    extraOperands.push_back(*operand);
  }
  FailureOr<unsigned> outputOperand = addOperand(layer.outputType);
  if (failed(outputOperand))
    return failure();

  // Elements of a row follow each other; rows of a tile do, too, and those of a
  // tensor that stays on the chip are as far apart as an argument says.
  Register filters = writer.makeArgument(), pixels = writer.makeArgument();
  Register zero = writer.makeConstant(int64_t(0)),
           one = writer.makeConstant(int64_t(1));
  bool inner = layer.filtersInner;
  Register outerIndex = writer.makeFor(zero, inner ? pixels : filters, one);
  Register innerIndex = writer.makeFor(zero, inner ? filters : pixels, one);
  Register filter = inner ? innerIndex : outerIndex;
  auto makeElement = [&](Register pitch) {
    Register row = writer.makeBinary(InstructionCode::MulI, ValueType::I64,
                                     outerIndex, pitch);
    return writer.makeBinary(InstructionCode::AddI, ValueType::I64, row,
                             innerIndex);
  };
  Register element = makeElement(inner ? filters : pixels);
  auto getElement = [&](const DramTensor &tensor) {
    return tensor.address.isChip() ? makeElement(writer.makeArgument())
                                   : element;
  };
  Block &block = layer.epilogue->front();
  writer.bind(block.getArgument(0), writer.makeLoad(*sumOperand, element));
  for (auto [i, extra] : llvm::enumerate(layer.extras)) {
    Register index = extra.kind == ExtraKind::EachElement
                         ? getElement(extra.tensor)
                     : extra.kind == ExtraKind::EachFilter ? filter
                                                           : zero;
    writer.bind(block.getArgument(i + 1),
                writer.makeLoad(extraOperands[i], index));
  }
  for (mlir::Operation &op : block.without_terminator())
    if (failed(writer.write(&op)))
      return failure();
  FailureOr<Register> result =
      writer.lookup(cast<YieldOp>(block.getTerminator()).getValue(), layer.op);
  if (failed(result))
    return failure();
  writer.makeStore(*outputOperand, *result, getElement(layer.output));
  writer.makeEnd();
  writer.makeEnd();
  Program program = writer.take(name);
  // Of the largest tile.
  int64_t rows = tiling.groups * tiling.filters, columns = 1;
  for (int64_t size : tiling.output)
    columns *= size;
  if (inner)
    std::swap(rows, columns);
  auto getBytes = [&](const DramTensor &tensor) {
    return tensor.address.isChip() ? getSpan(tensor, rows, columns)
                                   : rows * columns * tensor.elementBytes;
  };
  program.operands.front().bytes = rows * columns * 4;
  for (auto [i, extra] : llvm::enumerate(layer.extras))
    program.operands[extraOperands[i]].bytes =
        extra.kind == ExtraKind::EachElement ? getBytes(extra.tensor)
        : extra.kind == ExtraKind::EachFilter
            ? tiling.groups * tiling.filters * extra.tensor.elementBytes
            : extra.tensor.elementBytes;
  program.operands.back().bytes = getBytes(layer.output);
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
  if (problem.inputStays)
    return success();
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
  input = takeSlot(inputSlots, step.input);
  return move(Queue::DmaIn, makeCopy(layer.input, layer.input.at(from), input,
                                     true, order, sizes));
}

/// What is stored comes as it is if the memories of the chip have it so, and
/// else is unpacked on the way.
CopyCommand LayerWriter::copyStored(int64_t elements) {
  CopyCommand copy;
  copy.source = stored->address;
  copy.destination = weights;
  if (problem.machine->zeros.onChip) {
    copy.extents[3] = stored->bytes;
    copy.sourceStrides[3] = copy.destinationStrides[3] = 1;
    return copy;
  }
  copy.elementBytes = layer.weights.elementBytes;
  copy.extents[3] = elements;
  copy.destinationStrides[3] = copy.elementBytes;
  copy.format = stored->format;
  copy.formatParameter = stored->parameter;
  copy.storedBytes = stored->bytes;
  copy.absent =
      layer.weightZeroPoints.empty() ? 0 : layer.weightZeroPoints.front();
  stored.reset();
  return copy;
}

LogicalResult LayerWriter::loadTile(const Step &step) {
  int64_t filters = getFilters(step), first = getFirstFilter(step);
  const DramTensor &tensor = layer.weights;
  Address far = tensor.at({first, step.channel.first});
  far.offset += step.image * layer.weightsOfImage * tensor.elementBytes;
  // Filters and channels as in DRAM.
  SmallVector<unsigned> order = {0, 1, 2, 3, 4};
  SmallVector<int64_t> sizes = {filters, step.channel.count, problem.kernel[0],
                                problem.kernel[1], problem.kernel[2]};
  if (tensor.strides[0] < tensor.strides[1]) {
    std::rotate(order.begin(), order.begin() + 1, order.end());
    std::rotate(sizes.begin(), sizes.begin() + 1, sizes.end());
  }
  stored = storedWeights.find(
      {first, filters, step.channel.first, step.channel.count}, order, sizes);
  return move(Queue::DmaIn,
              stored
                  ? copyStored(filters * step.channel.count * problem.getTaps())
                  : makeCopy(tensor, far, weights, true, order, sizes));
}

LogicalResult LayerWriter::loadWeights(const Step &step) {
  weights = takeSlot(weightSlots, step.weights);
  if (!problem.hasWeights && failed(loadTile(step)))
    return failure();
  // Then what each filter has: bias and zero points.
  int64_t filters = getFilters(step), first = getFirstFilter(step);
  Address tail = weights;
  tail.offset += getTileBytes(step);
  for (const DramTensor &table : {layer.bias, zeroPoints}) {
    if (table.address.isNone() || table.address.isChip())
      continue;
    if (failed(move(Queue::DmaIn, makeCopy(table, table.at({first}), tail, true,
                                           {0}, {filters}))))
      return failure();
    tail.offset += filters * 4;
  }
  return success();
}

SmallVector<FilterRun> LayerWriter::getRuns(const Step &step) const {
  int64_t first = getFirstFilter(step), count = getFilters(step);
  if (layer.filterOrder.empty())
    return {{0, first, count}};
  SmallVector<FilterRun> runs;
  for (int64_t i = 0; i < count; ++i) {
    int64_t channel = layer.filterOrder[first + i];
    if (!runs.empty() && runs.back().channel + runs.back().count == channel)
      ++runs.back().count;
    else
      runs.push_back({i, channel, 1});
  }
  return runs;
}

std::optional<CopyCommand>
LayerWriter::copyMaps(const DramTensor &tensor, const Step &step,
                      const FilterRun &run, Address tile, bool toChip) const {
  std::array<int64_t, 5> size = {1, run.count, step.space[0].count,
                                 step.space[1].count, step.space[2].count};
  SmallVector<unsigned> order = getOrder(layer.filtersInner);
  SmallVector<int64_t> sizes;
  for (unsigned dim : order)
    sizes.push_back(size[dim]);
  tile.offset += run.first * getPixels(step) * tensor.elementBytes;
  return makeCopy(tensor, tensor.at(getOutputPosition(step, run)), tile, toChip,
                  order, sizes);
}

LogicalResult LayerWriter::loadExtra(const LayerExtra &extra, const Step &step,
                                     Address slot) {
  for (const FilterRun &run : getRuns(step))
    if (failed(
            move(Queue::DmaIn, copyMaps(extra.tensor, step, run, slot, true))))
      return failure();
  return success();
}

LogicalResult LayerWriter::loadTable(const LayerExtra &extra, const Step &step,
                                     Address slot) {
  bool isOne = extra.kind == ExtraKind::One;
  return move(Queue::DmaIn,
              makeCopy(extra.tensor,
                       extra.tensor.at({0, isOne ? 0 : getFirstFilter(step)}),
                       slot, true, {1}, {isOne ? 1 : getFilters(step)}));
}

/// What each filter has, and what all have.
LogicalResult LayerWriter::loadTables(const Step &step) {
  tables = takeSlot(tableSlots, step.tables);
  Address slot = tables;
  for (const LayerExtra &extra : layer.extras) {
    if (extra.kind == ExtraKind::EachElement || extra.tensor.address.isChip())
      continue;
    if (failed(loadTable(extra, step, slot)))
      return failure();
    slot.offset += getTableBytes(extra, step);
  }
  return success();
}

/// What each element has.
LogicalResult LayerWriter::loadExtras(const Step &step) {
  extras = takeSlot(extraSlots, step.output);
  Address slot = extras;
  for (const LayerExtra &extra : layer.extras) {
    if (extra.kind != ExtraKind::EachElement || extra.tensor.address.isChip())
      continue;
    if (failed(loadExtra(extra, step, slot)))
      return failure();
    slot.offset += getExtraBytes(extra, step);
  }
  return success();
}

LogicalResult LayerWriter::multiply(const Step &step) {
  if (step.startsSums)
    sums = takeSlot(sumSlots, step.output);
  ConvCommand conv;
  conv.input = input;
  conv.weights = weights;
  conv.sums = sums;
  conv.inputType = layer.inputType;
  conv.weightsType = layer.weightsType;
  conv.groups = step.group.count;
  conv.channels = getChannels(step);
  conv.filters = getFilters(step);
  conv.kernel = problem.kernel;
  conv.stride = problem.stride;
  conv.dilation = problem.dilation;
  std::array<int64_t, 5> from = {
      step.image, step.group.first * problem.channels + step.channel.first};
  for (size_t dim = 0; dim < 3; ++dim) {
    Part inputs = getInputs(step, dim);
    from[dim + 2] = inputs.first;
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
  if (problem.inputStays) {
    conv.input = layer.input.at(from);
    conv.inputStrides = layer.input.strides;
  } else {
    setStrides(conv.inputStrides, layer.filtersInner, conv.channels,
               conv.inputExtents);
  }
  setStrides(conv.sumStrides, layer.filtersInner, conv.filters,
             conv.outputExtents);
  int64_t channels = step.channel.count, filters = conv.filters;
  if (problem.hasWeights) {
    conv.weights = layer.weights.at({getFirstFilter(step), step.channel.first});
    conv.weights.offset +=
        step.image * layer.weightsOfImage * layer.weights.elementBytes;
    conv.weightStrides = layer.weights.strides;
  } else if (layer.weights.strides[0] < layer.weights.strides[1]) {
    setStrides(conv.weightStrides, true, filters, problem.kernel);
    conv.weightStrides[1] = conv.weightStrides[0];
    conv.weightStrides[0] = 1;
  } else {
    setStrides(conv.weightStrides, false, channels, problem.kernel);
  }
  conv.inputZeroPoint = layer.inputZeroPoint;
  Address tail = weights;
  tail.offset += getTileBytes(step);
  if (layer.bias.address.isChip()) {
    if (step.startsSums)
      conv.bias = layer.bias.at({getFirstFilter(step)});
  } else if (!layer.bias.address.isNone()) {
    if (step.startsSums)
      conv.bias = tail;
    tail.offset += filters * 4;
  }
  if (hasZeroPointTable())
    conv.weightZeroPoints = tail;
  else if (!layer.weightZeroPoints.empty())
    conv.weightZeroPoint = layer.weightZeroPoints.front();
  if (stored) {
    conv.weightsFormat = stored->format;
    conv.weightsFormatParameter = stored->parameter;
    conv.weightsBytes = stored->bytes;
  }
  conv.accumulate = !step.startsSums;
  return add(Queue::Array, conv);
}

LogicalResult LayerWriter::finish(const Step &step) {
  if (!epilogue)
    return success();
  if (!problem.outputStays)
    output = takeSlot(outputSlots, step.output);
  if (!hasStayingMaps())
    return finish(step, {0, getFirstFilter(step), getFilters(step)});
  for (const FilterRun &run : getRuns(step))
    if (failed(finish(step, run)))
      return failure();
  return success();
}

LogicalResult LayerWriter::finish(const Step &step, const FilterRun &of) {
  ProgramCommand run;
  run.program = *epilogue;
  int64_t pixels = getPixels(step), elements = of.count * pixels;
  int64_t outer = layer.filtersInner ? pixels : of.count;
  int64_t inner = layer.filtersInner ? of.count : pixels;
  run.arguments[0] = of.count;
  run.arguments[1] = pixels;
  size_t argument = 2, operand = 0;
  auto set = [&](Address address, int64_t before, int64_t bytes) {
    address.offset += before;
    run.operands[operand] = address;
    run.bytes[operand++] = bytes;
  };
  auto setMaps = [&](Address tile, int64_t bytes) {
    set(tile, of.first * pixels * bytes, elements * bytes);
  };
  auto setStaying = [&](const DramTensor &tensor) {
    set(tensor.at(getOutputPosition(step, of)), 0,
        getSpan(tensor, outer, inner));
    run.arguments[argument++] = getPitch(tensor);
  };
  setMaps(sums, 4);
  Address extra = extras, table = tables;
  for (const LayerExtra &it : layer.extras) {
    int64_t bytes = it.tensor.elementBytes;
    if (it.kind != ExtraKind::EachElement) {
      bool isOne = it.kind == ExtraKind::One;
      int64_t before = isOne ? 0 : of.first * bytes;
      int64_t all = isOne ? bytes : of.count * bytes;
      if (it.tensor.address.isChip()) {
        set(it.tensor.at({0, isOne ? 0 : getFirstFilter(step)}), before, all);
        continue;
      }
      set(table, before, all);
      table.offset += getTableBytes(it, step);
    } else if (it.tensor.address.isChip()) {
      setStaying(it.tensor);
    } else {
      setMaps(extra, bytes);
      extra.offset += getExtraBytes(it, step);
    }
  }
  if (problem.outputStays)
    setStaying(layer.output);
  else
    setMaps(output, layer.output.elementBytes);
  return add(Queue::Vector, run);
}

LogicalResult LayerWriter::store(const Step &step) {
  if (problem.outputStays)
    return success();
  for (const FilterRun &run : getRuns(step))
    if (failed(move(Queue::DmaOut, copyMaps(layer.output, step, run,
                                            epilogue ? output : sums, false))))
      return failure();
  return success();
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
  description.estimatedCycles = uint64_t(tiling.clocks);
  builder.beginLayer(std::move(description));
  for (const Step &step : steps) {
    builder.beginTile({step.image, step.group.first, step.filter.first,
                       step.channel.first, step.space[0].first,
                       step.space[1].first, step.space[2].first});
    // Weights and tables never wait for the layer before, so they come first;
    // but those of later tiles wait for the vector unit, and inputs do not.
    bool isFirst = &step == &steps.front();
    if ((step.loadsWeights && failed(loadWeights(step))) ||
        (step.loadsTables && isFirst && failed(loadTables(step))) ||
        (step.loadsInput && failed(loadInput(step))) ||
        (step.loadsTables && !isFirst && failed(loadTables(step))) ||
        (step.endsSums && failed(loadExtras(step))) || failed(multiply(step)) ||
        (step.endsSums && (failed(finish(step)) || failed(store(step)))))
      return failure();
  }
  return success();
}

LogicalResult npu::writeLayer(StreamBuilder &builder, ChipRings &rings,
                              const ArrayLayer &layer,
                              const TilingSolution &tiling, Layer description) {
  return LayerWriter(builder, rings, layer, tiling)
      .write(std::move(description));
}
