//===- HostStandIn.h - The target host in place of the reference -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_HOSTSTANDIN_H
#define LACUNA_LIB_DRIVER_HOSTSTANDIN_H

#include "lacuna/Driver/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include <memory>

namespace lacuna {

/// The network for the target host, if `module` is of floats and `runs` of it
/// take the reference longer than a bundle takes to compile; else null, after a
/// note that names `file` if only something that is not installed is missing.
std::unique_ptr<Program> compileStandIn(mlir::ModuleOp module, int64_t runs,
                                        llvm::StringRef file);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_HOSTSTANDIN_H
