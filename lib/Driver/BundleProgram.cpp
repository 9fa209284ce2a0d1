//===- BundleProgram.cpp - Runs a bundle of C++ -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/BundleProgram.h"

#include "NeonCompiler.h"

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

/// What calls the network: for each sample, reads the inputs from files that
/// hold them one sample after the other, and writes the outputs likewise.
static constexpr StringLiteral kMain = R"(#include "model.h"
#include <cstdio>
#include <cstdlib>

static void *allocate(size_t bytes) {
  return std::aligned_alloc(64, (bytes + 64) / 64 * 64);
}

static const size_t input_bytes[] = {INPUT_BYTES 0};
static const size_t output_bytes[] = {OUTPUT_BYTES 0};

int main(int argc, char **argv) {
  constexpr int ins = MODEL_INPUTS, outs = MODEL_OUTPUTS;
  if (argc != 2 + ins + outs)
    return 2;
  long samples = std::strtol(argv[1], nullptr, 10);
#ifdef SIDECAR
  std::FILE *blob = std::fopen(SIDECAR, "rb");
  void *weights = allocate(SIDECAR_BYTES);
  if (!blob || std::fread(weights, 1, SIDECAR_BYTES, blob) != SIDECAR_BYTES ||
      model_load_weights(weights, SIDECAR_BYTES))
    return 3;
  std::fclose(blob);
#endif
  model_state *state = model_init(allocate(model_arena_bytes()));
  if (!state)
    return 4;
  std::FILE *files[ins + outs + 1];
  void *buffers[ins + outs + 1];
  for (int i = 0; i < ins + outs; ++i) {
    files[i] = std::fopen(argv[2 + i], i < ins ? "rb" : "wb");
    buffers[i] = allocate(i < ins ? input_bytes[i] : output_bytes[i - ins]);
    if (!files[i])
      return 5;
  }
  for (long sample = 0; sample < samples; ++sample) {
    for (int i = 0; i < ins; ++i)
      if (std::fread(buffers[i], 1, input_bytes[i], files[i]) != input_bytes[i])
        return 6;
    if (model_run(state, buffers, buffers + ins))
      return 7;
    for (int i = 0; i < outs; ++i)
      if (std::fwrite(buffers[ins + i], 1, output_bytes[i], files[ins + i]) !=
          output_bytes[i])
        return 8;
  }
  for (int i = 0; i < ins + outs; ++i)
    if (std::fclose(files[i]))
      return 9;
  return 0;
}
)";

