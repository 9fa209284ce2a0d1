//===- lacuna-sim.cpp - Runs a command stream -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNest.h"
#include "backends/npu/Machines.h"
#include "backends/npu/Simulator/Densities.h"
#include "backends/npu/Simulator/Report.h"
#include "lacuna/Support/HostTensor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace lacuna;
using namespace lacuna::npu;

static cl::OptionCategory category("lacuna-sim");
static cl::opt<std::string> streamPath(cl::Positional, cl::desc("STREAM"),
                                       cl::cat(category));
static cl::opt<std::string>
    machineName("machine", cl::desc("machine, by name or as a YAML file"),
                cl::value_desc("name|file"), cl::cat(category));
static cl::opt<std::string>
    loopNestPath("loop-nest",
                 cl::desc("count accesses of a mapping instead "
                          "(docs/loop-nests.md)"),
                 cl::value_desc("file"), cl::cat(category));
static cl::opt<std::string>
    elementType("type", cl::desc("of values, with --loop-nest and --machine"),
                cl::value_desc("int8|int16|float32"), cl::init("int8"),
                cl::cat(category));
static cl::list<std::string>
    inputs("input",
           cl::desc("an input, in the order of the stream: .npy, or "
                    "the bytes"),
           cl::value_desc("file"), cl::cat(category));
static cl::opt<std::string> outputDir("output-dir",
                                      cl::desc("write outputs here, as .npy"),
                                      cl::value_desc("folder"),
                                      cl::cat(category));
static cl::opt<std::string>
    reportDir("report", cl::desc("write report.json, layers.csv, report.html"),
              cl::value_desc("folder"), cl::cat(category));
static cl::opt<std::string>
    tracePath("trace", cl::desc("write a trace for Chrome or Perfetto"),
              cl::value_desc("file"), cl::cat(category));
static cl::opt<uint64_t> lockStep("lock-step",
                                  cl::desc("go on with queues at random"),
                                  cl::value_desc("seed"), cl::cat(category));
static cl::opt<bool>
    timingOnly("timing-only",
               cl::desc("no data and no inputs: without --densities, dense"),
               cl::cat(category));
static cl::opt<std::string>
    densities("densities",
              cl::desc("a table of how many values of layers are not zero; "
                       "with inputs, of activations alone"),
              cl::value_desc("file"), cl::cat(category));
static cl::opt<uint64_t> seed("seed", cl::desc("of where the zeros are"),
                              cl::cat(category));
static cl::opt<bool>
    traceCycles("trace-cycles",
                cl::desc("print what each PE does, clock by clock"),
                cl::cat(category));
static const std::string maxWorkText =
    "products, elements that are moved and instructions, at most (default " +
    std::to_string(SimulatorOptions().maxWork) + ")";
static cl::opt<uint64_t> maxWork("max-work", cl::desc(maxWorkText),
                                 cl::value_desc("n"),
                                 cl::init(SimulatorOptions().maxWork),
                                 cl::cat(category));

static DType getDType(TensorType type) {
  switch (type) {
  case TensorType::Bool:
    return DType::Bool;
  case TensorType::Int8:
    return DType::Int8;
  case TensorType::UInt8:
    return DType::UInt8;
  case TensorType::Int16:
    return DType::Int16;
  case TensorType::UInt16:
    return DType::UInt16;
  case TensorType::Int32:
    return DType::Int32;
  case TensorType::UInt32:
    return DType::UInt32;
  case TensorType::Int64:
    return DType::Int64;
  case TensorType::UInt64:
    return DType::UInt64;
  case TensorType::Float16:
    return DType::Float16;
  case TensorType::BFloat16:
    return DType::BFloat16;
  case TensorType::Float32:
    return DType::Float32;
  case TensorType::Float64:
    return DType::Float64;
  }
  llvm_unreachable("all types are handled");
}

static Expected<std::unique_ptr<MemoryBuffer>> readFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path);
  if (buffer)
    return std::move(*buffer);
  return createStringError(
      buffer.getError(),
      path + ": error: cannot read the file: " + buffer.getError().message());
}

