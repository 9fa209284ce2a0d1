//===- Compile.cpp - lacuna compile -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "QuantizeOptions.h"
#include "TargetOptions.h"

#include "../BundleManifest.h"
#include "../Inspection.h"
#include "../ModuleFile.h"
#include "../NeonCompiler.h"
#include "../NpuBundle.h"
#include "../NpuCompiler.h"
#include "../Progress.h"
#include "../SoundFrontEnd.h"
#include "../Streaming.h"

#include "lacuna/Driver/Registration.h"

#include "dialects/tconv/IR/TConvDialect.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

namespace {
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
  int describeProvenance(llvm::json::Object &provenance) const;
  int writeModuleIn(StringRef folder, ModuleOp module, const Twine &stem) const;
  int writeDump(ModuleOp module, StringRef symbol, Phase phase) const;
  neon::BundleOptions getBundleOptions(StringRef symbol) const;
  int writeBundle(ModuleOp module, neon::BundleOptions options) const;
  int beginReport(StringRef &folder) const;
  LogicalResult runPhase(ModuleOp module, Phase phase, StringRef symbol) const;
  int writeFrontEnd(StringRef folder, StringRef symbol) const;
  int writeStream(ModuleOp module, StringRef symbol,
                  npu::CodegenOptions options,
                  const std::optional<StreamShape> &steps) const;

  ModelOptions model{sub};
  TargetOptions target{sub, Target::Neon};
  QuantizeOptions quantize{sub};
  StreamOption stream{sub};
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
  cl::opt<int64_t> weightsThreshold{
      "weights-threshold",
      cl::value_desc("BYTES"),
      cl::desc("Weights of more bytes go into a .bin file that the app maps "
               "(4194304 if not given)"),
      cl::init(4 << 20),
      cl::sub(sub),
      cl::cat(getOutputCategory())};
  cl::opt<bool> profile{
      "profile",
      cl::desc("Let the network call a hook of the app around each layer"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<std::string> report{
      "report",
      cl::ValueOptional,
      cl::value_desc("DIR"),
      cl::desc(
          "Write report.json and arena.svg, and of an npu or a host "
          "schedule.json, to DIR, or beside the bundle; with --quantize also "
          "quantization.json and quantization.svg"),
      cl::sub(sub),
      cl::cat(getOutputCategory())};
  /// What --quantize does to the layers, if that is to be reported.
  std::vector<LayerLikeness> quantizedLayers;
};
} // namespace

static int writeFile(StringRef folder, StringRef name, StringRef contents) {
  SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error) {
    os << contents;
    os.close();
    error = os.error();
    os.clear_error();
  }
  return error ? reportError(path, error.message(), kExitFile) : int(kExitOk);
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
  if (int code = target.check())
    return code;
  if (int code = quantize.check())
    return code;
  if (quantize.isGiven() && (from >= Phase::Compress || to < Phase::Compress))
    return reportError("lacuna",
                       "--quantize is for the phase 'compress', which "
                       "--compile-from or --compile-to leaves out",
                       kExitUsage);
  if (int code = stream.check(target.get()))
    return code;
  if (stream.isGiven() && (from > Phase::Compress || to < Phase::Compress))
    return reportError("lacuna",
                       "--stream ends the phase 'compress': go on from import "
                       "or compress, and not only to import",
                       kExitUsage);
  if (target.get() == Target::Npu && from >= Phase::Lower)
    return reportError("lacuna",
                       "--compile-from=" + getName(from) +
                           " is for the targets 'neon' and 'host': for "
                           "'npu', go on from schedule",
                       kExitUsage);
  if (target.get() == Target::Reference)
    return reportError("lacuna",
                       "a network is compiled for the targets 'neon', 'npu' "
                       "and 'host'; 'reference' only runs it",
                       kExitUsage);

