//===- TConvDialect.h - The dialect of time -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DIALECTS_TCONV_IR_TCONVDIALECT_H
#define LACUNA_DIALECTS_TCONV_IR_TCONVDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/tconv/IR/TConvDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/tconv/IR/TConvAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/tconv/IR/TConvOps.h.inc"

namespace lacuna::tconv {

/// What `module` is as a step function; null if it is none.
StreamAttr getStream(mlir::ModuleOp module);

} // namespace lacuna::tconv

#endif // LACUNA_DIALECTS_TCONV_IR_TCONVDIALECT_H
