//===- Quantize.h - Post-training quantization -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_COMPRESS_QUANTIZE_H
#define LACUNA_COMPRESS_QUANTIZE_H

#include "lacuna/Compress/QuantizationSpec.h"
#include "lacuna/Support/HostTensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <functional>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace lacuna {

/// One tensor an input or output of a network.
using Tensors = std::vector<HostTensor>;

/// A network that can be run, and how one is made of a module; null, after
/// diagnostics, if that fails.
using RunFunction =
    std::function<llvm::Expected<Tensors>(llvm::ArrayRef<HostTensor>)>;
using CompileFunction =
    llvm::function_ref<RunFunction(mlir::OwningOpRef<mlir::ModuleOp>)>;

/// What a network is calibrated with.
struct CalibrationData {
  /// One tensor an input each.
  llvm::ArrayRef<Tensors> samples;
  CompileFunction compile;
  /// Where the widths that were chosen are shown, if anywhere.
  llvm::raw_ostream *table = nullptr;
};

/// Runs the float network `module` on the samples, and writes what is found
/// into its attributes: ranges of values, means of channels, widths.
/// Normalisations are folded into weights before. Fails after diagnostics.
llvm::LogicalResult calibrate(mlir::ModuleOp module,
                              const QuantizationSpec &spec,
                              const CalibrationData &data);

/// The passes from a calibrated module to integer layers. What they make of a
/// clone of the module that has probes can be compared with it.
void buildQuantizePipeline(mlir::OpPassManager &pm,
                           const QuantizationSpec &spec);

/// Makes the values that are quantized outputs of `main`, after those it has.
/// Returns the names of the nodes that make them.
std::vector<std::string> addQuantizedProbes(mlir::ModuleOp module);

/// Makes the float network `module` one of integers.
llvm::LogicalResult quantize(mlir::ModuleOp module,
                             const QuantizationSpec &spec,
                             const CalibrationData &data);

} // namespace lacuna

#endif // LACUNA_COMPRESS_QUANTIZE_H