  if (weightsThreshold < 0)
    return reportError("lacuna", "--weights-threshold must not be negative",
                       kExitUsage);
  if (from == Phase::Lower || from == Phase::Emit)
    model.stage =
        from == Phase::Lower ? ModuleStage::Memory : ModuleStage::Code;

  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  DiagnosticPrinter printer(&context, model.getFile());
  Progress progress;
  progress.phase("import");
  FailureOr<ImportResult> imported = model.import(context);
  if (failed(imported))
    return model.getExitCode();
  ModuleOp module = *imported->module;
  if (from == Phase::Import && to > Phase::Import && target.makesBundle() &&
      failed(checkForNeon(module, target.getInfo().name)))
    return kExitUnsupported;
  npu::CodegenOptions ports;
  std::optional<StreamShape> steps;
  int64_t clipMacs = 0, stepMacs = 0;
  for (Phase phase : kPhases) {
    if (phase > to)
      break;
    progress.phase(getName(phase));
    if (phase == Phase::Lower && target.get() == Target::Npu) {
      ports.inputs = getInputs(module);
      ports.outputs = getOutputs(module);
      if (tconv::getStream(module))
        steps = getStreamShape(module);
    }
    if (phase == Phase::Compress)
      if (int code = quantize.apply(
              module, model.getFile(),
              report.getNumOccurrences() ? &quantizedLayers : nullptr))
        return code;
    if (phase > from && failed(runPhase(module, phase, symbol)))
      return kExitCompile;
    if (phase == Phase::Compress && stream.isGiven()) {
      clipMacs = countMacs(module);
      if (int code = stream.apply(module))
        return code;
      stepMacs = countMacs(module);
    }
    if (phase >= from && saveTemps.getNumOccurrences())
      if (int code = writeDump(module, symbol, phase))
        return code;
  }
  if (to == Phase::Emit && target.get() == Target::Npu)
    return writeStream(module, symbol, std::move(ports), steps);
  if (to == Phase::Emit) {
    neon::BundleOptions options = getBundleOptions(symbol);
    options.clipMacs = clipMacs;
    options.stepMacs = stepMacs;
    return writeBundle(module, std::move(options));
  }
  return writeModuleIn(outputDir.empty() ? symbol : outputDir, module, symbol);
}

LogicalResult CompileCommand::runPhase(ModuleOp module, Phase phase,
                                       StringRef symbol) const {
  if (target.get() == Target::Npu)
    return runNpuPhase(module, phase, target.getMachine());
  return runNeonPhase(module, phase, getBundleOptions(symbol));
}

int CompileCommand::writeStream(ModuleOp module, StringRef symbol,
                                npu::CodegenOptions options,
                                const std::optional<StreamShape> &steps) const {
  llvm::json::Object provenance;
  if (int code = describeProvenance(provenance))
    return code;
  Machine machine = target.getMachine();
  options.machine = &machine;
  FailureOr<npu::CompiledStream> compiled = npu::generate(module, options);
  if (failed(compiled))
    return kExitCompile;
  llvm::Expected<std::vector<uint8_t>> bytes = npu::encode(compiled->stream);
  if (!bytes)
    return reportError(model.getFile(), llvm::toString(bytes.takeError()),
                       kExitCompile);
  StringRef folder = outputDir.empty() ? symbol : StringRef(outputDir);
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return reportError(folder, error.message(), kExitFile);
  auto toText = [](llvm::json::Object object) {
    return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(object))).str();
  };
  if (int code =
          writeFile(folder, (symbol + ".npu").str(), llvm::toStringRef(*bytes)))
    return code;
  llvm::json::Object manifest =
      describeStream(compiled->stream, symbol, std::move(provenance));
  if (steps)
    manifest["steps"] = describeSteps(*steps);
  if (int code =
          writeFile(folder, "manifest.json", toText(std::move(manifest))))
    return code;
  if (int code = writeFrontEnd(folder, symbol))
    return code;
  if (!report.getNumOccurrences())
    return kExitOk;
  if (int code = beginReport(folder))
    return code;
  return writeFile(folder, "schedule.json",
                   toText(describeDecisions(*compiled)));
}

int CompileCommand::writeModuleIn(StringRef folder, ModuleOp module,
                                  const Twine &stem) const {
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return reportError(folder, error.message(), kExitFile);
  SmallString<128> path(folder);
  llvm::sys::path::append(path, stem);
  return writeModule(module, path);
}

int CompileCommand::writeDump(ModuleOp module, StringRef symbol,
                              Phase phase) const {
  return writeModuleIn(saveTemps, module,
                       symbol + "." + Twine(int(phase) + 1) + "-" +
                           getName(phase));
}

