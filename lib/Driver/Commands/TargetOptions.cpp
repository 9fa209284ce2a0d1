//===- TargetOptions.cpp - What a network is compiled for -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TargetOptions.h"

#include "../HalideKernels.h"
#include "../NeonCompiler.h"
#include "../NpuProgram.h"
#include "Command.h"

#include "backends/npu/Machines.h"
#include "lacuna/Driver/Diagnostics.h"
#include "lacuna/Driver/Reference.h"

#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

ArrayRef<TargetInfo> lacuna::getTargets() {
  static constexpr TargetInfo targets[] = {
      {Target::Reference, "reference",
       "the reference lowering, in this process"},
      {Target::Neon, "neon", "C++ with NEON intrinsics, for apps on Arm"},
      {Target::Npu, "npu", "a command stream, run by the NPU simulator"},
      {Target::Host, "host", "C++ and objects by Halide, for workstations"},
  };
  return targets;
}

bool TargetParser::parse(cl::Option &option, StringRef name, StringRef text,
                         Target &target) {
  std::string known;
  for (const TargetInfo &info : getTargets()) {
    if (info.name == text) {
      target = info.target;
      return false;
    }
    known += (known.empty() ? "" : ", ") + info.name.str();
  }
  return option.error("there is no target '" + text + "'; there are: " + known,
                      name);
}

TargetOptions::TargetOptions(cl::SubCommand &sub, Target otherwise)
    : mcpu("mcpu", cl::value_desc("CORE"),
           cl::desc("The core of target neon: cortex-a53, cortex-a76, ...; "
                    "generic, which is any ARMv8, if not given. The processor "
                    "of target host: native, if not given, x86-64-v3, "
                    "x86-64-v4, ..."),
           cl::sub(sub), cl::cat(getTargetCategory())),
      mattr("mattr", cl::value_desc("+F,-F,..."),
            cl::desc("Features that the core has or lacks besides: dotprod, "
                     "fp16, i8mm"),
            cl::sub(sub), cl::cat(getTargetCategory())),
      machine("machine", cl::value_desc("NAME|FILE.yaml"),
              cl::desc("The machine of target npu: lacuna-256, eyeriss, zena, "
                       "..., or a file; 'lacuna machines' lists them"),
              cl::init("lacuna-256"), cl::sub(sub),
              cl::cat(getTargetCategory())),
      cacheDir("cache-dir", cl::value_desc("DIR"),
               cl::desc("Where kernels of target host are kept for the next "
                        "time"),
               cl::sub(sub), cl::cat(getTargetCategory())),
      threads("threads", cl::value_desc("N"),
              cl::desc("How many threads may share the large layers of targets "
                       "neon and host (default 1)"),
              cl::init(1), cl::sub(sub), cl::cat(getTargetCategory())),
      autotune("autotune", cl::value_desc("SECONDS"),
               cl::desc("Measure kernels of target host on this machine for "
                        "about so long, and keep what won in --cache-dir"),
               cl::init(0), cl::sub(sub), cl::cat(getTargetCategory())),
      winograd("winograd",
               cl::desc("Whether 3x3 convolutions of target host may be "
                        "Winograd's, with fewer products and other rounding "
                        "(default on)"),
               cl::values(clEnumValN(Winograd::On, "on", ""),
                          clEnumValN(Winograd::Off, "off", "")),
               cl::init(Winograd::On), cl::sub(sub),
               cl::cat(getTargetCategory())),
      target("target",
             cl::desc(otherwise == Target::Reference
                          ? "What the network runs on (default reference):"
                          : "What the network is compiled for (default neon):"),
             cl::init(otherwise), cl::sub(sub), cl::cat(getTargetCategory())) {
  for (const TargetInfo &info : getTargets())
    target.getParser().addLiteralOption(info.name, info.target, info.summary);
}

const TargetInfo &TargetOptions::getInfo() const {
  return *llvm::find_if(getTargets(), [&](const TargetInfo &info) {
    return info.target == target.getValue();
  });
}

/// Whether files can be kept in `folder`, which is made if need be.
static int checkFolder(StringRef folder) {
  std::error_code error = llvm::sys::fs::create_directories(folder);
  if (!error && !llvm::sys::fs::is_directory(folder))
    error = std::make_error_code(std::errc::not_a_directory);
  if (!error)
    error = llvm::sys::fs::access(folder, llvm::sys::fs::AccessMode::Write);
  return error ? reportError("lacuna",
                             "--cache-dir=" + folder + ": " + error.message(),
                             kExitFile)
               : kExitOk;
}

