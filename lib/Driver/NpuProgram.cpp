//===- NpuProgram.cpp - A command stream that the simulator runs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuProgram.h"

#include "NpuCompiler.h"

using namespace mlir;
using namespace lacuna;

NpuProgram::NpuProgram(npu::Stream stream, Machine machine,
                       std::vector<Port> inputs, std::vector<Port> outputs,
                       std::unique_ptr<llvm::MemoryBuffer> file)
    : machine(std::move(machine)), stream(std::move(stream)),
      file(std::move(file)) {
  this->inputs = std::move(inputs);
  this->outputs = std::move(outputs);
}

std::unique_ptr<NpuProgram> NpuProgram::compile(OwningOpRef<ModuleOp> module,
                                                const Machine &machine) {
  std::vector<Port> inputs = lacuna::getInputs(*module);
  std::vector<Port> outputs = lacuna::getOutputs(*module);
  FailureOr<npu::CompiledStream> compiled = compileForNpu(*module, machine);
  if (failed(compiled))
    return nullptr;
  // States, which come last, are kept by the stream.
  size_t taken =
      llvm::count_if(compiled->stream.tensors, [](const npu::Tensor &tensor) {
        return tensor.address.isInput();
      });
  outputs.resize(compiled->stream.tensors.size() - taken);
  inputs.resize(taken);
  return std::make_unique<NpuProgram>(std::move(compiled->stream), machine,
                                      std::move(inputs), std::move(outputs));
}

llvm::Error NpuProgram::start() const {
  if (simulation)
    return llvm::Error::success();
  auto created = npu::Simulation::create(stream, machine, options);
  if (!created)
    return created.takeError();
  simulation = std::make_unique<npu::Simulation>(std::move(*created));
  if (!stream.hasStart())
    return llvm::Error::success();
  llvm::Expected<npu::SimulationResult> started = simulation->start();
  if (!started)
    return started.takeError();
  if (observeStart)
    observeStart(std::move(*started));
  return llvm::Error::success();
}

llvm::Expected<std::vector<Program::Tensors>>
NpuProgram::runAll(ArrayRef<Tensors> samples) const {
  std::vector<Tensors> results;
  for (const Tensors &sample : samples) {
    SmallVector<ArrayRef<uint8_t>> bytes;
    for (const HostTensor &tensor : sample)
      bytes.emplace_back(reinterpret_cast<const uint8_t *>(tensor.data()),
                         tensor.getByteSize());
    if (llvm::Error error = start())
      return error;
    llvm::Expected<npu::SimulationResult> simulated = simulation->step(bytes);
    if (!simulated)
      return simulated.takeError();
    Tensors &result = results.emplace_back();
    for (auto [port, output] : llvm::zip_equal(outputs, simulated->outputs)) {
      HostTensor &tensor = result.emplace_back(port.type, port.shape);
      if (output.bytes.size() != tensor.getByteSize())
        return llvm::createStringError(
            "output '" + port.name + "' has " + Twine(output.bytes.size()) +
            " bytes, not " + Twine(tensor.getByteSize()));
      std::memcpy(tensor.data(), output.bytes.data(), output.bytes.size());
    }
    if (observe)
      observe(std::move(*simulated));
  }
  return results;
}
