//===- Command.h - What the commands of the driver share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_COMMANDS_COMMAND_H
#define LACUNA_LIB_DRIVER_COMMANDS_COMMAND_H

#include "../ModuleFile.h"
#include "../TensorFile.h"

#include "lacuna/Driver/Diagnostics.h"
#include "lacuna/Frontend/Import.h"
#include "lacuna/Schedule/Port.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/JSON.h"
#include <memory>

namespace lacuna {

class Machine;

/// One subcommand: its options are members, registered while it lives.
class Command {
public:
  Command(llvm::StringRef name, llvm::StringRef summary) : sub(name, summary) {}
  virtual ~Command() = default;

  /// Does the work; returns the exit code.
  virtual int run() = 0;

  llvm::cl::SubCommand sub;
};

// The commands, one file each.
std::unique_ptr<Command> createCompileCommand();
std::unique_ptr<Command> createConformanceCommand();
std::unique_ptr<Command> createInspectCommand();
std::unique_ptr<Command> createMachinesCommand();
std::unique_ptr<Command> createOpsCommand();
std::unique_ptr<Command> createRunCommand();
std::unique_ptr<Command> createSimulateCommand();
std::unique_ptr<Command> createTargetsCommand();
std::unique_ptr<Command> createVerifyCommand();

/// The categories of `--help`.
llvm::cl::OptionCategory &getInputCategory();
llvm::cl::OptionCategory &getOutputCategory();
llvm::cl::OptionCategory &getTargetCategory();

/// The options of every command that reads a model.
class ModelOptions {
public:
  explicit ModelOptions(llvm::cl::SubCommand &sub);

  /// Imports the model, or reads the module that the import of one wrote, after
  /// diagnostics on failure. The context must know all dialects.
  mlir::FailureOr<ImportResult> import(mlir::MLIRContext &context,
                                       bool keepUnsupported = false) const;
  /// The exit code of the last import that failed.
  int getExitCode() const { return exitCode; }
  /// The name that messages give the model.
  std::string getFile() const {
    return path == "-" ? "<stdin>" : path.getValue();
  }

  /// The options that change the model, as they would be given again.
  std::vector<std::string> getOptions() const;

  llvm::cl::opt<std::string> path;
  /// Of a module in place of a model.
  ModuleStage stage = ModuleStage::Tensors;

private:
  /// Fills `options` from the command line. Returns the exit code.
  int read(ImportOptions &options) const;

  llvm::cl::list<std::string> shapes;
  llvm::cl::list<std::string> bindings;
  mutable int exitCode = kExitOk;
};

/// Which of `ports`, the `what` ("input") of the model `model`, `text`,
/// `[NAME=]FILE`, is for: the one it names, or the first that is not taken.
/// Returns the exit code.
int findPort(llvm::StringRef model, llvm::StringRef text,
             llvm::ArrayRef<Port> ports, llvm::StringRef what,
             llvm::function_ref<bool(size_t)> isTaken, size_t &index,
             llvm::StringRef &path);

/// Reads `[NAME=]FILE` for some of `ports`, which are the `what` ("input") of
/// the model `model`. Returns the exit code.
int readPorts(llvm::StringRef model, llvm::ArrayRef<std::string> files,
              llvm::ArrayRef<Port> ports, llvm::StringRef what,
              std::vector<std::optional<HostTensor>> &out);
/// The same for inputs, all of which must be given.
int readInputs(llvm::StringRef model, llvm::ArrayRef<std::string> files,
               llvm::ArrayRef<Port> ports, std::vector<HostTensor> &out);

/// The names that --output-dir gives the files of `ports`: characters unfit for
/// one become `_`, and names that are then the same get numbers.
std::vector<std::string> getFileNames(llvm::ArrayRef<Port> ports);

/// The accelerator of that name, or of a file. Returns the exit code, after a
/// message that names the line if it is a file.
int readMachine(llvm::StringRef name, Machine &machine);

/// A number as people write it: 42, 0.125, 1e-05.
std::string toText(double value);

/// Writes `value` to the file `path`. Returns the exit code.
int writeJson(llvm::StringRef path, llvm::json::Value value);

/// Splits `NAME=VALUE`; the name is empty if there is none.
std::pair<llvm::StringRef, llvm::StringRef> splitNamed(llvm::StringRef text);

int getExitCode(ImportFailure failure);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_COMMANDS_COMMAND_H
