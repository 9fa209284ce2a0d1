//===- Driver.cpp - The lacuna command line as a library -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/Driver.h"

#include "Commands/Command.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

namespace cl = llvm::cl;

namespace lacuna {

int runDriver(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::setBugReportMsg(
      "PLEASE report this crash of Lacuna with the model, the command line and "
      "the lines below.\n");
  std::unique_ptr<Command> commands[] = {
      createCompileCommand(), createRunCommand(),         createVerifyCommand(),
      createInspectCommand(), createConformanceCommand(), createOpsCommand(),
      createTargetsCommand(),
  };
  for (auto &command : commands)
    cl::HideUnrelatedOptions(
        {&getInputCategory(), &getOutputCategory(), &getTargetCategory()},
        command->sub);
  static cl::OptionCategory general("General");
  cl::HideUnrelatedOptions(general);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "lacuna " LACUNA_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
  cl::ParseCommandLineOptions(
      argc, argv,
      "Lacuna compiles ONNX networks for phones and small NPUs\n\n"
      "'lacuna COMMAND --help' lists the options of a command.\n");
  for (auto &command : commands)
    if (command->sub)
      return command->run();
  llvm::errs() << "lacuna: error: no command given; see 'lacuna --help'\n";
  return kExitUsage;
}

} // namespace lacuna
