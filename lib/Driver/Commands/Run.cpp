//===- Run.cpp - lacuna run -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "QuantizeOptions.h"
#include "StreamBundle.h"
#include "TargetOptions.h"

#include "../BundleManifest.h"
#include "../Dataset.h"
#include "../NpuProgram.h"
#include "../Progress.h"
#include "../Streaming.h"

#include "lacuna/Driver/Registration.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

namespace {
enum class OutputFormat { Npy, Proto };

class RunCommand : public Command {
public:
  RunCommand() : Command("run", "Run a model on inputs from files") {}
  int run() override;

private:
  int runModel();
  int runBundle();
  int runStream();
  int readData(ArrayRef<Port> ports);
  int finish(const Program &program);
  int writeResults(ArrayRef<Port> ports, ArrayRef<HostTensor> results);
  int readClasses();
  int printClasses(const Port &port, const HostTensor &result);
  int printProfile(const Program &program);
  int compareResults(ArrayRef<Port> ports, ArrayRef<HostTensor> results);

  ModelOptions model{sub};
  RunTargetOptions target{sub};
  QuantizeOptions quantize{sub};
  StreamOption stream{sub};
  cl::list<std::string> inputs{
      "input", cl::value_desc("[NAME=]FILE.npy|FILE.pb|FILE.wav"),
      cl::desc("The value of an input; without a name, of the next one. Sound "
               "of any rate is resampled to 16 kHz, and its loudest second, "
               "padded with silence, becomes MFCC features: 98 frames of 40"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> outputDir{
      "output-dir", cl::value_desc("DIR"),
      cl::desc("Write each output to DIR/<output name>.npy; characters unfit "
               "for a file name become _, and names that are then the same get "
               "_1, _2, ..."),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<OutputFormat> format{
      "output-format",
      cl::desc("How --output-dir writes (default npy):"),
      cl::init(OutputFormat::Npy),
      cl::values(clEnumValN(OutputFormat::Npy, "npy", "NumPy"),
                 clEnumValN(OutputFormat::Proto, "pb", "ONNX TensorProto")),
      cl::sub(sub),
      cl::cat(getOutputCategory())};
  cl::opt<std::string> classes{
      "classes", cl::value_desc("FILE"),
      cl::desc("Names of the classes, one a line: print the likeliest"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<unsigned> top{
      "top",
      cl::value_desc("N"),
      cl::desc("How many classes --classes prints (default 3)"),
      cl::init(3),
      cl::sub(sub),
      cl::cat(getOutputCategory())};
  cl::list<std::string> expected{
      "expect", cl::value_desc("[NAME=]FILE"),
      cl::desc("Compare an output with a file; exit 6 if they differ"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<double> rtol{
      "rtol", cl::desc("Relative tolerance of --expect (default 0.001)"),
      cl::init(1e-3), cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<double> atol{
      "atol", cl::desc("Absolute tolerance of --expect (default 1e-7)"),
      cl::init(1e-7), cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<bool> profile{
      "profile",
      cl::desc("Print what each layer of target neon takes; in an emulator the "
               "times are the emulator's"),
      cl::sub(sub), cl::cat(getOutputCategory())};

  std::vector<HostTensor> arguments;
  /// Of the classes.
  std::vector<std::string> names;
};
} // namespace

int RunCommand::writeResults(ArrayRef<Port> ports,
                             ArrayRef<HostTensor> results) {
  if (std::error_code error = llvm::sys::fs::create_directories(outputDir))
    return reportError(outputDir, error.message(), kExitFile);
  bool asProto = format == OutputFormat::Proto;
  for (auto [port, result, name] :
       llvm::zip(ports, results, getFileNames(ports))) {
    llvm::SmallString<128> path(outputDir);
    llvm::sys::path::append(path, name + (asProto ? ".pb" : ".npy"));
    if (llvm::Error error = asProto ? writeTensorProto(path, port.name, result)
                                    : writeNpy(path, result))
      return reportError("lacuna", llvm::toString(std::move(error)), kExitFile);
  }
  return kExitOk;
}

int RunCommand::compareResults(ArrayRef<Port> ports,
                               ArrayRef<HostTensor> results) {
  std::vector<std::optional<HostTensor>> wanted;
  if (int code = readPorts(model.getFile(), expected, ports, "output", wanted))
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
                      toText(difference->actual), toText(difference->expected)),
        kExitDiffers);
  }
  return code;
}

/// A line for a result: its shape and its first elements.
static void printResult(const Port &port, const HostTensor &result) {
  llvm::outs() << port.name << ": "
               << describe(result.getType(), result.getShape()) << " =";
  int64_t shown = std::min<int64_t>(result.getNumElements(), 16);
  for (int64_t i = 0; i < shown; ++i)
    llvm::outs() << " " << toText(result.getAsDouble(i));
  llvm::outs() << (shown < result.getNumElements() ? " ...\n" : "\n");
}

int RunCommand::readClasses() {
  llvm::Expected<std::vector<std::string>> lines = readLines(classes);
  if (!lines)
    return reportError("lacuna", llvm::toString(lines.takeError()), kExitFile);
  names = *lines;
  return kExitOk;
}

/// Scores as per cent; a softmax is applied unless the network ends in one.
static std::vector<double> toPerCent(const HostTensor &scores) {
  std::vector<double> values;
  for (int64_t i = 0; i < scores.getNumElements(); ++i)
    values.push_back(scores.getAsDouble(i));
  double sum = 0, most = *llvm::max_element(values);
  bool isDistribution = llvm::all_of(values, [&](double value) {
    sum += value;
    return value >= 0 && value <= 1;
  });
  // Scores of 8 bits are half a step off, each.
  double roundings = std::min(0.05, 1e-3 + double(values.size()) / 512);
  if (!isDistribution || std::fabs(sum - 1) > roundings) {
    sum = 0;
    for (double &value : values)
      sum += value = std::exp(value - most);
  }
  for (double &value : values)
    value *= 100 / sum;
  return values;
}

int RunCommand::printClasses(const Port &port, const HostTensor &result) {
  if (names.empty() || result.getNumElements() != int64_t(names.size()))
    return reportError(classes,
                       "it names " + Twine(names.size()) +
                           " classes, but output '" + port.name + "' is " +
                           describe(port.type, port.shape),
                       kExitUsage);
  std::vector<double> scores = toPerCent(result);
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order,
                    [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  for (size_t i = 0; i < std::min<size_t>(top, order.size()); ++i)
    llvm::outs() << llvm::formatv("{0} ({1:f1} %)\n", names[order[i]],
                                  scores[order[i]]);
  return kExitOk;
}

/// Read before the network is compiled: doing that for a file that is not there
/// wastes time.
int RunCommand::readData(ArrayRef<Port> ports) {
  if (int code = readInputs(model.getFile(), inputs, ports, arguments))
    return code;
  return classes.empty() ? int(kExitOk) : readClasses();
}

int RunCommand::printProfile(const Program &program) {
  // Only targets that make bundles come here.
  llvm::Expected<std::string> table =
      static_cast<const BundleProgram &>(program).readProfile();
  if (!table)
    return reportError(model.getFile(), llvm::toString(table.takeError()),
                       kExitFile);
  llvm::outs() << *table;
  return kExitOk;
}

int RunCommand::run() {
  bool isBundle = llvm::sys::fs::is_directory(model.path);
  bool isStream = isBundle && hasStream(model.path);
  if (isBundle && !target.isGiven())
    target.set(isStream ? Target::Npu : Target::Neon);
  if (int code = target.check())
    return code;
  if (int code = quantize.check())
    return code;
  if (profile && !target.makesBundle())
    return reportError(
        "lacuna", "--profile is for the targets 'neon' and 'host'", kExitUsage);
  if (profile && stream.isGiven())
    return reportError("lacuna", "--profile measures whole clips, not --stream",
                       kExitUsage);
  if (int code = stream.check(target.get()))
    return code;
  if (!(rtol >= 0) || !(atol >= 0))
    return reportError("lacuna", "--rtol and --atol must not be negative",
                       kExitUsage);
  if (top == 0)
    return reportError("lacuna", "--top must be 1 or more", kExitUsage);
  if (isStream)
    return runStream();
  return isBundle ? runBundle() : runModel();
}

int RunCommand::runModel() {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  DiagnosticPrinter printer(&context, model.getFile());
  FailureOr<ImportResult> imported = model.import(context);
  if (failed(imported))
    return model.getExitCode();

  std::vector<Port> ports = getInputs(*imported->module);
  std::vector<Port> results = getOutputs(*imported->module);
  Progress progress;
  progress.phase("compile");
  if (int code = quantize.apply(*imported->module, model.getFile()))
    return code;
  if (stream.isGiven()) {
    if (int code = stream.apply(*imported->module))
      return code;
    fitRecording(inputs, getStreamShape(*imported->module).axis, ports.front());
  }
  if (int code = readData(ports))
    return code;
  int exitCode = kExitOk;
  std::unique_ptr<Program> program =
      stream.isGiven()
          ? compileStream(target, std::move(imported->module), ports, results,
                          exitCode)
          : target.compile(std::move(imported->module), exitCode, profile);
  if (!program)
    return exitCode;
  progress.phase("run");
  return finish(*program);
}

int RunCommand::runBundle() {
  if (!target.makesBundle())
    return reportError(
        model.getFile(),
        "a folder is run as a bundle of target 'neon' or 'host', not '" +
            target.getInfo().name + "'",
        kExitUsage);
  if (!model.getOptions().empty() || quantize.isGiven() ||
      target.mcpu.getNumOccurrences() || target.mattr.getNumOccurrences())
    return reportError(
        model.getFile(),
        "--shape, --bind, --quantize, --mcpu and --mattr are for models; this "
        "is a bundle, compiled already",
        kExitUsage);
  SmallString<128> path(model.path);
  llvm::sys::path::append(path, "manifest.json");
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return reportError(model.getFile(),
                       "a folder that is no bundle: manifest.json: " +
                           buffer.getError().message(),
                       kExitFile);
  llvm::Expected<BundleManifest> manifest =
      parseManifest((*buffer)->getBuffer());
  if (!manifest)
    return reportError(path, llvm::toString(manifest.takeError()),
                       kExitInvalidModel);
  auto files = findFiles(model.path, *manifest);
  if (!files)
    return reportError(model.getFile(), llvm::toString(files.takeError()),
                       kExitInvalidModel);
  BundleRunOptions options = target.getRunOptions();
  options.core = manifest->core;
  options.profile = profile;
  if (!target.threads.getNumOccurrences())
    options.threads = manifest->threads;
  if (options.threads > 1 && manifest->threads == 1)
    return reportError(model.getFile(),
                       "it was compiled for one thread; compile it with "
                       "--threads=" +
                           Twine(options.threads),
                       kExitUsage);
  if (profile && !manifest->profile)
    return reportError(model.getFile(),
                       "it does not measure its layers; compile it with "
                       "--profile",
                       kExitUsage);
  if (stream.isGiven())
    return reportError(model.getFile(),
                       "--stream is for models; this is a bundle, compiled "
                       "already",
                       kExitUsage);
  std::vector<Port> ports = manifest->inputs, results = manifest->outputs;
  if (const auto &steps = manifest->stream) {
    ports.front().shape.insert(ports.front().shape.begin() + steps->axis,
                               steps->clip);
    results.pop_back();
    fitRecording(inputs, steps->axis, ports.front());
  }
  if (int code = readData(ports))
    return code;
  Progress progress;
  progress.phase("compile");
  auto program = BundleProgram::build(*manifest, *files, options);
  if (!program)
    return reportError(model.getFile(), llvm::toString(program.takeError()),
                       kExitCompile);
  progress.phase("run");
  if (!manifest->stream)
    return finish(**program);
  return finish(*makeRecordingProgram(std::move(*program), *manifest->stream,
                                      ports, results));
}

int RunCommand::runStream() {
  if (target.get() != Target::Npu || !model.getOptions().empty())
    return reportError(model.getFile(),
                       "a bundle of target 'npu', compiled already: other "
                       "targets, --shape and --bind are for models",
                       kExitUsage);
  StreamBundle bundle;
  bool isNamed = target.machine.getNumOccurrences();
  if (int code = readStreamBundle(
          model.path, isNamed ? llvm::StringRef(target.machine) : "", bundle))
    return code;
  std::vector<Port> ports = getInputs(bundle.stream);
  std::vector<Port> results = getOutputs(bundle.stream);
  std::vector<Port> wanted = ports;
  if (bundle.steps) {
    wanted = {getClip(bundle)};
    fitRecording(inputs, bundle.steps->axis, wanted.front());
  }
  if (int code = readData(wanted))
    return code;
  auto program = std::make_unique<NpuProgram>(
      std::move(bundle.stream), std::move(bundle.machine), std::move(ports),
      std::move(results), std::move(bundle.file));
  if (!bundle.steps)
    return finish(*program);
  return finish(*makeRecordingProgram(bundle, std::move(program),
                                      std::move(wanted.front())));
}

int RunCommand::finish(const Program &program) {
  llvm::Expected<std::vector<HostTensor>> results = program.run(arguments);
  if (!results)
    return reportError(model.getFile(), llvm::toString(results.takeError()),
                       kExitCompile);
  if (!names.empty())
    if (int code = printClasses(program.getOutputs().front(), results->front()))
      return code;
  if (outputDir.empty() && expected.empty() && names.empty())
    for (auto [port, result] : llvm::zip(program.getOutputs(), *results))
      printResult(port, result);
  if (!outputDir.empty())
    if (int code = writeResults(program.getOutputs(), *results))
      return code;
  if (profile)
    if (int code = printProfile(program))
      return code;
  return compareResults(program.getOutputs(), *results);
}

std::unique_ptr<Command> lacuna::createRunCommand() {
  return std::make_unique<RunCommand>();
}
