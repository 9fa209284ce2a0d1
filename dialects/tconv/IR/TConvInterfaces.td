//===- TConvInterfaces.td - Interfaces of tconv ---*- tablegen -*- -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TCONV_INTERFACES_TD
#define LACUNA_TCONV_INTERFACES_TD

include "mlir/IR/OpBase.td"

#endif // LACUNA_TCONV_INTERFACES_TD
