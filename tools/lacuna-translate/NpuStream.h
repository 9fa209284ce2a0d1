//===- NpuStream.h - Translations of command streams -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TOOLS_LACUNA_TRANSLATE_NPUSTREAM_H
#define LACUNA_TOOLS_LACUNA_TRANSLATE_NPUSTREAM_H

namespace lacuna {

/// `--npu-assemble`, `--npu-disassemble`, `--npu-verify`.
void registerNpuStreamTranslations();

} // namespace lacuna

#endif // LACUNA_TOOLS_LACUNA_TRANSLATE_NPUSTREAM_H
