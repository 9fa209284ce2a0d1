//===- QuantizedValues.h - What of a float network becomes bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_COMPRESS_QUANTIZEDVALUES_H
#define LACUNA_LIB_COMPRESS_QUANTIZEDVALUES_H

#include "lacuna/Compress/Calibration.h"

#include "dialects/nn/IR/NNDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinOps.h"

namespace lacuna {

// What calibration finds out, as attributes of the operation that makes a
// value, or of the argument of `main` that is one.
/// The range that is quantized: two numbers.
inline constexpr llvm::StringLiteral kRangeAttr = "qnn.range";
/// Bits of the steps; 8 if it is not there.
inline constexpr llvm::StringLiteral kBitsAttr = "qnn.bits";
// Of a layer:
/// The same for its input, where that has fewer bits than the value it reads.
inline constexpr llvm::StringLiteral kInputRangeAttr = "qnn.input_range";
inline constexpr llvm::StringLiteral kInputBitsAttr = "qnn.input_bits";
/// Bits of its weights; 8 if it is not there.
inline constexpr llvm::StringLiteral kWeightBitsAttr = "qnn.weight_bits";
/// The share of its weights that keep 8 bits.
inline constexpr llvm::StringLiteral kOutliersAttr = "qnn.outliers";
/// How many neighbouring weights of a filter share a factor.
inline constexpr llvm::StringLiteral kWeightGroupAttr = "qnn.weight_group";
/// The mean of each channel of its input.
inline constexpr llvm::StringLiteral kInputMeansAttr = "qnn.input_means";

/// A convolution, or product with a constant matrix, of floats.
struct FloatLayer {
  mlir::Operation *op = nullptr;
  mlir::Value input, weights;
  /// One number an output channel, or null.
  mlir::Value bias;
  /// Rows of weights, one an output channel; a matrix may have them as columns.
  int64_t filters = 0;
  bool isTransposed = false;

  explicit operator bool() const { return op; }
  mlir::RankedTensorType getWeightType() const {
    return mlir::cast<mlir::RankedTensorType>(weights.getType());
  }
};

/// Reads a layer whose weights are constants; false if `op` is none.
FloatLayer getFloatLayer(mlir::Operation *op);

/// The weights of `layer`, a row an output channel.
std::vector<float> readWeights(const FloatLayer &layer);

/// Which group each weight of a filter of `layer` belongs to, of groups of
/// `size`: those whose inputs lie side by side in memory if channels are last
/// there. Empty if that makes one group, or groups too small to be worth it.
std::vector<unsigned> getGroups(const FloatLayer &layer, int64_t size);

/// Whether `op` adds two tensors element by element.
bool isResidualSum(mlir::Operation *op);

/// The value whose elements `value` has in another order or shape, or the
/// greatest of which it has.
mlir::Value skipMoves(mlir::Value value);

/// What is quantized in `main`, in the order of the program.
struct QuantizedValues {
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<FloatLayer> layers;
};
QuantizedValues findQuantizedValues(mlir::ModuleOp module);

/// A range to quantize to so many bits.
struct CalibratedRange {
  FloatRange range;
  unsigned bits = 8;
};
/// What calibration found out of `value`; none if it is not quantized.
std::optional<CalibratedRange> getCalibrated(mlir::Value value);
void setCalibrated(mlir::Value value, const CalibratedRange &calibrated);
/// The same of what `layer` multiplies: its input, or the bits of it that the
/// layer wants.
std::optional<CalibratedRange> getCalibratedInput(const FloatLayer &layer);

/// The weights of `layer` in the widths that its attributes say, with scales
/// that let the bias fit 32 bits.
QuantizedWeights quantizeLayer(const FloatLayer &layer);

/// How messages name what makes `value`.
std::string getValueName(mlir::Value value);
/// The name of the node behind a layer.
std::string getLayerName(mlir::Operation *op);

} // namespace lacuna

#endif // LACUNA_LIB_COMPRESS_QUANTIZEDVALUES_H
