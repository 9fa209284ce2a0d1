//===- Qonnx.h - Quantizers of QONNX -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_OPS_QONNX_H
#define LACUNA_LIB_FRONTEND_OPS_QONNX_H

namespace lacuna {

class OpTable;

/// Adds Quant and BipolarQuant, in the domains that they have had.
void registerQonnxOps(OpTable &table);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_OPS_QONNX_H
