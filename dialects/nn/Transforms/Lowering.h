//===- Lowering.h - What the reference lowerings share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_NN_TRANSFORMS_LOWERING_H
#define LACUNA_DIALECTS_NN_TRANSFORMS_LOWERING_H

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace lacuna::nn {

// One function a family of operations; each stands in Lower<Family>.cpp.
void populateLowerConvPatterns(mlir::RewritePatternSet &patterns);
void populateLowerIndexPatterns(mlir::RewritePatternSet &patterns);
void populateLowerNormPatterns(mlir::RewritePatternSet &patterns);
void populateLowerPoolPatterns(mlir::RewritePatternSet &patterns);
void populateLowerRecurrentPatterns(mlir::RewritePatternSet &patterns);
void populateLowerResizePatterns(mlir::RewritePatternSet &patterns);

/// Convolutions, products and averages of 16-bit floats become those of
/// float32, rounded once. With a benefit above 1 this comes before the
/// lowering.
void populateSumInFloatPatterns(mlir::RewritePatternSet &patterns,
                                mlir::PatternBenefit benefit);

/// The constant `value` (rounded to an integer for integer types) as `type`.
mlir::Value createScalar(mlir::ImplicitLocOpBuilder &b, mlir::Type type,
                         double value);

/// A tensor of `type` filled with `value`.
mlir::Value createFilled(mlir::ImplicitLocOpBuilder &b,
                         mlir::RankedTensorType type, mlir::Value value);
mlir::Value createFilled(mlir::ImplicitLocOpBuilder &b,
                         mlir::RankedTensorType type, double value);

/// `tensor` with its trailing dimensions padded by `value`; there is one pad a
/// trailing dimension, and a negative one crops.
mlir::Value padTrailing(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                        llvm::ArrayRef<int64_t> begin,
                        llvm::ArrayRef<int64_t> end, mlir::Value value);

/// `tensor` seen in another shape with the same number of elements, row-major.
mlir::Value reshapeTo(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                      llvm::ArrayRef<int64_t> shape);

/// `a + b` and `a * b` for floats or integers.
mlir::Value createAdd(mlir::OpBuilder &b, mlir::Location loc, mlir::Value lhs,
                      mlir::Value rhs);
mlir::Value createMul(mlir::OpBuilder &b, mlir::Location loc, mlir::Value lhs,
                      mlir::Value rhs);

/// The type in which values of floating-point type `type` are accumulated: f32,
/// or f64 for f64.
mlir::FloatType getWideType(mlir::Type type);

/// The scalar `value` in another floating-point type.
mlir::Value convertFloat(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                         mlir::Type type);

/// One parallel `linalg.generic` over `type`: `maps` say how `operands` are
/// read, and `body` computes one element.
mlir::Value
createParallel(mlir::ImplicitLocOpBuilder &b, mlir::RankedTensorType type,
               llvm::ArrayRef<mlir::Value> operands,
               llvm::ArrayRef<mlir::AffineMap> maps,
               llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &,
                                              mlir::ValueRange)>
                   body);

/// A body that yields `accumulator + lhs * rhs`.
void multiplyAccumulateBody(mlir::OpBuilder &b, mlir::Location loc,
                            mlir::ValueRange args);

} // namespace lacuna::nn

#endif // LACUNA_DIALECTS_NN_TRANSFORMS_LOWERING_H
