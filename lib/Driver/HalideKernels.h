//===- HalideKernels.h - Kernels that lacuna-halide makes -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_DRIVER_HALIDEKERNELS_H
#define LACUNA_LIB_DRIVER_HALIDEKERNELS_H

#include "lacuna/Driver/BundleProgram.h"

#include "backends/neon/Bundle/Bundle.h"

namespace lacuna {

/// An error unless lacuna-halide is on this machine.
llvm::Error findHalide(std::string &program);

/// The library and header of the kernels that `requests` asks for, called
/// `name`, and what was chosen for them.
llvm::Expected<std::vector<neon::BundleFile>>
makeHalideKernels(llvm::StringRef requests, llvm::StringRef name,
                  const HalideOptions &options);

} // namespace lacuna

#endif // LACUNA_LIB_DRIVER_HALIDEKERNELS_H
