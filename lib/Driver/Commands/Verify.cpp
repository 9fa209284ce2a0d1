//===- Verify.cpp - lacuna verify -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "../Dataset.h"
#include "../Progress.h"

#include "lacuna/Driver/Registration.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
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
  int readFolder();
  int readFiles();
  int readDataset(const Port &port);
  int verifyDataset(const ReferenceProgram &reference);
  int verifyInputs(const ReferenceProgram &reference);

  ModelOptions model{sub};
  TargetOption target{sub};
  cl::list<std::string> inputs{
      "input", cl::value_desc("[NAME=]FILE.npy|FILE.pb"),
      cl::desc("The value of an input; without a name, of the next one"),
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
      cl::desc("Names of the classes, one a line: the folders of --dataset"),
      cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<double> scale{"scale", cl::desc("Multiply the samples (default 1)"),
                        cl::init(1.0), cl::sub(sub),
                        cl::cat(getInputCategory())};
  cl::opt<double> offset{
      "offset", cl::desc("Then add this to the samples (default 0)"),
      cl::init(0.0), cl::sub(sub), cl::cat(getInputCategory())};
  cl::opt<std::string> jsonFile{
      "json", cl::value_desc("FILE"),
      cl::desc("Write the figures as JSON; - for standard output, "
               "which then holds nothing else"),
      cl::sub(sub), cl::cat(getOutputCategory())};

  HostTensor samples, classes;
  /// How many samples the model takes at once.
  int64_t batch = 1;
};
} // namespace

int VerifyCommand::readFolder() {
  llvm::Expected<std::vector<std::string>> names = readLines(classNames);
  if (!names)
    return reportError("lacuna", llvm::toString(names.takeError()), kExitFile);
  llvm::Expected<Dataset> read = readDatasetFolder(dataset, *names);
  if (!read)
    return reportError("lacuna", llvm::toString(read.takeError()), kExitFile);
  samples = read->samples;
  classes = read->labels;
  return kExitOk;
}

int VerifyCommand::readFiles() {
  for (auto [file, tensor] :
       {std::pair(&dataset, &samples), std::pair(&labels, &classes)}) {
    llvm::Expected<HostTensor> read = readTensorFile(*file);
    if (!read)
      return reportError("lacuna", llvm::toString(read.takeError()), kExitFile);
    *tensor = *read;
  }
  return kExitOk;
}

int VerifyCommand::readDataset(const Port &port) {
  if (int code = classNames.empty() ? readFiles() : readFolder())
    return code;
  if (samples.getShape().empty() || samples.getShape()[0] == 0)
    return reportError(dataset, "it holds no samples", kExitUsage);
  int64_t count = samples.getShape()[0];
  if (isFloat(classes.getType()) || classes.getNumElements() != count)
    return reportError(
        labels,
        "it holds " + describe(classes.getType(), classes.getShape()) +
            ", not one integer for each of the " + Twine(count) + " samples",
        kExitUsage);
  int64_t each = samples.getNumElements() / count;
  int64_t wanted = llvm::product_of(port.shape, int64_t(1));
  if (!port.shape.empty() && port.shape[0] > 0 &&
      wanted / port.shape[0] == each)
    batch = port.shape[0];
  else if (wanted != each)
    return reportError(
        dataset,
        "a sample is " +
            describe(samples.getType(), samples.getShape().drop_front()) +
            ", which does not fit input '" + port.name + "', " +
            describe(port.type, port.shape),
        kExitUsage);
  return kExitOk;
}

/// Rows [begin, begin + batch) in the type and shape of `port`; the last row
/// stands in for those past the end.
static HostTensor cutBatch(const HostTensor &samples, const Port &port,
                           int64_t begin, int64_t batch, double scale,
                           double offset) {
  int64_t count = samples.getShape()[0];
  size_t rowBytes = samples.getByteSize() / count;
  SmallVector<int64_t> shape(samples.getShape());
  shape[0] = batch;
  HostTensor rows(samples.getType(), shape);
  for (int64_t i = 0; i < batch; ++i)
    std::memcpy(rows.data() + i * rowBytes,
                samples.data() + std::min(begin + i, count - 1) * rowBytes,
                rowBytes);
  if (scale != 1 || offset != 0) {
    rows = rows.convertTo(DType::Float64);
    for (double &value : rows.elements<double>())
      value = value * scale + offset;
  }
  return rows.convertTo(port.type).reshape(port.shape);
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

int VerifyCommand::verifyDataset(const ReferenceProgram &reference) {
  const Port &port = reference.getInputs().front();
  int64_t count = samples.getShape()[0], right = 0;
  HostTensor wanted = classes.convertTo(DType::Int64);
  Progress progress;
  progress.phase("sample");
  for (int64_t begin = 0; begin < count; begin += batch) {
    progress.update(begin, count);
    llvm::Expected<std::vector<HostTensor>> results =
        reference.run(cutBatch(samples, port, begin, batch, scale, offset));
    if (!results)
      return reportError(model.getFile(), llvm::toString(results.takeError()),
                         kExitCompile);
    const HostTensor &scores = results->front();
    if (scores.getNumElements() == 0 || scores.getNumElements() % batch)
      return reportError(model.getFile(),
                         "output '" + reference.getOutputs().front().name +
                             "' holds no class scores for each sample",
                         kExitUsage);
    for (int64_t i = begin; i < std::min(begin + batch, count); ++i)
      right +=
          findTop(scores, i - begin, batch) == wanted.elements<int64_t>()[i];
  }
  // The reference is the only target so far, so the two agree.
  double top1 = 100.0 * right / count;
  if (jsonFile != "-")
    llvm::outs() << llvm::formatv("{0} of {1} samples right: top-1 {2:f2} %\n",
                                  right, count, top1);
  if (jsonFile.empty())
    return kExitOk;
  return writeJson(jsonFile,
                   llvm::json::Object{{"count", count},
                                      {"top1_reference", top1},
                                      {"top1_target", top1},
                                      {"layers", llvm::json::Array()}});
}

int VerifyCommand::verifyInputs(const ReferenceProgram &reference) {
  std::vector<HostTensor> arguments;
  if (int code =
          readInputs(model.getFile(), inputs, reference.getInputs(), arguments))
    return code;
  llvm::Expected<std::vector<HostTensor>> results = reference.run(arguments);
  if (!results)
    return reportError(model.getFile(), llvm::toString(results.takeError()),
                       kExitCompile);
  if (jsonFile != "-")
    llvm::outs() << "ran; the reference is what other targets are compared "
                    "with\n";
  if (jsonFile.empty())
    return kExitOk;
  return writeJson(jsonFile,
                   llvm::json::Object{{"layers", llvm::json::Array()}});
}

int VerifyCommand::run() {
  if (int code = target.check())
    return code;
  if (dataset.empty() != (labels.empty() && classNames.empty()) ||
      (!labels.empty() && !classNames.empty()))
    return reportError("lacuna",
                       "--dataset goes with --labels, or a folder with "
                       "--classes",
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
  Progress progress;
  progress.phase("compile");
  std::unique_ptr<ReferenceProgram> reference =
      ReferenceProgram::compile(std::move(imported->module));
  if (!reference)
    return kExitCompile;
  return dataset.empty() ? verifyInputs(*reference) : verifyDataset(*reference);
}

std::unique_ptr<Command> lacuna::createVerifyCommand() {
  return std::make_unique<VerifyCommand>();
}
