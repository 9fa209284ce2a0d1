//===- Driver.h - The lacuna command line as a library -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_DRIVER_DRIVER_H
#define LACUNA_DRIVER_DRIVER_H

namespace lacuna {

/// The whole of the `lacuna` tool: parses the command line, runs the command,
/// returns its exit code.
int runDriver(int argc, char **argv);

} // namespace lacuna

#endif // LACUNA_DRIVER_DRIVER_H
