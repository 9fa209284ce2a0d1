//===- ConvParts.h - A neon.conv to be -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_TRANSFORMS_CONVPARTS_H
#define LACUNA_BACKENDS_NEON_TRANSFORMS_CONVPARTS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace lacuna::neon {

/// The operands and attributes of a neon.conv to be.
struct ConvParts {
  mlir::Value input, weights, bias, scale, init;
  llvm::SmallVector<int64_t> strides, dilations;
  int64_t group = 1, zeroPoint = 0;
  bool inputUnsigned = false, outputUnsigned = false;
};

mlir::Value createConv(mlir::ImplicitLocOpBuilder &b, const ConvParts &parts);

/// Kernels come before what else may become of an operation.
constexpr int kKernelBenefit = 2;

/// Quantized layers.
void populateSelectByteKernels(mlir::RewritePatternSet &patterns);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_TRANSFORMS_CONVPARTS_H
