//===- Compile.cpp - lacuna compile -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "../ModuleFile.h"
#include "../Progress.h"

#include "lacuna/Driver/Registration.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

namespace {
/// The phases of a compilation, in order.
enum class Phase { Import, Compress, Schedule, Lower, Emit };

class PhaseOption : public cl::opt<Phase> {
public:
  PhaseOption(cl::SubCommand &sub, StringRef name, StringRef summary,
              Phase otherwise)
      : cl::opt<Phase>(
            name, cl::desc(summary), cl::init(otherwise),
            cl::values(
                clEnumValN(Phase::Import, "import", "ONNX to one module"),
                clEnumValN(Phase::Compress, "compress", "quantize and prune"),
                clEnumValN(Phase::Schedule, "schedule", "tile, plan memory"),
                clEnumValN(Phase::Lower, "lower", "to the target's dialect"),
                clEnumValN(Phase::Emit, "emit", "the files of the target")),
            cl::sub(sub), cl::cat(getOutputCategory())) {}
};

class CompileCommand : public Command {
public:
  CompileCommand() : Command("compile", "Compile a model for a target") {}
  int run() override;

private:
  int readName(std::string &symbol) const;

  ModelOptions model{sub};
  TargetOption target{sub, Target::Neon};
  cl::opt<std::string> outputDir{
      "o", cl::value_desc("DIR"),
      cl::desc(
          "Where the results go; a folder named as the model if not given"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<std::string> name{
      "name", cl::value_desc("SYMBOL"),
      cl::desc("What files and functions are called; from MODEL if not given"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  PhaseOption from{sub, "compile-from",
                   "Go on after this phase, of which MODEL.mlir is the dump:",
                   Phase::Import};
  PhaseOption to{sub, "compile-to", "Stop after this phase:", Phase::Emit};
  cl::opt<std::string> saveTemps{
      "save-temps", cl::value_desc("DIR"),
      cl::desc("Write the module after each phase to DIR, numbered"),
      cl::sub(sub), cl::cat(getOutputCategory())};
};
} // namespace

/// What a C function may be called.
static bool isIdentifier(StringRef text) {
  return !text.empty() && !llvm::isDigit(text.front()) &&
         llvm::all_of(text,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

int CompileCommand::readName(std::string &symbol) const {
  if (name.getNumOccurrences()) {
    symbol = name;
    if (isIdentifier(symbol))
      return kExitOk;
    return reportError("lacuna",
                       "--name=" + symbol +
                           ": expected letters, digits and underscores, with "
                           "no digit first",
                       kExitUsage);
  }
  symbol =
      model.path == "-" ? "model" : llvm::sys::path::stem(model.path).str();
  // A dump is called after the model and the phase.
  if (isModuleFile(model.path))
    symbol = StringRef(symbol).split('.').first.str();
  for (char &c : symbol)
    if (!llvm::isAlnum(c))
      c = '_';
  if (!isIdentifier(symbol))
    symbol = "model_" + symbol;
  return kExitOk;
}

int CompileCommand::run() {
  std::string symbol;
  if (int code = readName(symbol))
    return code;
  if (to < from)
    return reportError("lacuna",
                       "--compile-to names an earlier phase than "
                       "--compile-from",
                       kExitUsage);
  if (from != Phase::Import && !isModuleFile(model.path))
    return reportError(model.getFile(),
                       "--compile-from needs the .mlir or .mlirbc file that "
                       "--save-temps wrote",
                       kExitUsage);
  if (to != Phase::Import)
    return reportError(
        "lacuna",
        "compiling for the target '" + target.getInfo().name +
            "' is not there yet; --compile-to=import writes the imported "
            "module, and 'lacuna run' runs it by the reference lowering",
        kExitUnsupported);

  Progress progress;
  progress.phase("import");
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  DiagnosticPrinter printer(&context, model.getFile());
  FailureOr<ImportResult> imported = model.import(context);
  if (failed(imported))
    return model.getExitCode();

  auto write = [&](StringRef folder, const Twine &stem) {
    if (std::error_code error = llvm::sys::fs::create_directories(folder))
      return reportError(folder, error.message(), kExitFile);
    SmallString<128> path(folder);
    llvm::sys::path::append(path, stem);
    return writeModule(*imported->module, path);
  };
  if (saveTemps.getNumOccurrences())
    if (int code = write(saveTemps, symbol + ".1-import"))
      return code;
  return write(outputDir.empty() ? symbol : outputDir, symbol);
}

std::unique_ptr<Command> lacuna::createCompileCommand() {
  return std::make_unique<CompileCommand>();
}
