//===- QuantizeOptions.cpp - How a network is quantized -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizeOptions.h"

#include "Command.h"

#include "lacuna/Driver/Reference.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

QuantizeOptions::QuantizeOptions(cl::SubCommand &sub)
    : spec("quantize", cl::value_desc("SPEC"),
           cl::desc("Make a float model one of integers: int8, or int2 to "
                    "int7 in bytes; auto:60KB, which chooses widths for so "
                    "much of weights; or a JSON or YAML file. After it may "
                    "come ,key=value: calibration=minmax|percentile|mse|kl, "
                    "weights=4, activations=4, outliers=3.5, highway, "
                    "equalize, ..."),
           cl::sub(sub), cl::cat(getInputCategory())),
      data("calibrate", cl::value_desc("DIR|FILE.npy"),
           cl::desc("Samples that --quantize finds the ranges of values with: "
                    "a folder of .npy, .pb and .wav files, or samples along "
                    "the first dimension"),
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

int QuantizeOptions::calibrate(ModuleOp module, StringRef file) const {
  std::vector<Port> ports = getInputs(module);
  if (ports.size() != 1)
    return reportError(file,
                       "--calibrate needs a model with one input, and this "
                       "has " +
                           Twine(ports.size()),
                       kExitUnsupported);
  llvm::Expected<HostTensor> samples = readSamples(data, file);
  if (!samples)
    return reportError("lacuna", llvm::toString(samples.takeError()),
                       kExitFile);
  std::optional<int64_t> batch = getBatch(*samples, ports[0]);
  if (!batch) {
    bool isEmpty = samples->getNumElements() == 0;
    return reportError(
        data,
        isEmpty ? "it holds no samples"
                : "a sample is " +
                      describe(samples->getType(),
                               samples->getShape().drop_front(
                                   samples->getShape().empty() ? 0 : 1)) +
                      ", which does not fit input '" + ports[0].name + "', " +
                      describe(ports[0].type, ports[0].shape),
        kExitUsage);
  }
  int64_t runs = samples->getShape()[0] / *batch;
  if (runs == 0)
    return reportError(data,
                       "it holds fewer samples than the model takes at once, " +
                           Twine(*batch),
                       kExitUsage);
  int64_t wanted =
      count.getNumOccurrences() ? std::min<int64_t>(count, runs) : runs;
  CalibrationData calibration{{}, compileReference, &llvm::errs()};
  for (int64_t i = 0; i < wanted; ++i)
    calibration.samples.push_back({cutBatch(
        *samples, ports[0], i * runs / wanted * *batch, *batch, getScale())});
  if (failed(lacuna::calibrate(module, parsed, calibration)))
    return kExitCompile;
  return kExitOk;
}

int QuantizeOptions::apply(ModuleOp module, StringRef file) const {
  if (!isGiven())
    return kExitOk;
  if (int code = calibrate(module, file))
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
