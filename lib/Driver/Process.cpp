//===- Process.cpp - Other programs and their files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Process.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace lacuna;
using llvm::ArrayRef;
using llvm::formatv;
using llvm::SmallVector;
using llvm::StringRef;
using llvm::Twine;

llvm::Error lacuna::writeFile(const Twine &file, StringRef contents) {
  std::error_code error;
  llvm::raw_fd_ostream os(file.str(), error);
  if (!error) {
    os << contents;
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (error)
    return llvm::createStringError(file + ": " + error.message());
  return llvm::Error::success();
}

llvm::Error lacuna::execute(ArrayRef<std::string> command, StringRef folder,
                            bool showsErrors) {
  llvm::ErrorOr<std::string> program =
      llvm::sys::findProgramByName(command.front());
  if (!program)
    return llvm::createStringError("there is no '" + command.front() +
                                   "' on this machine");
  SmallVector<StringRef> arguments(command.begin(), command.end());
  std::string log = (folder + "/log").str();
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  if (showsErrors)
    redirects[2] = std::nullopt;
  std::string message;
  int code = llvm::sys::ExecuteAndWait(*program, arguments, std::nullopt,
                                       redirects, 0, 0, &message);
  if (code == 0)
    return llvm::Error::success();
  std::string printed;
  if (auto buffer = llvm::MemoryBuffer::getFile(log))
    printed = (*buffer)->getBuffer().take_front(2000).str();
  return llvm::createStringError(
      formatv("'{0}' ended with code {1}{2}{3}\n{4}", command.front(), code,
              message.empty() ? "" : ": ", message, printed));
}
