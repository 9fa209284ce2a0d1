//===- BundleProgram.h - Runs a bundle of C++ -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_BUNDLEPROGRAM_H
#define LACUNA_DRIVER_BUNDLEPROGRAM_H

#include "backends/neon/Core.h"
#include "lacuna/Driver/Program.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/SmallString.h"
#include <memory>

namespace lacuna {

/// How a bundle for Arm cores is run here.
enum class Via {
  /// Natively on AArch64, else under an emulator, else through SIMDe.
  Best,
  Native,
  Qemu,
  Simde,
};

/// How lacuna-halide is called.
struct HalideOptions {
  /// Where objects are kept for the next time; nowhere if empty.
  std::string cacheFolder;
  /// How long tiles are measured in all; not at all if 0.
  double tuneSeconds = 0;
};

struct BundleRunOptions {
  neon::Core core;
  Via via = Via::Best;
  /// The C++ compiler; one that suits `via` if empty.
  std::string compiler;
  HalideOptions halide;
  /// How many threads share large layers.
  int64_t threads = 1;
  /// Whether to measure each layer.
  bool profile = false;
};

/// More threads than any phone has cores.
inline constexpr unsigned kMostThreads = 64;

struct BundleManifest;

/// A network compiled to C++, and that by a C++ compiler to a program, which
/// runs in a process of its own.
class BundleProgram : public Program {
public:
  ~BundleProgram() override;

  /// Compiles `module`; null, after diagnostics, if that fails.
  static std::unique_ptr<BundleProgram>
  compile(mlir::OwningOpRef<mlir::ModuleOp> module,
          const BundleRunOptions &options);

  /// The same of a bundle's `files`.
  static llvm::Expected<std::unique_ptr<BundleProgram>>
  build(const BundleManifest &manifest, llvm::ArrayRef<std::string> files,
        const BundleRunOptions &options);

  /// What each layer cost in the last run, as a table, if it was to be
  /// measured.
  llvm::Expected<std::string> readProfile() const;

  llvm::Expected<std::vector<Tensors>>
  runAll(llvm::ArrayRef<Tensors> samples) const override;

private:
  BundleProgram() = default;

  /// Compiles the code and weights `files`, with what calls the network.
  llvm::Error compileFiles(const BundleManifest &manifest,
                           llvm::ArrayRef<std::string> files,
                           const BundleRunOptions &options);

  /// Holds the bundle and the program; gone when this is.
  llvm::SmallString<128> folder;
  /// What runs the program, and the program.
  std::vector<std::string> command;
};

} // namespace lacuna

#endif // LACUNA_DRIVER_BUNDLEPROGRAM_H
