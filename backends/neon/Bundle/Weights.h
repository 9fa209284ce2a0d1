//===- Weights.h - Constants as one block of bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_BUNDLE_WEIGHTS_H
#define LACUNA_BACKENDS_NEON_BUNDLE_WEIGHTS_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace lacuna::neon {

/// The bytes of all `memref.global` of `module`, each at its `neon.offset`.
mlir::FailureOr<std::string> collectWeights(mlir::ModuleOp module,
                                            int64_t bytes);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_BUNDLE_WEIGHTS_H
