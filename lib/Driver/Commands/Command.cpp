//===- Command.cpp - What the commands of the driver share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

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

TargetOption::TargetOption(cl::SubCommand &sub)
    : cl::opt<Target>(
          "target", cl::desc("What the network runs on:"),
          cl::init(Target::Reference),
          cl::values(clEnumValN(Target::Reference, "reference",
                                "the reference lowering, in this process")),
          cl::sub(sub), cl::cat(getTargetCategory())) {}

std::pair<StringRef, StringRef> splitNamed(StringRef text) {
  if (!text.contains('='))
    return {"", text};
  return text.split('=');
}

llvm::Expected<HostTensor> readTensorFile(StringRef path) {
  if (path.ends_with(".npy"))
    return readNpy(path);
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
  SmallVector<double> values;
  for (StringRef part : parts) {
    double value;
    if (part.trim().getAsDouble(value))
      return llvm::createStringError("'" + text +
                                     "' is neither a file nor numbers");
    values.push_back(value);
  }
  SmallVector<int64_t> shape;
  if (values.size() != 1 || text.contains(','))
    shape.push_back(values.size());
  HostTensor tensor(DType::Float64, shape);
  llvm::copy(values, tensor.elements<double>().begin());
  return tensor;
}

llvm::Error ModelOptions::read(ImportOptions &options) const {
  for (const std::string &text : shapes) {
    auto [name, value] = splitNamed(text);
    SmallVector<int64_t> shape;
    if (name.empty() || !parseShape(value, shape))
      return llvm::createStringError(
          "--shape=" + text + ": expected NAME=SIZExSIZEx...");
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

FailureOr<ImportResult> ModelOptions::import(MLIRContext &context) const {
  ImportOptions options;
  if (llvm::Error error = read(options)) {
    exitCode = reportError("lacuna", llvm::toString(std::move(error)),
                           kExitUsage);
    return failure();
  }
  ImportResult result = importModel(path, context, options);
  exitCode = lacuna::getExitCode(result.failure);
  if (!result.module)
    return failure();
  return result;
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
