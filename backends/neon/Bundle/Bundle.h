//===- Bundle.h - The files that an app links -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_BUNDLE_BUNDLE_H
#define LACUNA_BACKENDS_NEON_BUNDLE_BUNDLE_H

#include "backends/neon/Core.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace lacuna::neon {

struct BundleOptions {
  /// What files and functions are called.
  std::string name;
  /// The core that the code is for.
  Core core;
  /// Weights of more bytes than this go into a file of their own.
  int64_t weightsThreshold = 4 << 20;
  /// How many threads may share large kernels.
  int64_t threads = 1;
  /// Whether a hook is called around each layer.
  bool profile = false;
  /// Of a step function, for the report: multiply-accumulates of a clip at
  /// once, and of a step; 0 if they are not known.
  int64_t clipMacs = 0, stepMacs = 0;
  /// Goes into the manifest: the hash of the model, options, version.
  llvm::json::Object provenance;
};

struct BundleFile {
  std::string name;
  std::string contents;
};

/// The files of the network in `module`, which --neon-emit has left; an error
/// is a diagnostic of the module.
mlir::FailureOr<std::vector<BundleFile>>
makeBundle(mlir::ModuleOp module, const BundleOptions &options);

/// The text that asks lacuna-halide for the kernels of the same module, which
/// it makes as `<name>_kernels`; empty if there are none.
std::string getKernelRequests(mlir::ModuleOp module,
                              const BundleOptions &options);

/// `report.json` (memory, and what was chosen for each layer) and `arena.svg`,
/// of the same module.
std::vector<BundleFile> makeReport(mlir::ModuleOp module,
                                   const BundleOptions &options);

/// How a C++ compiler is to be called for any machine, and for `core`.
llvm::ArrayRef<llvm::StringRef> getCompileOptions();
std::vector<std::string> getCoreOptions(const Core &core);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_BUNDLE_BUNDLE_H
