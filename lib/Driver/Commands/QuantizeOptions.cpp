//===- QuantizeOptions.cpp - How a network is quantized -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizeOptions.h"

#include "Command.h"

#include "../QuantizedComparison.h"

#include "lacuna/Driver/Reference.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

QuantizeOptions::QuantizeOptions(cl::SubCommand &sub)
    : spec("quantize", cl::value_desc("SPEC"),
           cl::desc("Make a float model one of integers: int8, or int2 to "
                    "int7, stored in 1, 2, 4 or 8 bits; auto:60KB, which "
                    "chooses widths for so "
                    "much of weights; or a JSON or YAML file. After it may "
                    "come ,key=value: calibration=minmax|percentile|mse|kl, "
                    "weights=4, activations=4, outliers=3.5, group=32, "
                    "highway, equalize, ..."),
           cl::sub(sub), cl::cat(getInputCategory())),
      data("calibrate", cl::value_desc("[NAME=]DIR|FILE.npy"),
           cl::desc("Samples that --quantize finds the ranges of values with: "
                    "a folder of .npy, .pb and .wav files, or samples along "
                    "the first dimension; once for each input"),
           cl::sub(sub), cl::cat(getInputCategory())),
      count("calibration-samples", cl::value_desc("N"),
            cl::desc("Take only N of them, spread evenly"), cl::sub(sub),
            cl::cat(getInputCategory())),
      scale("scale", cl::desc("Multiply the samples (default 1)"),
            cl::init(1.0), cl::sub(sub), cl::cat(getInputCategory())),
      offset("offset", cl::desc("Then add this to the samples (default 0)"),
             cl::init(0.0), cl::sub(sub), cl::cat(getInputCategory())) {}

int QuantizeOptions::check() {
  if (!isGiven()) {
    if (data.getNumOccurrences() || count.getNumOccurrences())
      return reportError("lacuna", "--calibrate goes with --quantize=SPEC",
                         kExitUsage);
    return kExitOk;
  }
  if (data.empty())
    return reportError("lacuna",
                       "--quantize needs --calibrate=DIR|FILE.npy: samples "
                       "to find the ranges of values with",
                       kExitUsage);
  if (count.getNumOccurrences() && count == 0)
    return reportError("lacuna", "--calibration-samples must be 1 or more",
                       kExitUsage);
  llvm::Expected<QuantizationSpec> read = parseQuantizationSpec(spec);
  if (!read)
    return reportError("lacuna",
                       "--quantize=" + spec + ": " +
                           llvm::toString(read.takeError()),
                       kExitUsage);
  parsed = *read;
  return kExitOk;
}

/// Compiles a module into this process.
static RunFunction compileReference(OwningOpRef<ModuleOp> module) {
  std::shared_ptr<ReferenceProgram> program =
      ReferenceProgram::compile(std::move(module));
  if (!program)
    return nullptr;
  return [program](ArrayRef<HostTensor> arguments) {
    return program->run(arguments);
  };
}

/// How many runs of `port` the samples of `path` are enough for, `batch`
/// samples each.
static int countRuns(StringRef path, const HostTensor &samples,
                     const Port &port, int64_t &batch, int64_t &runs) {
  std::optional<int64_t> fitting = getBatch(samples, port);
  ArrayRef<int64_t> shape = samples.getShape();
  if (!fitting && samples.getNumElements() == 0)
    return reportError(path, "it holds no samples", kExitUsage);
  if (!fitting)
    return reportError(
        path,
        "a sample is " +
            describe(samples.getType(), shape.drop_front(!shape.empty())) +
            ", which does not fit input '" + port.name + "', " +
            describe(port.type, port.shape),
        kExitUsage);
  batch = *fitting;
  runs = shape[0] / batch;
  if (runs)
    return kExitOk;
  return reportError(path,
                     "it holds fewer samples than the model takes at once, " +
                         Twine(batch),
                     kExitUsage);
}

