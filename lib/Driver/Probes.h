//===- Probes.h - The results of nodes inside a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_PROBES_H
#define LACUNA_LIB_DRIVER_PROBES_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/BitVector.h"
#include <string>
#include <vector>

namespace lacuna {

/// Makes what each ONNX node gives to others an output of `main`, after those
/// it has. Returns how messages name the nodes, one an added output.
std::vector<std::string> addProbes(mlir::ModuleOp module);

/// Drops all outputs of `main` but `kept`, and what only they need.
void keepOutputs(mlir::ModuleOp module, const llvm::BitVector &kept);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_PROBES_H
