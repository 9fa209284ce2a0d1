//===- Quantization.cpp - Quantized operators -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"

using namespace lacuna;

void lacuna::registerQuantizationOps(OpTable &table) {
}
