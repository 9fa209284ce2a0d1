//===- StreamBundle.cpp - Bundles of the target npu -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StreamBundle.h"

#include "Command.h"

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
  if (int code = readMachine(machine.empty() ? bundle.stream.machine : machine,
                             bundle.machine))
    return code;
  llvm::Error error = npu::checkMachine(bundle.stream, bundle.machine.name,
                                        bundle.machine.getHash());
  return error ? reportError(path, llvm::toString(std::move(error)),
                             kExitInvalidModel)
               : int(kExitOk);
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
