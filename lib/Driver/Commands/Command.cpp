//===- Command.cpp - What the commands of the driver share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

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
    : path(cl::Positional, cl::Required, cl::desc("MODEL.onnx|-"), cl::sub(sub),
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

/// Numbers with commas between them.
static llvm::Expected<HostTensor> parseBinding(StringRef text) {
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

/// Splits `NAME=VALUE` of --bind. The name of an input may hold a `=`, and so
/// may that of a file: the first value that is there or a number is taken, from
/// the shortest on.
static std::pair<StringRef, StringRef> splitBinding(StringRef text) {
  for (size_t at = text.rfind('='); at != StringRef::npos;
       at = text.take_front(at).rfind('=')) {
    StringRef value = text.drop_front(at + 1);
    double number;
    if (llvm::sys::fs::exists(value) ||
        !value.split(',').first.trim().getAsDouble(number))
      return {text.take_front(at), value};
  }
  return splitNamed(text);
}

int ModelOptions::read(ImportOptions &options) const {
  for (const std::string &text : shapes) {
    // A shape holds no '=', but the name of an input may.
    auto [name, value] = StringRef(text).rsplit('=');
    SmallVector<int64_t> shape;
    if (name.size() == text.size() || name.empty() || !parseShape(value, shape))
      return reportError("lacuna",
                         "--shape=" + text + ": expected NAME=SIZExSIZEx...",
                         kExitUsage);
    if (!options.shapes.try_emplace(name, shape).second)
      return reportError("lacuna",
                         "--shape is given twice for input '" + name + "'",
                         kExitUsage);
  }
  for (const std::string &text : bindings) {
    auto [name, value] = splitBinding(text);
    if (name.empty())
      return reportError(
          "lacuna", "--bind=" + text + ": expected NAME=FILE or NAME=1,2,3",
          kExitUsage);
    bool isFile = isTensorFile(value) || llvm::sys::fs::exists(value);
    llvm::Expected<HostTensor> tensor =
        isFile ? readTensorFile(value) : parseBinding(value);
    if (!tensor)
      return reportError("lacuna",
                         "--bind=" + text + ": " +
                             llvm::toString(tensor.takeError()),
                         isFile ? kExitFile : kExitUsage);
    if (!options.bindings.try_emplace(name, *tensor).second)
      return reportError("lacuna",
                         "--bind is given twice for input '" + name + "'",
                         kExitUsage);
  }
  return kExitOk;
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
    result.module = readModule(path, context, stage, exitCode);
    if (!result.module)
      return failure();
    return result;
  }
  ImportOptions options;
  options.keepUnsupported = keepUnsupported;
  exitCode = read(options);
  if (exitCode)
    return failure();
  result = importModel(path, context, options);
  exitCode = lacuna::getExitCode(result.failure);
  if (!result.module)
    return failure();
  return result;
}

int findPort(StringRef model, StringRef text, ArrayRef<Port> ports,
             StringRef what, llvm::function_ref<bool(size_t)> isTaken,
             size_t &index, StringRef &path) {
  StringRef name;
  std::tie(name, path) = splitNamed(text);
  // The name of an output or input may hold a '=' itself.
  for (const Port &port : ports)
    if (StringRef rest = text; port.name.size() > name.size() &&
                               rest.consume_front(port.name) &&
                               rest.consume_front("="))
      std::tie(name, path) = std::pair(StringRef(port.name), rest);
  // So may that of a file.
  if (llvm::none_of(ports, [&](const Port &p) { return p.name == name; }) &&
      llvm::sys::fs::exists(text))
    std::tie(name, path) = std::pair(StringRef(), text);
  index = 0;
  while (index < ports.size() &&
         (name.empty() ? isTaken(index) : ports[index].name != name))
    ++index;
  if (index < ports.size())
    return kExitOk;
  std::string known;
  for (const Port &port : ports)
    known += (known.empty() ? "" : ", ") + port.name;
  return reportError(model,
                     name.empty() ? "more files than " + what + "s"
                                  : "there is no " + what + " '" + name +
                                        "'; there are: " + known,
                     kExitUsage);
}

int readPorts(StringRef model, ArrayRef<std::string> files,
              ArrayRef<Port> ports, StringRef what,
              std::vector<std::optional<HostTensor>> &out) {
  out.resize(ports.size());
  for (const std::string &text : files) {
    size_t index;
    StringRef path;
    if (int code = findPort(
            model, text, ports, what,
            [&](size_t i) { return out[i].has_value(); }, index, path))
      return code;
    llvm::Expected<HostTensor> tensor = readTensorFile(path, model);
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
  case ImportFailure::Usage:
    return kExitUsage;
  case ImportFailure::CannotRead:
    return kExitFile;
  }
  return kExitCompile;
}

} // namespace lacuna

std::vector<std::string> lacuna::getFileNames(llvm::ArrayRef<Port> ports) {
  std::vector<std::string> names;
  for (const Port &port : ports) {
    std::string name = port.name;
    for (char &c : name)
      if (!llvm::isAlnum(c) && c != '_' && c != '-' && c != '.')
        c = '_';
    std::string base = name;
    for (unsigned i = 1; llvm::is_contained(names, name); ++i)
      name = base + "_" + std::to_string(i);
    names.push_back(name);
  }
  return names;
}
