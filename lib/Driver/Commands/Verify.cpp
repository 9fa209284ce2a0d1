//===- Verify.cpp - lacuna verify -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "QuantizeOptions.h"
#include "TargetOptions.h"

#include "../Dataset.h"
#include "../HostStandIn.h"
#include "../Probes.h"
#include "../Progress.h"
#include "../QuantizedComparison.h"
#include "../Streaming.h"

#include "lacuna/Driver/Reference.h"
#include "lacuna/Driver/Registration.h"

#include "dialects/tconv/Transforms/OutputPaces.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

namespace {
class VerifyCommand : public Command {
public:
  VerifyCommand()
      : Command("verify", "Compare a target with the reference lowering") {}
  int run() override;

private:
  bool hasLabels() const { return !labels.empty() || !classNames.empty(); }
  int checkLabels() const;
  int readFolder();
  int readFiles();
  int readDataset(const Port &port);
  int verifyDataset(const Program &reference, const Program &tested);
  int findStandIn(const Program &reference, std::unique_ptr<Program> &standIn);
  int verifyInputs(const Program &reference, const Program &tested);
  double getLimit(DType type) const;
  int compareLayers(ArrayRef<HostTensor> arguments, bool report);
  /// Of outputs that have frames, if it goes step by step.
  using Results = std::vector<std::optional<HostTensor>>;
  int runKept(const Program &program, ArrayRef<HostTensor> arguments,
              const llvm::BitVector &kept, Results &results);
  int runLayers(ArrayRef<HostTensor> arguments, Results &expected,
                Results &actual);
  int runLayerSteps(ArrayRef<HostTensor> arguments, Results &expected,
                    Results &actual);
  int verifyQuantized(ModuleOp module);
  int compareQuantized(QuantizedComparison &comparison, const Program *tested,
                       llvm::json::Object &figures);
  int writeLayers(ArrayRef<LayerLikeness> compared,
                  llvm::json::Object figures) const;

