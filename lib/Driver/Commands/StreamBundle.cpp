//===- StreamBundle.cpp - Bundles of the target npu -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StreamBundle.h"

#include "Command.h"

#include "../BundleManifest.h"

#include "backends/npu/Machines.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace lacuna;

static std::vector<std::string> findStreams(llvm::StringRef folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), end;
       it != end && !error; it.increment(error))
    if (llvm::sys::path::extension(it->path()) == ".npu")
      found.push_back(it->path());
  return found;
}

bool lacuna::hasStream(llvm::StringRef folder) {
  return !findStreams(folder).empty();
}

/// Whether steps of `shape` fit what a stream takes, gives and keeps.
static bool fits(const StreamShape &shape, const npu::Stream &stream) {
  std::vector<Port> inputs = getInputs(stream), outputs = getOutputs(stream);
  size_t made = shape.outputAxes.size();
  if (inputs.size() != 2 || outputs.size() != made + 1)
    return false;
  auto isNumbers = [](const Port &port, int64_t count) {
    return port.type == DType::Int64 && port.shape.size() == 1 &&
           port.shape[0] == count;
  };
  int64_t rank = inputs[0].shape.size();
  // Longer than any clip: the flush is as long.
  constexpr int64_t kMostFrames = 1 << 24;
  if (shape.frames < 1 || shape.clip < 1 || shape.clip > kMostFrames ||
      shape.axis < 0 || rank == 0 || shape.axis >= rank ||
      inputs[0].shape[0] != shape.frames || !isNumbers(inputs[1], 2) ||
      !isNumbers(outputs[made], 1))
    return false;
  for (auto [axis, port] : llvm::zip(shape.outputAxes, outputs))
    if (axis < -1 || axis >= int64_t(port.shape.size()))
      return false;
  uint64_t states = 0;
  for (const npu::KeptBytes &kept : stream.kept)
    states += kept.isConstant ? 0 : kept.bytes;
  return shape.stateBytes >= 0 && uint64_t(shape.stateBytes) <= states;
}

namespace {
/// What is known of a bundle beside its stream; empty without a manifest.
struct StreamManifest {
  std::string file;
  llvm::json::Object object;

  /// Reads the one beside the stream at `path`, if there is one.
  int read(llvm::StringRef path);
  int readSteps(StreamBundle &bundle) const;
  /// The machine file that the model was compiled for; empty if a name was.
  llvm::StringRef findMachineFile() const;
};
} // namespace

int StreamManifest::read(llvm::StringRef path) {
  llvm::SmallString<128> beside(llvm::sys::path::parent_path(path));
  llvm::sys::path::append(beside, "manifest.json");
  file = beside.str().str();
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer)
    return kExitOk;
  llvm::Expected<llvm::json::Value> manifest =
      llvm::json::parse((*buffer)->getBuffer());
  if (!manifest)
    return reportError(file, llvm::toString(manifest.takeError()),
                       kExitInvalidModel);
  if (llvm::json::Object *read = manifest->getAsObject())
    object = std::move(*read);
  return kExitOk;
}

int StreamManifest::readSteps(StreamBundle &bundle) const {
  const llvm::json::Value *steps = object.get("steps");
  if (!steps)
    return kExitOk;
  llvm::json::Path::Root root("manifest");
  StreamShape shape;
  if (!fromJSON(*steps, shape, root))
    return reportError(file, llvm::toString(root.getError()),
                       kExitInvalidModel);
  if (!fits(shape, bundle.stream))
    return reportError(file,
                       "its steps do not fit the stream; "
                       "compile the model again",
                       kExitInvalidModel);
  bundle.steps = shape;
  return kExitOk;
}

llvm::StringRef StreamManifest::findMachineFile() const {
  const llvm::json::Array *options = object.getArray("options");
  if (!options)
    return "";
  for (const llvm::json::Value &option : *options)
    if (std::optional<llvm::StringRef> text = option.getAsString();
        text && text->consume_front("--machine=") && npu::isFile(*text))
      return *text;
  return "";
}