int QuantizeOptions::readCalibration(ArrayRef<Port> ports, StringRef file,
                                     std::vector<Tensors> &samples) const {
  std::vector<std::optional<HostTensor>> stacks(ports.size());
  std::vector<int64_t> batches(ports.size());
  std::string first;
  int64_t runs = 0;
  for (const std::string &text : data) {
    size_t index;
    StringRef path;
    if (int code = findPort(
            file, text, ports, "input",
            [&](size_t i) { return stacks[i].has_value(); }, index, path))
      return code;
    if (stacks[index])
      return reportError("lacuna",
                         "--calibrate is given twice for input '" +
                             ports[index].name + "'",
                         kExitUsage);
    llvm::Expected<HostTensor> stack = readSamples(path, file);
    if (!stack)
      return reportError("lacuna", llvm::toString(stack.takeError()),
                         kExitFile);
    int64_t own;
    if (int code = countRuns(path, *stack, ports[index], batches[index], own))
      return code;
    if (first.empty())
      std::tie(first, runs) = std::pair(path.str(), own);
    if (own != runs)
      return reportError(path,
                         "it holds samples for " + Twine(own) + " runs, but " +
                             first + " for " + Twine(runs),
                         kExitUsage);
    stacks[index] = *stack;
  }
  for (auto [port, stack] : llvm::zip(ports, stacks))
    if (!stack)
      return reportError(file,
                         "input '" + port.name + "', " +
                             describe(port.type, port.shape) +
                             ", has no samples; give them with --calibrate " +
                             port.name + "=DIR|FILE.npy",
                         kExitUsage);
  int64_t wanted =
      count.getNumOccurrences() ? std::min<int64_t>(count, runs) : runs;
  for (int64_t i = 0; i < wanted; ++i) {
    Tensors &sample = samples.emplace_back();
    for (auto [port, stack, batch] : llvm::zip(ports, stacks, batches))
      sample.push_back(
          cutBatch(*stack, port, i * runs / wanted * batch, batch, getScale()));
  }
  return kExitOk;
}

int QuantizeOptions::calibrate(ModuleOp module,
                               ArrayRef<Tensors> samples) const {
  CalibrationData calibration{samples, compileReference, &llvm::errs()};
  return failed(lacuna::calibrate(module, parsed, calibration))
             ? int(kExitCompile)
             : int(kExitOk);
}

int QuantizeOptions::calibrate(ModuleOp module, StringRef file) const {
  std::vector<Tensors> samples;
  if (int code = readCalibration(getInputs(module), file, samples))
    return code;
  return calibrate(module, samples);
}

/// What quantizing `calibrated` does to its layers, worst first.
static int compareLayers(ModuleOp calibrated, const QuantizationSpec &spec,
                         ArrayRef<Tensors> samples, StringRef file,
                         std::vector<LayerLikeness> &layers) {
  // More would change the figures little.
  constexpr size_t kSamples = 32;
  auto comparison = QuantizedComparison::create(calibrated, spec);
  if (!comparison)
    return kExitCompile;
  size_t count = std::min(kSamples, samples.size());
  for (size_t i = 0; i < count; ++i) {
    auto results = comparison->run(samples[i * samples.size() / count]);
    if (!results)
      return reportError(file, llvm::toString(results.takeError()),
                         kExitCompile);
  }
  layers = comparison->getLayers().vec();
  llvm::stable_sort(layers, [](const LayerLikeness &a, const LayerLikeness &b) {
    return a.likeness.getSqnr() < b.likeness.getSqnr();
  });
  return kExitOk;
}

int QuantizeOptions::apply(ModuleOp module, StringRef file,
                           std::vector<LayerLikeness> *layers) const {
  if (!isGiven())
    return kExitOk;
  std::vector<Tensors> samples;
  if (int code = readCalibration(getInputs(module), file, samples))
    return code;
  if (int code = calibrate(module, samples))
    return code;
  if (layers)
    if (int code = compareLayers(module, parsed, samples, file, *layers))
      return code;
  PassManager pm(module.getContext());
  buildQuantizePipeline(pm, parsed);
  return failed(pm.run(module)) ? int(kExitCompile) : int(kExitOk);
}

std::vector<std::string> QuantizeOptions::getOptions() const {
  std::vector<std::string> options;
  if (!isGiven())
    return options;
  options.push_back("--quantize=" + spec);
  if (count.getNumOccurrences())
    options.push_back("--calibration-samples=" + std::to_string(count));
  if (scale != 1)
    options.push_back("--scale=" + toText(scale));
  if (offset != 0)
    options.push_back("--offset=" + toText(offset));
  return options;
}
