//===- Phases.h - The phases of a compilation -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_PHASES_H
#define LACUNA_LIB_DRIVER_PHASES_H

#include "llvm/ADT/StringRef.h"

namespace lacuna {

/// The phases of a compilation, in order.
enum class Phase { Import, Compress, Schedule, Lower, Emit };
inline constexpr Phase kPhases[] = {Phase::Import, Phase::Compress,
                                    Phase::Schedule, Phase::Lower, Phase::Emit};

inline llvm::StringRef getName(Phase phase) {
  constexpr llvm::StringLiteral names[] = {"import", "compress", "schedule",
                                           "lower", "emit"};
  return names[static_cast<int>(phase)];
}

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_PHASES_H
