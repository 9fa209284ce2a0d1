//===- FoldQuantization.h - What folding to integers is made of -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_QNN_TRANSFORMS_FOLDQUANTIZATION_H
#define LACUNA_DIALECTS_QNN_TRANSFORMS_FOLDQUANTIZATION_H

#include "dialects/nn/IR/Constants.h"
#include "dialects/nn/Transforms/TransposedPhases.h"
#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

#include <limits>
#include <optional>

namespace lacuna::qnn {

/// Adds the patterns of one kind: steps that are moved, sums of products,
/// elementwise operations.
void populateMoveSteps(mlir::RewritePatternSet &patterns);
void populateFoldProducts(mlir::RewritePatternSet &patterns,
                          const nn::AlignmentCosts &costs);
void populateFoldElementwise(mlir::RewritePatternSet &patterns);

/// A clamp on the way to a quantize.
struct Clamp {
  double lo = -std::numeric_limits<double>::infinity();
  double hi = std::numeric_limits<double>::infinity();
};

/// A float layer whose operands and result are dequantized and quantized.
struct QuantizedLayer {
  DequantizeOp input, filter;
  /// The float bias, or null; one number an output channel.
  mlir::Value bias;
  Clamp clamp;
};

/// The scales and zero points of a layer, read.
struct LayerNumbers {
  int64_t inputZero = 0, outputZero = 0;
  llvm::SmallVector<float> units, scales;
  llvm::SmallVector<int32_t> bias;
};

/// False if they are not known, or not of use.
bool readNumbers(QuantizedLayer layer, QuantizeOp quantize,
                 LayerNumbers &numbers);

/// The integers that hold the sums of `layer` whatever its input is, as far as
/// is known: of 32 bits, of 64 if steps of 16 bits may need them, or null,
/// where floats do better. Element `i` of the weights belongs to filter `i /
/// inner % filters`.
mlir::Type getSumType(QuantizedLayer layer, const LayerNumbers &numbers,
                      int64_t filters, int64_t inner);

mlir::Type getElementType(mlir::Value value);
/// The one scale, if it is known and keeps numbers and their order: it is
/// positive, and neither it nor 65536 steps of it are out of what floats hold.
std::optional<float> readScale(mlir::Value scale);

/// Whether steps, integers of 8 or 16 bits, become floats, or floats steps.
bool isOfSteps(DequantizeOp op);
bool makesSteps(QuantizeOp op);
bool isPerTensor(DequantizeOp op);
/// The same with 8 bits alone.
bool isOfBytes(DequantizeOp op);
bool makesBytes(QuantizeOp op);
/// Whether `op` takes steps to floats as `quantize` takes them back, or as
/// `other` does.
bool isSameScaling(DequantizeOp op, QuantizeOp quantize);
bool isSameScaling(DequantizeOp op, DequantizeOp other);

/// Walks from `value` up through clamps.
mlir::Value skipClamps(mlir::Value value, Clamp &clamp);

template <typename T>
mlir::Value createConstant(mlir::ImplicitLocOpBuilder &b, mlir::Type element,
                           llvm::ArrayRef<T> values,
                           llvm::ArrayRef<int64_t> shape) {
  return mlir::arith::ConstantOp::create(
      b, mlir::DenseElementsAttr::get(
             mlir::RankedTensorType::get(shape, element), values));
}

/// The least and the greatest of the integers of `type`.
struct StepRange {
  int64_t least, most;
};
StepRange getStepRange(mlir::Type type, bool isUnsigned);

/// Calls `visit` with a value of the type that the steps of `type` are stored
/// as.
template <typename Visitor>
auto visitStepType(mlir::Type type, Visitor visit) {
  return type.isInteger(8) ? visit(int8_t()) : visit(int16_t());
}

/// `given`, or a zero of `type`.
mlir::Value getZeroPoint(mlir::ImplicitLocOpBuilder &b, mlir::Value given,
                         mlir::Type type);

/// The bias of sums of `type`; null if there is none.
mlir::Value createBias(mlir::ImplicitLocOpBuilder &b,
                       const LayerNumbers &numbers, mlir::Type type);

/// Bounds of floats as bounds of the steps that `quantize` makes of them.
mlir::Value createClamp(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                        const Clamp &clamp, QuantizeOp quantize);

/// Scales sums to what `quantize` gives.
mlir::Value createRequantize(mlir::ImplicitLocOpBuilder &b, mlir::Value sums,
                             const LayerNumbers &numbers, QuantizeOp quantize,
                             const Clamp &clamp);

} // namespace lacuna::qnn

#endif // LACUNA_DIALECTS_QNN_TRANSFORMS_FOLDQUANTIZATION_H
