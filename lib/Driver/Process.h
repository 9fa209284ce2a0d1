//===- Process.h - Other programs and their files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_PROCESS_H
#define LACUNA_LIB_DRIVER_PROCESS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace lacuna {

llvm::Error writeFile(const llvm::Twine &file, llvm::StringRef contents);

/// Runs `command`, whose first word is looked for in the path; an error has
/// what it printed, which is kept in `folder` meanwhile. With `showsErrors` its
/// errors, and its progress, are seen at once.
llvm::Error execute(llvm::ArrayRef<std::string> command, llvm::StringRef folder,
                    bool showsErrors = false);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_PROCESS_H