/// Finds the machine of a stream, which is at `path`: `given`, or if that is
/// empty the one that is shipped under the name in the stream.
static int findMachine(llvm::StringRef path, llvm::StringRef given,
                       const StreamManifest &manifest, StreamBundle &bundle) {
  const npu::Stream &stream = bundle.stream;
  llvm::StringRef file = manifest.findMachineFile();
  std::string remedy = file.empty() ? "give the machine's file with --machine"
                                    : "give the file that it was made for, '" +
                                          file.str() + "', with --machine";
  if (!given.empty()) {
    if (int code = readMachine(given, bundle.machine))
      return code;
  } else if (llvm::Expected<Machine> shipped =
                 npu::getMachine(stream.machine)) {
    bundle.machine = std::move(*shipped);
  } else {
    llvm::consumeError(shipped.takeError());
    return reportError(
        path,
        "it was made for machine '" + stream.machine +
            "', which is none of those that are shipped: " + remedy,
        kExitUsage);
  }
  llvm::Error error =
      npu::checkMachine(stream, bundle.machine.name, bundle.machine.getHash());
  if (!error)
    return kExitOk;
  std::string message = llvm::toString(std::move(error));
  if (!file.empty() && file != given)
    message += ", or " + remedy;
  return reportError(path, message, kExitInvalidModel);
}

int lacuna::readStreamBundle(llvm::StringRef folder, llvm::StringRef machine,
                             StreamBundle &bundle) {
  std::vector<std::string> paths = findStreams(folder);
  if (paths.size() != 1)
    return reportError(folder,
                       "a folder with no command stream, or with several; "
                       "'lacuna compile --target=npu' makes one",
                       kExitFile);
  const std::string &path = paths.front();
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return reportError(path, buffer.getError().message(), kExitFile);
  bundle.file = std::move(*buffer);
  llvm::Expected<npu::Stream> stream =
      npu::decode(llvm::arrayRefFromStringRef(bundle.file->getBuffer()));
  if (!stream)
    return reportError(path, llvm::toString(stream.takeError()),
                       kExitInvalidModel);
  bundle.stream = std::move(*stream);
  StreamManifest manifest;
  if (int code = manifest.read(path))
    return code;
  if (int code = findMachine(path, machine, manifest, bundle))
    return code;
  if (int code = manifest.readSteps(bundle))
    return code;
  if (bundle.stream.hasStart() && !bundle.steps)
    return reportError(path,
                       "it goes step by step, and no manifest.json beside it "
                       "says how; keep a bundle's files together",
                       kExitInvalidModel);
  return kExitOk;
}

Port lacuna::getClip(const StreamBundle &bundle) {
  Port clip = getInputs(bundle.stream).front();
  clip.shape.erase(clip.shape.begin());
  clip.shape.insert(clip.shape.begin() + bundle.steps->axis,
                    bundle.steps->clip);
  return clip;
}

std::unique_ptr<Program>
lacuna::makeRecordingProgram(const StreamBundle &bundle,
                             std::unique_ptr<Program> step, Port recording) {
  std::vector<Port> results =
      step->getOutputs().take_front(bundle.steps->outputAxes.size()).vec();
  return makeRecordingProgram(
      makeStepsProgram(std::move(step), *bundle.steps, {}), *bundle.steps,
      {std::move(recording)}, std::move(results));
}

Port lacuna::getPort(const npu::Tensor &tensor) {
  return {tensor.name, *parseDType(npu::getName(tensor.type)),
          llvm::SmallVector<int64_t>(tensor.shape.begin(), tensor.shape.end())};
}

static std::vector<Port> getPorts(const npu::Stream &stream,
                                  bool (npu::Address::*has)() const) {
  std::vector<Port> ports;
  for (const npu::Tensor &tensor : stream.tensors)
    if ((tensor.address.*has)())
      ports.push_back(getPort(tensor));
  return ports;
}

std::vector<Port> lacuna::getInputs(const npu::Stream &stream) {
  return getPorts(stream, &npu::Address::isInput);
}

std::vector<Port> lacuna::getOutputs(const npu::Stream &stream) {
  return getPorts(stream, &npu::Address::isOutput);
}
