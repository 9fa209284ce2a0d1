//===- Constant.h - Constants in the IR and their bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_CONSTANT_H
#define LACUNA_LIB_FRONTEND_CONSTANT_H

#include "lacuna/Support/HostTensor.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace lacuna {

/// Tensors of at most this many elements are written as `dense`, so that
/// upstream folds see them; larger ones are `dense_resource`, never copied.
constexpr int64_t kDenseLimit = 64;

/// The elements of a constant; null if `value` is not one.
mlir::ElementsAttr getConstantElements(mlir::Value value);

/// The bytes of `elements`, which hold `type`.
HostTensor readElements(mlir::ElementsAttr elements, DType type);

/// Elements with the bytes of `tensor`, which large ones share.
mlir::ElementsAttr createElements(mlir::MLIRContext *context,
                                  const HostTensor &tensor);

/// The same elements in another shape, without copying.
mlir::ElementsAttr reshapeElements(mlir::ElementsAttr elements,
                                   llvm::ArrayRef<int64_t> shape);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_CONSTANT_H
