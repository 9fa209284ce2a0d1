//===- Run.cpp - lacuna run -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "lacuna/Driver/Reference.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

namespace {
class RunCommand : public Command {
public:
  RunCommand() : Command("run", "Run a model on inputs from files") {}
  int run() override;

private:
  int readTensors(const cl::list<std::string> &files, ArrayRef<Port> ports,
                  StringRef what, std::vector<std::optional<HostTensor>> &out);
  int writeResults(ArrayRef<Port> ports, ArrayRef<HostTensor> results);
  int compareResults(ArrayRef<Port> ports, ArrayRef<HostTensor> results);

  ModelOptions model{sub};
  TargetOption target{sub};
  cl::list<std::string> inputs{
      "input", cl::value_desc("[NAME=]FILE.npy|FILE.pb"),
      cl::desc("The value of an input; without a name, of the next one"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> outputDir{
      "output-dir", cl::value_desc("DIR"),
      cl::desc("Write each output to DIR/<output name>.npy"), cl::sub(sub),
      cl::cat(getOutputCategory())};
  cl::list<std::string> expected{
      "expect", cl::value_desc("[NAME=]FILE"),
      cl::desc("Compare an output with a file; exit 6 if they differ"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<double> rtol{"rtol", cl::desc("Relative tolerance of --expect"),
                       cl::init(1e-3), cl::sub(sub),
                       cl::cat(getOutputCategory())};
  cl::opt<double> atol{"atol", cl::desc("Absolute tolerance of --expect"),
                       cl::init(1e-7), cl::sub(sub),
                       cl::cat(getOutputCategory())};
};
} // namespace

int RunCommand::readTensors(const cl::list<std::string> &files,
                            ArrayRef<Port> ports, StringRef what,
                            std::vector<std::optional<HostTensor>> &out) {
  out.resize(ports.size());
  for (const std::string &text : files) {
    auto [name, path] = splitNamed(text);
    size_t index = 0;
    while (index < ports.size() &&
           (name.empty() ? out[index].has_value() : ports[index].name != name))
      ++index;
    if (index == ports.size()) {
      std::string known;
      for (const Port &port : ports)
        known += (known.empty() ? "" : ", ") + port.name;
      return reportError(model.getFile(),
                         name.empty()
                             ? "more files than " + what + "s"
                             : "there is no " + what + " '" + name +
                                   "'; there are: " + known,
                         kExitUsage);
    }
    llvm::Expected<HostTensor> tensor = readTensorFile(path);
    if (!tensor)
      return reportError("lacuna", llvm::toString(tensor.takeError()),
                         kExitFile);
    const Port &port = ports[index];
    if (tensor->getShape() != ArrayRef(port.shape) ||
        tensor->getType() != port.type)
      return reportError(path,
                         "it holds " +
                             describe(tensor->getType(), tensor->getShape()) +
                             ", but " + what + " '" + port.name + "' is " +
                             describe(port.type, port.shape),
                         kExitUsage);
    out[index] = *tensor;
  }
  return kExitOk;
}

int RunCommand::writeResults(ArrayRef<Port> ports,
                             ArrayRef<HostTensor> results) {
  if (std::error_code error = llvm::sys::fs::create_directories(outputDir))
    return reportError(outputDir, error.message(), kExitFile);
  for (auto [port, result] : llvm::zip(ports, results)) {
    std::string name = port.name;
    for (char &c : name)
      if (!llvm::isAlnum(c) && c != '_' && c != '-' && c != '.')
        c = '_';
    llvm::SmallString<128> path(outputDir);
    llvm::sys::path::append(path, name + ".npy");
    if (llvm::Error error = writeNpy(path, result))
      return reportError("lacuna", llvm::toString(std::move(error)), kExitFile);
  }
  return kExitOk;
}

int RunCommand::compareResults(ArrayRef<Port> ports,
                               ArrayRef<HostTensor> results) {
  std::vector<std::optional<HostTensor>> wanted;
  if (int code = readTensors(expected, ports, "output", wanted))
    return code;
  int code = kExitOk;
  for (size_t i = 0; i < ports.size(); ++i) {
    if (!wanted[i])
      continue;
    std::optional<Difference> difference =
        compare(*wanted[i], results[i], rtol, atol);
    if (!difference) {
      llvm::outs() << "output '" << ports[i].name << "' is as expected\n";
      continue;
    }
    code = reportError(
        model.getFile(),
        llvm::formatv("output '{0}' differs in {1} of {2} elements; the first "
                      "is element {3}: {4} instead of {5}",
                      ports[i].name, difference->count,
                      results[i].getNumElements(), difference->index,
                      difference->actual, difference->expected),
        kExitDiffers);
  }
  return code;
}

/// A line for a result: its shape and its first elements.
static void printResult(const Port &port, const HostTensor &result) {
  llvm::outs() << port.name << ": " << describe(port.type, port.shape) << " =";
  int64_t shown = std::min<int64_t>(result.getNumElements(), 16);
  for (int64_t i = 0; i < shown; ++i)
    llvm::outs() << " " << llvm::formatv("{0:g}", result.getAsDouble(i)).str();
  llvm::outs() << (shown < result.getNumElements() ? " ...\n" : "\n");
}

int RunCommand::run() {
  DialectRegistry registry;
  registerReferenceDialects(registry);
  MLIRContext context(registry);
  DiagnosticPrinter printer(&context, model.getFile());
  FailureOr<ImportResult> imported = model.import(context);
  if (failed(imported))
    return model.getExitCode();

  // Read the data first: compiling for a file that is not there wastes time.
  std::vector<Port> ports = getInputs(*imported->module);
  std::vector<std::optional<HostTensor>> given;
  if (int code = readTensors(inputs, ports, "input", given))
    return code;
  std::vector<HostTensor> arguments;
  for (size_t i = 0; i < ports.size(); ++i) {
    if (!given[i])
      return reportError(model.getFile(),
                         "input '" + ports[i].name + "', " +
                             describe(ports[i].type, ports[i].shape) +
                             ", is missing; give it with --input " +
                             ports[i].name + "=FILE",
                         kExitUsage);
    arguments.push_back(*given[i]);
  }
  std::unique_ptr<ReferenceProgram> program =
      ReferenceProgram::compile(std::move(imported->module));
  if (!program)
    return kExitCompile;
  llvm::Expected<std::vector<HostTensor>> results = program->run(arguments);
  if (!results)
    return reportError(model.getFile(), llvm::toString(results.takeError()),
                       kExitCompile);
  if (outputDir.empty() && expected.empty())
    for (auto [port, result] : llvm::zip(program->getOutputs(), *results))
      printResult(port, result);
  if (!outputDir.empty())
    if (int code = writeResults(program->getOutputs(), *results))
      return code;
  return compareResults(program->getOutputs(), *results);
}

std::unique_ptr<Command> lacuna::createRunCommand() {
  return std::make_unique<RunCommand>();
}
