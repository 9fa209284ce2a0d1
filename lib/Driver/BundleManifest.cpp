//===- BundleManifest.cpp - What a bundle says of itself -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BundleManifest.h"

#include "lacuna/Driver/BundleProgram.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

using namespace lacuna;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace json = llvm::json;

bool lacuna::isIdentifier(StringRef text) {
  return !text.empty() && !llvm::isDigit(text.front()) &&
         llvm::all_of(text,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

Port lacuna::makeReadyPort() { return {"ready", DType::Int64, {1}}; }

bool lacuna::fromJSON(const json::Value &value, StreamShape &shape,
                      json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("frames", shape.frames) &&
         map.map("clip_frames", shape.clip) && map.map("axis", shape.axis) &&
         map.map("output_axes", shape.outputAxes) &&
         map.mapOptional("state_bytes", shape.stateBytes);
}

namespace lacuna {
/// One of `inputs` or `outputs`.
static bool fromJSON(const json::Value &value, Port &port, json::Path path) {
  std::string type;
  std::vector<int64_t> shape;
  int64_t bytes;
  json::ObjectMapper map(value, path);
  if (!map || !map.map("name", port.name) || !map.map("type", type) ||
      !map.map("shape", shape) || !map.map("bytes", bytes))
    return false;
  std::optional<DType> known = parseDType(type);
  if (!known) {
    path.field("type").report("expected a type of ONNX");
    return false;
  }
  port.type = *known;
  port.shape.assign(shape.begin(), shape.end());
  int64_t product = getByteSize(port.type);
  for (int64_t size : shape)
    if (size < 0 || llvm::MulOverflow(product, size, product))
      product = -1;
  if (product < 0 || product != bytes) {
    path.field("bytes").report("expected the bytes of this type and shape");
    return false;
  }
  return true;
}

static bool readWeights(const json::Object &object, BundleManifest &manifest,
                        json::Path path) {
  const json::Object *weights = object.getObject("weights");
  std::optional<int64_t> bytes =
      weights ? weights->getInteger("bytes") : std::nullopt;
  std::optional<bool> sidecar =
      weights ? weights->getBoolean("sidecar") : std::nullopt;
  if (!bytes || *bytes < 0 || !sidecar) {
    path.field("weights").report("expected bytes and sidecar");
    return false;
  }
  manifest.weightBytes = *bytes;
  manifest.hasSidecar = *sidecar;
  return true;
}

static bool fromJSON(const json::Value &value, BundleManifest &manifest,
                     json::Path path) {
  std::string mcpu;
  std::vector<std::string> features;
  json::ObjectMapper map(value, path);
  if (!map || !map.map("name", manifest.name) || !map.map("mcpu", mcpu) ||
      !map.map("features", features) || !map.map("inputs", manifest.inputs) ||
      !map.map("outputs", manifest.outputs) ||
      !map.mapOptional("threads", manifest.threads) ||
      !map.mapOptional("profile", manifest.profile) ||
      !map.mapOptional("stream", manifest.stream))
    return false;
  if (!isIdentifier(manifest.name)) {
    path.field("name").report("expected letters, digits and underscores");
    return false;
  }
  if (manifest.threads < 1 || manifest.threads > int64_t(kMostThreads)) {
    path.field("threads").report("expected a number of threads");
    return false;
  }
  const json::Object &object = *value.getAsObject();
  manifest.hasKernels = object.get("kernels") != nullptr;
  if (object.getString("target") == StringRef("host")) {
    llvm::Expected<neon::Core> core = neon::getHostCore(mcpu);
    if (!core) {
      llvm::consumeError(core.takeError());
      path.field("mcpu").report("expected a processor that is known");
      return false;
    }
    manifest.core = *core;
    return readWeights(object, manifest, path);
  }
  // The features as changes of those that the core has.
  std::string mattr;
  llvm::Expected<neon::Core> core = neon::getCore(mcpu);
  if (core) {
    for (const std::string &feature : features)
      if (!core->has(feature))
        mattr += "+" + feature + ",";
    for (const std::string &feature : core->features)
      if (!llvm::is_contained(features, feature))
        mattr += "-" + feature + ",";
    core = neon::getCore(mcpu, mattr);
  }
  if (!core) {
    llvm::consumeError(core.takeError());
    path.field("mcpu").report("expected a core, and features, that are known");
    return false;
  }
  manifest.core = *core;
  if (!readWeights(object, manifest, path))
    return false;
  if (manifest.stream) {
    const StreamShape &shape = *manifest.stream;
    if (manifest.inputs.size() != 1 || shape.frames < 1 || shape.clip < 1 ||
        shape.axis < 0 ||
        shape.axis > int64_t(manifest.inputs.front().shape.size()) ||
        shape.outputAxes.size() != manifest.outputs.size()) {
      path.field("stream").report("expected what fits inputs and outputs");
      return false;
    }
    for (auto [axis, port] : llvm::zip(shape.outputAxes, manifest.outputs))
      if (axis < -1 || axis >= int64_t(port.shape.size())) {
        path.field("stream").report("expected a dimension of each output");
        return false;
      }
    manifest.outputs.push_back(makeReadyPort());
  }
  return true;
}
} // namespace lacuna

llvm::Expected<BundleManifest> lacuna::parseManifest(StringRef text) {
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  std::optional<StringRef> target =
      object ? object->getString("target") : std::nullopt;
  if (target != StringRef("neon") && target != StringRef("host"))
    return llvm::createStringError(target ? "it is for the target '" + *target +
                                                "', not 'neon' or 'host'"
                                          : llvm::Twine("it names no target"));
  BundleManifest manifest;
  json::Path::Root root("manifest");
  if (!fromJSON(*value, manifest, root))
    return root.getError();
  return manifest;
}

llvm::Expected<std::vector<std::string>>
lacuna::findFiles(StringRef folder, const BundleManifest &manifest) {
  llvm::SmallString<128> stem(folder);
  if (std::error_code error = fs::make_absolute(stem))
    return llvm::createStringError(error.message());
  llvm::sys::path::append(stem, manifest.name);
  std::vector<std::string> files = {(stem + ".cpp").str()};
  if (manifest.weightBytes)
    files.push_back(
        (stem + (manifest.hasSidecar ? "_weights.bin" : "_weights.cpp")).str());
  if (manifest.hasKernels)
    files.insert(files.begin() + 1, (llvm::sys::path::parent_path(stem) +
                                     "/lib" + manifest.name + "_kernels.a")
                                        .str());
  uint64_t bytes = 0;
  for (const std::string &file : files)
    if (std::error_code error = fs::file_size(file, bytes))
      return llvm::createStringError(llvm::sys::path::filename(file) + ": " +
                                     error.message());
  if (manifest.hasSidecar && bytes != uint64_t(manifest.weightBytes))
    return llvm::createStringError(
        llvm::sys::path::filename(files.back()) + " has " + llvm::Twine(bytes) +
        " bytes, but manifest.json says " + llvm::Twine(manifest.weightBytes));
  return files;
}
