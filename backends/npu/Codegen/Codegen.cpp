//===- Codegen.cpp - From layers and loops to a command stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Codegen/Codegen.h"

#include "backends/npu/Codegen/LayerPlan.h"
#include "backends/npu/Codegen/LayerWriter.h"
#include "backends/npu/Codegen/LoopCopy.h"
#include "backends/npu/Codegen/ProgramWriter.h"
#include "backends/npu/Stream/Verifier.h"
#include "lacuna/Schedule/Buffers.h"

#include "dialects/nn/IR/NodeLocation.h"
#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::npu;

static npu::TensorType getTensorType(DType type) {
  switch (type) {
  case DType::Bool:
    return npu::TensorType::Bool;
  case DType::Int8:
    return npu::TensorType::Int8;
  case DType::UInt8:
    return npu::TensorType::UInt8;
  case DType::Int16:
    return npu::TensorType::Int16;
  case DType::UInt16:
    return npu::TensorType::UInt16;
  case DType::Int32:
    return npu::TensorType::Int32;
  case DType::UInt32:
    return npu::TensorType::UInt32;
  case DType::Int64:
    return npu::TensorType::Int64;
  case DType::UInt64:
    return npu::TensorType::UInt64;
  case DType::Float16:
    return npu::TensorType::Float16;
  case DType::BFloat16:
    return npu::TensorType::BFloat16;
  case DType::Float32:
    return npu::TensorType::Float32;
  case DType::Float64:
    return npu::TensorType::Float64;
  }
  llvm_unreachable("all types are handled");
}

namespace {
class Generator {
public:
  Generator(ModuleOp module, const CodegenOptions &options)
      : module(module), options(options), inputs(options.inputs),
        outputs(options.outputs), builder(options.elide),
        rings(*options.machine) {}

  FailureOr<CompiledStream> run();

private:
  Layer describeLayer(Location loc);
  std::string takeName(StringRef name);
  LogicalResult writeStart(const LayerPlan &plan);
  LogicalResult writeState(BlockArgument state, ElementsAttr initial);
  LogicalResult writeArrayLayer(PlannedLayer &planned);
  LogicalResult writeLoops(const LoopGroup &group);
  LogicalResult fill(mlir::Operation *op, Value root);
  LogicalResult describeTensors(Stream &stream);

  ModuleOp module;
  const CodegenOptions &options;
  ArrayRef<Port> inputs, outputs;
  StreamBuilder builder;
  ChipRings rings;
  MemoryMap memory;
  std::vector<LayerDecision> decisions;
  /// Of the layers so far.
  llvm::StringSet<> names;
  /// Buffers that layers and programs have written.
  llvm::DenseSet<Value> written;
};
} // namespace

/// `name`, or, if it is taken, `name.2`, `name.3`: reports have a row for each.
std::string Generator::takeName(StringRef name) {
  std::string unique = name.str();
  for (unsigned number = 2; !names.insert(unique).second; ++number)
    unique = (name + "." + Twine(number)).str();
  return unique;
}

/// A layer named after the first of its nodes.
Layer Generator::describeLayer(Location loc) {
  Layer layer;
  for (const NodeId &node : getNodes(loc))
    layer.nodes.push_back(node.name.str());
  layer.name =
      takeName(layer.nodes.empty() ? "glue_" + std::to_string(decisions.size())
                                   : layer.nodes.front());
  return layer;
}

LogicalResult Generator::writeArrayLayer(PlannedLayer &planned) {
  written.insert(findRoot(
      cast<DestinationStyleOpInterface>(planned.array->op).getDpsInits()[0]));
  Layer description = describeLayer(planned.group.loc);
  decisions.push_back({description.name, "array", std::move(planned.choices),
                       std::vector<int64_t>(planned.array->filterOrder.begin(),
                                            planned.array->filterOrder.end())});
  return writeLayer(builder, rings, *planned.array, planned.tiling,
                    std::move(description));
}

/// A block of bytes.
static CopyCommand makeCopy(Address from, Address to, int64_t bytes) {
  CopyCommand copy;
  copy.source = from;
  copy.destination = to;
  copy.extents[3] = bytes;
  copy.sourceStrides[3] = copy.destinationStrides[3] = 1;
  return copy;
}

/// What is done before the first step, so that each step finds what stays.
LogicalResult Generator::writeStart(const LayerPlan &plan) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  builder.setHasSteps();
  builder.beginLayer({takeName("start"), {}});
  for (const Resident &constant : plan.constants) {
    if (!constant.bytes)
      continue;
    Address from = *memory.findConstant(constant.root),
            to = *memory.findRootAddress(constant.root);
    if (failed(builder.add(main, Queue::DmaIn,
                           makeCopy(from, to, constant.bytes), When::Start)))
      return failure();
    builder.keep(to, constant.bytes, /*isConstant=*/true);
  }
  for (BlockArgument state : memory.getStates()) {
    auto initial = main.getArgAttrOfType<ElementsAttr>(
        state.getArgNumber(), tconv::TConvDialect::kInitialAttr);
    if (failed(writeState(state, initial)))
      return failure();
    written.insert(state);
  }
  return success();
}

