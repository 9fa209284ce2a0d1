//===- LoopCopy.h - Loops that only move bytes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_CODEGEN_LOOPCOPY_H
#define LACUNA_BACKENDS_NPU_CODEGEN_LOOPCOPY_H

#include "backends/npu/Codegen/LoopWriter.h"

namespace lacuna::npu {

/// The copy that `group` is, if it only moves elements from one place on the
/// chip to another that does not overlap it: then the units that compute need
/// not stop for it.
std::optional<CopyCommand> findChipCopy(const LoopGroup &group,
                                        const MemoryMap &memory);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_CODEGEN_LOOPCOPY_H
