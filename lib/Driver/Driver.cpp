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

/// Prints what the parser of the command line complains of, in the form of all
/// other messages, with the command whose help is meant.
static int reportUsage(llvm::StringRef complaint, llvm::StringRef command) {
  llvm::SmallVector<llvm::StringRef> lines;
  complaint.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef line : lines) {
    if (line.trim().starts_with("Must specify"))
      continue;
    if (line.contains("Not enough positional"))
      line =
          command == "conformance" ? "no folder is given" : "no model is given";
    // The parser advises the help of the program.
    line = line.split("  Try: '").first.split("See: ").first;
    line.consume_front("lacuna: ");
    llvm::errs() << "lacuna: error: " << line.trim() << "\n";
  }
  llvm::errs() << "lacuna: note: see 'lacuna "
               << (command.empty() ? "" : command.str() + " ") << "--help'\n";
  return kExitUsage;
}

int runDriver(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // 'lacuna help' and 'lacuna help COMMAND' are what people try first.
  static char help[] = "--help";
  if (argc > 1 && llvm::StringRef(argv[1]) == "help") {
    if (argc > 2)
      std::swap(argv[1], argv[2]);
    argv[argc > 2 ? 2 : 1] = help;
  }
  llvm::setBugReportMsg(
      "PLEASE report this crash of Lacuna with the model, the command line and "
      "the lines below.\n");
  std::unique_ptr<Command> commands[] = {
      createCompileCommand(), createRunCommand(),         createVerifyCommand(),
      createInspectCommand(), createConformanceCommand(), createOpsCommand(),
      createTargetsCommand(), createMachinesCommand(),
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
  std::string complaint;
  llvm::raw_string_ostream complaints(complaint);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "Lacuna compiles ONNX networks for phones and small NPUs\n\n"
          "'lacuna COMMAND --help' lists the options of a command.\n",
          &complaints)) {
    llvm::StringRef given = argc > 1 ? argv[1] : "";
    bool isCommand = llvm::any_of(commands, [&](const auto &command) {
      return command->sub.getName() == given;
    });
    return reportUsage(complaint, isCommand ? given : "");
  }
  for (auto &command : commands)
    if (command->sub)
      return command->run();
  llvm::errs() << "lacuna: error: no command given; see 'lacuna --help'\n";
  return kExitUsage;
}

} // namespace lacuna