static llvm::Error writeFile(const Twine &file, StringRef contents) {
  std::error_code error;
  llvm::raw_fd_ostream os(file.str(), error);
  if (!error) {
    os << contents;
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (error)
    return llvm::createStringError(file + ": " + error.message());
  return llvm::Error::success();
}

/// Runs `command`, whose first word is looked for in the path; an error has
/// what it printed.
static llvm::Error execute(ArrayRef<std::string> command, StringRef folder) {
  llvm::ErrorOr<std::string> program =
      llvm::sys::findProgramByName(command.front());
  if (!program)
    return llvm::createStringError("there is no '" + command.front() +
                                   "' on this machine");
  SmallVector<StringRef> arguments(command.begin(), command.end());
  std::string log = (folder + "/log").str();
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  std::string message;
  int code = llvm::sys::ExecuteAndWait(*program, arguments, std::nullopt,
                                       redirects, 0, 0, &message);
  if (code == 0)
    return llvm::Error::success();
  std::string printed;
  if (auto buffer = llvm::MemoryBuffer::getFile(log))
    printed = (*buffer)->getBuffer().take_front(2000).str();
  return llvm::createStringError(
      llvm::formatv("'{0}' ended with code {1}{2}{3}\n{4}", command.front(),
                    code, message.empty() ? "" : ": ", message, printed));
}

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

static Via resolve(Via via) {
  if (via != Via::Best)
    return via;
  return isHostArm()                   ? Via::Native
         : isOnMachine("qemu-aarch64") ? Via::Qemu
                                       : Via::Simde;
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

std::unique_ptr<BundleProgram>
BundleProgram::compile(OwningOpRef<ModuleOp> module,
                       const BundleRunOptions &options) {
  std::unique_ptr<BundleProgram> program(new BundleProgram);
  program->inputs = lacuna::getInputs(*module);
  program->outputs = lacuna::getOutputs(*module);
  auto fail = [&](llvm::Error error) {
    emitError(UnknownLoc::get(module->getContext()))
        << llvm::toString(std::move(error));
    return nullptr;
  };
  neon::BundleOptions bundleOptions;
  bundleOptions.name = "model";
  bundleOptions.core = options.core;
  FailureOr<std::vector<neon::BundleFile>> files =
      compileForNeon(*module, bundleOptions);
  if (failed(files))
    return nullptr;

  if (std::error_code error =
          fs::createUniqueDirectory("lacuna", program->folder))
    return fail(llvm::createStringError(error.message()));
  StringRef folder = program->folder;
  Via via = resolve(options.via);
  std::vector<std::string> command = getCompiler(options, via);
  llvm::append_range(command, neon::getCompileOptions());
  llvm::append_range(command,
                     ArrayRef<std::string>{"-std=c++17", "-I" + folder.str(),
                                           "-o", folder.str() + "/program",
                                           folder.str() + "/main.cpp"});
  for (const neon::BundleFile &file : *files) {
    std::string path = folder.str() + "/" + file.name;
    if (llvm::Error error = writeFile(path, file.contents))
      return fail(std::move(error));
    if (StringRef(path).ends_with(".cpp"))
      command.push_back(path);
    if (StringRef(path).ends_with(".bin")) {
      command.push_back("-DSIDECAR=\"" + path + "\"");
      command.push_back("-DSIDECAR_BYTES=" +
                        std::to_string(file.contents.size()));
    }
  }
  auto defineBytes = [&](StringRef macro, ArrayRef<Port> ports) {
    std::string list = ("-D" + macro + "=").str();
    for (const Port &port : ports)
      list += std::to_string(llvm::product_of(port.shape, int64_t(1)) *
                             int64_t(getByteSize(port.type))) +
              ",";
    command.push_back(list);
  };
  defineBytes("INPUT_BYTES", program->inputs);
  defineBytes("OUTPUT_BYTES", program->outputs);
  if (llvm::Error error = writeFile(folder + "/main.cpp", kMain))
    return fail(std::move(error));
  if (llvm::Error error = execute(command, folder))
    return fail(std::move(error));

  if (via == Via::Qemu)
    program->command = {"qemu-aarch64", "-cpu", options.core.emulator};
  program->command.push_back(folder.str() + "/program");
  return program;
}

llvm::Expected<std::vector<Program::Tensors>>
BundleProgram::runAll(ArrayRef<Tensors> samples) const {
  std::vector<std::string> line = command;
  line.push_back(std::to_string(samples.size()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::string file = llvm::formatv("{0}/input{1}", folder, i);
    std::string bytes;
    for (const Tensors &sample : samples)
      bytes.append(sample[i].data(), sample[i].getByteSize());
    if (llvm::Error error = writeFile(file, bytes))
      return error;
    line.push_back(file);
  }
  for (size_t i = 0; i < outputs.size(); ++i)
    line.push_back(llvm::formatv("{0}/output{1}", folder, i));
  if (llvm::Error error = execute(line, folder))
    return error;

  std::vector<Tensors> results(samples.size());
  for (auto [i, port] : llvm::enumerate(outputs)) {
    std::string file = llvm::formatv("{0}/output{1}", folder, i);
    auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer)
      return llvm::createStringError(file + ": " + buffer.getError().message());
    StringRef bytes = (*buffer)->getBuffer();
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
