//===- Verifier.h - Proves that a stream runs as it should -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbered rules are in docs/stream.md.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_VERIFIER_H
#define LACUNA_BACKENDS_NPU_STREAM_VERIFIER_H

#include "backends/npu/Stream/Stream.h"

namespace lacuna::npu {

/// A memory on the chip: all that the verifier knows of a machine.
struct ChipMemory {
  std::string name;
  uint64_t bytes = 0;
};

struct VerifyOptions {
  /// Rows of bytes that are followed at most, over all commands. A stream with
  /// more is refused: it would take too long.
  uint64_t maxPieces = uint64_t(1) << 24;
};

/// An error, naming the command and its layer, unless the stream, whatever the
/// speed of its queues, ends, uses no byte that is not there or was not
/// written, and computes the same. `memories` are those of the machine, in
/// order.
llvm::Error verify(const Stream &stream, llvm::ArrayRef<ChipMemory> memories,
                   const VerifyOptions &options = {});

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_VERIFIER_H
