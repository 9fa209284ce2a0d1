//===- QuantizedComparison.cpp - A network before and after quantization -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizedComparison.h"

#include "lacuna/Compress/Quantize.h"
#include "lacuna/Driver/Reference.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace lacuna;

std::unique_ptr<QuantizedComparison>
QuantizedComparison::create(ModuleOp calibrated, const QuantizationSpec &spec) {
  auto pair = std::make_unique<QuantizedComparison>();
  std::vector<Port> ports = getOutputs(calibrated);
  pair->outputs = ports.size();
  OwningOpRef<ModuleOp> probed(calibrated.clone());
  for (const std::string &name : addQuantizedProbes(*probed))
    pair->layers.push_back({name, {}});
  for (const Port &port : ports)
    pair->layers.push_back({"output '" + port.name + "'", {}});
  pair->original =
      ReferenceProgram::compile(OwningOpRef<ModuleOp>(probed->clone()));
  PassManager pm(calibrated.getContext());
  buildQuantizePipeline(pm, spec);
  if (!pair->original || failed(pm.run(*probed)))
    return nullptr;
  pair->quantized = ReferenceProgram::compile(std::move(probed));
  if (!pair->quantized)
    return nullptr;
  return pair;
}

llvm::Expected<QuantizedComparison::Results>
QuantizedComparison::run(ArrayRef<HostTensor> arguments) {
  auto expected = original->run(arguments);
  if (!expected)
    return expected.takeError();
  auto actual = quantized->run(arguments);
  if (!actual)
    return actual.takeError();
  // Outputs come before the probes, and last among the layers.
  size_t count = layers.size();
  for (size_t i = 0; i < count; ++i) {
    size_t layer = (i + count - outputs) % count;
    layers[layer].likeness.add((*expected)[i], (*actual)[i]);
  }
  expected->resize(outputs);
  actual->resize(outputs);
  return Results{std::move(*expected), std::move(*actual)};
}
