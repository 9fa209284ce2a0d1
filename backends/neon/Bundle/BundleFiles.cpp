//===- BundleFiles.cpp - What stands beside the code of a bundle -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/BundleWriter.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;
using llvm::formatv;

std::string BundleWriter::makeWeightsSource() const {
  constexpr size_t kWordsPerLine = 8;
  std::string text = formatv(
      "// The constants of the network '{0}': {1} bytes. Generated: do not "
      "edit.\n\n#include <cstdint>\n\nextern \"C\" {{\nextern const "
      "std::uint32_t {2}[];\nalignas(64) const std::uint32_t {2}[{3}] = {{",
      name, weights.size(), weightsName, weights.size() / 4);
  // By hand: there may be millions, and formatting each takes seconds.
  static const char kDigits[] = "0123456789abcdef";
  text.reserve(text.size() + weights.size() * 3);
  for (size_t i = 0; i + 4 <= weights.size(); i += 4) {
    text += i / 4 % kWordsPerLine ? " 0x" : "\n    0x";
    bool begun = false;
    for (int byte = 3; byte >= 0; --byte) {
      unsigned value = static_cast<unsigned char>(weights[i + byte]);
      for (unsigned digit : {value >> 4, value & 15u}) {
        begun |= digit != 0;
        if (begun)
          text += kDigits[digit];
      }
    }
    text += begun ? "," : "0,";
  }
  text += "\n};\n}\n";
  return text;
}

std::string BundleWriter::makeBuildFile() const {
  std::string sources = name + ".cpp";
  if (!hasSidecar() && !weights.empty())
    sources += " " + weightsName + ".cpp";
  std::string text = formatv(
      R"(# The network '{0}', compiled by Lacuna. Generated: do not edit.
cmake_minimum_required(VERSION 3.16)
project({0} LANGUAGES CXX)

add_library({0} STATIC {1})
target_include_directories({0} PUBLIC "${{CMAKE_CURRENT_SOURCE_DIR}")
target_compile_features({0} PRIVATE cxx_std_17)
# Sums and products are rounded one by one, as the reference does. A debug build
# of an app keeps a fast network.
target_compile_options({0} PRIVATE {2})
set_target_properties({0} PROPERTIES POSITION_INDEPENDENT_CODE ON)
# Where C has its mathematics apart, an app in C must be told.
if(UNIX)
  target_link_libraries({0} PUBLIC m)
endif()
)",
      name, sources, llvm::join(getCompileOptions(), " "));
  std::string forCore =
      formatv("target_compile_options({0} PRIVATE {1})\n", name,
              llvm::join(getCoreOptions(options.core), " "));
  if (options.core.usesHalide())
    text += forCore;
  else
    text += "if(CMAKE_SYSTEM_PROCESSOR MATCHES \"aarch64|arm64|ARM64\")\n  " +
            forCore + "endif()\n";
  if (!requests.empty())
    text += formatv("target_link_libraries({0} PUBLIC "
                    "\"${{CMAKE_CURRENT_SOURCE_DIR}/lib{0}_kernels.a\")\n",
                    name);
  return text;
}

ArrayRef<StringRef> neon::getCompileOptions() {
  static const StringRef kOptions[] = {
      "-O2",       "-ffp-contract=off", "-falign-loops=1",   "-fno-exceptions",
      "-fno-rtti", "-fno-math-errno",   "-fno-trapping-math"};
  return kOptions;
}

std::vector<std::string> neon::getCoreOptions(const Core &core) {
  std::vector<std::string> words = {"-march=" + core.getMarch()};
  if (!core.tune.empty())
    words.push_back("-mtune=" + core.tune);
  return words;
}

static llvm::json::Array describePorts(ArrayRef<PortInfo> ports) {
  llvm::json::Array array;
  for (const PortInfo &port : ports) {
    llvm::json::Object object{{"name", port.name},
                              {"type", port.type},
                              {"shape", llvm::json::Array(port.shape)},
                              {"bytes", port.bytes}};
    if (port.scale != 0) {
      object["scale"] = port.scale;
      object["zero_point"] = port.zeroPoint;
    }
    array.push_back(std::move(object));
  }
  return array;
}

std::string BundleWriter::makeManifest() const {
  llvm::json::Object manifest = options.provenance;
  manifest["name"] = name;
  manifest["target"] = options.core.usesHalide() ? "host" : "neon";
  manifest["mcpu"] = options.core.name;
  manifest["features"] = llvm::json::Array(options.core.features);
  manifest["inputs"] = describePorts(inputs);
  manifest["outputs"] = describePorts(outputs);
  manifest["arena"] =
      llvm::json::Object{{"bytes", arenaBytes}, {"lower_bound", lowerBound}};
  manifest["weights"] = llvm::json::Object{{"bytes", int64_t(weights.size())},
                                           {"sidecar", hasSidecar()}};
  if (threads > 1)
    manifest["threads"] = threads;
  if (steps)
    manifest["stream"] = llvm::json::Object{
        {"frames", steps->frames},
        {"clip_frames", steps->clip},
        {"axis", steps->axis},
        {"output_axes", llvm::json::Array(steps->outputAxes)},
        {"state_bytes", steps->getStateBytes()}};
  if (profiledLayers)
    manifest["profile"] = true;
  if (!requests.empty())
    manifest["kernels"] = "lib" + name + "_kernels.a";
  std::string text;
  llvm::raw_string_ostream os(text);
  os << formatv("{0:2}\n", llvm::json::Value(std::move(manifest)));
  return text;
}
