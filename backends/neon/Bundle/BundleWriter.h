//===- BundleWriter.h - The files of a bundle, one by one -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_BUNDLE_BUNDLEWRITER_H
#define LACUNA_BACKENDS_NEON_BUNDLE_BUNDLEWRITER_H

#include "backends/neon/Bundle/Bundle.h"
#include "backends/neon/Bundle/Interface.h"
#include "backends/neon/Bundle/StepApi.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"

namespace lacuna::neon {

/// The state of a network lies at the start of its arena.
inline constexpr int64_t kStateBytes = 64;

class BundleWriter {
public:
  BundleWriter(mlir::ModuleOp module, const BundleOptions &options)
      : module(module), options(options), name(options.name),
        upper(llvm::StringRef(name).upper()), weightsName(name + "_weights") {}

  mlir::FailureOr<std::vector<BundleFile>> write();

private:
  mlir::LogicalResult read();
  mlir::FailureOr<std::string> makeSource() const;
  mlir::FailureOr<std::string>
  makeLayers(llvm::SmallVectorImpl<llvm::StringRef> &kernels) const;
  void writeLayerComment(llvm::raw_ostream &os, mlir::emitc::FuncOp func) const;

  // What an app calls.
  std::string makeHeader() const;
  void writePorts(llvm::raw_ostream &os, llvm::StringRef kind,
                  llvm::ArrayRef<PortInfo> ports) const;
  void writeApi(llvm::raw_ostream &os) const;
  std::string makeArguments() const;

  // What stands beside the code.
  std::string makeWeightsSource() const;
  std::string makeBuildFile() const;
  std::string makeManifest() const;

  /// Where the buffers of the network begin in the arena.
  int64_t getBuffersOffset() const { return steps ? steps->end : kStateBytes; }
  bool hasSidecar() const {
    return int64_t(weights.size()) > options.weightsThreshold;
  }

  mlir::ModuleOp module;
  const BundleOptions &options;
  std::string name, upper, weightsName;
  std::vector<PortInfo> inputs, outputs;
  mlir::emitc::FuncOp main;
  std::string weights;
  /// Of kernels, for lacuna-halide.
  std::string requests;
  int64_t arenaBytes = 0, lowerBound = 0;
  /// 1 if no kernel may be split.
  int64_t threads = 1;
  /// None if layers are not profiled.
  std::optional<int64_t> profiledLayers;
  /// None if the network takes a whole clip at once.
  std::optional<StepLayout> steps;
  /// Of the functions: `countMacs`.
  llvm::DenseMap<mlir::Operation *, int64_t> macs;
};

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_BUNDLE_BUNDLEWRITER_H
