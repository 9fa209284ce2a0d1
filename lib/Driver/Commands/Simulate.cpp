//===- Simulate.cpp - lacuna simulate -===//
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

#include "../NpuCompiler.h"
#include "../NpuProgram.h"
#include "../Progress.h"
#include "../Streaming.h"

#include "backends/npu/Simulator/Densities.h"
#include "backends/npu/Simulator/Report.h"
#include "dialects/nn/IR/NNDialect.h"
#include "dialects/qnn/IR/QNNDialect.h"
#include "lacuna/Driver/Registration.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

namespace {
class SimulateCommand : public Command {
public:
  SimulateCommand()
      : Command("simulate", "Run a model on a simulated NPU: results, cycles, "
                            "energy") {}
  int run() override;

private:
  int readMachines();
  int checkComparison();
  int compileModel(const Machine &machine, StreamBundle &subject);
  int readBundle(StreamBundle &subject);
  int readDensities();
  int makeOptions(const StreamBundle &subject,
                  npu::SimulatorOptions &options) const;
  int simulate(const StreamBundle &subject, npu::SimulationResult &result);
  int simulateSteps(StreamBundle &subject, npu::SimulationResult &slowest);
  int compareWithClip(const StreamBundle &subject, StringRef unit);
  /// What belongs to `machine` is written here.
  SmallString<128> getFolder(StringRef folder, const Machine &machine) const;
  bool isComparison() const { return machines.size() > 1; }
  /// What lines about one machine begin with, so that one knows of which.
  std::string getPrefix(const Machine &machine) const;
  void printStart(const npu::SimulationResult &started) const;
  int writeOutputs(const Machine &machine) const;
  void printIdleArray(const npu::SimulationResult &result) const;
  int report(const npu::SimulationResult &result);
  void compareMachines(ArrayRef<npu::SimulationResult> results) const;

