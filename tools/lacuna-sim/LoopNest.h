//===- LoopNest.h - Counts of a loop nest -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TOOLS_LACUNA_SIM_LOOPNEST_H
#define LACUNA_TOOLS_LACUNA_SIM_LOOPNEST_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace lacuna {

/// Prints what the mapping of a file costs. Levels have the storage of a
/// machine for values of `type`, unless `machineName` is empty.
llvm::Error countLoopNest(llvm::StringRef path, llvm::StringRef machineName,
                          llvm::StringRef type, llvm::raw_ostream &os);

} // namespace lacuna

#endif // LACUNA_TOOLS_LACUNA_SIM_LOOPNEST_H
