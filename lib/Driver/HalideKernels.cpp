//===- HalideKernels.cpp - Kernels that lacuna-halide makes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HalideKernels.h"

#include "Process.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace lacuna;
using llvm::StringRef;

llvm::Error lacuna::findHalide(std::string &program) {
  constexpr llvm::StringLiteral kName = "lacuna-halide";
  // Beside this program, or in the path.
  std::string self =
      llvm::sys::fs::getMainExecutable(nullptr, (void *)&lacuna::findHalide);
  StringRef folder = llvm::sys::path::parent_path(self);
  llvm::ErrorOr<std::string> found =
      llvm::sys::findProgramByName(kName, {folder});
  if (!found)
    found = llvm::sys::findProgramByName(kName);
  if (!found)
    return llvm::createStringError(
        "the target 'host' needs the program lacuna-halide: install the Debian "
        "package libhalide14-0-dev and build Lacuna again");
  program = *found;
  // The library may be gone without the program.
  static const bool starts = [&] {
    std::optional<StringRef> nowhere[] = {StringRef(), StringRef(),
                                          StringRef()};
    return llvm::sys::ExecuteAndWait(program, {program, "--help"}, std::nullopt,
                                     nowhere) == 0;
  }();
  if (!starts)
    return llvm::createStringError(
        "the target 'host' needs " + program +
        ", which does not start: install the Debian package libhalide14-0");
  return llvm::Error::success();
}

llvm::Expected<std::vector<neon::BundleFile>>
lacuna::makeHalideKernels(StringRef requests, StringRef name,
                          const HalideOptions &options) {
  std::string program;
  if (llvm::Error error = findHalide(program))
    return error;
  llvm::SmallString<128> folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("lacuna-kernels", folder))
    return llvm::createStringError(error.message());
  llvm::scope_exit remove([&] { llvm::sys::fs::remove_directories(folder); });
  std::string text = (folder + "/" + name + ".txt").str();
  if (llvm::Error error = writeFile(text, requests))
    return error;
  std::vector<std::string> command = {program, text, "-o", folder.str().str(),
                                      "--name=" + name.str()};
  if (!options.cacheFolder.empty())
    command.push_back("--cache-dir=" + options.cacheFolder);
  if (options.tuneSeconds > 0)
    command.push_back("--autotune=" + std::to_string(options.tuneSeconds));
  if (llvm::Error error = execute(command, folder, options.tuneSeconds > 0))
    return error;
  std::vector<neon::BundleFile> files;
  for (std::string file :
       {name.str() + ".h", name.str() + ".json", "lib" + name.str() + ".a"}) {
    auto buffer = llvm::MemoryBuffer::getFile(folder + "/" + file);
    if (!buffer)
      return llvm::createStringError(file + ": " + buffer.getError().message());
    files.push_back({file, (*buffer)->getBuffer().str()});
  }
  return files;
}
