//===- BundleProgram.cpp - Runs a bundle of C++ -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/BundleProgram.h"

#include "BundleManifest.h"
#include "NeonCompiler.h"
#include "Process.h"
#include "Streaming.h"

#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
using llvm::formatv;

/// What calls the network: for each sample, reads the inputs from files that
/// hold them one sample after the other, and writes the outputs likewise. A
/// network that goes step by step takes frames as samples, and its outputs are
/// written whenever there are some.
/// describeNetwork() says what comes before.
static constexpr StringLiteral kMain = R"(
#include <cstdio>
#include <cstdlib>
#ifdef THREADS
#include <lacuna/pool.h>
#endif
#ifdef PROFILED_LAYERS
#include <lacuna/profile.h>
#endif

static void *allocate(size_t bytes) {
  return std::aligned_alloc(64, (bytes + 64) / 64 * 64);
}

int main(int argc, char **argv) {
  if (argc != 3 + ins + outs)
    return 2;
  long samples = std::strtol(argv[1], nullptr, 10);
#ifdef SIDECAR
  std::FILE *blob = std::fopen(SIDECAR, "rb");
  void *weights = allocate(SIDECAR_BYTES);
  if (!blob || std::fread(weights, 1, SIDECAR_BYTES, blob) != SIDECAR_BYTES ||
      NETWORK(load_weights)(weights, SIDECAR_BYTES))
    return 3;
  std::fclose(blob);
#endif
  NETWORK(state) *state = NETWORK(init)(allocate(NETWORK(arena_bytes)()));
  if (!state)
    return 4;
#ifdef THREADS
  lacuna_pool *pool =
      lacuna_pool_init(allocate(lacuna_pool_bytes(THREADS)), THREADS);
  if (!pool)
    return 10;
  NETWORK(set_pool)(state, lacuna_pool_run, pool);
#endif
#ifdef PROFILED_LAYERS
  lacuna_profile *profile = lacuna_profile_init(
      allocate(lacuna_profile_bytes(PROFILED_LAYERS)), PROFILED_LAYERS);
  NETWORK(set_profile)(state, lacuna_profile_hook, profile);
#endif
  std::FILE *files[ins + outs + 1];
  void *buffers[ins + outs + 1];
  for (int i = 0; i < ins + outs; ++i) {
    files[i] = std::fopen(argv[2 + i], i < ins ? "rb" : "wb");
    buffers[i] = allocate(i < ins ? input_bytes[i] : output_bytes[i - ins]);
    if (!files[i])
      return 5;
  }
  auto write = [&] {
    for (int i = 0; i < outs; ++i)
      if (std::fwrite(buffers[ins + i], 1, output_bytes[i], files[ins + i]) !=
          output_bytes[i])
        return false;
    return true;
  };
  for (long sample = 0; sample < samples; ++sample) {
    for (int i = 0; i < ins; ++i)
      if (std::fread(buffers[i], 1, input_bytes[i], files[i]) != input_bytes[i])
        return 6;
#ifdef STREAM
    long long ready = NETWORK(step)(state, buffers, buffers + ins);
    if (ready < 0)
      return 7;
    *static_cast<long long *>(buffers[ins + outs - 1]) = ready;
    if (ready > 0 && !write())
      return 8;
#else
    if (NETWORK(run)(state, buffers, buffers + ins))
      return 7;
    if (!write())
      return 8;
#endif
  }
#ifdef STREAM
  while (long long ready = NETWORK(flush)(state, buffers + ins)) {
    if (ready < 0)
      return 7;
    *static_cast<long long *>(buffers[ins + outs - 1]) = ready;
    if (!write())
      return 8;
  }
#endif
  for (int i = 0; i < ins + outs; ++i)
    if (std::fclose(files[i]))
      return 9;
#ifdef THREADS
  lacuna_pool_stop(pool);
#endif
#ifdef PROFILED_LAYERS
  std::FILE *table = std::fopen(argv[2 + ins + outs], "w");
  if (!table)
    return 11;
  lacuna_profile_print(profile, table);
  if (std::fclose(table))
    return 12;
#endif
  return 0;
}
)";

namespace {
struct Text {
  StringRef name, text;
};
/// The runtime's pool and profile.
constexpr Text kRuntime[] = {
#include "lib/Driver/RuntimeTexts.inc"
};
} // namespace

static bool isOnMachine(StringRef program) {
  return bool(llvm::sys::findProgramByName(program));
}

static bool isHostArm() {
#if defined(__aarch64__)
  return true;
#else
  return false;
#endif
}

static Via resolve(const BundleRunOptions &options) {
  Via via = options.via;
  // A workstation runs its own code as it is.
  if (options.core.usesHalide())
    return options.core.emulator.empty() || isHostArm() ? Via::Native
                                                        : Via::Qemu;
  if (via != Via::Best)
    return via;
  return isHostArm()                   ? Via::Native
         : isOnMachine("qemu-aarch64") ? Via::Qemu
                                       : Via::Simde;
}