  ModelOptions model{sub};
  RunTargetOptions target{sub};
  QuantizeOptions quantize{sub};
  StreamOption stream{sub};
  cl::list<std::string> inputs{
      "input", cl::value_desc("[NAME=]FILE.npy|FILE.pb"),
      cl::desc("The value of an input; without a name, of the next one. Inputs "
               "not given are made up, the same each time"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> dataset{
      "dataset", cl::value_desc("FILE.npy|DIR"),
      cl::desc("Samples along the first dimension, converted to the input's "
               "element type; or a folder of files for each class"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> labels{
      "labels", cl::value_desc("FILE.npy"),
      cl::desc("The right class of each sample of --dataset"), cl::sub(sub),
      cl::cat(getInputCategory())};
  cl::opt<std::string> classNames{
      "classes", cl::value_desc("FILE"),
      cl::desc("Names of the classes, one a line, as the network counts them: "
               "the folders of --dataset"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> labelClasses{
      "label-classes", cl::value_desc("FILE"),
      cl::desc("Names of the classes as --labels counts them, where that is "
               "another order than that of --classes"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<double> tolerance{
      "tolerance",
      cl::desc(
          "How far floats may differ, of the largest magnitude of their "
          "tensor (default 1e-4, and 1e-2 for floats of 16 bits); integers "
          "must be equal"),
      cl::init(1e-4), cl::sub(sub), cl::cat(getTargetCategory())};
  cl::opt<bool> compareAll{
      "layers",
      cl::desc("Compare what each node gives, not only the outputs; with "
               "--stream, all of its frames"),
      cl::sub(sub), cl::cat(getTargetCategory())};
  cl::opt<std::string> jsonFile{
      "json", cl::value_desc("FILE"),
      cl::desc("Write the figures as JSON; - for standard output, "
               "which then holds nothing else"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<std::string> plotFile{
      "plot", cl::value_desc("FILE.svg"),
      cl::desc("Draw how much noise --quantize adds, layer by layer"),
      cl::sub(sub), cl::cat(getOutputCategory())};

  HostTensor samples, classes;
  /// How many samples the model takes at once.
  int64_t batch = 1;
  /// The imported module, to be probed where the results differ.
  OwningOpRef<ModuleOp> original;
  /// Its dimension of time, with --stream.
  int64_t time = 0;
  bool layersDiffer = false;
  std::vector<LayerLikeness> layers;
};
} // namespace

int VerifyCommand::readFolder() {
  llvm::Expected<std::vector<std::string>> names = readLines(classNames);
  if (!names)
    return reportError("lacuna", llvm::toString(names.takeError()), kExitFile);
  llvm::Expected<Dataset> read =
      readDatasetFolder(dataset, *names, model.getFile());
  if (!read)
    return reportError("lacuna", llvm::toString(read.takeError()), kExitFile);
  samples = read->samples;
  classes = read->labels;
  return kExitOk;
}

int VerifyCommand::readFiles() {
  for (auto [file, tensor] :
       {std::pair(&dataset, &samples), std::pair(&labels, &classes)}) {
    if (file->empty())
      continue;
    llvm::Expected<HostTensor> read = readSamples(*file, model.getFile());
    if (!read)
      return reportError("lacuna", llvm::toString(read.takeError()), kExitFile);
    *tensor = *read;
  }
  return kExitOk;
}

int VerifyCommand::readDataset(const Port &port) {
  if (int code = labels.empty() && hasLabels() ? readFolder() : readFiles())
    return code;
  if (samples.getShape().empty() || samples.getShape()[0] == 0)
    return reportError(dataset, "it holds no samples", kExitUsage);
  int64_t count = samples.getShape()[0];
  if (hasLabels() &&
      (isFloat(classes.getType()) || classes.getNumElements() != count))
    return reportError(
        labels,
        "it holds " + describe(classes.getType(), classes.getShape()) +
            ", not one integer for each of the " + Twine(count) + " samples",
        kExitUsage);
  if (!labelClasses.empty()) {
    llvm::Expected<HostTensor> renumbered =
        renumberLabels(classes, labelClasses, classNames);
    if (!renumbered)
      return reportError("lacuna", llvm::toString(renumbered.takeError()),
                         kExitFile);
    classes = *renumbered;
  }
  std::optional<int64_t> found = getBatch(samples, port);
  if (!found)
    return reportError(
        dataset,
        "a sample is " +
            describe(samples.getType(), samples.getShape().drop_front()) +
            ", which does not fit input '" + port.name + "', " +
            describe(port.type, port.shape),
        kExitUsage);
  batch = *found;
  return kExitOk;
}

/// How far tensors of this type may differ.
double VerifyCommand::getLimit(DType type) const {
  // Kernels round sums of 16 bits on the way.
  constexpr double kSmallFloats = 1e-2;
  if (!isFloat(type))
    return 0;
  if (getByteSize(type) == 2 && !tolerance.getNumOccurrences())
    return kSmallFloats;
  return tolerance;
}

/// The class with the highest score in row `row` of `rows`.
static int64_t findTop(const HostTensor &scores, int64_t row, int64_t rows) {
  int64_t width = scores.getNumElements() / rows, best = 0;
  for (int64_t i = 1; i < width; ++i)
    if (scores.getAsDouble(row * width + i) >
        scores.getAsDouble(row * width + best))
      best = i;
  return best;
}

/// How many of `count` samples, from `begin` on, `scores` puts into the right
/// class.
static int64_t countRight(const HostTensor &scores, int64_t batch,
                          ArrayRef<int64_t> wanted) {
  int64_t right = 0;
  for (auto [row, label] : llvm::enumerate(wanted))
    right += findTop(scores, row, batch) == label;
  return right;
}

/// The largest difference of two tensors, of the largest magnitude that the
/// first has; infinite where one is not a number and the other is.
static double getDistance(const HostTensor &expected,
                          const HostTensor &actual) {
  double most = 0, range = 0;
  for (int64_t i = 0; i < expected.getNumElements(); ++i) {
    double a = expected.getAsDouble(i), b = actual.getAsDouble(i);
    if (a == b || (std::isnan(a) && std::isnan(b)))
      continue;
    double difference = std::fabs(a - b);
    most = std::max(most, std::isfinite(difference)
                              ? difference
                              : std::numeric_limits<double>::infinity());
  }
  if (!isFloat(expected.getType()))
    return most;
  for (int64_t i = 0; i < expected.getNumElements(); ++i)
    if (double a = std::fabs(expected.getAsDouble(i)); std::isfinite(a))
      range = std::max(range, a);
  return most == 0 ? 0 : most / std::max(range, 1e-30);
}

/// Lets the target host compute what no other target is asked for, if that is
/// worth it and both agree on the first sample.
int VerifyCommand::findStandIn(const Program &reference,
                               std::unique_ptr<Program> &standIn) {
  int64_t count = samples.getShape()[0];
  standIn =
      compileStandIn(*original, (count + batch - 1) / batch, model.getFile());
  if (!standIn)
    return kExitOk;
  Program::Tensors row = {cutBatch(samples, reference.getInputs().front(), 0,
                                   batch, quantize.getScale())};
  auto expected = reference.run(row);
  if (!expected)
    return reportError(model.getFile(), llvm::toString(expected.takeError()),
                       kExitCompile);
  auto actual = standIn->run(row);
  if (!actual)
    return reportError(model.getFile(), llvm::toString(actual.takeError()),
                       kExitCompile);
  bool agree = llvm::all_of(llvm::zip(*expected, *actual), [&](auto pair) {
    const auto &[a, b] = pair;
    return getDistance(a, b) <= getLimit(a.getType());
  });
  if (!agree)
    standIn = nullptr;
  llvm::errs() << model.getFile()
               << (agree
                       ? ": note: the target host computes this: of the first "
                         "sample it makes what the reference makes\n"
                       : ": note: the reference computes this: the target "
                         "host differs on the first sample\n");
  return kExitOk;
}

int VerifyCommand::verifyDataset(const Program &reference,
                                 const Program &tested) {
  constexpr int64_t kSamplesAtOnce = 128;
  const Port &port = reference.getInputs().front();
  int64_t count = samples.getShape()[0], rightReference = 0, rightTested = 0;
  int64_t different = 0;
  HostTensor wanted = classes.convertTo(DType::Int64);
  Progress progress;
  progress.phase("sample");
  for (int64_t begin = 0; begin < count; begin += kSamplesAtOnce * batch) {
    progress.update(begin, count);
    std::vector<Program::Tensors> rows;
    for (int64_t at = begin;
         at < std::min(begin + kSamplesAtOnce * batch, count); at += batch)
      rows.push_back({cutBatch(samples, port, at, batch, quantize.getScale())});
    auto expected = reference.runAll(rows);
    if (!expected)
      return reportError(model.getFile(), llvm::toString(expected.takeError()),
                         kExitCompile);
    auto actual = &tested == &reference
                      ? llvm::Expected<std::vector<Program::Tensors>>(*expected)
                      : tested.runAll(rows);
    if (!actual)
      return reportError(model.getFile(), llvm::toString(actual.takeError()),
                         kExitCompile);
    for (size_t i = 0; i < rows.size(); ++i) {
      const HostTensor &scores = (*expected)[i].front();
      if (scores.getNumElements() == 0 || scores.getNumElements() % batch)
        return reportError(model.getFile(),
                           "output '" + reference.getOutputs().front().name +
                               "' holds no class scores for each sample",
                           kExitUsage);
      int64_t at = begin + int64_t(i) * batch;
      ArrayRef<int64_t> labels =
          wanted.elements<int64_t>().slice(at, std::min(batch, count - at));
      rightReference += countRight(scores, batch, labels);
      rightTested += countRight((*actual)[i].front(), batch, labels);
      double limit = getLimit(scores.getType());
      if (getDistance(scores, (*actual)[i].front()) <= limit)
        continue;
      if (different++ == 0)
        if (int code = compareLayers(rows[i], /*report=*/true))
          return code;
    }
  }
  double top1 = 100.0 * rightTested / count;
  if (jsonFile != "-")
    llvm::outs() << llvm::formatv("{0} of {1} samples right: top-1 {2:f2} %\n",
                                  rightTested, count, top1);
  if (&tested != &reference && jsonFile != "-")
    llvm::outs() << llvm::formatv(
        "the reference has {0} right; {1} of {2} runs differ\n", rightReference,
        different, (count + batch - 1) / batch);
  if (!jsonFile.empty())
    if (int code = writeJson(
            jsonFile, llvm::json::Object{
                          {"count", count},
                          {"top1_reference", 100.0 * rightReference / count},
                          {"top1_target", top1},
                          {"layers", describeLayers(layers)}}))
      return code;
  return different ? kExitDiffers : kExitOk;
}

/// What `program` gives goes to `results`, at the set bits of `kept`.
int VerifyCommand::runKept(const Program &program,
                           ArrayRef<HostTensor> arguments,
                           const llvm::BitVector &kept, Results &results) {
  auto made = program.run(arguments);
  if (!made)
    return reportError(model.getFile(), llvm::toString(made.takeError()),
                       kExitCompile);
  for (auto [i, result] : llvm::zip(kept.set_bits(), *made))
    results[i] = std::move(result);
  return kExitOk;
}

/// What the reference and the target give for each output of the probed module.
int VerifyCommand::runLayers(ArrayRef<HostTensor> arguments, Results &expected,
                             Results &actual) {
  llvm::BitVector all(expected.size(), true);
  std::unique_ptr<Program> reference =
      ReferenceProgram::compile(OwningOpRef<ModuleOp>(original->clone()));
  if (!reference)
    return kExitCompile;
  if (int code = runKept(*reference, arguments, all, expected))
    return code;
  int code = kExitOk;
  std::unique_ptr<Program> tested =
      target.compile(OwningOpRef<ModuleOp>(original->clone()), code);
  return tested ? runKept(*tested, arguments, all, actual) : code;
}

/// The same step by step, of outputs that have frames. Those that come at one
/// pace are computed together, by the reference too: what is an output does not
/// become part of an integer layer, which rounds once where floats round twice.
int VerifyCommand::runLayerSteps(ArrayRef<HostTensor> arguments,
                                 Results &expected, Results &actual) {
  SmallVector<int64_t> paces = tconv::getOutputPaces(*original, time);
  for (int64_t pace = 0; llvm::is_contained(paces, pace); ++pace) {
    OwningOpRef<ModuleOp> module(original->clone());
    llvm::BitVector kept(paces.size());
    for (auto [i, each] : llvm::enumerate(paces))
      if (each == pace)
        kept.set(i);
    keepOutputs(*module, kept);
    std::unique_ptr<Program> reference =
        ReferenceProgram::compile(OwningOpRef<ModuleOp>(module->clone()));
    if (!reference)
      return kExitCompile;
    if (int code = runKept(*reference, arguments, kept, expected))
      return code;
    std::vector<Port> inputs = getInputs(*module);
    std::vector<Port> outputs = getOutputs(*module);
    int code = stream.apply(*module, time);
    if (code)
      return code;
    std::unique_ptr<Program> steps = compileStream(
        target, std::move(module), std::move(inputs), std::move(outputs), code);
    if (!steps)
      return code;
    if (int failed = runKept(*steps, arguments, kept, actual))
      return failed;
  }
  return kExitOk;
}

/// Runs both with the results of all nodes as outputs, and names the first that
/// differs if `report`.
int VerifyCommand::compareLayers(ArrayRef<HostTensor> arguments, bool report) {
  std::vector<std::string> names = addProbes(*original);
  size_t outputs = getOutputs(*original).size();
  size_t first = outputs - names.size();
  Results expected(outputs), actual(outputs);
  if (int code = stream.isGiven() ? runLayerSteps(arguments, expected, actual)
                                  : runLayers(arguments, expected, actual))
    return code;
  bool named = false;
  size_t equal = 0;
  for (auto [i, name] : llvm::enumerate(names)) {
    if (!actual[first + i])
      continue;
    const HostTensor &a = *expected[first + i], &b = *actual[first + i];
    layers.push_back({name, {}});
    layers.back().likeness.add(a, b);
    double distance = getDistance(a, b);
    equal += distance == 0;
    if (named || !(report || compareAll) || distance <= getLimit(a.getType()))
      continue;
    named = true;
    reportError(model.getFile(),
                name + ": the result differs first here, by " +
                    toText(distance) +
                    (isFloat(a.getType()) ? " of its range" : ""),
                kExitDiffers);
  }
  if (compareAll && jsonFile != "-")
    llvm::outs() << llvm::formatv(
        "{0} of {1} results of nodes are equal; {2} have no frames\n", equal,
        layers.size(), names.size() - layers.size());
  layersDiffer = named;
  if (report && !named)
    reportError(model.getFile(),
                "the outputs differ, but no node does when each gives its "
                "result away",
                kExitDiffers);
  return kExitOk;
}

/// Values for an input, the same for the same name: floats between -1 and 1,
/// all bytes, small numbers of wider integers, which may be indices.
static HostTensor makeUp(const Port &port) {
  HostTensor tensor(DType::Float64, port.shape);
  uint64_t state = llvm::xxh3_64bits(port.name);
  for (double &value : tensor.elements<double>()) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    uint32_t bits = state >> 32;
    value = isFloat(port.type)          ? bits / 2147483648.0 - 1
            : port.type == DType::Int8  ? double(bits % 256) - 128
            : port.type == DType::UInt8 ? double(bits % 256)
                                        : double(bits % 2);
  }
  return tensor.convertTo(port.type);
}

int VerifyCommand::verifyInputs(const Program &reference,
                                const Program &tested) {
  std::vector<std::optional<HostTensor>> given;
  if (int code = readPorts(model.getFile(), inputs, reference.getInputs(),
                           "input", given))
    return code;
  std::vector<HostTensor> arguments;
  for (auto [port, tensor] : llvm::zip(reference.getInputs(), given))
    arguments.push_back(tensor ? *tensor : makeUp(port));
  auto expected = reference.run(arguments);
  if (!expected)
    return reportError(model.getFile(), llvm::toString(expected.takeError()),
                       kExitCompile);
  if (&tested == &reference) {
    if (jsonFile != "-")
      llvm::outs() << "ran; the reference is what other targets are compared "
                      "with\n";
    if (jsonFile.empty())
      return kExitOk;
    return writeJson(jsonFile,
                     llvm::json::Object{{"layers", describeLayers(layers)}});
  }
  auto actual = tested.run(arguments);
  if (!actual)
    return reportError(model.getFile(), llvm::toString(actual.takeError()),
                       kExitCompile);
  bool differs = false;
  for (auto [port, a, b] :
       llvm::zip(reference.getOutputs(), *expected, *actual)) {
    double distance = getDistance(a, b);
    bool asFloat = isFloat(a.getType());
    if (jsonFile != "-")
      llvm::outs() << llvm::formatv(
          "{0}: {1} {2}\n", port.name,
          distance == 0 ? "equal" : "differs by at most " + toText(distance),
          distance == 0 ? ""
          : asFloat     ? "of its range"
                        : "steps");
    differs |= distance > getLimit(a.getType());
  }
  if (differs || compareAll || !jsonFile.empty())
    if (int code = compareLayers(arguments, /*report=*/differs))
      return code;
  if (!jsonFile.empty())
    if (int code = writeJson(
            jsonFile, llvm::json::Object{{"layers", describeLayers(layers)}}))
      return code;
  return differs || layersDiffer ? kExitDiffers : kExitOk;
}

//===----------------------------------------------------------------------===//
// Before and after quantization
//===----------------------------------------------------------------------===//

int VerifyCommand::compareQuantized(QuantizedComparison &comparison,
                                    const Program *tested,
                                    llvm::json::Object &figures) {
  const Port &port = comparison.getInputs().front();
  int64_t count = samples.getShape()[0], rightFloat = 0, rightQuantized = 0;
  int64_t different = 0;
  HostTensor wanted;
  if (hasLabels())
    wanted = classes.convertTo(DType::Int64);
  Progress progress;
  progress.phase("sample");
  for (int64_t at = 0; at < count; at += batch) {
    progress.update(at, count);
    Program::Tensors row = {
        cutBatch(samples, port, at, batch, quantize.getScale())};
    auto results = comparison.run(row);
    if (!results)
      return reportError(model.getFile(), llvm::toString(results.takeError()),
                         kExitCompile);
    const HostTensor &reference = results->original.front();
    HostTensor scores = results->quantized.front();
    if (tested) {
      auto actual = tested->run(row);
      if (!actual)
        return reportError(model.getFile(), llvm::toString(actual.takeError()),
                           kExitCompile);
      different += llvm::any_of(
          llvm::zip(results->quantized, *actual), [&](const auto &pair) {
            auto &[expected, given] = pair;
            return getDistance(expected, given) > getLimit(expected.getType());
          });
      scores = actual->front();
    }
    if (!hasLabels())
      continue;
    if (scores.getNumElements() == 0 || scores.getNumElements() % batch)
      return reportError(model.getFile(),
                         "the first output holds no class scores for each "
                         "sample",
                         kExitUsage);
    ArrayRef<int64_t> right =
        wanted.elements<int64_t>().slice(at, std::min(batch, count - at));
    rightFloat += countRight(reference, batch, right);
    rightQuantized += countRight(scores, batch, right);
  }
  figures["count"] = count;
  if (hasLabels()) {
    double before = 100.0 * rightFloat / count;
    double after = 100.0 * rightQuantized / count;
    figures["top1_reference"] = before;
    figures["top1_target"] = after;
    if (jsonFile != "-")
      llvm::outs() << llvm::formatv(
          "float:     {0} of {2} samples right: top-1 {3:f2} %\n"
          "quantized: {1} of {2} samples right: top-1 {4:f2} %\n",
          rightFloat, rightQuantized, count, before, after);
  }
  if (different)
    return reportError(model.getFile(),
                       Twine(different) +
                           " runs differ from the quantized network's "
                           "reference",
                       kExitDiffers);
  return kExitOk;
}

int VerifyCommand::writeLayers(ArrayRef<LayerLikeness> compared,
                               llvm::json::Object figures) const {
  if (jsonFile != "-")
    printLayers(compared, llvm::outs());
  if (plotFile.getNumOccurrences()) {
    std::error_code error;
    llvm::raw_fd_ostream os(plotFile, error);
    if (error)
      return reportError(plotFile, error.message(), kExitFile);
    plotLayers(compared, os);
  }
  if (jsonFile.empty())
    return kExitOk;
  figures["layers"] = describeLayers(compared);
  return writeJson(jsonFile, std::move(figures));
}

int VerifyCommand::verifyQuantized(ModuleOp module) {
  Progress progress;
  progress.phase("calibrate");
  if (int code = quantize.calibrate(module, model.getFile()))
    return code;
  progress.phase("compile");
  auto comparison = QuantizedComparison::create(module, quantize.getSpec());
  if (!comparison)
    return kExitCompile;
  std::unique_ptr<Program> tested;
  if (target.get() != Target::Reference) {
    PassManager pm(module.getContext());
    buildQuantizePipeline(pm, quantize.getSpec());
    if (failed(pm.run(module)))
      return kExitCompile;
    int code = kExitOk;
    tested = target.compile(OwningOpRef<ModuleOp>(module.clone()), code);
    if (!tested)
      return code;
  }
  llvm::json::Object figures;
  int code = compareQuantized(*comparison, tested.get(), figures);
  if (code && code != kExitDiffers)
    return code;
  if (int written = writeLayers(comparison->getLayers(), std::move(figures)))
    return written;
  return code;
}

int VerifyCommand::checkLabels() const {
  // Layers can be compared without labels.
  bool needsLabels = !dataset.empty() && !quantize.isGiven();
  if (hasLabels() ? dataset.empty() : needsLabels)
    return reportError("lacuna",
                       "--dataset goes with --labels, or a folder with "
                       "--classes",
                       kExitUsage);
  bool bothNamed = !labels.empty() && !classNames.empty();
  if (bothNamed == labelClasses.empty())
    return reportError("lacuna",
                       "--labels, --classes and --label-classes go together: "
                       "the labels, and the names that the network and they "
                       "count",
                       kExitUsage);
  return kExitOk;
}

int VerifyCommand::run() {
  if (int code = target.check())
    return code;
  if (int code = quantize.check())
    return code;
  if (int code = stream.check(target.get()))
    return code;
  if (int code = checkLabels())
    return code;
  if (quantize.isGiven() && stream.isGiven())
    return reportError("lacuna",
                       "--quantize and --stream are verified one at a time",
                       kExitUsage);
  if (compareAll && (quantize.isGiven() || !dataset.empty()))
    return reportError("lacuna",
                       "--layers is for single inputs; --dataset and "
                       "--quantize compare layers anyway",
                       kExitUsage);
  if (plotFile.getNumOccurrences() && !quantize.isGiven())
    return reportError("lacuna", "--plot goes with --quantize", kExitUsage);
  if (quantize.isGiven() && dataset.empty())
    return reportError("lacuna",
                       "--quantize is verified on --dataset=FILE.npy|DIR",
                       kExitUsage);
  if (!dataset.empty() && !inputs.empty())
    return reportError("lacuna", "give --dataset or --input, not both",
                       kExitUsage);
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  DiagnosticPrinter printer(&context, model.getFile());
  FailureOr<ImportResult> imported = model.import(context);
  if (failed(imported))
    return model.getExitCode();
  if (!dataset.empty()) {
    // Read the data first: compiling for a file that is not there wastes time.
    std::vector<Port> ports = getInputs(*imported->module);
    if (ports.size() != 1)
      return reportError(
          model.getFile(),
          "--dataset needs a model with one input, and this has " +
              Twine(ports.size()),
          kExitUsage);
    if (int code = readDataset(ports.front()))
      return code;
  }
  if (quantize.isGiven())
    return verifyQuantized(*imported->module);
  Progress progress;
  progress.phase("compile");
  original = OwningOpRef<ModuleOp>(imported->module->clone());
  // It must not outlive the context.
  auto release = llvm::scope_exit([&] { original = {}; });
  std::unique_ptr<Program> reference = ReferenceProgram::compile(
      OwningOpRef<ModuleOp>(imported->module->clone()));
  if (!reference)
    return kExitCompile;
  std::unique_ptr<Program> tested;
  if (stream.isGiven()) {
    int code = stream.apply(*imported->module);
    if (code)
      return code;
    time = getStreamShape(*imported->module).axis;
    tested = compileStream(target, std::move(imported->module),
                           reference->getInputs().vec(),
                           reference->getOutputs().vec(), code);
    if (!tested)
      return code;
  } else if (target.get() != Target::Reference) {
    int code = kExitOk;
    tested = target.compile(std::move(imported->module), code);
    if (!tested)
      return code;
  }
  if (!dataset.empty() && !tested && !target.isGiven()) {
    std::unique_ptr<Program> standIn;
    if (int code = findStandIn(*reference, standIn))
      return code;
    if (standIn)
      return verifyDataset(*standIn, *standIn);
  }
  const Program &other = tested ? *tested : *reference;
  return dataset.empty() ? verifyInputs(*reference, other)
                         : verifyDataset(*reference, other);
}

std::unique_ptr<Command> lacuna::createVerifyCommand() {
  return std::make_unique<VerifyCommand>();
}
