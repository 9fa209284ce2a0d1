//===- Machines.h - The machines and prices that are shipped -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_MACHINES_H
#define LACUNA_BACKENDS_NPU_MACHINES_H

#include "lacuna/Schedule/EnergyTable.h"

#include "llvm/ADT/ArrayRef.h"

namespace lacuna::npu {

/// The machines of `machines/*.yaml`, sorted by name.
llvm::ArrayRef<Machine> getMachines();

/// Whether this is not a name but a path: it ends in `.yaml` or `.yml`.
bool isFile(llvm::StringRef nameOrFile);

/// One of these, a systolic array (`systolic-os:32x32`), or the machine of a
/// file. Its energy table is known and prices whatever the machine can do; if
/// it is a file, `energy` is its path. Messages about a file are whole lines,
/// with its name; an error has the code of the system if it cannot be read.
llvm::Expected<Machine> getMachine(llvm::StringRef nameOrFile);

/// The tables of `energy/*.yaml`, sorted by name.
llvm::ArrayRef<EnergyTable> getEnergyTables();

/// One of these, or the table of a file.
llvm::Expected<EnergyTable> getEnergyTable(llvm::StringRef nameOrFile);

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_MACHINES_H
