//===- Core.cpp - What a phone core can do -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Core.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/YAMLTraits.h"
#include "llvm/TargetParser/Host.h"

using namespace lacuna;
using neon::Core;

template <>
struct llvm::yaml::MappingTraits<Core> {
  static void mapping(IO &io, Core &core) {
    io.mapRequired("name", core.name);
    io.mapRequired("summary", core.summary);
    io.mapRequired("arch", core.arch);
    io.mapRequired("tune", core.tune);
    io.mapRequired("emulator", core.emulator);
    io.mapRequired("features", core.features);
    io.mapOptional("halide", core.halide);
    io.mapOptional("lanes", core.lanes);
    io.mapOptional("together", core.together);
    io.mapOptional("caches", core.caches);
    // What only lacuna-halide wants to know.
    std::string ignored;
    for (const char *key : {"cpu", "registers", "products", "loads", "latency"})
      io.mapOptional(key, ignored);
  }
};

bool Core::has(llvm::StringRef feature) const {
  return llvm::is_contained(features, feature);
}

std::string Core::getMarch() const {
  std::string text = arch;
  for (const std::string &feature : features)
    text += "+" + feature;
  return text;
}

static std::vector<Core>
readCores(llvm::ArrayRef<llvm::StringLiteral[2]> texts) {
  std::vector<Core> cores;
  for (const auto &[file, text] : texts) {
    llvm::yaml::Input input(text);
    input >> cores.emplace_back();
    if (input.error())
      llvm::report_fatal_error("cannot read " + llvm::Twine(file));
  }
  llvm::sort(cores,
             [](const Core &a, const Core &b) { return a.name < b.name; });
  return cores;
}

llvm::ArrayRef<Core> neon::getCores() {
  static constexpr llvm::StringLiteral kTexts[][2] = {
#include "backends/neon/CoreTexts.inc"
  };
  static const std::vector<Core> cores = readCores(kTexts);
  return cores;
}

static llvm::ArrayRef<Core> getHostCores() {
  static constexpr llvm::StringLiteral kTexts[][2] = {
#include "backends/neon/HostTexts.inc"
  };
  static const std::vector<Core> cores = readCores(kTexts);
  return cores;
}

/// The processors of which this machine has all instructions, richest first.
static std::vector<llvm::StringRef> findNative() {
  const llvm::StringMap<bool> has = llvm::sys::getHostCPUFeatures();
  auto hasAll = [&](std::initializer_list<llvm::StringRef> features) {
    return llvm::all_of(features,
                        [&](llvm::StringRef name) { return has.lookup(name); });
  };
  if (!hasAll({"avx2", "fma", "f16c", "bmi", "bmi2", "lzcnt", "movbe"}))
    return {};
  if (!hasAll({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}))
    return {"x86-64-v3"};
  if (!has.lookup("avx512vnni"))
    return {"x86-64-v4", "x86-64-v3"};
  return {"cascadelake", "x86-64-v4", "x86-64-v3"};
}

bool neon::isAtHand(const Core &core) {
#if defined(__aarch64__)
  return !core.emulator.empty();
#else
  return llvm::is_contained(findNative(), core.name);
#endif
}

llvm::Expected<Core> neon::getHostCore(llvm::StringRef name) {
  if (name == "native") {
    std::vector<llvm::StringRef> native = findNative();
    if (native.empty())
      return llvm::createStringError(
          "the target 'host' has no kernels for this machine, which is no "
          "x86-64 with AVX2; give the --mcpu that they are for");
    name = native.front();
  }
  std::string known = "native";
  for (const Core &core : getHostCores()) {
    if (core.name == name)
      return core;
    known += ", " + core.name;
  }
  return llvm::createStringError("no processor is called '" + name +
                                 "'; there are: " + known);
}

llvm::Expected<Core> neon::getCore(llvm::StringRef name,
                                   llvm::StringRef mattr) {
  const Core *found = llvm::find_if(
      getCores(), [&](const Core &core) { return core.name == name; });
  if (found == getCores().end()) {
    std::string known;
    for (const Core &core : getCores())
      known += (known.empty() ? "" : ", ") + core.name;
    return llvm::createStringError("no core is called '" + name +
                                   "'; there are: " + known);
  }
  Core core = *found;
  llvm::SmallVector<llvm::StringRef> changes;
  mattr.split(changes, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef change : changes) {
    bool adds = change.consume_front("+");
    if ((!adds && !change.consume_front("-")) ||
        !llvm::is_contained({"dotprod", "fp16", "i8mm"}, change))
      return llvm::createStringError(
          "--mattr=" + mattr +
          ": expected +dotprod, +fp16 or +i8mm, or - before one of them, with "
          "commas between");
    llvm::erase(core.features, change.str());
    if (!adds) {
      // From ARMv8.6 on matrix products need no option.
      if (change == "i8mm" && core.arch == "armv8.6-a")
        core.arch = "armv8.2-a";
      continue;
    }
    core.features.push_back(change.str());
    // The features are options from this version on.
    if (core.arch == "armv8-a")
      core.arch = "armv8.2-a";
    core.emulator = change == "i8mm"                ? "max"
                    : core.emulator == "cortex-a53" ? "cortex-a76"
                                                    : core.emulator;
  }
  llvm::sort(core.features);
  return core;
}
