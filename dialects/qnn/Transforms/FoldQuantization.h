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
#include "dialects/qnn/IR/QNNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

#include <limits>
#include <optional>

namespace lacuna::qnn {

/// Adds the patterns of one kind: bytes that are moved, sums of products,
/// elementwise operations.
void populateMoveBytes(mlir::RewritePatternSet &patterns);
void populateFoldProducts(mlir::RewritePatternSet &patterns);
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

/// Whether no input makes a sum that leaves 32 bits, as far as is known.
/// Element `i` of the weights belongs to filter `i / inner % filters`.
bool fitsSums(QuantizedLayer layer, const LayerNumbers &numbers,
              int64_t filters, int64_t inner);

mlir::Type getElementType(mlir::Value value);
/// The one scale, if it is known and keeps numbers and their order: it is
/// positive, and neither it nor 256 steps of it are out of what floats hold.
std::optional<float> readScale(mlir::Value scale);

/// Whether bytes become floats, or floats bytes.
bool isOfBytes(DequantizeOp op);
bool isByteLayer(QuantizeOp op);
bool isPerTensor(DequantizeOp op);
/// Whether `op` takes bytes to floats as `quantize` takes them back, or as
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

/// `given`, or a zero.
mlir::Value getZeroPoint(mlir::ImplicitLocOpBuilder &b, mlir::Value given);

/// The bias of the sums; null if there is none.
mlir::Value createBias(mlir::ImplicitLocOpBuilder &b,
                       const LayerNumbers &numbers);

/// Bounds of floats as bounds of the bytes that `quantize` makes of them.
mlir::Value createClamp(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                        const Clamp &clamp, QuantizeOp quantize);

/// Scales sums to what `quantize` gives.
mlir::Value createRequantize(mlir::ImplicitLocOpBuilder &b, mlir::Value sums,
                             const LayerNumbers &numbers, QuantizeOp quantize,
                             const Clamp &clamp);

} // namespace lacuna::qnn

#endif // LACUNA_DIALECTS_QNN_TRANSFORMS_FOLDQUANTIZATION_H
