//===- NeonDialect.h - Kernels for Arm cores as operations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_IR_NEONDIALECT_H
#define LACUNA_BACKENDS_NEON_IR_NEONDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "backends/neon/IR/NeonDialect.h.inc"

#define GET_OP_CLASSES
#include "backends/neon/IR/NeonOps.h.inc"

namespace lacuna::neon {

/// Lets one-shot bufferization know the operations.
void registerBufferizableOpInterfaces(mlir::DialectRegistry &registry);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_IR_NEONDIALECT_H
