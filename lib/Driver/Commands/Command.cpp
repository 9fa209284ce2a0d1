//===- Command.cpp - What the commands of the driver share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "../AudioInput.h"
#include "../ModuleFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace lacuna {

cl::OptionCategory &getInputCategory() {
  static cl::OptionCategory category("Model and data");
  return category;
}

cl::OptionCategory &getOutputCategory() {
  static cl::OptionCategory category("Results and reports");
  return category;
}

cl::OptionCategory &getTargetCategory() {
  static cl::OptionCategory category("Target");
  return category;
}

ModelOptions::ModelOptions(cl::SubCommand &sub)
    : path(cl::Positional, cl::Required, cl::desc("MODEL.onnx"), cl::sub(sub),
           cl::cat(getInputCategory())),
      shapes("shape", cl::value_desc("NAME=1x3x224x224"),
             cl::desc("Fix the shape of an input"), cl::sub(sub),
             cl::cat(getInputCategory())),
      bindings("bind", cl::value_desc("NAME=FILE|1,2,3"),
               cl::desc("Fix the value of an input when compiling"),
               cl::sub(sub), cl::cat(getInputCategory())) {}

std::pair<StringRef, StringRef> splitNamed(StringRef text) {
  if (!text.contains('='))
    return {"", text};
  return text.split('=');
}

llvm::Expected<HostTensor> readTensorFile(StringRef path) {
  if (path.ends_with(".npy"))
    return readNpy(path);
  if (path.ends_with_insensitive(".wav"))
    return readSoundFeatures(path);
  return readTensorProto(path);
}

/// `1x3x224x224`, or nothing for a scalar.
static bool parseShape(StringRef text, SmallVectorImpl<int64_t> &shape) {
  SmallVector<StringRef> parts;
  text.split(parts, 'x', -1, /*KeepEmpty=*/true);
  if (text.empty())
    return true;
  for (StringRef part : parts) {
    int64_t size;
    if (part.getAsInteger(10, size) || size < 0)
      return false;
    shape.push_back(size);
  }
  return true;
}

/// A file, or numbers with commas between them.
static llvm::Expected<HostTensor> parseBinding(StringRef text) {
  if (llvm::sys::fs::exists(text))
    return readTensorFile(text);
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  SmallVector<int64_t> integers, shape;
  SmallVector<double> values;
  for (StringRef part : parts) {
    int64_t integer;
    if (!part.trim().getAsInteger(10, integer))
      integers.push_back(integer);
    double value;
    if (part.trim().getAsDouble(value))
      return llvm::createStringError("'" + text +
                                     "' is neither a file nor numbers");
    values.push_back(value);
  }
  if (values.size() != 1)
    shape.push_back(values.size());
  // A double would not hold every integer.
  bool exact = integers.size() == values.size();
  HostTensor tensor(exact ? DType::Int64 : DType::Float64, shape);
  if (exact)
    llvm::copy(integers, tensor.elements<int64_t>().begin());
  else
    llvm::copy(values, tensor.elements<double>().begin());
  return tensor;
}

std::vector<std::string> ModelOptions::getOptions() const {
  std::vector<std::string> options;
  for (const std::string &shape : shapes)
    options.push_back("--shape=" + shape);
  for (const std::string &binding : bindings)
    options.push_back("--bind=" + binding);
  return options;
}

llvm::Error ModelOptions::read(ImportOptions &options) const {
  for (const std::string &text : shapes) {
    auto [name, value] = splitNamed(text);
    SmallVector<int64_t> shape;
    if (name.empty() || !parseShape(value, shape))
      return llvm::createStringError("--shape=" + text +
                                     ": expected NAME=SIZExSIZEx...");
    options.shapes[name] = shape;
  }
  for (const std::string &text : bindings) {
    auto [name, value] = splitNamed(text);
    if (name.empty())
      return llvm::createStringError("--bind=" + text +
                                     ": expected NAME=FILE or NAME=1,2,3");
    llvm::Expected<HostTensor> tensor = parseBinding(value);
    if (!tensor)
      return llvm::createStringError("--bind=" + text + ": " +
                                     llvm::toString(tensor.takeError()));
    options.bindings[name] = *tensor;
  }
  return llvm::Error::success();
}

FailureOr<ImportResult> ModelOptions::import(MLIRContext &context,
                                             bool keepUnsupported) const {
  ImportResult result;
  if (isModuleFile(path)) {
    if (!shapes.empty() || !bindings.empty()) {
      exitCode = reportError("lacuna",
                             "--shape and --bind are for ONNX models; '" +
                                 path + "' has been imported already",
                             kExitUsage);
      return failure();
    }
    result.module = readModule(path, context, exitCode);
    if (!result.module)
      return failure();
    return result;
  }
  ImportOptions options;
  options.keepUnsupported = keepUnsupported;
  if (llvm::Error error = read(options)) {
    exitCode =
        reportError("lacuna", llvm::toString(std::move(error)), kExitUsage);
    return failure();
  }
  result = importModel(path, context, options);
  exitCode = lacuna::getExitCode(result.failure);
  if (!result.module)
    return failure();
  return result;
}

int readPorts(StringRef model, ArrayRef<std::string> files,
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
      return reportError(model,
                         name.empty() ? "more files than " + what + "s"
                                      : "there is no " + what + " '" + name +
                                            "'; there are: " + known,
                         kExitUsage);
    }
    llvm::Expected<HostTensor> tensor = readTensorFile(path);
    if (!tensor)
      return reportError("lacuna", llvm::toString(tensor.takeError()),
                         kExitFile);
    const Port &port = ports[index];
    // The features of a clip know nothing of the network's batch.
    if (path.ends_with_insensitive(".wav") && port.type == tensor->getType() &&
        llvm::product_of(port.shape) == tensor->getNumElements())
      tensor = tensor->reshape(port.shape);
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

int readInputs(StringRef model, ArrayRef<std::string> files,
               ArrayRef<Port> ports, std::vector<HostTensor> &out) {
  std::vector<std::optional<HostTensor>> given;
  if (int code = readPorts(model, files, ports, "input", given))
    return code;
  for (auto [port, tensor] : llvm::zip(ports, given)) {
    if (!tensor)
      return reportError(
          model,
          "input '" + port.name + "', " + describe(port.type, port.shape) +
              ", is missing; give it with --input " + port.name + "=FILE",
          kExitUsage);
    out.push_back(*tensor);
  }
  return kExitOk;
}

std::string toText(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.7g", value);
  return text;
}

int writeJson(StringRef path, llvm::json::Value value) {
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  if (error)
    return reportError(path, error.message(), kExitFile);
  file << llvm::formatv("{0:2}\n", value);
  return kExitOk;
}

int getExitCode(ImportFailure failure) {
  switch (failure) {
  case ImportFailure::None:
    return kExitOk;
  case ImportFailure::Unsupported:
    return kExitUnsupported;
  case ImportFailure::Invalid:
    return kExitInvalidModel;
  case ImportFailure::CannotRead:
    return kExitFile;
  }
  return kExitCompile;
}

} // namespace lacuna
