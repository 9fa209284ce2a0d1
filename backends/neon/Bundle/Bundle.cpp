//===- Bundle.cpp - The files that an app links -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/Bundle.h"

#include "backends/neon/Bundle/BundleWriter.h"
#include "backends/neon/Bundle/Kernels.h"
#include "backends/neon/Bundle/Weights.h"
#include "backends/neon/HalideRequest.h"
#include "backends/neon/Transforms/Passes.h"
#include "lacuna/Schedule/Passes.h"

#include "dialects/nn/IR/NodeLocation.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Target/Cpp/CppEmitter.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;
using llvm::formatv;

LogicalResult BundleWriter::read() {
  main = module.lookupSymbol<emitc::FuncOp>("main");
  if (!main)
    return module.emitError("has no function 'main' of EmitC");
  auto getSize = [&](StringRef attr) {
    auto value = main->getAttrOfType<IntegerAttr>(attr);
    return value ? value.getInt() : 0;
  };
  threads = std::max<int64_t>(1, getSize(kThreadsAttr));
  if (main->hasAttr(kProfiledLayersAttr))
    profiledLayers = getSize(kProfiledLayersAttr);
  inputs = getInputs(module);
  outputs = getOutputs(module);
  steps = getStepLayout(module, kStateBytes);
  if (steps) {
    // The app gives one frame at a time, and no clock.
    inputs.resize(1);
    inputs.front().shape.erase(inputs.front().shape.begin());
    inputs.front().bytes = steps->frameBytes;
  }
  arenaBytes = getSize(kArenaBytesAttr) + getBuffersOffset();
  lowerBound = getSize(kArenaLowerBoundAttr) + getBuffersOffset();
  macs = countMacs(module);
  requests = getKernelRequests(module, options);
  FailureOr<std::string> block =
      collectWeights(module, getSize(kWeightBytesAttr));
  if (failed(block))
    return failure();
  weights = std::move(*block);
  return success();
}

void BundleWriter::writeLayerComment(raw_ostream &os,
                                     emitc::FuncOp func) const {
  if (func == main) {
    os << "\n// Where each tensor lies, and the layers in order.\n";
    return;
  }
  SmallVector<NodeId> nodes = getNodes(func.getLoc());
  if (nodes.empty())
    return;
  os << "\n// " << describeNodes(nodes) << "\n";
  LayerInfo info = getLayer(module, nodes.front().name);
  if (info.result.empty())
    return;
  os << "// " << info.operands << (info.operands.empty() ? "" : " ") << "-> "
     << info.result;
  if (int64_t done = macs.lookup(func))
    os << ", " << done << " multiply-accumulates";
  if (auto kernel = func->getAttrOfType<StringAttr>(kKernelAttr))
    os << "\n// " << kernel.getValue();
  os << "\n";
}

FailureOr<std::string>
BundleWriter::makeLayers(SmallVectorImpl<StringRef> &kernels) const {
  std::string code;
  llvm::raw_string_ostream os(code);
  for (Operation &op : *main->getBlock()) {
    if (isa<memref::GlobalOp>(op))
      continue;
    if (auto include = dyn_cast<emitc::IncludeOp>(op)) {
      kernels.push_back(include.getInclude());
      continue;
    }
    OwningOpRef<Operation *> named = op.clone();
    if (auto func = dyn_cast<emitc::FuncOp>(op)) {
      writeLayerComment(os, func);
      auto copy = cast<emitc::FuncOp>(*named);
      copy.setSpecifiersAttr(
          Builder(op.getContext()).getStrArrayAttr({"static"}));
      if (func == main)
        copy.setSymName("network");
    }
    if (failed(emitc::translateToCpp(*named, os)))
      return failure();
  }
  return code;
}

FailureOr<std::string> BundleWriter::makeSource() const {
  SmallVector<StringRef> headers = {"scalar.h"};
  if (threads > 1)
    headers.push_back("parallel.h");
  if (profiledLayers)
    headers.push_back("profile.h");
  FailureOr<std::string> layers = makeLayers(headers);
  if (failed(layers))
    return failure();
  KernelTexts kernels = getKernels(headers);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << formatv("// The network '{0}', compiled by Lacuna. Generated: do not "
                "edit.\n\n#include \"{0}.h\"\n\n",
                name);
  if (!requests.empty())
    os << formatv("#include \"{0}_kernels.h\"\n\n", name);
  os << kernels.preamble;
  if (steps)
    os << "#include <cstring>\n";
  os << formatv(R"(
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

namespace lacuna_{0} {{
)",
                name)
     << kernels.text << R"(
/// The elements that lie so many bytes into a block of memory.
template <class T>
inline T *at(std::int8_t *block, std::int64_t offset) {
  return reinterpret_cast<T *>(block + offset);
}
)" << *layers
     << formatv("\n} // namespace lacuna_{0}\n", name);
  writeApi(os);
  return text;
}

FailureOr<std::vector<BundleFile>> BundleWriter::write() {
  if (failed(read()))
    return failure();
  FailureOr<std::string> source = makeSource();
  if (failed(source))
    return failure();
  std::vector<BundleFile> files = {
      {name + ".h", makeHeader()},
      {name + ".cpp", std::move(*source)},
      {"CMakeLists.txt", makeBuildFile()},
      {"manifest.json", makeManifest()},
  };
  if (!requests.empty())
    files.push_back({name + "_kernels.txt", requests});
  if (hasSidecar())
    files.push_back({weightsName + ".bin", weights});
  else if (!weights.empty())
    files.push_back({weightsName + ".cpp", makeWeightsSource()});
  return files;
}

std::string neon::getKernelRequests(ModuleOp module,
                                    const BundleOptions &options) {
  auto requests = module->getAttrOfType<StringAttr>(kRequestsAttr);
  if (!requests)
    return "";
  return formatv(
      "# Kernels of the network '{0}', for lacuna-halide. Generated: "
      "do not edit.\ntarget {1}\n{2}",
      options.name, options.core.name, requests.getValue());
}

FailureOr<std::vector<BundleFile>>
neon::makeBundle(ModuleOp module, const BundleOptions &options) {
  return BundleWriter(module, options).write();
}