  ModelOptions model{sub};
  QuantizeOptions quantize{sub};
  StreamOption stream{sub};
  cl::list<std::string> machineNames{
      "machine",
      cl::CommaSeparated,
      cl::value_desc("NAME|FILE.yaml,..."),
      cl::desc("The machines to compile for (lacuna-256 if not given); several "
               "are compared, and what is written has a folder for each. A "
               "bundle runs on its own"),
      cl::sub(sub),
      cl::cat(getTargetCategory())};
  cl::opt<std::string> baseline{
      "baseline", cl::value_desc("NAME|FILE.yaml"),
      cl::desc("The machine that others are compared with (the first if not "
               "given)"),
      cl::sub(sub), cl::cat(getTargetCategory())};
  cl::list<std::string> inputs{
      "input", cl::value_desc("[NAME=]FILE.npy|FILE.pb|FILE.wav"),
      cl::desc("The value of an input; without any, nothing is computed, only "
               "timed, and no value but those of --densities is zero"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> outputDir{
      "output-dir", cl::value_desc("DIR"),
      cl::desc("Write each output to DIR/<output name>.npy; of several "
               "machines to DIR/<machine>/<output name>.npy"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<std::string> reportDir{
      "report",
      cl::ValueOptional,
      cl::value_desc("DIR"),
      cl::desc("Write report.json, layers.csv and report.html to DIR, or "
               "beside the bundle"),
      cl::sub(sub),
      cl::cat(getOutputCategory())};
  cl::opt<std::string> trace{
      "trace", cl::value_desc("FILE.json"),
      cl::desc("Write what each queue does when, for Chrome or Perfetto"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<bool> traceCycles{
      "trace-cycles",
      cl::desc("Print what each PE does clock by clock, of small networks"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<std::string> densities{
      "densities", cl::value_desc("FILE.yaml"),
      cl::desc("A table of how many values of layers are not zero; with "
               "--input, of activations alone"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<uint64_t> seed{
      "seed", cl::value_desc("N"),
      cl::desc("Of where the zeros of --densities are (default 0)"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<uint64_t> lockStep{
      "lock-step", cl::value_desc("SEED"),
      cl::desc("Choose at random which queue goes on: the results must not "
               "change"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  const std::string maxWorkText =
      "Products, elements that are moved and instructions that are simulated, "
      "at most (default " +
      std::to_string(npu::SimulatorOptions().maxWork) +
      "): programs that do not end are given up there";
  cl::opt<uint64_t> maxWork{"max-work",
                            cl::value_desc("N"),
                            cl::desc(maxWorkText),
                            cl::init(npu::SimulatorOptions().maxWork),
                            cl::sub(sub),
                            cl::cat(getOutputCategory())};

  /// As --machine has them, and what they are.
  std::vector<std::string> names;
  std::vector<Machine> machines;
  /// Of these, the one that others are compared with.
  size_t baseIndex = 0;
  /// Whether the model has convolutions, and nothing of it is quantized.
  bool hasFloatConvolutions = false;
  std::vector<HostTensor> arguments;
  std::optional<DensityTable> densityTable;
  /// What the recording gave, if it was gone through step by step.
  std::vector<Port> outputs;
  std::vector<HostTensor> results;
  /// Of a step, on average.
  double stepCycles = 0, stepEnergy = 0;
};
} // namespace

int SimulateCommand::readMachines() {
  names.assign(machineNames.begin(), machineNames.end());
  if (names.empty())
    names = {"lacuna-256"};
  for (const std::string &name : names)
    if (int code = readMachine(name, machines.emplace_back()))
      return code;
  return kExitOk;
}

/// Refuses what would be forgotten, or written over, with so many machines.
int SimulateCommand::checkComparison() {
  auto refuse = [](const Twine &message) {
    return reportError("lacuna", message, kExitUsage);
  };
  if (!isComparison())
    return baseline.getNumOccurrences()
               ? refuse("--baseline is for several machines, to compare them "
                        "with; there is one")
               : kExitOk;
  for (auto [i, machine] : llvm::enumerate(machines))
    for (auto [name, other] :
         llvm::zip(names, ArrayRef(machines).take_front(i))) {
      if (name == names[i])
        return refuse("--machine names '" + name + "' twice");
      if (machine.name == other.name)
        return refuse("--machine: '" + name + "' and '" + names[i] +
                      "' are both called '" + machine.name +
                      "', the name by which results are told apart and "
                      "written; change 'name' in a file");
    }
  if (trace.getNumOccurrences())
    return refuse("--trace writes one file, of one machine; there are " +
                  Twine(machines.size()));
  if (!baseline.getNumOccurrences())
    return kExitOk;
  std::string known;
  for (auto [i, machine] : llvm::enumerate(machines)) {
    if (names[i] == baseline || machine.name == baseline) {
      baseIndex = i;
      return kExitOk;
    }
    known += (i ? ", " : "") + machine.name;
    if (names[i] != machine.name)
      known += " (" + names[i] + ")";
  }
  return refuse("--baseline=" + baseline +
                " is none of the machines that are simulated: " + known);
}

static bool isFloatNetwork(ModuleOp module) {
  bool convolves = false;
  WalkResult quantized = module.walk([&](Operation *op) {
    convolves |= isa<nn::ConvOp, nn::ConvTransposeOp>(op);
    return isa_and_nonnull<qnn::QNNDialect>(op->getDialect())
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return convolves && !quantized.wasInterrupted();
}

int SimulateCommand::compileModel(const Machine &machine,
                                  StreamBundle &subject) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  DiagnosticPrinter printer(&context, model.getFile());
  Progress progress;
  progress.phase("compile for " + machine.name);
  FailureOr<ImportResult> imported = model.import(context);
  if (failed(imported))
    return model.getExitCode();
  std::vector<Port> ports = getInputs(*imported->module);
  if (int code = quantize.apply(*imported->module, model.getFile()))
    return code;
  hasFloatConvolutions = isFloatNetwork(*imported->module);
  if (stream.isGiven()) {
    {
      OwningOpRef<ModuleOp> clip(imported->module->clone());
      // What a clip does not fit, a step may.
      ScopedDiagnosticHandler silent(&context, [](Diagnostic &) {});
      if (auto whole = compileForNpu(*clip, machine); succeeded(whole))
        subject.clip = std::move(whole->stream);
    }
    if (int code = stream.apply(*imported->module))
      return code;
    subject.steps = getStreamShape(*imported->module);
    fitRecording(inputs, subject.steps->axis, ports.front());
  }
  if (!inputs.empty() && arguments.empty())
    if (int code = readInputs(model.getFile(), inputs, ports, arguments))
      return code;
  FailureOr<npu::CompiledStream> compiled =
      compileForNpu(*imported->module, machine);
  if (failed(compiled))
    return kExitCompile;
  subject.machine = machine;
  subject.stream = std::move(compiled->stream);
  return kExitOk;
}

int SimulateCommand::readBundle(StreamBundle &subject) {
  if (machineNames.size() > 1)
    return reportError(model.getFile(),
                       "a bundle runs on the machine that it was compiled "
                       "for; several machines are for models",
                       kExitUsage);
  if (int code = readStreamBundle(
          model.path, machineNames.empty() ? "" : machineNames.front(),
          subject))
    return code;
  if (inputs.empty())
    return kExitOk;
  std::vector<Port> ports = getInputs(subject.stream);
  if (subject.steps) {
    ports = {getClip(subject)};
    fitRecording(inputs, subject.steps->axis, ports.front());
  }
  return readInputs(model.getFile(), inputs, ports, arguments);
}

int SimulateCommand::readDensities() {
  if (densities.empty())
    return kExitOk;
  llvm::Expected<DensityTable> table = npu::readDensities(densities);
  if (table) {
    densityTable = std::move(*table);
    return kExitOk;
  }
  int code = kExitUsage;
  llvm::handleAllErrors(table.takeError(), [&](const llvm::StringError &error) {
    if (error.convertToErrorCode() != llvm::inconvertibleErrorCode())
      code = kExitFile;
    // It names the file and the line.
    llvm::errs() << error.getMessage() << "\n";
  });
  return code;
}

int SimulateCommand::makeOptions(const StreamBundle &subject,
                                 npu::SimulatorOptions &options) const {
  options.recordEvents = trace.getNumOccurrences() != 0;
  options.recordMemory = reportDir.getNumOccurrences() != 0;
  options.cycleTrace = traceCycles ? &llvm::outs() : nullptr;
  options.seed = seed;
  options.maxWork = maxWork;
  if (lockStep.getNumOccurrences())
    options.lockStep = lockStep;
  if (inputs.empty())
    options.mode = npu::SimulationMode::TimingOnly;
  if (densityTable) {
    auto matched = npu::matchDensities(*densityTable, subject.stream);
    if (!matched) {
      // It names the file and the line.
      llvm::errs() << llvm::toString(matched.takeError()) << "\n";
      return kExitUsage;
    }
    options.densities = std::move(*matched);
  }
  return kExitOk;
}

static StringRef getUnit(const npu::SimulationResult &result) {
  return result.energyUnit == EnergyUnit::Picojoule ? "uJ" : "MMAC";
}

std::string SimulateCommand::getPrefix(const Machine &machine) const {
  return isComparison() ? machine.name + ": " : "";
}

/// What is done once, before the first step.
void SimulateCommand::printStart(const npu::SimulationResult &started) const {
  llvm::outs() << getPrefix(started.machine)
               << llvm::formatv("start: {0} cycles, {1:f3} {2}, once\n",
                                started.totalCycles,
                                started.total.energy.getSum() * 1e-6,
                                getUnit(started));
}

int SimulateCommand::simulate(const StreamBundle &subject,
                              npu::SimulationResult &result) {
  npu::SimulatorOptions options;
  if (int code = makeOptions(subject, options))
    return code;
  SmallVector<ArrayRef<uint8_t>> bytes;
  for (const HostTensor &tensor : arguments)
    bytes.emplace_back(reinterpret_cast<const uint8_t *>(tensor.data()),
                       tensor.getByteSize());
  Progress progress;
  progress.phase("simulate " + subject.machine.name);
  if (traceCycles && isComparison())
    llvm::outs() << "# machine '" << subject.machine.name << "'\n";
  llvm::Expected<npu::Simulation> simulation =
      npu::Simulation::create(subject.stream, subject.machine, options);
  if (!simulation)
    return reportError(model.getFile(), llvm::toString(simulation.takeError()),
                       kExitInvalidModel);
  if (subject.stream.hasStart()) {
    llvm::Expected<npu::SimulationResult> started = simulation->start();
    if (!started)
      return reportError(model.getFile(), llvm::toString(started.takeError()),
                         kExitInvalidModel);
    printStart(*started);
  }
  llvm::Expected<npu::SimulationResult> simulated = simulation->step(bytes);
  if (!simulated)
    return reportError(model.getFile(), llvm::toString(simulated.takeError()),
                       kExitInvalidModel);
  result = std::move(*simulated);
  stepCycles = double(result.totalCycles);
  stepEnergy = result.total.energy.getSum();
  outputs.clear();
  results.clear();
  for (const npu::SimulationOutput &output : result.outputs) {
    Port port = getPort(output.tensor);
    HostTensor tensor(port.type, port.shape);
    if (output.bytes.size() == tensor.getByteSize())
      std::memcpy(tensor.data(), output.bytes.data(), output.bytes.size());
    outputs.push_back(std::move(port));
    results.push_back(std::move(tensor));
  }
  return kExitOk;
}

/// Goes through the recording; `slowest` becomes the step that takes longest.
int SimulateCommand::simulateSteps(StreamBundle &subject,
                                   npu::SimulationResult &slowest) {
  Progress progress;
  progress.phase("simulate " + subject.machine.name);
  HostTensor &recording = arguments.front();
  Port port{"", recording.getType(),
            SmallVector<int64_t>(recording.getShape())};
  std::vector<Port> ports = getInputs(subject.stream);
  outputs = getOutputs(subject.stream);
  auto step = std::make_unique<NpuProgram>(std::move(subject.stream),
                                           subject.machine, std::move(ports),
                                           outputs, std::move(subject.file));
  if (int code = makeOptions(subject, step->options))
    return code;
  outputs.resize(subject.steps->outputAxes.size());
  npu::StepsSummary summary;
  summary.frames = subject.steps->frames;
  summary.leastCycles = std::numeric_limits<int64_t>::max();
  step->observeStart = [&](const npu::SimulationResult &started) {
    printStart(started);
    summary.startCycles = started.totalCycles;
    summary.startEnergy = started.total.energy.getSum();
  };
  step->observe = [&](npu::SimulationResult each) {
    ++summary.steps;
    summary.totalCycles += each.totalCycles;
    summary.totalEnergy += each.total.energy.getSum();
    summary.leastCycles = std::min(summary.leastCycles, each.totalCycles);
    if (each.totalCycles > slowest.totalCycles)
      slowest = std::move(each);
  };
  auto run =
      makeRecordingProgram(subject, std::move(step), port)->run(arguments);
  if (!run)
    return reportError(model.getFile(), llvm::toString(run.takeError()),
                       kExitInvalidModel);
  results = std::move(*run);
  summary.mostCycles = slowest.totalCycles;
  slowest.steps = summary;
  stepCycles = double(summary.totalCycles) / double(summary.steps);
  stepEnergy = summary.totalEnergy / double(summary.steps);
  llvm::outs() << getPrefix(slowest.machine)
               << llvm::formatv("{0} steps, the flush among them, of {1} "
                                "frames each: {2} cycles on "
                                "average, {3} to {4}; {5:f3} {6} on average\n",
                                summary.steps, summary.frames,
                                summary.totalCycles / summary.steps,
                                summary.leastCycles, summary.mostCycles,
                                stepEnergy * 1e-6, getUnit(slowest));
  if (!isComparison())
    llvm::outs() << "the step that takes longest:\n";
  return kExitOk;
}

/// Says what a clip takes at once. Of a recording only if it is as long as a
/// clip: then the same values are zero.
int SimulateCommand::compareWithClip(const StreamBundle &subject,
                                     StringRef unit) {
  npu::SimulatorOptions options;
  options.maxWork = maxWork;
  SmallVector<ArrayRef<uint8_t>> bytes;
  if (arguments.empty())
    options.mode = npu::SimulationMode::TimingOnly;
  else if (arguments.front().getShape() !=
           ArrayRef(getInputs(*subject.clip).front().shape))
    return kExitOk;
  for (const HostTensor &tensor : arguments)
    bytes.emplace_back(reinterpret_cast<const uint8_t *>(tensor.data()),
                       tensor.getByteSize());
  llvm::Expected<npu::SimulationResult> clip =
      npu::simulate(*subject.clip, subject.machine, bytes, options);
  if (!clip)
    return reportError(model.getFile(), llvm::toString(clip.takeError()),
                       kExitInvalidModel);
  double energy = clip->total.energy.getSum();
  llvm::outs() << getPrefix(subject.machine)
               << llvm::formatv("a clip at once: {0} cycles, {1:f3} {2}; a "
                                "step takes {3:f2} of the "
                                "cycles and {4:f2} of the energy\n",
                                clip->totalCycles, energy * 1e-6, unit,
                                stepCycles / double(clip->totalCycles),
                                stepEnergy / energy);
  return kExitOk;
}

SmallString<128> SimulateCommand::getFolder(StringRef folder,
                                            const Machine &machine) const {
  SmallString<128> path(folder);
  if (isComparison())
    llvm::sys::path::append(path, machine.name);
  return path;
}

int SimulateCommand::writeOutputs(const Machine &machine) const {
  SmallString<128> folder = getFolder(outputDir, machine);
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return reportError(folder, error.message(), kExitFile);
  for (auto [result, name] : llvm::zip(results, getFileNames(outputs))) {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, name + ".npy");
    if (llvm::Error error = writeNpy(path, result))
      return reportError("lacuna", llvm::toString(std::move(error)), kExitFile);
  }
  return kExitOk;
}

/// Says why the array of `result` did nothing, if it does not multiply floats.
void SimulateCommand::printIdleArray(
    const npu::SimulationResult &result) const {
  const Machine &machine = result.machine;
  if (!hasFloatConvolutions || result.total.array.macs.getSum() != 0 ||
      machine.hasType(ElementType::Float32))
    return;
  llvm::outs() << "the array of " << machine.name
               << " multiplies no floats, and has no layer of this network: "
                  "quantize it (--quantize=int8)\n";
}

int SimulateCommand::report(const npu::SimulationResult &result) {
  if (!isComparison())
    npu::writeSummary(result, llvm::outs());
  printIdleArray(result);
  if (reportDir.getNumOccurrences()) {
    StringRef folder = !reportDir.empty() ? StringRef(reportDir)
                       : llvm::sys::fs::is_directory(model.path)
                           ? StringRef(model.path)
                           : StringRef(".");
    if (llvm::Error error =
            npu::writeReports(result, getFolder(folder, result.machine)))
      return reportError("lacuna", llvm::toString(std::move(error)), kExitFile);
  }
  if (trace.getNumOccurrences()) {
    std::error_code error;
    llvm::raw_fd_ostream os(trace, error);
    if (error)
      return reportError(trace, error.message(), kExitFile);
    npu::writeTrace(result, os);
  }
  return outputDir.getNumOccurrences() ? writeOutputs(result.machine)
                                       : int(kExitOk);
}

void SimulateCommand::compareMachines(
    ArrayRef<npu::SimulationResult> results) const {
  const npu::SimulationResult &base = results[baseIndex];
  llvm::outs() << llvm::formatv("{0,-16} {1,14} {2,10} {3,9} {4,14} {5,9}\n",
                                "machine", "cycles", "ms", "speed-up", "energy",
                                "of it");
  for (const npu::SimulationResult &result : results) {
    double ms = double(result.totalCycles) / result.machine.clockMHz / 1000;
    double baseMs = double(base.totalCycles) / base.machine.clockMHz / 1000;
    bool sameUnit = result.energyUnit == base.energyUnit;
    std::string energy = llvm::formatv(
        "{0:f2} {1}", result.total.energy.getSum() * 1e-6, getUnit(result));
    llvm::outs() << llvm::formatv(
        "{0,-16} {1,14} {2,10} {3,9} {4,14} {5,9}\n", result.machine.name,
        result.totalCycles, llvm::formatv("{0:f3}", ms).str(),
        llvm::formatv("{0:f2}", baseMs / ms).str(), energy,
        sameUnit ? llvm::formatv("{0:f2}", result.total.energy.getSum() /
                                               base.total.energy.getSum())
                       .str()
                 : "-");
  }
  llvm::outs() << "against " << base.machine.name
               << ": speed-up in time, energy as a share\n";
}

int SimulateCommand::run() {
  bool isBundle = llvm::sys::fs::is_directory(model.path);
  if (int code = readDensities())
    return code;
  if (int code = quantize.check())
    return code;
  if (isBundle && quantize.isGiven())
    return reportError(model.getFile(),
                       "--quantize is for models; this is a bundle, compiled "
                       "already",
                       kExitUsage);
  if (int code = stream.check(Target::Npu))
    return code;
  if (isBundle && stream.isGiven())
    return reportError(model.getFile(),
                       "--stream is for models; this is a bundle, compiled "
                       "already",
                       kExitUsage);
  if (outputDir.getNumOccurrences() && inputs.empty())
    return reportError("lacuna",
                       "--output-dir: nothing is computed without --input",
                       kExitUsage);
  if (isBundle)
    machines.resize(1);
  else if (int code = readMachines())
    return code;
  if (int code = checkComparison())
    return code;
  std::vector<npu::SimulationResult> simulated;
  for (const Machine &machine : machines) {
    StreamBundle subject;
    if (int code =
            isBundle ? readBundle(subject) : compileModel(machine, subject))
      return code;
    npu::SimulationResult &result = simulated.emplace_back();
    bool goesOn = subject.steps && !arguments.empty();
    if (int code =
            goesOn ? simulateSteps(subject, result) : simulate(subject, result))
      return code;
    if (int code = report(result))
      return code;
    if (subject.clip && !densityTable)
      if (int code = compareWithClip(subject, getUnit(result)))
        return code;
  }
  if (isComparison())
    compareMachines(simulated);
  return kExitOk;
}

std::unique_ptr<Command> lacuna::createSimulateCommand() {
  return std::make_unique<SimulateCommand>();
}
