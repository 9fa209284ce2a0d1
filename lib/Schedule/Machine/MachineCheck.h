//===- MachineCheck.h - Fields of a machine that fit each other -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_MACHINE_MACHINECHECK_H
#define LACUNA_LIB_SCHEDULE_MACHINE_MACHINECHECK_H

#include "Fields.h"

namespace lacuna {

/// Complains of fields that contradict each other. All are in their range.
void checkCombinations(const Machine &machine, FieldComplaint complain);

} // namespace lacuna

#endif // LACUNA_LIB_SCHEDULE_MACHINE_MACHINECHECK_H