int TargetOptions::check() const {
  llvm::Expected<neon::Core> core = findCore();
  if (!core)
    return reportError("lacuna", llvm::toString(core.takeError()), kExitUsage);
  if (Machine found; target == Target::Npu)
    if (int code = readMachine(machine, found))
      return code;
  if (machine.getNumOccurrences() && target != Target::Npu)
    return reportError("lacuna", "--machine is for the target 'npu'",
                       kExitUsage);
  if (target == Target::Host && mattr.getNumOccurrences())
    return reportError("lacuna",
                       "--mattr is for the target 'neon'; for 'host' --mcpu "
                       "says all",
                       kExitUsage);
  if (cacheDir.getNumOccurrences() && target != Target::Host)
    return reportError("lacuna", "--cache-dir is for the target 'host'",
                       kExitUsage);
  if (autotune.getNumOccurrences() && target != Target::Host)
    return reportError("lacuna", "--autotune is for the target 'host'",
                       kExitUsage);
  if (winograd.getNumOccurrences() && target != Target::Host)
    return reportError("lacuna", "--winograd is for the target 'host'",
                       kExitUsage);
  if (autotune.getNumOccurrences() && !(autotune > 0 && autotune <= 86400))
    return reportError("lacuna",
                       "--autotune wants a number of seconds, a day at most",
                       kExitUsage);
  if (autotune > 0 && !neon::isAtHand(*core))
    return reportError("lacuna",
                       "--autotune measures on this machine, which lacks "
                       "instructions of " +
                           core->name,
                       kExitUsage);
  if (cacheDir.getNumOccurrences())
    if (int code = checkFolder(cacheDir))
      return code;
  if (std::string program; target == Target::Host)
    if (llvm::Error error = findHalide(program))
      return reportError("lacuna", llvm::toString(std::move(error)),
                         kExitUnsupported);
  if (threads < 1 || threads > kMostThreads)
    return reportError(
        "lacuna", "--threads must be 1 to " + Twine(kMostThreads), kExitUsage);
  if (threads > 1 && !makesBundle())
    return reportError(
        "lacuna", "--threads is for the targets 'neon' and 'host'", kExitUsage);
  return kExitOk;
}

HalideOptions TargetOptions::getHalideOptions() const {
  return {cacheDir, autotune};
}

Machine TargetOptions::getMachine() const {
  return llvm::cantFail(npu::getMachine(machine));
}

llvm::Expected<neon::Core> TargetOptions::findCore() const {
  if (target == Target::Host) {
    llvm::Expected<neon::Core> core =
        neon::getHostCore(mcpu.empty() ? "native" : mcpu.getValue());
    if (core)
      core->winograd = winograd == Winograd::On;
    return core;
  }
  return neon::getCore(mcpu.empty() ? "generic" : mcpu.getValue(), mattr);
}

neon::Core TargetOptions::getCore() const { return llvm::cantFail(findCore()); }

RunTargetOptions::RunTargetOptions(cl::SubCommand &sub)
    : TargetOptions(sub),
      via("via", cl::desc("How bundles of target neon run here:"),
          cl::init(Via::Best),
          cl::values(clEnumValN(Via::Best, "best",
                                "the first of these that this machine can"),
                     clEnumValN(Via::Native, "native", "on this AArch64 core"),
                     clEnumValN(Via::Qemu, "qemu", "under qemu-aarch64"),
                     clEnumValN(Via::Simde, "simde",
                                "natively, NEON translated by SIMDe")),
          cl::sub(sub), cl::cat(getTargetCategory())),
      compiler("compiler", cl::value_desc("PROGRAM"),
               cl::desc("The C++ compiler for bundles"), cl::sub(sub),
               cl::cat(getTargetCategory())) {}

int RunTargetOptions::check() const {
  if (int code = TargetOptions::check())
    return code;
  if (via.getNumOccurrences() && get() == Target::Host)
    return reportError("lacuna",
                       "--via is for the target 'neon'; for 'host' --mcpu says "
                       "all",
                       kExitUsage);
  return kExitOk;
}

BundleRunOptions RunTargetOptions::getRunOptions() const {
  BundleRunOptions options;
  options.core = getCore();
  options.via = via;
  options.compiler = compiler;
  options.threads = threads;
  options.halide = getHalideOptions();
  return options;
}

std::unique_ptr<Program> RunTargetOptions::compile(OwningOpRef<ModuleOp> module,
                                                   int &exitCode,
                                                   bool profile) const {
  exitCode = kExitCompile;
  if (get() == Target::Reference)
    return ReferenceProgram::compile(std::move(module));
  if (get() == Target::Npu)
    return NpuProgram::compile(std::move(module), getMachine());
  if (failed(checkForNeon(*module, getInfo().name))) {
    exitCode = kExitUnsupported;
    return nullptr;
  }
  BundleRunOptions options = getRunOptions();
  options.profile = profile;
  return BundleProgram::compile(std::move(module), options);
}