LogicalResult Generator::writeState(BlockArgument state, ElementsAttr initial) {
  mlir::Operation *op = state.getOwner()->getParentOp();
  Address address = *memory.findRootAddress(state);
  int64_t bytes = getDenseBytes(cast<MemRefType>(state.getType()));
  std::optional<std::vector<char>> values = readBytes(initial, bytes);
  if (!values)
    return op->emitError("has a state without a value to begin with");
  if (!bytes)
    return success();
  builder.keep(address, bytes, /*isConstant=*/false);
  if (!llvm::all_equal(*values))
    return builder.add(op, Queue::DmaIn,
                       makeCopy(builder.addConstant(*values), address, bytes),
                       When::Start);
  FillCommand fill;
  fill.destination = address;
  fill.elementBytes = 1;
  fill.extents[3] = bytes;
  fill.strides[3] = 1;
  fill.value = uint8_t(values->front());
  return builder.add(op, Queue::DmaOut, fill, When::Start);
}

LogicalResult Generator::writeLoops(const LoopGroup &group) {
  mlir::Operation *op = group.ops.front();
  SmallVector<Value> scratch = findScratch(group, written);
  auto write = [&](Queue queue, StringRef unit, const Command &command,
                   Layer description) -> LogicalResult {
    decisions.push_back({description.name, unit.str(), {}, {}});
    builder.beginLayer(std::move(description));
    for (Value root : scratch)
      if (failed(fill(op, root)))
        return failure();
    return builder.add(op, queue, command);
  };
  if (std::optional<CopyCommand> copy = findChipCopy(group, memory)) {
    // All that follow each other are a layer, such as lines of frames, which
    // move before anything else is done.
    if (!decisions.empty() && decisions.back().unit == "dma" && scratch.empty())
      return builder.add(op, Queue::DmaOut, *copy);
    return write(Queue::DmaOut, "dma", *copy, describeLayer(group.loc));
  }
  FailureOr<LoopProgram> loops = writeProgram(group, memory);
  if (failed(loops))
    return failure();
  Layer description = describeLayer(group.loc);
  loops->program.name = description.name;
  bool vector = loops->program.vector;
  loops->command.program = builder.addProgram(std::move(loops->program));
  return write(vector ? Queue::Vector : Queue::Scalar,
               vector ? "vector" : "scalar", loops->command,
               std::move(description));
}

LogicalResult Generator::fill(mlir::Operation *op, Value root) {
  auto type = cast<MemRefType>(root.getType());
  FillCommand command;
  command.destination = *memory.findRootAddress(root);
  command.elementBytes = 1;
  command.extents[3] = getDenseBytes(type);
  command.strides[3] = 1;
  return builder.add(op, Queue::DmaOut, command);
}

LogicalResult Generator::describeTensors(Stream &stream) {
  auto add = [&](const Port &port, Address address) {
    Tensor tensor;
    tensor.name = port.name;
    tensor.type = getTensorType(port.type);
    tensor.shape.assign(port.shape.begin(), port.shape.end());
    tensor.address = address;
    stream.tensors.push_back(std::move(tensor));
  };
  if (inputs.size() > kInputs || outputs.size() > kOutputs)
    return module.emitError("has more inputs or outputs than a command stream");
  for (auto [i, port] : llvm::enumerate(inputs))
    add(port, Address::input(i, 0));
  for (auto [i, port] : llvm::enumerate(outputs))
    add(port, Address::output(i, 0));
  return success();
}

FailureOr<CompiledStream> Generator::run() {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal())
    return module.emitError("has no function 'main'");
  tconv::StreamAttr steps = tconv::getStream(module);
  size_t states = steps ? steps.getStates() : 0;
  inputs = inputs.drop_back(states);
  outputs = outputs.drop_back(states);
  if (failed(
          memory.build(main, inputs.size(), states, outputs.size(), builder)))
    return failure();
  auto plan = planLayers(main.getBody().front(), steps != nullptr,
                         *options.machine, memory);
  if (failed(plan))
    return failure();
  rings.leaveOut(findPlaces(*options.machine).weights, plan->constantBytes);
  if (steps && failed(writeStart(*plan)))
    return failure();
  for (PlannedLayer &layer : plan->layers)
    if (failed(layer.array ? writeArrayLayer(layer) : writeLoops(layer.group)))
      return failure();
  FailureOr<Stream> stream = builder.take(module);
  if (failed(stream) || failed(describeTensors(*stream)))
    return failure();
  stream->machine = options.machine->name;
  stream->machineHash = options.machine->getHash();
  stream->workspaceBytes = memory.getWorkspaceBytes();
  std::vector<ChipMemory> chip;
  for (const Memory &memory : options.machine->memories)
    chip.push_back({memory.name, uint64_t(memory.bytes)});
  if (llvm::Error error = verify(*stream, chip))
    return module.emitError("becomes a command stream that is not sound: ")
           << llvm::toString(std::move(error));
  return CompiledStream{std::move(*stream), std::move(decisions)};
}

FailureOr<CompiledStream> npu::generate(ModuleOp module,
                                        const CodegenOptions &options) {
  return Generator(module, options).run();
}
