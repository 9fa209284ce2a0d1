//===- SelectFloatKernel.h - What kernels of floats have in common -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_TRANSFORMS_SELECTFLOATKERNEL_H
#define LACUNA_BACKENDS_NEON_TRANSFORMS_SELECTFLOATKERNEL_H

#include "backends/neon/Transforms/ConvParts.h"

#include "mlir/IR/BuiltinTypes.h"

namespace lacuna::neon {

/// A kernel of floats, or of halves if the core computes with them.
template <typename Op>
struct SelectFloatKernel : mlir::OpRewritePattern<Op> {
  SelectFloatKernel(mlir::MLIRContext *context, bool fp16)
      : mlir::OpRewritePattern<Op>(context, kKernelBenefit), fp16(fp16) {}

protected:
  /// Sums of one channel alone are not moved to floats, so halves would round
  /// too often if they were long.
  static constexpr int64_t kMostTapsOfHalves = 128;

  bool isSupported(mlir::RankedTensorType type) const {
    mlir::Type element = type.getElementType();
    return (element.isF32() || (fp16 && element.isF16())) &&
           type.getNumElements() != 0;
  }

private:
  bool fp16;
};

/// Transposed convolutions with constant filters.
void populateSelectTransposed(mlir::RewritePatternSet &patterns, bool fp16);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_TRANSFORMS_SELECTFLOATKERNEL_H
