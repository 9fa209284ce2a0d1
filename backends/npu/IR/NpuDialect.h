//===- NpuDialect.h - Layers that a PE array computes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_IR_NPUDIALECT_H
#define LACUNA_BACKENDS_NPU_IR_NPUDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "backends/npu/IR/NpuDialect.h.inc"

#define GET_OP_CLASSES
#include "backends/npu/IR/NpuOps.h.inc"

namespace lacuna::npu {

/// How elements of an epilogue's operand belong to those of the result.
enum class ExtraKind { EachElement, EachFilter, One };

/// Of `extra`, beside `init`, whose dimension `filterDim` is that of filters;
/// none if its shape does not fit.
std::optional<ExtraKind> getExtraKind(mlir::ShapedType extra,
                                      mlir::ShapedType init, int64_t filterDim);

/// The dimension of `init` along which filters, or columns, lie.
inline int64_t getFilterDim(ConvOp) { return 1; }
inline int64_t getFilterDim(MatMulOp op) {
  return mlir::cast<mlir::ShapedType>(op.getInit().getType()).getRank() - 1;
}

void registerBufferizableOpInterfaces(mlir::DialectRegistry &registry);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_IR_NPUDIALECT_H