static Expected<std::vector<uint8_t>> readInput(StringRef path,
                                                const Tensor &tensor) {
  if (!path.ends_with(".npy")) {
    auto buffer = readFile(path);
    if (!buffer)
      return buffer.takeError();
    return arrayRefFromStringRef((*buffer)->getBuffer()).vec();
  }
  Expected<HostTensor> host = readNpy(path);
  if (!host)
    return host.takeError();
  DType type = getDType(tensor.type);
  if (host->getType() != type || host->getShape() != ArrayRef(tensor.shape))
    return createStringError(
        path + ": error: holds " + describe(host->getType(), host->getShape()) +
        "; input '" + tensor.name + "' is " + describe(type, tensor.shape));
  const auto *bytes = reinterpret_cast<const uint8_t *>(host->data());
  return std::vector<uint8_t>(bytes, bytes + host->getByteSize());
}

static Error writeOutputs(const SimulationResult &result, StringRef folder) {
  if (std::error_code code = sys::fs::create_directories(folder))
    return createStringError(
        code, folder + ": error: cannot make the folder: " + code.message());
  for (const SimulationOutput &output : result.outputs) {
    HostTensor host(getDType(output.tensor.type), output.tensor.shape);
    llvm::copy(output.bytes, host.data());
    SmallString<128> path = folder;
    std::string name = output.tensor.name;
    for (char &c : name)
      if (!isAlnum(c) && c != '.' && c != '-')
        c = '_';
    sys::path::append(path, name + ".npy");
    if (Error error = writeNpy(path, host))
      return error;
  }
  return Error::success();
}

static Error writeTraceFile(const SimulationResult &result, StringRef path) {
  std::error_code code;
  raw_fd_ostream os(path, code);
  if (!code) {
    writeTrace(result, os);
    os.close();
    code = os.error();
    os.clear_error();
  }
  if (!code)
    return Error::success();
  return createStringError(
      code, path + ": error: cannot write the file: " + code.message());
}

static Error run() {
  if (!loopNestPath.empty()) {
    if (!streamPath.empty())
      return createStringError("--loop-nest: there is no stream to run; leave "
                               "out '" +
                               streamPath + "'");
    return countLoopNest(loopNestPath, machineName, elementType, outs());
  }
  if (streamPath.empty() || machineName.empty())
    return createStringError("a stream and --machine are needed, or "
                             "--loop-nest");
  Expected<Machine> machine = getMachine(machineName);
  if (!machine)
    return machine.takeError();
  auto buffer = readFile(streamPath);
  if (!buffer)
    return buffer.takeError();
  auto inStream = [](Error error) {
    return createStringError(streamPath +
                             ": error: " + toString(std::move(error)));
  };
  Expected<Stream> stream =
      decode(arrayRefFromStringRef((*buffer)->getBuffer()));
  if (!stream)
    return inStream(stream.takeError());

  SimulatorOptions options;
  options.maxWork = maxWork;
  options.recordEvents = !tracePath.empty();
  options.recordMemory = !reportDir.empty();
  if (lockStep.getNumOccurrences())
    options.lockStep = lockStep;
  if (timingOnly)
    options.mode = SimulationMode::TimingOnly;
  options.seed = seed;
  if (!densities.empty()) {
    Expected<DensityTable> table = readDensities(densities);
    if (!table)
      return table.takeError();
    auto matched = matchDensities(*table, *stream);
    if (!matched)
      return matched.takeError();
    options.densities = std::move(*matched);
  }
  if (traceCycles)
    options.cycleTrace = &outs();
  std::vector<std::vector<uint8_t>> data;
  for (const Tensor &tensor : stream->tensors)
    if (tensor.address.isInput() && data.size() < inputs.size()) {
      auto bytes = readInput(inputs[data.size()], tensor);
      if (!bytes)
        return bytes.takeError();
      data.push_back(std::move(*bytes));
    }
  if (data.size() < inputs.size())
    return createStringError("--input: there are more than the stream has");
  std::vector<ArrayRef<uint8_t>> references(data.begin(), data.end());
  Expected<SimulationResult> result =
      simulate(*stream, *machine, references, options);
  if (!result)
    return inStream(result.takeError());

  writeSummary(*result, outs());
  if (!outputDir.empty() && !timingOnly)
    if (Error error = writeOutputs(*result, outputDir))
      return error;
  if (!reportDir.empty())
    if (Error error = writeReports(*result, reportDir))
      return error;
  if (!tracePath.empty())
    return writeTraceFile(*result, tracePath);
  return Error::success();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, "runs a command stream\n");
  Error error = run();
  if (!error)
    return 0;
  std::string text = toString(std::move(error));
  // Messages that begin with a file have said what they are.
  if (StringRef(text).contains(": error: "))
    errs() << text << "\n";
  else
    WithColor::error() << text << "\n";
  return 1;
}
