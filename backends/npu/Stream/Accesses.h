//===- Accesses.h - Bytes that a command reads and writes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One description for the verifier, which proves that accesses are in order,
// and for the simulator, which times them.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_ACCESSES_H
#define LACUNA_BACKENDS_NPU_STREAM_ACCESSES_H

#include "backends/npu/Stream/Commands.h"
#include "backends/npu/Stream/Program.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace lacuna::npu {

/// Bytes [begin, end) of a region.
struct ByteRange {
  uint8_t region = kNoRegion;
  uint64_t begin = 0, end = 0;

  uint64_t size() const { return end - begin; }
};

/// Equal pieces of a region, at regular distances. Pieces do not touch.
struct StridedBytes {
  struct Dimension {
    uint64_t extent, stride;
  };

  uint8_t region = kNoRegion;
  uint64_t begin = 0;
  /// Of one piece.
  uint64_t bytes = 0;
  /// Strides ascend.
  llvm::SmallVector<Dimension, 4> dimensions;

  /// From the first byte to the last.
  ByteRange getHull() const;
  /// `UINT64_MAX` if there are more.
  uint64_t getPieces() const;
  /// Calls `visit` with each piece, in an order that is always the same, until
  /// it gives false.
  void visitPieces(llvm::function_ref<bool(ByteRange)> visit) const;
};

struct Access {
  /// The operand, as the registers call it.
  std::string what;
  StridedBytes where;
  bool reads = false, writes = false;
};

/// What `command` reads and writes, operand by operand. Of operands with
/// strides it is all elements that the extents tell, whether a window meets
/// them or not; of a program all bytes that it may touch; of what is stored in
/// a format that is not dense, all bytes that are set apart for it. An error if
/// bytes lie outside of a region's 2^40, or elements that are written overlap.
/// The command must hold what `check` wants.
llvm::Expected<llvm::SmallVector<Access, 8>>
getAccesses(Queue queue, const Command &command,
            llvm::ArrayRef<Program> programs);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_ACCESSES_H