neon::BundleOptions CompileCommand::getBundleOptions(StringRef symbol) const {
  neon::BundleOptions options;
  options.name = symbol.str();
  options.core = target.getCore();
  options.weightsThreshold = weightsThreshold;
  options.threads = target.threads;
  options.profile = profile;
  return options;
}

/// Makes the folder of the report, which is `folder` if --report names none,
/// and writes what all targets have to say.
int CompileCommand::beginReport(StringRef &folder) const {
  if (!report.empty())
    folder = report;
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return reportError(folder, error.message(), kExitFile);
  if (quantizedLayers.empty())
    return kExitOk;
  llvm::json::Value figures =
      llvm::json::Object{{"layers", describeLayers(quantizedLayers)}};
  if (int code = writeFile(folder, "quantization.json",
                           llvm::formatv("{0:2}\n", figures).str()))
    return code;
  std::string plot;
  llvm::raw_string_ostream os(plot);
  plotLayers(quantizedLayers, os);
  return writeFile(folder, "quantization.svg", plot);
}

int CompileCommand::writeBundle(ModuleOp module,
                                neon::BundleOptions options) const {
  if (int code = describeProvenance(options.provenance))
    return code;
  FailureOr<std::vector<neon::BundleFile>> files =
      makeBundle(module, options, target.getHalideOptions());
  if (failed(files))
    return kExitCompile;
  StringRef folder = outputDir.empty() ? options.name : StringRef(outputDir);
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return reportError(folder, error.message(), kExitFile);
  for (const neon::BundleFile &file : *files)
    if (int code = writeFile(folder, file.name, file.contents))
      return code;
  if (int code = writeFrontEnd(folder, options.name))
    return code;
  if (!report.getNumOccurrences())
    return kExitOk;
  if (int code = beginReport(folder))
    return code;
  std::vector<neon::BundleFile> reports = neon::makeReport(module, options);
  // What lacuna-halide decided, where other targets have it.
  for (const neon::BundleFile &file : *files)
    if (file.name == options.name + "_kernels.json")
      reports.push_back({"schedule.json", file.contents});
  for (const neon::BundleFile &file : reports)
    if (int code = writeFile(folder, file.name, file.contents))
      return code;
  return kExitOk;
}

/// What the model says of its front end goes on with it.
int CompileCommand::writeFrontEnd(StringRef folder, StringRef symbol) const {
  llvm::Expected<SoundFrontEnd> found = findSoundFrontEnd(model.path);
  if (!found)
    return reportError("lacuna", llvm::toString(found.takeError()), kExitFile);
  if (found->text.empty())
    return kExitOk;
  if (int code = writeFile(folder, kFrontEndFile, found->text))
    return code;
  if (target.get() == Target::Npu)
    return kExitOk;
  return writeFile(folder, (symbol + "_features.h").str(),
                   found->writeHeader(symbol));
}

int CompileCommand::describeProvenance(llvm::json::Object &provenance) const {
  provenance["tool"] = "lacuna " LACUNA_VERSION;
  llvm::json::Array options;
  if (!name.empty())
    options.push_back("--name=" + name);
  options.push_back("--weights-threshold=" + std::to_string(weightsThreshold));
  if (target.threads > 1)
    options.push_back("--threads=" + std::to_string(target.threads));
  if (target.winograd == TargetOptions::Winograd::Off)
    options.push_back("--winograd=off");
  if (target.autotune > 0)
    options.push_back("--autotune=" + std::to_string(target.autotune));
  if (profile)
    options.push_back("--profile");
  if (stream.isGiven())
    options.push_back(stream.getText());
  if (target.get() == Target::Npu)
    options.push_back("--machine=" + target.machine);
  for (const std::string &option : model.getOptions())
    options.push_back(option);
  for (const std::string &option : quantize.getOptions())
    options.push_back(option);
  provenance["options"] = std::move(options);
  if (model.path == "-")
    return kExitOk;
  auto buffer = llvm::MemoryBuffer::getFile(model.path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return reportError(model.getFile(), buffer.getError().message(), kExitFile);
  provenance["model_sha256"] = llvm::toHex(
      llvm::SHA256::hash(llvm::arrayRefFromStringRef((*buffer)->getBuffer())),
      /*LowerCase=*/true);
  return kExitOk;
}

std::unique_ptr<Command> lacuna::createCompileCommand() {
  return std::make_unique<CompileCommand>();
}
