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

struct BundleRunOptions {
  neon::Core core;
  Via via = Via::Best;
  /// The C++ compiler; one that suits `via` if empty.
  std::string compiler;
};

/// A network compiled to C++, and that by a C++ compiler to a program, which
/// runs in a process of its own.
class BundleProgram : public Program {
public:
  ~BundleProgram() override;

  /// Compiles `module`; null, after diagnostics, if that fails.
  static std::unique_ptr<BundleProgram>
  compile(mlir::OwningOpRef<mlir::ModuleOp> module,
          const BundleRunOptions &options);

  llvm::Expected<std::vector<Tensors>>
  runAll(llvm::ArrayRef<Tensors> samples) const override;

private:
  BundleProgram() = default;

  /// Holds the bundle and the program; gone when this is.
  llvm::SmallString<128> folder;
  /// What runs the program, and the program.
  std::vector<std::string> command;
};

} // namespace lacuna

#endif // LACUNA_DRIVER_BUNDLEPROGRAM_H
