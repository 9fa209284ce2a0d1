//===- NpuBundle.cpp - A command stream and what goes with it, in files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpuBundle.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lacuna;
namespace json = llvm::json;

json::Object lacuna::describeStream(const npu::Stream &stream,
                                    llvm::StringRef name,
                                    json::Object provenance) {
  json::Object manifest = std::move(provenance);
  manifest["target"] = "npu";
  manifest["name"] = name;
  manifest["stream"] = (name + ".npu").str();
  manifest["stream_version"] =
      llvm::formatv("{0}.{1}", npu::kMajorVersion, npu::kMinorVersion).str();
  manifest["machine"] = stream.machine;
  manifest["machine_hash"] = llvm::formatv("{0:x16}", stream.machineHash).str();
  manifest["workspace_bytes"] = int64_t(stream.workspaceBytes);
  manifest["constant_bytes"] = int64_t(stream.constants.size());
  manifest["command_bytes"] = int64_t(stream.commands.size() * 4);
  json::Array inputs, outputs;
  for (const npu::Tensor &tensor : stream.tensors) {
    json::Object port{{"name", tensor.name},
                      {"type", npu::getName(tensor.type)},
                      {"shape", json::Array(tensor.shape)}};
    (tensor.address.isInput() ? inputs : outputs).push_back(std::move(port));
  }
  manifest["inputs"] = std::move(inputs);
  manifest["outputs"] = std::move(outputs);
  return manifest;
}

json::Object lacuna::describeSteps(const StreamShape &shape) {
  return json::Object{{"frames", shape.frames},
                      {"clip_frames", shape.clip},
                      {"axis", shape.axis},
                      {"output_axes", json::Array(shape.outputAxes)},
                      {"state_bytes", shape.stateBytes}};
}

static json::Object describeChoice(const TilingChoice &choice) {
  const TilingSolution &tiling = choice.solution;
  json::Object object{{"groups", tiling.groups},
                      {"filters", tiling.filters},
                      {"channels", tiling.channels},
                      {"output", json::Array(tiling.output)},
                      {"stays", tiling.weightsStay ? "weights" : "inputs"},
                      {"dram_bytes", tiling.dramBytes},
                      {"clocks", tiling.clocks}};
  if (!choice.lost.empty())
    object["lost"] = choice.lost;
  return object;
}

json::Object lacuna::describeDecisions(const npu::CompiledStream &compiled) {
  json::Array layers;
  for (const npu::LayerDecision &decision : compiled.decisions) {
    json::Object layer{{"name", decision.layer}, {"unit", decision.unit}};
    json::Array tried;
    for (const TilingChoice &choice : decision.choices) {
      if (choice.lost.empty())
        layer["tiling"] = describeChoice(choice);
      else
        tried.push_back(describeChoice(choice));
    }
    if (!tried.empty())
      layer["tried"] = std::move(tried);
    if (!decision.filterOrder.empty())
      layer["filter_order"] = json::Array(decision.filterOrder);
    layers.push_back(std::move(layer));
  }
  return json::Object{{"layers", std::move(layers)}};
}
