//===- Command.h - What the commands of the driver share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_COMMANDS_COMMAND_H
#define LACUNA_LIB_DRIVER_COMMANDS_COMMAND_H

#include "lacuna/Driver/Diagnostics.h"
#include "lacuna/Frontend/Import.h"

#include "llvm/Support/CommandLine.h"
#include <memory>

namespace lacuna {

/// One subcommand: its options are members, registered while it lives.
class Command {
public:
  Command(llvm::StringRef name, llvm::StringRef summary)
      : sub(name, summary) {}
  virtual ~Command() = default;

  /// Does the work; returns the exit code.
  virtual int run() = 0;

  llvm::cl::SubCommand sub;
};

// The commands, one file each.
std::unique_ptr<Command> createConformanceCommand();
std::unique_ptr<Command> createRunCommand();

/// The categories of `--help`.
llvm::cl::OptionCategory &getInputCategory();
llvm::cl::OptionCategory &getOutputCategory();
llvm::cl::OptionCategory &getTargetCategory();

/// The options of every command that reads a model.
class ModelOptions {
public:
  explicit ModelOptions(llvm::cl::SubCommand &sub);

  /// Imports the model, after diagnostics on failure. The context must hold the
  /// dialects.
  mlir::FailureOr<ImportResult> import(mlir::MLIRContext &context) const;
  /// The exit code of the last import that failed.
  int getExitCode() const { return exitCode; }
  /// The name that messages give the model.
  std::string getFile() const {
    return path == "-" ? "<stdin>" : path.getValue();
  }

  llvm::cl::opt<std::string> path;

private:
  llvm::Error read(ImportOptions &options) const;

  llvm::cl::list<std::string> shapes;
  llvm::cl::list<std::string> bindings;
  mutable int exitCode = kExitOk;
};

/// `--target`: what the network runs on.
enum class Target { Reference };

class TargetOption : public llvm::cl::opt<Target> {
public:
  explicit TargetOption(llvm::cl::SubCommand &sub);
};

/// Reads a `.npy` file, or any other as an ONNX TensorProto.
llvm::Expected<HostTensor> readTensorFile(llvm::StringRef path);

/// Splits `NAME=VALUE`; the name is empty if there is none.
std::pair<llvm::StringRef, llvm::StringRef> splitNamed(llvm::StringRef text);

int getExitCode(ImportFailure failure);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_COMMANDS_COMMAND_H
