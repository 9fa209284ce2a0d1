//===- Buffers.h - From tensors to memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_BUFFERS_H
#define LACUNA_SCHEDULE_BUFFERS_H

#include "mlir/IR/BuiltinTypes.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace lacuna {

/// Bytes of an element in memory.
int64_t getElementBytes(mlir::Type type);
/// Bytes of a buffer that is dense.
int64_t getDenseBytes(mlir::MemRefType type);

/// Tensors become memory, and results memory that the caller gives.
void addBufferization(mlir::OpPassManager &pm);

} // namespace lacuna

#endif // LACUNA_SCHEDULE_BUFFERS_H
