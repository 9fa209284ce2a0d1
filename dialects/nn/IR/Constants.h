//===- Constants.h - The numbers of constants -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_NN_IR_CONSTANTS_H
#define LACUNA_DIALECTS_NN_IR_CONSTANTS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <vector>

namespace lacuna::nn {

/// Reads a constant whose elements are of the size and kind of T, where
/// uint16_t stands for the bits of a half; false if `value` is none.
template <typename T>
bool readConstant(mlir::Value value, std::vector<T> &out);
/// The same for an attribute.
template <typename T>
bool readElements(mlir::Attribute attr, std::vector<T> &out);

template <typename T>
mlir::TypedAttr makeElements(mlir::Type element, llvm::ArrayRef<T> values,
                             llvm::ArrayRef<int64_t> shape);
template <typename T>
mlir::Value createConstant(mlir::ImplicitLocOpBuilder &b,
                           llvm::ArrayRef<T> values,
                           llvm::ArrayRef<int64_t> shape);

} // namespace lacuna::nn

#endif // LACUNA_DIALECTS_NN_IR_CONSTANTS_H
