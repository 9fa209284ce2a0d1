//===- Reference.h - Tables of registers and instructions, for the page -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_REFERENCE_H
#define LACUNA_BACKENDS_NPU_STREAM_REFERENCE_H

#include "llvm/Support/raw_ostream.h"

namespace lacuna::npu {

/// Markdown, from the tables that the code uses.
void printReference(llvm::raw_ostream &os);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_REFERENCE_H
