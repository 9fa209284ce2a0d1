//===- QuantizeOptions.h - How a network is quantized -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_COMMANDS_QUANTIZEOPTIONS_H
#define LACUNA_LIB_DRIVER_COMMANDS_QUANTIZEOPTIONS_H

#include "../Dataset.h"

#include "lacuna/Compress/LayerComparison.h"
#include "lacuna/Compress/Quantize.h"

#include "llvm/Support/CommandLine.h"

namespace lacuna {

/// `--quantize`, `--calibrate`, and how samples are read.
class QuantizeOptions {
public:
  explicit QuantizeOptions(llvm::cl::SubCommand &sub);

  bool isGiven() const { return spec.getNumOccurrences(); }
  /// Reads what --quantize asks for. The exit code, after a message.
  int check();
  const QuantizationSpec &getSpec() const { return parsed; }
  SampleScale getScale() const { return {scale, offset}; }

  /// Calibrates `module` with the samples of --calibrate. The exit code, after
  /// a message.
  int calibrate(mlir::ModuleOp module, llvm::StringRef file) const;
  /// The same, and quantizes it; nothing if --quantize is not given. If
  /// `layers` is given, it gets what that does to each layer, worst first.
  int apply(mlir::ModuleOp module, llvm::StringRef file,
            std::vector<LayerLikeness> *layers = nullptr) const;

  /// The options that change the model, as they would be given again, but for
  /// paths.
  std::vector<std::string> getOptions() const;

private:
  int readCalibration(llvm::ArrayRef<Port> ports, llvm::StringRef file,
                      std::vector<Tensors> &samples) const;
  int calibrate(mlir::ModuleOp module, llvm::ArrayRef<Tensors> samples) const;

  llvm::cl::opt<std::string> spec;
  llvm::cl::list<std::string> data;
  llvm::cl::opt<unsigned> count;
  llvm::cl::opt<double> scale, offset;
  QuantizationSpec parsed;
};

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_COMMANDS_QUANTIZEOPTIONS_H
