//===- QuantizedComparison.h - A network before and after quantization -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_QUANTIZEDCOMPARISON_H
#define LACUNA_LIB_DRIVER_QUANTIZEDCOMPARISON_H

#include "lacuna/Compress/LayerComparison.h"
#include "lacuna/Driver/Program.h"

#include <memory>

namespace lacuna {

struct QuantizationSpec;

/// A float network and the integer one that quantization makes of it, side by
/// side on the reference, with all values that are quantized as results.
class QuantizedComparison {
public:
  /// Of a module that has been calibrated; null, after diagnostics, if
  /// something fails.
  static std::unique_ptr<QuantizedComparison>
  create(mlir::ModuleOp calibrated, const QuantizationSpec &spec);

  /// What both networks give for a sample; the layers are counted.
  struct Results {
    Program::Tensors original, quantized;
  };
  llvm::Expected<Results> run(llvm::ArrayRef<HostTensor> arguments);

  /// How like the layers are, over all samples; the outputs come last.
  llvm::ArrayRef<LayerLikeness> getLayers() const { return layers; }
  llvm::ArrayRef<Port> getInputs() const { return original->getInputs(); }

private:
  std::unique_ptr<Program> original, quantized;
  size_t outputs = 0;
  std::vector<LayerLikeness> layers;
};

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_QUANTIZEDCOMPARISON_H
