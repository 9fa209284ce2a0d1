//===- QNNDialect.h - The qnn dialect and its operations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_QNN_IR_QNNDIALECT_H
#define LACUNA_DIALECTS_QNN_IR_QNNDIALECT_H

#include "dialects/nn/IR/NNDialect.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/qnn/IR/QNNDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/qnn/IR/QNNOps.h.inc"

namespace lacuna::qnn {

/// The zero points that a constant holds, the one 0 if `value` is null; none if
/// they are not known.
std::optional<llvm::SmallVector<int64_t>> readZeroPoints(mlir::Value value,
                                                         bool isUnsigned);
/// The same if there is just one.
std::optional<int64_t> readZeroPoint(mlir::Value value, bool isUnsigned);

} // namespace lacuna::qnn

#endif // LACUNA_DIALECTS_QNN_IR_QNNDIALECT_H
