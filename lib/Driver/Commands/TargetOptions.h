//===- TargetOptions.h - What a network is compiled for -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_COMMANDS_TARGETOPTIONS_H
#define LACUNA_LIB_DRIVER_COMMANDS_TARGETOPTIONS_H

#include "lacuna/Driver/BundleProgram.h"
#include "lacuna/Schedule/Machine.h"

#include "llvm/Support/CommandLine.h"
#include <memory>

namespace lacuna {

/// `--target`: what the network runs on.
enum class Target { Reference, Neon, Npu, Host };

/// One line of `lacuna targets`.
struct TargetInfo {
  Target target;
  llvm::StringLiteral name, summary;
};
llvm::ArrayRef<TargetInfo> getTargets();

/// Says which targets there are if a name is none.
class TargetParser : public llvm::cl::parser<Target> {
public:
  using llvm::cl::parser<Target>::parser;

  bool parse(llvm::cl::Option &option, llvm::StringRef name,
             llvm::StringRef text, Target &target);
};

/// `--target`, `--mcpu`, `--mattr`, `--threads` and the like.
class TargetOptions {
public:
  explicit TargetOptions(llvm::cl::SubCommand &sub,
                         Target otherwise = Target::Reference);

  Target get() const { return target; }
  /// Whether networks become bundles of C++.
  bool makesBundle() const {
    return target == Target::Neon || target == Target::Host;
  }
  bool isGiven() const { return target.getNumOccurrences(); }
  void set(Target chosen) { target = chosen; }
  const TargetInfo &getInfo() const;
  /// The exit code, after a message: Unsupported if this machine lacks what the
  /// target needs, Usage if the core is not known.
  int check() const;
  /// The core of the target neon or host; only after check().
  neon::Core getCore() const;
  /// How kernels of the target host are made.
  HalideOptions getHalideOptions() const;
  /// The machine of the target npu; only after check().
  Machine getMachine() const;

  llvm::cl::opt<std::string> mcpu, mattr, machine, cacheDir;
  llvm::cl::opt<unsigned> threads;
  llvm::cl::opt<double> autotune;
  enum class Winograd { Off, On };
  llvm::cl::opt<Winograd> winograd;

private:
  llvm::Expected<neon::Core> findCore() const;

  llvm::cl::opt<Target, false, TargetParser> target;
};

/// The same and how to run it: `--via` and `--compiler`.
class RunTargetOptions : public TargetOptions {
public:
  explicit RunTargetOptions(llvm::cl::SubCommand &sub);

  int check() const;
  /// How bundles are run; only after check().
  BundleRunOptions getRunOptions() const;
  /// Makes a program of `module`, which measures its layers if `profile`; null,
  /// after diagnostics, with the exit code.
  std::unique_ptr<Program> compile(mlir::OwningOpRef<mlir::ModuleOp> module,
                                   int &exitCode, bool profile = false) const;

private:
  llvm::cl::opt<Via> via;
  llvm::cl::opt<std::string> compiler;
};

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_COMMANDS_TARGETOPTIONS_H