/// An error if this machine cannot run bundles so.
static llvm::Error checkVia(Via via, const neon::Core &core) {
  if (core.usesHalide() && via == Via::Native && !neon::isAtHand(core))
    return llvm::createStringError(
        "this machine lacks instructions of " + core.name +
        ", for which the kernels are; --mcpu=native makes those it has");
  if (!core.usesHalide() && via == Via::Native && !isHostArm())
    return llvm::createStringError(
        "--via=native: this machine is no AArch64; there are qemu and simde");
  return llvm::Error::success();
}

/// The compiler and the options that choose the machine.
static std::vector<std::string> getCompiler(const BundleRunOptions &options,
                                            Via via) {
  std::vector<std::string> command;
  bool crosses = via == Via::Qemu && !isHostArm();
  if (!options.compiler.empty())
    command = {options.compiler};
  else if (isOnMachine("clang++-22"))
    command = {"clang++-22"};
  else
    command = {crosses ? "aarch64-linux-gnu-g++" : "c++"};
  if (crosses && path::filename(command.front()).starts_with("clang"))
    command.push_back("--target=aarch64-linux-gnu");
  if (via != Via::Simde)
    llvm::append_range(command, neon::getCoreOptions(options.core));
  if (via == Via::Qemu)
    command.push_back("-static");
  return command;
}

BundleProgram::~BundleProgram() {
  if (!folder.empty())
    fs::remove_directories(folder);
}

/// Text as it stands between quotes in C++.
static std::string escape(StringRef text) {
  std::string escaped;
  llvm::raw_string_ostream(escaped).write_escaped(text,
                                                  /*UseHexEscapes=*/false);
  return escaped;
}

/// What the main program must know of the network. A header that says otherwise
/// is no longer that of the manifest.
static std::string describeNetwork(const BundleManifest &manifest,
                                   const BundleRunOptions &options,
                                   StringRef sidecar) {
  std::string text, checks, upper = StringRef(manifest.name).upper();
  llvm::raw_string_ostream os(text);
  os << formatv("#include \"{0}.h\"\n#define NETWORK(function) "
                "{0}_##function\n",
                manifest.name);
  auto writePorts = [&](StringRef kind, StringRef name, ArrayRef<Port> ports) {
    std::string list;
    // How many frames are new is no output of the network.
    size_t known = ports.size() - (manifest.stream && kind == "OUTPUT");
    checks += formatv("{0}_{1}S == {2} && ", upper, kind, known);
    for (auto [i, port] : llvm::enumerate(ports)) {
      size_t bytes = llvm::product_of(port.shape, int64_t(1)) *
                     int64_t(getByteSize(port.type));
      list += std::to_string(bytes) + ", ";
      if (i >= known)
        continue;
      checks += formatv("{0}_{1}_{2}_BYTES == {3} && ", upper, kind, i, bytes);
    }
    os << formatv("static constexpr int {0}s = {1};\nstatic const size_t "
                  "{0}put_bytes[] = {{{2}0};\n",
                  name, ports.size(), list);
  };
  writePorts("INPUT", "in", manifest.inputs);
  writePorts("OUTPUT", "out", manifest.outputs);
  os << formatv("static_assert({0}true, \"manifest.json does not fit "
                "{1}.h\");\n",
                checks, manifest.name);
  if (manifest.stream)
    os << "#define STREAM\n";
  if (options.threads > 1)
    os << "#define THREADS " << options.threads << "\n";
  if (options.profile)
    os << "#define PROFILED_LAYERS " << upper << "_LAYERS\n";
  if (!sidecar.empty())
    os << formatv("#define SIDECAR \"{0}\"\n#define SIDECAR_BYTES {1}\n",
                  escape(sidecar), manifest.weightBytes);
  return text;
}

llvm::Error BundleProgram::compileFiles(const BundleManifest &manifest,
                                        ArrayRef<std::string> files,
                                        const BundleRunOptions &options) {
  inputs = manifest.inputs;
  outputs = manifest.outputs;
  Via via = resolve(options);
  if (llvm::Error error = checkVia(via, options.core))
    return error;
  std::vector<std::string> line = getCompiler(options, via);
  llvm::append_range(line, neon::getCompileOptions());
  std::string sidecar;
  for (const std::string &file : files) {
    if (StringRef(file).ends_with(".bin"))
      sidecar = file;
    else
      line.push_back(file);
  }
  std::string main = describeNetwork(manifest, options, sidecar) + kMain.str();
  llvm::append_range(
      line, ArrayRef<std::string>{
                "-std=c++17", "-I" + path::parent_path(files.front()).str(),
                "-I" + (folder + "/include").str(), "-pthread", "-o",
                (folder + "/program").str(), (folder + "/main.cpp").str()});
  if (llvm::Error error = writeFile(folder + "/main.cpp", main))
    return error;
  for (const Text &text : kRuntime) {
    bool isUsed =
        path::stem(text.name) == "pool" ? options.threads > 1 : options.profile;
    if (!isUsed)
      continue;
    std::string file = (folder + "/" + text.name).str();
    if (std::error_code error = fs::create_directories(path::parent_path(file)))
      return llvm::createStringError(file + ": " + error.message());
    if (llvm::Error error = writeFile(file, text.text))
      return error;
    if (text.name.ends_with(".cpp"))
      line.push_back(file);
  }
  if (llvm::Error error = execute(line, folder))
    return error;
  if (via == Via::Qemu)
    command = {"qemu-aarch64", "-cpu", options.core.emulator};
  command.push_back((folder + "/program").str());
  return llvm::Error::success();
}

