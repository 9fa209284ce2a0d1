//===- Interface.h - What a bundle says of inputs, outputs and layers -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_BUNDLE_INTERFACE_H
#define LACUNA_BACKENDS_NEON_BUNDLE_INTERFACE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace lacuna::neon {

/// An input or an output as an app sees it.
struct PortInfo {
  llvm::StringRef name, type;
  llvm::SmallVector<int64_t> shape;
  int64_t bytes = 0;
  /// Of a quantized tensor; a scale of 0 means that there is none.
  double scale = 0;
  int64_t zeroPoint = 0;
};

/// What the model says of the node that a layer comes from.
struct LayerInfo {
  llvm::StringRef operands, result;
  int64_t macs = 0;
};

/// Reads what neon-describe-network has left.
std::vector<PortInfo> getInputs(mlir::ModuleOp module);
std::vector<PortInfo> getOutputs(mlir::ModuleOp module);
LayerInfo getLayer(mlir::ModuleOp module, llvm::StringRef node);

/// The products of each function of an emitted module. Those of a node are done
/// in one place: by its kernel, or by the last of its loops. What pads or moves
/// for it does none.
llvm::DenseMap<mlir::Operation *, int64_t> countMacs(mlir::ModuleOp module);

/// On the function of a layer: the kernels it calls, with what was chosen.
inline constexpr llvm::StringLiteral kKernelAttr = "neon.kernel";

/// On the function of a layer: how many weights its convolutions have, and the
/// bytes they are stored in.
inline constexpr llvm::StringLiteral kWeightsAttr = "neon.weights";

/// On `main`: for how many threads kernels were split.
inline constexpr llvm::StringLiteral kThreadsAttr = "neon.threads";

/// On a kernel: the axis it is split along (0 planes, 1 rows, 2 columns of the
/// output) and the number of parts.
inline constexpr llvm::StringLiteral kSplitAttr = "neon.split";

/// On a function: its last argument, or that of `main` before the profile, is
/// the pool of threads.
inline constexpr llvm::StringLiteral kTakesPoolAttr = "neon.takes_pool";

/// On `main`: how many layers it tells the profile, its last argument, about.
inline constexpr llvm::StringLiteral kProfiledLayersAttr =
    "neon.profiled_layers";

inline constexpr llvm::StringLiteral kInputsAttr = "neon.inputs";
inline constexpr llvm::StringLiteral kOutputsAttr = "neon.outputs";
inline constexpr llvm::StringLiteral kLayersAttr = "neon.layers";

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_BUNDLE_INTERFACE_H
