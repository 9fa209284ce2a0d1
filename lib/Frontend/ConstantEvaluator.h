//===- ConstantEvaluator.h - Computes constants from their own IR -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_CONSTANTEVALUATOR_H
#define LACUNA_LIB_FRONTEND_CONSTANTEVALUATOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Value.h"

namespace lacuna {

/// The value of `tensor` if it is computed from constants by operations that
/// fold; null otherwise, or if that takes more than `maxSteps` evaluations of a
/// scalar operation.
///
/// What an ONNX node means is said once, by the IR that its handler builds.
/// This interprets that IR, so that shape arithmetic needs no second
/// implementation: loops of `linalg` operations run here, and the `arith` and
/// `math` operations inside are computed by their own folders.
mlir::DenseElementsAttr evaluateConstant(mlir::Value tensor, int64_t maxSteps);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_CONSTANTEVALUATOR_H
