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
#include "backends/npu/Codegen/ProgramWriter.h"
#include "backends/npu/Stream/Verifier.h"
#include "lacuna/Schedule/Buffers.h"
#include "lacuna/Schedule/Passes.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

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

/// A layer named after the first of its nodes.
static Layer describeLayer(Location loc, size_t index) {
  Layer layer;
  for (const NodeId &node : getNodes(loc))
    layer.nodes.push_back(node.name.str());
  layer.name = layer.nodes.empty() ? "glue_" + std::to_string(index)
                                   : layer.nodes.front();
  return layer;
}

namespace {
class Generator {
public:
  Generator(ModuleOp module, const CodegenOptions &options)
      : module(module), options(options), builder(options.elide),
        rings(*options.machine) {}

  FailureOr<CompiledStream> run();

private:
  LogicalResult writeArrayLayer(PlannedLayer &planned);
  LogicalResult writeLoops(const LoopGroup &group);
  LogicalResult fill(mlir::Operation *op, Value root);
  LogicalResult describeTensors(Stream &stream);

  ModuleOp module;
  const CodegenOptions &options;
  StreamBuilder builder;
  ChipRings rings;
  MemoryMap memory;
  std::vector<LayerDecision> decisions;
  /// Buffers that layers and programs have written.
  llvm::DenseSet<Value> written;
};
} // namespace

LogicalResult Generator::writeArrayLayer(PlannedLayer &planned) {
  written.insert(findRoot(
      cast<DestinationStyleOpInterface>(planned.array->op).getDpsInits()[0]));
  Layer description = describeLayer(planned.group.loc, decisions.size());
  decisions.push_back({description.name, "array", std::move(planned.choices),
                       std::vector<int64_t>(planned.array->filterOrder.begin(),
                                            planned.array->filterOrder.end())});
  return writeLayer(builder, rings, *planned.array, planned.tiling,
                    std::move(description));
}

LogicalResult Generator::writeLoops(const LoopGroup &group) {
  FailureOr<LoopProgram> loops = writeProgram(group, memory);
  if (failed(loops))
    return failure();
  mlir::Operation *op = group.ops.front();
  Layer description = describeLayer(group.loc, decisions.size());
  loops->program.name = description.name;
  bool vector = loops->program.vector;
  decisions.push_back({description.name, vector ? "vector" : "scalar", {}, {}});
  loops->command.program = builder.addProgram(std::move(loops->program));
  builder.beginLayer(std::move(description));
  for (Value root : findScratch(group, written))
    if (failed(fill(op, root)))
      return failure();
  return builder.add(op, vector ? Queue::Vector : Queue::Scalar,
                     loops->command);
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
  if (options.inputs.size() > kInputs || options.outputs.size() > kOutputs)
    return module.emitError("has more inputs or outputs than a command stream");
  for (auto [i, port] : llvm::enumerate(options.inputs))
    add(port, Address::input(i, 0));
  for (auto [i, port] : llvm::enumerate(options.outputs))
    add(port, Address::output(i, 0));
  return success();
}

FailureOr<CompiledStream> Generator::run() {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal())
    return module.emitError("has no function 'main'");
  if (failed(memory.build(main, options.inputs.size(), options.outputs.size(),
                          builder)))
    return failure();
  auto layers = planLayers(main.getBody().front(), *options.machine, memory);
  if (failed(layers))
    return failure();
  for (PlannedLayer &layer : *layers)
    if (failed(layer.array ? writeArrayLayer(layer) : writeLoops(layer.group)))
      return failure();
  FailureOr<Stream> stream = builder.take(module);
  if (failed(stream) || failed(describeTensors(*stream)))
    return failure();
  stream->machine = options.machine->name;
  stream->machineHash = options.machine->getHash();
  if (auto bytes = main->getAttrOfType<IntegerAttr>(kArenaBytesAttr))
    stream->workspaceBytes = bytes.getInt();
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
