//===- ByteFunction.h - What elementwise operations make of a byte -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_QNN_TRANSFORMS_BYTEFUNCTION_H
#define LACUNA_DIALECTS_QNN_TRANSFORMS_BYTEFUNCTION_H

#include "dialects/qnn/Transforms/FoldQuantization.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "llvm/ADT/DenseMap.h"

namespace lacuna::qnn {

/// A float that depends on one dequantized byte alone, by elementwise
/// operations and constants. Its values are those that the operations fold to.
class ByteFunction {
public:
  /// The one tensor of bytes that what was read depends on.
  DequantizeOp argument;

  /// Computes `value` for every byte; false if it is something else, or does
  /// not depend on one.
  bool read(mlir::Value value) { return readValue(value) && argument; }

  /// For bytes 0 to 255, signed ones as two's complement.
  llvm::ArrayRef<float> results(mlir::Value value) const {
    return values.find(value)->second;
  }

private:
  bool readValue(mlir::Value value);
  bool readArgument(DequantizeOp op);
  bool readConstant(mlir::Value value);
  bool readGeneric(mlir::linalg::GenericOp op);

  llvm::DenseMap<mlir::Value, std::vector<float>> values;
};

} // namespace lacuna::qnn

#endif // LACUNA_DIALECTS_QNN_TRANSFORMS_BYTEFUNCTION_H
