//===- Report.cpp - What was chosen, and what it costs -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Bundle.h"

#include "backends/neon/Bundle/Interface.h"
#include "backends/neon/Bundle/StepApi.h"
#include "backends/neon/Transforms/Passes.h"
#include "lacuna/Schedule/ArenaPlanner.h"
#include "lacuna/Schedule/Passes.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace lacuna;

std::vector<neon::BundleFile> neon::makeReport(ModuleOp module,
                                               const BundleOptions &options) {
  auto main = module.lookupSymbol<emitc::FuncOp>("main");
  llvm::DenseMap<Operation *, int64_t> macs = countMacs(module);
  llvm::json::Array layers;
  int64_t weights = 0, weightBytes = 0;
  for (auto func : module.getOps<emitc::FuncOp>()) {
    SmallVector<NodeId> nodes = getNodes(func.getLoc());
    if (func == main || nodes.empty())
      continue;
    llvm::json::Array names;
    for (const NodeId &node : nodes)
      names.push_back(node.name);
    llvm::json::Object layer{{"name", func.getSymName()},
                             {"onnx_nodes", std::move(names)},
                             {"macs", macs.lookup(func)}};
    if (auto kernel = func->getAttrOfType<StringAttr>(kKernelAttr))
      layer["kernel"] = kernel.getValue();
    if (auto stored = func->getAttrOfType<DenseI64ArrayAttr>(kWeightsAttr)) {
      layer["weights"] = stored[0];
      layer["weight_bytes"] = stored[1];
      weights += stored[0];
      weightBytes += stored[1];
    }
    layers.push_back(std::move(layer));
  }

  // The arena as schedule-plan-memory left it.
  ArenaProblem problem;
  ArenaSolution solution;
  if (auto buffers = main->getAttrOfType<ArrayAttr>(kBuffersAttr))
    for (auto entry : buffers.getAsRange<DictionaryAttr>()) {
      auto get = [&](StringRef name) {
        return entry.getAs<IntegerAttr>(name).getInt();
      };
      problem.buffers.push_back({entry.getAs<StringAttr>("name").str(),
                                 get("bytes"), get("first"), get("last")});
      solution.offsets.push_back(get("offset"));
    }
  auto getSize = [&](StringRef attr) {
    auto value = main->getAttrOfType<IntegerAttr>(attr);
    return value ? value.getInt() : 0;
  };
  solution.bytes = getSize(kArenaBytesAttr);
  llvm::json::Object report{
      {"name", options.name},
      {"target", options.core.usesHalide() ? "host" : "neon"},
      {"mcpu", options.core.name},
      {"arena",
       llvm::json::Object{{"peak_bytes", solution.bytes},
                          {"lower_bound_bytes", getSize(kArenaLowerBoundAttr)},
                          {"picture", "arena.svg"}}},
      {"constants", llvm::json::Object{{"bytes", getSize(kWeightBytesAttr)},
                                       {"weights", weights},
                                       {"weight_bytes", weightBytes},
                                       {"float32_weight_bytes", 4 * weights}}},
      {"layers", std::move(layers)}};
  if (auto steps = getStepLayout(module, /*start=*/0)) {
    llvm::json::Object stream{{"frames", steps->frames},
                              {"state_bytes", steps->getStateBytes()}};
    if (options.stepMacs) {
      stream["clip_macs"] = options.clipMacs;
      stream["step_macs"] = options.stepMacs;
    }
    report["stream"] = std::move(stream);
  }
  std::string text =
      llvm::formatv("{0:2}\n", llvm::json::Value(std::move(report)));
  return {{"report.json", text}, {"arena.svg", drawArena(problem, solution)}};
}