std::unique_ptr<BundleProgram>
BundleProgram::compile(OwningOpRef<ModuleOp> module,
                       const BundleRunOptions &options) {
  std::unique_ptr<BundleProgram> program(new BundleProgram);
  BundleManifest manifest;
  manifest.name = "model";
  manifest.inputs = lacuna::getInputs(*module);
  manifest.outputs = lacuna::getOutputs(*module);
  if (tconv::getStream(*module)) {
    manifest.inputs = getStepInputs(*module);
    manifest.outputs = getStepOutputs(*module);
    manifest.stream = getStreamShape(*module);
  }
  auto fail = [&](llvm::Error error) {
    emitError(UnknownLoc::get(module->getContext()))
        << llvm::toString(std::move(error));
    return nullptr;
  };
  neon::BundleOptions bundleOptions;
  bundleOptions.name = manifest.name;
  bundleOptions.core = options.core;
  bundleOptions.threads = options.threads;
  bundleOptions.profile = options.profile;
  FailureOr<std::vector<neon::BundleFile>> files =
      compileForNeon(*module, bundleOptions, options.halide);
  if (failed(files))
    return nullptr;

  if (std::error_code error =
          fs::createUniqueDirectory("lacuna", program->folder))
    return fail(llvm::createStringError(error.message()));
  std::vector<std::string> sources;
  for (const neon::BundleFile &file : *files) {
    std::string path = (program->folder + "/" + file.name).str();
    if (llvm::Error error = writeFile(path, file.contents))
      return fail(std::move(error));
    if (StringRef(path).ends_with(".bin"))
      manifest.weightBytes = file.contents.size();
    if (StringRef(path).ends_with(".cpp") ||
        StringRef(path).ends_with(".bin") || StringRef(path).ends_with(".a"))
      sources.push_back(path);
  }
  if (llvm::Error error = program->compileFiles(manifest, sources, options))
    return fail(std::move(error));
  return program;
}

llvm::Expected<std::unique_ptr<BundleProgram>>
BundleProgram::build(const BundleManifest &manifest,
                     ArrayRef<std::string> files,
                     const BundleRunOptions &options) {
  std::unique_ptr<BundleProgram> program(new BundleProgram);
  if (std::error_code error =
          fs::createUniqueDirectory("lacuna", program->folder))
    return llvm::createStringError(error.message());
  if (llvm::Error error = program->compileFiles(manifest, files, options))
    return error;
  return program;
}

llvm::Expected<std::string> BundleProgram::readProfile() const {
  auto buffer = llvm::MemoryBuffer::getFile(folder + "/profile");
  if (!buffer)
    return llvm::createStringError("the layers were not measured: " +
                                   buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

llvm::Expected<std::vector<Program::Tensors>>
BundleProgram::runAll(ArrayRef<Tensors> samples) const {
  std::vector<std::string> line = command;
  line.push_back(std::to_string(samples.size()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::string file = formatv("{0}/input{1}", folder, i);
    std::string bytes;
    for (const Tensors &sample : samples)
      bytes.append(sample[i].data(), sample[i].getByteSize());
    if (llvm::Error error = writeFile(file, bytes))
      return error;
    line.push_back(file);
  }
  for (size_t i = 0; i < outputs.size(); ++i)
    line.push_back(formatv("{0}/output{1}", folder, i));
  line.push_back((folder + "/profile").str());
  if (llvm::Error error = execute(line, folder))
    return error;

  std::vector<Tensors> results;
  for (auto [i, port] : llvm::enumerate(outputs)) {
    std::string file = formatv("{0}/output{1}", folder, i);
    auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer)
      return llvm::createStringError(file + ": " + buffer.getError().message());
    StringRef bytes = (*buffer)->getBuffer();
    // A network that goes step by step has more or fewer than samples.
    size_t each = HostTensor(port.type, port.shape).getByteSize();
    if (i == 0)
      results.resize(each ? bytes.size() / each : samples.size());
    for (Tensors &result : results) {
      HostTensor &tensor = result.emplace_back(port.type, port.shape);
      if (bytes.size() < tensor.getByteSize())
        return llvm::createStringError(file + ": is too short");
      std::memcpy(tensor.data(), bytes.data(), tensor.getByteSize());
      bytes = bytes.drop_front(tensor.getByteSize());
    }
  }
  return results;
}
